"""What a performance does, through `Score`: what plays, what is reused, how it ends."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

import score_kernel.score.reading as reading_module
from score_kernel import (
    ConductError,
    Forecast,
    NotPlayed,
    PerformanceFailed,
    Reading,
    Score,
    Take,
    UnknownName,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

HANG = 30  # seconds: generous, only against a test that would hang


@pytest.fixture
def score() -> Iterator[Score]:
    with Score() as score:
        score.compose("A function that adds.\n\n## Criteria\n- it adds\n")
        yield score


PLAYED: list[str] = []


def plays(reading: Reading) -> str:
    PLAYED.append(reading.part)
    return f"{reading.part} read {len(reading.entries)} entries"


TEAM: dict[str, Any] = {
    "parts": {
        "coder": {"player": "python:plays", "task": "code"},
        "tester": {"player": "python:plays", "task": "test"},
        "editor": {"player": "python:plays", "after": ["coder", "tester"]},
    }
}


@pytest.fixture
def team(score: Score) -> Score:
    PLAYED.clear()
    score.orchestrate(TEAM, globals())
    return score


def conduct(score: Score, **options: Any) -> Take:
    take = score.conduct(**options)
    assert isinstance(take, Take)
    return take


def test_a_part_enters_when_what_it_waits_for_has_been_played(team: Score) -> None:
    take = conduct(team)
    assert take.status == "finished"
    assert PLAYED[-1] == "editor"
    assert sorted(PLAYED) == ["coder", "editor", "tester"]
    assert take["editor"].reading.parts == ("coder", "tester")
    assert take["editor"].reading["coder"].text == take["coder"].text


def test_ready_parts_play_at_the_same_time(score: Score) -> None:
    meeting = threading.Barrier(3)

    def meets(reading: Reading) -> str:
        meeting.wait(timeout=HANG)  # breaks unless all three are in the air together
        return reading.part

    score.orchestrate({"parts": {name: {"player": "python:meets"} for name in "abc"}}, {"meets": meets})
    assert conduct(score).status == "finished"


def test_at_once_is_the_most_that_play_at_the_same_time(score: Score) -> None:
    playing, most = 0, 0

    async def counts(reading: Reading) -> str:
        nonlocal playing, most
        playing += 1
        most = max(most, playing)
        await asyncio.sleep(0)
        playing -= 1
        return reading.part

    parts = {f"p{n}": {"player": "python:counts"} for n in range(9)}
    score.orchestrate({"parts": parts}, {"counts": counts})
    conduct(score, at_once=2)
    assert most == 2


def test_conducting_again_plays_nothing_and_gives_the_same_take(team: Score) -> None:
    first = conduct(team)
    events = len(first.events)
    second = conduct(team)
    assert second.id == first.id
    assert not second.new
    assert len(PLAYED) == 3
    assert len(second.events) == events


def test_an_edited_task_plays_that_part_and_what_reads_it(team: Score) -> None:
    conduct(team)
    PLAYED.clear()
    edited = {**TEAM["parts"], "coder": {"player": "python:plays", "task": "code it well"}}
    team.orchestrate({"parts": edited}, globals())
    take = conduct(team)
    # coder says the same as before, so the editor reads nothing new
    assert PLAYED == ["coder"]
    assert take["tester"].status == "reused"
    assert take["tester"].reused_from == "take1"
    assert take["editor"].status == "reused"


def test_what_reads_something_new_plays_again(score: Score) -> None:
    score.orchestrate(
        {"parts": {"a": {"player": "script:lines"}, "b": {"player": "python:plays", "after": ["a"]}}},
        {"lines": {"a": "one"}, "plays": plays},
    )
    PLAYED.clear()
    conduct(score)
    score.orchestrate(
        {"parts": {"a": {"player": "script:lines"}, "b": {"player": "python:plays", "after": ["a"]}}},
        {"lines": {"a": "two"}, "plays": plays},
    )
    conduct(score)
    assert PLAYED == ["b", "b"]


def test_an_edited_intent_plays_everything_and_the_old_one_nothing(team: Score) -> None:
    conduct(team)
    team.compose("Something else.")
    conduct(team)
    assert len(PLAYED) == 6
    team.compose("A function that adds.\n\n## Criteria\n- it adds\n")
    back = conduct(team)
    assert len(PLAYED) == 6
    assert back.id == "take1"


def test_fresh_plays_a_part_and_what_depends_on_it(team: Score) -> None:
    conduct(team)
    PLAYED.clear()
    take = conduct(team, fresh=["coder"])
    assert sorted(PLAYED) == ["coder", "editor"]
    assert take["tester"].status == "reused"
    assert take.parent is not None
    assert take.parent.id == "take1"


def test_fresh_all_plays_everything(team: Score) -> None:
    conduct(team)
    conduct(team, fresh_all=True)
    assert len(PLAYED) == 6


def test_only_keeps_the_others_and_flags_what_is_stale(team: Score) -> None:
    conduct(team)
    PLAYED.clear()
    team.compose("Something else.")
    take = conduct(team, only=["coder"])
    assert PLAYED == ["coder"]
    assert take["tester"].status == "reused"
    assert [flag.flag for flag in take["tester"].flags] == ["stale"]
    assert "the intent changed" in take["tester"].flags[0].evidence
    assert not take["coder"].flags


def test_only_refuses_to_play_a_part_whose_input_never_played(team: Score) -> None:
    with pytest.raises(ConductError, match=r"editor needs coder.*--only coder"):
        team.conduct(only=["editor"])
    assert not team.takes


def test_reuse_false_always_plays(score: Score) -> None:
    PLAYED.clear()
    score.orchestrate({"parts": {"a": {"player": "python:plays", "reuse": False}}}, globals())
    conduct(score)
    conduct(score)
    assert PLAYED == ["a", "a"]


def test_a_failed_part_blocks_what_needs_it_and_the_rest_plays_on(score: Score) -> None:
    def fails(reading: Reading) -> str:
        raise ValueError("no idea")

    score.orchestrate(
        {
            "parts": {
                "bad": {"player": "python:fails"},
                "good": {"player": "python:plays"},
                "after_bad": {"player": "python:plays", "after": ["bad"]},
            }
        },
        {"fails": fails, "plays": plays},
    )
    with pytest.raises(PerformanceFailed, match="bad: ValueError: no idea") as caught:
        score.conduct()
    take = score.take
    assert caught.value.take is not None
    assert {c.part: c.status for c in take.contributions} == {
        "bad": "failed",
        "good": "played",
        "after_bad": "blocked",
    }
    assert "in fails" in "".join(caught.value.details)
    with pytest.raises(NotPlayed, match="after_bad in take1 was blocked: it needs bad"):
        _ = take["after_bad"].text
    assert take["bad"].text_or("nothing") == "nothing"


def test_conducting_after_a_failure_plays_only_what_is_missing(score: Score) -> None:
    PLAYED.clear()
    broken = True

    def mends(reading: Reading) -> str:
        if broken:
            raise ValueError("not yet")
        return "done"

    score.orchestrate(
        {"parts": {"a": {"player": "python:plays"}, "b": {"player": "python:mends"}}},
        {"plays": plays, "mends": mends},
    )
    with pytest.raises(PerformanceFailed):
        score.conduct()
    broken = False
    assert conduct(score)["b"].text == "done"
    assert PLAYED == ["a"]


class Gate:
    """An async player that waits until the test lets it go on."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.go = threading.Event()

    def player(self) -> Any:
        async def waits(reading: Reading) -> AsyncGenerator[str, None]:
            yield "begun "
            self.entered.set()
            await asyncio.to_thread(self.go.wait, HANG)
            yield "ended"

        return waits


