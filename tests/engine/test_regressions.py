"""Orders of events that once went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from score_kernel.engine.limits import Requests
from score_kernel.score import events as ev
from score_kernel.score.plan import ON_CUE, Check, Part, Plan, Repeat, Tempo

from .doubles import Manner, Scene
from .room import perform
from .scenes import Act

if TYPE_CHECKING:
    from score_kernel.score.state import TakeState

    from .room import Room


def scene(*parts: Part, tempo: Tempo | None = None, **manners: Manner) -> Scene:
    return Scene(Plan(parts, tempo=tempo or Tempo()), manners)


def take(room: Room) -> TakeState:
    assert room.take is not None
    return room.take


def names(room: Room, part: str) -> list[tuple[str, str]]:
    return [(c.name, c.status) for c in take(room).voices(part)]


def test_a_tool_that_was_allowed_is_run_though_nothing_else_plays() -> None:
    asks = Part("a", tools=("quick",), ask=("quick",))
    room = perform(scene(asks, a=Manner(calls=(("quick",),))), [])
    assert names(room, "a") == [("a", "played")]


def test_a_section_whose_list_leaves_the_plan_is_one_part_again() -> None:
    planned = scene(
        Part("p0", returns="schema"), Part("p1", each="part/p0", player="human"), p1=Manner("human")
    )
    room = perform(planned, [Act("pass", then=1.0), Act("edit", 0, more={"key": "drop"})])
    assert names(room, "p1") == [("p1", "played")]


def test_a_part_that_becomes_a_section_over_a_list_is_opened() -> None:
    before = scene(Part("p0", returns="schema"), Part("p1", after=("p0",)))
    after = scene(Part("p0", returns="schema"), Part("p1", each="part/p0"))
    for then in (0.0, 0.7, 2.0):
        room = perform(
            before, [Act("pass", then=then), Act("orchestrate", more={"scene": after}), Act("conduct")]
        )
        assert names(room, "p1") == [("p1[0]", "played"), ("p1[1]", "played")]


def test_a_branch_from_before_a_part_became_a_section_knows_what_it_played() -> None:
    hold = Part("p1", hold=True)
    after = scene(Part("p0", each="list3"), hold)
    perform(scene(Part("p0"), hold), [Act("pass", then=1.0), Act("orchestrate", more={"scene": after})])


def test_a_part_that_waits_for_its_cue_reads_what_was_played_again_meanwhile() -> None:
    planned = scene(Part("p0"), Part("p1", after=("p0",), enters=ON_CUE))
    room = perform(planned, [Act("pass", then=1.0), Act("play", 6, more={"text": "mine"})])
    p0, p1 = take(room).last("p0"), take(room).last("p1")
    assert p0 is not None
    assert p1 is not None
    assert ev.Read("part/p0", p0.version) in p1.reads
    assert not p1.flags


def test_a_take_says_nothing_of_a_cue_to_whom_has_to_wait_again() -> None:
    first = scene(Part("p0"), Part("p1", hold=True), Part("p2", enters=ON_CUE))
    then = scene(Part("p0"), Part("p1", hold=True), Part("p2", after=("p1",), enters=ON_CUE))
    held: list[str] = []

    def look(room: Room) -> None:
        held.append(take(room).waits_for)

    perform(first, [Act("pass", then=1.0), Act("orchestrate", more={"scene": then})], look)
    assert "p2" in held[1]
    assert "p1" in held[2]
    assert "p2" not in held[2]


def test_what_is_known_is_not_taken_over_while_the_take_is_paused() -> None:
    """A predicate that has to be asked first gives its answer meanwhile."""
    planned = scene(Part("p0"), Part("p1", after=("p0",), hold=True))
    asked = Plan((Part("p0", checks=(Check("slow"),)), *planned.plan.parts[1:]))
    seen: list[str] = []

    def look(room: Room) -> None:
        seen.append(take(room).voices("p0")[0].status)

    done = [
        Act("pass", then=1.0),
        Act("release", 6),
        Act("orchestrate", more={"scene": Scene(asked, {})}),
        Act("stop"),
        Act("conduct", more={"fresh": 1}, then=0.1),
        Act("pause", more={"now": False}, then=1.0),
        Act("resume"),
    ]
    room = perform(planned, done, look)
    assert seen[-3:] == ["waiting", "waiting", "reused"]
    assert take(room).id == "take2"


def test_a_section_beyond_a_loop_is_not_told_its_items_anew_while_it_plays() -> None:
    planned = scene(
        Part("p0", returns="schema", repeat=Repeat("p0", "no", 2)),
        Part("p1", after=("p0",), each="part/p0"),
        p1=Manner(pauses=(3.0,)),
    )
    done = [
        Act("play", 6, more={"text": '["mine"]'}),
        Act("mute"),
        Act("unmute"),
    ]
    room = perform(planned, done)
    assert names(room, "p1") == [("p1[0]", "played")]
    assert [f.flag for f in take(room).voices("p1")[0].flags] == ["stale"]


def test_a_note_and_a_flag_let_a_part_play_once_more_and_not_twice() -> None:
    planned = scene(Part("p0", checks=(Check("no"),), on_flag="retake"))
    room = perform(planned, [Act("note", 6, more={"text": "x", "now": False})])
    assert [c.status for c in take(room).of("p0")] == ["played", "played"]


def test_no_wait_for_the_rate_is_so_short_that_it_would_never_end() -> None:
    requests = Requests()
    for at in (0.1, 0.7, 1.3):
        requests.made(at)
        assert requests.wait(1.0, at + 60.0 - 1e-9) == 0.0
        assert requests.wait(1.0, at + 59.9) > 0.05


def test_beyond_a_loop_nothing_enters_though_its_end_did_not_wait_for_all_of_it() -> None:
    planned = scene(
        Part("p0"),
        Part("p1", after=("p0",)),
        Part("p2", after=("p0",)),
        Part("p3", after=("p1",), each="list0"),
        Part("p4", after=("p3", "p0"), repeat=Repeat(origin="p0", until="no", at_most=2)),
        p1=Manner(pauses=(0.5, 1.0)),
    )
    room = perform(planned, [])
    (p2,) = take(room).voices("p2")
    laps = [c for c in take(room).contributions.values() if c.part == "p4" and c.lap == 2]
    assert laps
    assert (p2.entered or 0) >= max(c.ended or 0 for c in laps)


@pytest.mark.parametrize("act", ["mute", "pass"])
def test_a_section_that_comes_back_to_the_plan_is_over_the_list_that_it_names_now(act: str) -> None:
    left = scene(Part("p0"), p0=Manner(pauses=(5.0,)))
    for each, items in (("list3", 3), ("list0", 0)):
        came = scene(Part("p0"), Part("p1", each=each), p0=Manner(pauses=(5.0,)))
        room = perform(
            scene(Part("p0"), Part("p1", each="list1"), p0=Manner(pauses=(5.0,))),
            [
                Act(act, part=1),
                Act("pass", then=1.0),
                Act("orchestrate", more={"scene": left}),
                Act("orchestrate", more={"scene": came}),
                Act("unmute", part=1),
            ],
        )
        assert names(room, "p1") == [(f"p1[{n}]", "played") for n in range(items)]