@pytest.fixture
def gated(score: Score) -> tuple[Score, Gate, Take]:
    gate = Gate()
    score.orchestrate(
        {
            "parts": {
                "first": {"player": "python:waits"},
                "second": {"player": "python:plays", "after": ["first"]},
            }
        },
        {"waits": gate.player(), "plays": plays},
    )
    take = conduct(score, background=True)
    assert gate.entered.wait(HANG)
    return score, gate, take


def test_a_paused_take_lets_nothing_new_enter_and_what_plays_ends(gated: tuple[Score, Gate, Take]) -> None:
    _, gate, take = gated
    take.pause()
    gate.go.set()
    while take["first"].status != "played":
        take.wait(0.01)
    assert take.status == "paused"
    assert take["second"].status == "waiting"
    with pytest.raises(NotPlayed, match="%cue resume"):
        _ = take["second"].text
    take.resume()
    assert take["second"].text.startswith("second")
    assert take.wait(HANG).status == "finished"


def test_pause_now_cuts_what_plays_and_it_enters_again_on_resume(gated: tuple[Score, Gate, Take]) -> None:
    _, gate, take = gated
    take.pause(now=True)
    assert [c.status for c in take.contributions] == ["cut", "waiting", "waiting"]
    gate.go.set()
    take.resume()
    assert take.wait(HANG).status == "finished"
    assert take["first"].text == "begun ended"
    assert [c.part for c in take.contributions] == ["first", "second", "first"]


def test_a_stopped_take_keeps_what_was_played_and_cuts_the_rest(gated: tuple[Score, Gate, Take]) -> None:
    _, _, take = gated
    take.stop()
    assert take.status == "stopped"
    assert take["first"].status == "cut"
    with pytest.raises(NotPlayed, match="cut"):
        _ = take["first"].text
    with pytest.raises(UsageError, match="take1 is stopped"):
        take.resume()


def test_conducting_while_a_take_plays_is_refused(gated: tuple[Score, Gate, Take]) -> None:
    score, gate, take = gated
    with pytest.raises(ConductError, match="take1 is still playing"):
        score.conduct()
    gate.go.set()
    assert take.wait(HANG).status == "finished"


def test_conducting_over_a_paused_take_stops_it(gated: tuple[Score, Gate, Take]) -> None:
    score, gate, take = gated
    take.pause()
    gate.go.set()
    again = conduct(score)
    assert take.status == "stopped"
    assert again.status == "finished"


def test_reading_a_playing_contribution_waits_for_it(gated: tuple[Score, Gate, Take]) -> None:
    _, gate, take = gated
    threading.Timer(0.05, gate.go.set).start()
    assert take["second"].text.startswith("second")


def test_the_opening_note_is_read_by_every_part_and_stands(team: Score) -> None:
    take = conduct(team, note="Keep it small.")
    assert take["coder"].reading.notes == ("Keep it small.",)
    PLAYED.clear()
    assert conduct(team).id == take.id
    conduct(team, note="Make it grand.")
    assert len(PLAYED) == 3


def test_a_dry_run_plays_nothing_and_says_what_would_play_and_why(team: Score) -> None:
    conduct(team)
    team.compose("Something else.")
    events = team.entries
    forecast = team.conduct(dry_run=True)
    assert isinstance(forecast, Forecast)
    assert forecast.plays == ("coder", "tester", "editor")
    assert "the intent changed: version 1 was read, version 2 stands" in str(forecast)
    assert team.entries == events
    assert len(team.takes) == 1


def test_a_name_is_a_label_that_moves_to_the_newest_take(team: Score) -> None:
    first = conduct(team, name="draft")
    assert first.name == "draft"
    assert repr(first) == "<Take draft: 3 of 3 parts, 0 failed>"
    second = conduct(team, name="draft", fresh_all=True)
    assert team["draft"].id == second.id == "take2"
    assert repr(first) == "<Take: 3 of 3 parts, 0 failed>"


def test_unknown_parts_are_named_with_those_there_are(team: Score) -> None:
    with pytest.raises(UnknownName, match="no part 'codr'; the parts are coder, tester, editor"):
        team.conduct(fresh=["codr"])


def test_options_that_cannot_be_say_so(team: Score) -> None:
    with pytest.raises(
        UsageError, match="the clock leads to a deadline: conduct --lead clock --deadline 10m"
    ):
        team.conduct(lead="clock")
    with pytest.raises(UsageError, match="'nobody' cannot lead: free, conductor, clock or a part: coder"):
        team.conduct(lead="nobody")
    with pytest.raises(UsageError, match="no option 'fast'"):
        team.conduct(fast=True)


def test_conducting_before_orchestrating_says_what_to_do(score: Score) -> None:
    with pytest.raises(ConductError, match="%%orchestrate"):
        score.conduct()


def test_a_part_with_nobody_to_play_it_is_refused_before_anything_plays(score: Score) -> None:
    score.orchestrate({"parts": {"coder": {"task": "x"}}})
    with pytest.raises(ConductError, match=r"coder.*SCORE_MODEL"):
        score.conduct()
    assert not score.takes


async def test_aconduct_leaves_the_loop_free(team: Score) -> None:
    turns = 0

    async def counts() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counter = asyncio.create_task(counts())
    take = await team.aconduct()
    counter.cancel()
    assert isinstance(take, Take)
    assert take.status == "finished"
    assert turns > 1


def test_what_a_player_prints_belongs_to_its_contribution(
    score: Score, capsys: pytest.CaptureFixture[str]
) -> None:
    def prints(reading: Reading) -> str:
        print("working on it")
        return "done"

    score.orchestrate({"parts": {"a": {"player": "python:prints"}}}, {"prints": prints})
    take = conduct(score)
    assert take["a"].printed == "working on it\n"
    assert capsys.readouterr().out == ""


def test_a_timeout_ends_a_contribution_that_takes_too_long(score: Score) -> None:
    async def sleeps(reading: Reading) -> str:
        await asyncio.Event().wait()
        return ""

    score.orchestrate({"parts": {"a": {"player": "python:sleeps", "timeout": 0.05}}}, {"sleeps": sleeps})
    with pytest.raises(PerformanceFailed, match=r"a: it did not end within its timeout of 0.05 s"):
        score.conduct()


# What a part reads ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reads", "composed", "line"),
    [
        (
            ["material/spec"],
            {},
            "coder reads material/spec, which is not composed: run %%compose with -u spec",
        ),
        (
            ["material/spec"],
            {"rules": "r"},
            "coder reads material/spec, which is not composed: run %%compose with -u rules,spec",
        ),
        (
            ["material/rules", "intent", "material/spec", "material/faq"],
            {"rules": "r"},
            "coder reads material/spec and material/faq, which are not composed: "
            "run %%compose with -u rules,spec,faq",
        ),
    ],
)
def test_a_material_that_is_not_composed_is_refused_before_anything_plays(
    score: Score, reads: list[str], composed: dict[str, str], line: str
) -> None:
    PLAYED.clear()
    score.compose("A function that adds.", use=composed)
    score.orchestrate(
        {
            "parts": {
                "tester": {"player": "python:plays"},
                "coder": {"player": "python:plays", "reads": reads},
            }
        },
        globals(),
    )
    for dry_run in (True, False):
        with pytest.raises(ConductError) as refused:
            score.conduct("A note.", dry_run=dry_run)
        assert str(refused.value) == line
    assert (PLAYED, score.takes, score.notes) == ([], (), {})


def test_a_part_reads_the_materials_it_names_once_they_are_composed(score: Score) -> None:
    score.compose("A function that adds.", use={"spec": "s", "faq": "f"})
    score.orchestrate({"parts": {"coder": {"player": "python:plays", "reads": ["material/spec"]}}}, globals())
    assert [name for name, _, _ in conduct(score)["coder"].reading.entries] == ["material/spec"]


def test_a_part_that_is_not_asked_for_may_lack_its_material(score: Score) -> None:
    parts = {
        "coder": {"player": "python:plays"},
        "docs": {"player": "python:plays", "reads": ["material/spec"]},
    }
    score.orchestrate({"parts": parts}, globals())
    assert conduct(score, only=["coder"])["docs"].status == "skipped"


def test_criteria_may_be_read_where_there_are_none(score: Score) -> None:
    score.compose("A function that adds.")
    parts = {"coder": {"player": "python:plays", "reads": ["intent", "criteria"]}}
    score.orchestrate({"parts": parts}, globals())
    assert conduct(score)["coder"].reading.criteria == ()


def test_a_sync_function_that_overruns_fails_at_once_and_its_result_is_discarded(score: Score) -> None:
    go = threading.Event()

    def hangs(reading: Reading) -> str:
        go.wait(HANG)
        return "too late"

    score.orchestrate({"parts": {"a": {"player": "python:hangs", "timeout": 0.05}}}, {"hangs": hangs})
    try:
        with pytest.raises(PerformanceFailed, match="timeout"):
            score.conduct()
        assert score.take["a"].status == "failed"
    finally:
        go.set()
    assert score.take["a"].text_or("") == ""


def test_a_stopped_sync_function_keeps_its_slot_until_it_returns(score: Score) -> None:
    go, entered = threading.Event(), threading.Event()

    def hangs(reading: Reading) -> str:
        entered.set()
        go.wait(HANG)
        return "done"

    score.orchestrate({"parts": {"a": {"player": "python:hangs"}}}, {"hangs": hangs})
    take = conduct(score, background=True)
    assert entered.wait(HANG)
    take.stop()
    assert (take.status, take["a"].status) == ("stopped", "cut")
    go.set()
    assert conduct(score)["a"].text == "done"


def test_a_player_may_conduct_another_score(score: Score) -> None:
    with Score() as other:
        other.compose("Another piece.")
        other.orchestrate({"parts": {"a": {"player": "script:lines"}}}, {"lines": "from the other"})

        def nested(reading: Reading) -> str:
            return conduct(other)["a"].text

        async def awaits(reading: Reading) -> str:
            take = await other.aconduct(fresh_all=True)
            assert isinstance(take, Take)
            return take["a"].text

        async def blocks(reading: Reading) -> str:
            return conduct(other, fresh_all=True)["a"].text

        parts = {
            "sync": {"player": "python:nested"},
            "asynchronous": {"player": "python:awaits", "after": ["sync"]},
            "wrong": {"player": "python:blocks", "after": ["asynchronous"]},
        }
        score.orchestrate({"parts": parts}, {"nested": nested, "awaits": awaits, "blocks": blocks})
        with pytest.raises(PerformanceFailed, match="wrong: UsageError: an async player cannot conduct"):
            score.conduct()
        assert len(other.takes) == 2
        assert score.take["sync"].text == score.take["asynchronous"].text == "from the other"


def test_only_keeps_a_contribution_although_what_it_waits_for_fails_now(score: Score) -> None:
    works = True

    def may_fail(reading: Reading) -> str:
        if not works:
            raise ValueError("broken now")
        return "fine"

    parts = {"a": {"player": "python:may_fail"}, "b": {"player": "python:plays", "after": ["a"]}}
    score.orchestrate({"parts": parts}, {"may_fail": may_fail, "plays": plays})
    conduct(score)
    works = False
    with pytest.raises(PerformanceFailed):
        score.conduct(only=["a"], fresh=["a"])
    assert score.take["b"].status == "reused"


def test_waiting_with_a_timeout_gives_the_take_as_it_is(gated: tuple[Score, Gate, Take]) -> None:
    _, gate, take = gated
    assert take.wait(0.05).status == "playing"
    gate.go.set()
    assert take.wait(HANG).status == "finished"


async def test_cancelling_aconduct_pauses_the_take_and_stays_a_cancellation(score: Score) -> None:
    gate = Gate()
    score.orchestrate({"parts": {"a": {"player": "python:waits"}}}, {"waits": gate.player()})
    conducting = asyncio.create_task(score.aconduct())
    await asyncio.to_thread(gate.entered.wait, HANG)
    conducting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await conducting
    assert score.take.status == "paused"
    gate.go.set()


def test_conducting_over_a_paused_take_stops_it_also_where_all_is_known(team: Score) -> None:
    first = conduct(team)
    gate = Gate()
    team.orchestrate({"parts": {"a": {"player": "python:waits"}}}, {"waits": gate.player()})
    second = conduct(team, background=True)
    assert gate.entered.wait(HANG)
    second.pause()
    team.orchestrate(TEAM, globals())
    assert conduct(team).id == first.id
    assert second.status == "stopped"
    gate.go.set()


def test_composing_back_to_what_was_read_makes_nobody_stale(team: Score) -> None:
    conduct(team)
    assert team.compose("Something else.").stale == ("coder", "tester", "editor")
    assert team.compose("A function that adds.\n\n## Criteria\n- it adds\n").stale == ()


def test_a_note_of_spaces_is_no_note(team: Score) -> None:
    take = conduct(team)
    assert conduct(team, note="  \n ").id == take.id
    assert team.notes == {}


def test_a_player_that_exits_the_process_only_fails_its_part(score: Score) -> None:
    async def exits(reading: Reading) -> str:
        async def child() -> None:
            raise SystemExit("bye")

        async with asyncio.TaskGroup() as group:
            group.create_task(child())
        return "never"

    score.orchestrate({"parts": {"a": {"player": "python:exits"}}}, {"exits": exits})
    with pytest.raises(PerformanceFailed, match="a: "):
        score.conduct()
    score.orchestrate({"parts": {"b": {"player": "python:plays"}}}, {"plays": plays})
    assert conduct(score).status == "finished"


def test_a_player_that_cancels_itself_only_fails_its_part(score: Score) -> None:
    async def gives_up(reading: Reading) -> str:
        raise asyncio.CancelledError

    score.orchestrate({"parts": {"a": {"player": "python:gives_up"}}}, {"gives_up": gives_up})
    with pytest.raises(PerformanceFailed, match="a: "):
        score.conduct()


def test_waiting_for_a_slot_does_not_read_again_and_again(
    score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = 0
    digest = reading_module.digest

    def counts(*args: Any) -> str:
        nonlocal digests
        digests += 1
        return digest(*args)

    monkeypatch.setattr(reading_module, "digest", counts)
    parts = {f"p{n}": {"player": "python:plays"} for n in range(30)}
    score.orchestrate({"parts": parts}, {"plays": plays})
    conduct(score, at_once=1)
    assert digests <= 3 * len(parts)


def test_a_closed_score_says_so(team: Score) -> None:
    team.close()
    with pytest.raises(UsageError, match="closed"):
        team.conduct()


def test_a_plan_written_in_another_order_than_it_plays_in_is_known_too(score: Score) -> None:
    parts = {
        "a": {"player": "script:l"},
        "b": {"player": "script:l", "after": ["a"]},
        "c": {"player": "script:l"},
    }
    score.orchestrate({"parts": parts}, {"l": "hi"})
    assert [conduct(score).id for _ in range(3)] == ["take1"] * 3


def test_only_flags_what_it_keeps_also_where_nothing_plays(team: Score) -> None:
    conduct(team)
    team.note("coder", "new")
    kept = conduct(team, only=["editor"])
    assert [(c.part, c.status, [f.flag for f in c.flags]) for c in kept.contributions] == [
        ("coder", "reused", ["stale"]),
        ("tester", "reused", []),
        ("editor", "reused", []),
    ]
    assert conduct(team, only=["editor"]).id == kept.id


def test_a_take_of_another_score_is_no_moment_of_this_one(team: Score) -> None:
    conduct(team)
    with Score() as other:
        other.orchestrate(TEAM, globals())
        with pytest.raises(UsageError, match="take1 is a take of another score"):
            other.conduct(start=team.take)
