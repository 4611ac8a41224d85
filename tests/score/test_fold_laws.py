"""What must hold for every log that can have happened."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from score_kernel.score import events as ev
from score_kernel.score.codec import decode, encode, from_lines, to_lines
from score_kernel.score.excerpt import Excerpt, Upto
from score_kernel.score.plan import Part, Plan, Tempo
from score_kernel.score.state import CONTRIBUTION_LIFE, TAKE_LIFE, IllegalEvent, ScoreState, fold, outline
from score_kernel.store.snapshot import pack, unpack

from .strategies import logs

laws = settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@laws
@given(logs())
def test_the_state_is_the_fold_of_the_events(events: list[ev.Event]) -> None:
    state = ScoreState()
    for event in events:
        state.apply(event)
    assert fold(events) == state
    assert state.seq == len(events)


@laws
@given(logs(), st.data())
def test_any_prefix_folds_and_the_rest_follows(events: list[ev.Event], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(events)))
    assert fold(events[cut:], into=fold(events[:cut])) == fold(events)


@laws
@given(logs(), st.data())
def test_a_snapshot_of_any_prefix_and_the_rest_equal_the_whole(
    events: list[ev.Event], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(events)))
    snapshot = unpack(pack(fold(events[:cut])))
    assert snapshot is not None
    assert fold(events[cut:], into=snapshot) == fold(events)


@laws
@given(logs())
def test_any_event_is_written_and_read_again_as_it_was(events: list[ev.Event]) -> None:
    assert [decode(encode(event)) for event in events] == events
    assert from_lines(to_lines(events)) == events
    assert all(b"\n" not in encode(event) for event in events)


@laws
@given(logs())
def test_what_was_saved_folds_to_the_same(events: list[ev.Event]) -> None:
    assert fold(from_lines(to_lines(events))) == fold(events)


@laws
@given(logs())
def test_an_excerpt_of_a_take_folds_alone_to_the_same_contributions(events: list[ev.Event]) -> None:
    state = fold(events)
    for take in state.takes:
        alone = fold(Excerpt(state, take).feed(events))
        assert list(alone.takes) == [take]
        assert alone.takes[take] == state.takes[take]
        for c in state.takes[take].contributions.values():
            assert alone.text_of(take, c) == state.text_of(take, c)
            assert [alone.text(read) for read in c.reads] == [state.text(read) for read in c.reads]


@laws
@given(logs(), st.data())
def test_an_excerpt_is_the_same_in_pieces(events: list[ev.Event], data: st.DataObject) -> None:
    state = fold(events)
    assume(state.head)
    assert state.head
    cut = data.draw(st.integers(0, len(events)))
    live = Excerpt(state, state.head)
    assert live.feed(events[:cut]) + live.feed(events[cut:]) == Excerpt(state, state.head).feed(events)


@laws
@given(logs())
def test_a_take_with_those_before_it_folds_alone_to_what_they_are(events: list[ev.Event]) -> None:
    state = fold(events)
    for number, take in enumerate(state.takes, 1):
        before = [event for event in events if event.seq <= state.takes[take].last_seq]
        alone = fold(Upto(state, take).feed(before))
        assert list(alone.takes.values()) == list(state.takes.values())[:number]
        for one in alone.takes.values():
            for c in one.contributions.values():
                assert alone.text_of(one.id, c) == state.text_of(one.id, c)
                assert [alone.text(read) for read in c.reads] == [state.text(read) for read in c.reads]


@laws
@given(logs())
def test_an_event_that_was_folded_is_not_folded_again(events: list[ev.Event]) -> None:
    state = fold(events)
    before = pack(state)
    for event in events:
        with pytest.raises(IllegalEvent):
            state.apply(event)
    assert pack(state) == before


@laws
@given(logs())
def test_an_outline_tells_every_contribution(events: list[ev.Event]) -> None:
    state = fold(events)
    told = outline(state)
    assert [take["id"] for take in told["takes"]] == list(state.takes)
    for take, found in zip(told["takes"], state.takes.values(), strict=True):
        assert [c["status"] for c in take["contributions"]] == [
            c.status for c in found.contributions.values()
        ]


# The two lives --------------------------------------------------------------------------------

PLAN = Plan(parts=(Part("a"),))
PLAYER = ev.PlayerRef("model", "m")
READING: dict[str, Any] = {"digest": "sha256:a", "player": PLAYER, "reads": (), "messages": ()}
OPENING: list[ev.Event] = [
    ev.EntryWritten(seq=1, entry="part/a", version=1, text="known"),
    ev.TakeStarted(
        seq=2, take="take1", at=0, number=1, parent=None, parent_seq=0, began="", plan=PLAN, tempo=Tempo()
    ),
    ev.Waiting(seq=3, take="take1", at=0, c=1, part="a"),
]


def turn(status: str, seq: int) -> ev.Event:
    """An event that makes contribution 1 what it says."""
    at: dict[str, Any] = {"seq": seq, "take": "take1", "at": seq, "c": 1}
    match status:
        case "playing":
            return ev.Entered(**at, **READING)
        case "back":
            return ev.Released(**at, how="answered")
        case "reused":
            return ev.Reused(**at, of_take="take0", of_c=1, version=1, **READING)
        case "held":
            return ev.ContributionHeld(**at, why="")
        case "played":
            return ev.Played(**at, version=2)
        case "failed":
            return ev.Failed(**at, reason="", message="")
        case "cut":
            return ev.Cut(**at, by="")
        case "muted":
            return ev.Muted(**at)
        case "skipped":
            return ev.Skipped(**at, why="")
        case _:
            return ev.Blocked(**at, by="")


def in_status(status: str) -> ScoreState:
    state = fold(OPENING)
    way = (
        []
        if status == "waiting"
        else ["playing", status]
        if status in ("held", "played", "failed")
        else [status]
    )
    for step in way:
        state.apply(turn(step, state.seq + 1))
    return state


@pytest.mark.parametrize("before", CONTRIBUTION_LIFE)
@pytest.mark.parametrize("after", [status for status in CONTRIBUTION_LIFE if status != "waiting"])
def test_a_contribution_goes_only_the_ways_of_its_life(before: str, after: str) -> None:
    state = in_status(before)
    event = turn("back" if (before, after) == ("held", "playing") else after, state.seq + 1)
    if after in CONTRIBUTION_LIFE[before]:
        state.apply(event)
        assert state.takes["take1"].contributions[1].status == after
    else:
        untouched = pack(state)
        with pytest.raises(IllegalEvent, match=f"is {before}"):
            state.apply(event)
        assert pack(state) == untouched


def take_turn(status: str, seq: int) -> ev.Event:
    match status:
        case "playing":
            return ev.Resumed(seq=seq, take="take1", at=1)
        case "paused":
            return ev.Paused(seq=seq, take="take1", at=1)
        case "held":
            return ev.TakeHeld(seq=seq, take="take1", at=1, waits_for="you")
        case "finished" | "failed" | "stopped":
            return ev.TakeEnded(seq=seq, take="take1", at=1, status=status)
        case _:
            raise ValueError(status)


@pytest.mark.parametrize("before", TAKE_LIFE)
@pytest.mark.parametrize("after", TAKE_LIFE)
def test_a_take_goes_only_the_ways_of_its_life(before: str, after: str) -> None:
    state = fold(OPENING)
    if before != "playing":
        state.apply(take_turn(before, state.seq + 1))
    if after in TAKE_LIFE[before]:
        state.apply(take_turn(after, state.seq + 1))
        assert state.takes["take1"].status == after
    else:
        untouched = pack(state)
        with pytest.raises(IllegalEvent):
            state.apply(take_turn(after, state.seq + 1))
        assert pack(state) == untouched


@pytest.mark.parametrize(
    "status", ["waiting", "played", "failed", "cut", "reused", "muted", "skipped", "blocked"]
)
def test_only_what_is_in_the_air_brings_out_anything(status: str) -> None:
    kinds: tuple[tuple[Any, dict[str, Any]], ...] = (
        (ev.TextPlayed, {"text": "x"}),
        (ev.Printed, {"text": "x"}),
        (ev.UsageReported, {"tokens_in": 1, "tokens_out": 1, "cost": None, "estimated": False}),
        (ev.Retried, {"reason": "", "message": "", "wait": 0}),
    )
    for kind, values in kinds:
        state = in_status(status)
        with pytest.raises(IllegalEvent):
            state.apply(kind(seq=state.seq + 1, take="take1", at=1, c=1, **values))


def test_a_take_cannot_end_while_something_plays() -> None:
    for status in ("playing", "held"):
        with pytest.raises(IllegalEvent, match="while something plays"):
            in_status(status).apply(take_turn("finished", 10))


def test_an_ended_take_never_changes_but_for_its_name() -> None:
    state = in_status("waiting")
    state.apply(take_turn("stopped", 4))
    ended = pack(state)
    for event in (
        ev.Waiting(seq=5, take="take1", at=9, c=2, part="a"),
        ev.Flagged(seq=5, take="take1", at=9, c=1, flag="stale", evidence=ev.Evidence("x")),
        ev.TempoSet(seq=5, take="take1", at=9, tempo=Tempo(at_once=1)),
    ):
        with pytest.raises(IllegalEvent, match="has ended"):
            state.apply(event)
    assert pack(state) == ended
    state.apply(ev.TakeNamed(seq=5, take="take1", at=9, name="draft"))
    assert state.labels == {"draft": "take1"}


@pytest.mark.parametrize(
    "event",
    [
        ev.Entered(seq=9, take="take1", at=0, c=7, **READING),
        ev.Flagged(seq=9, take="take1", at=0, c=7, flag="stale", evidence=ev.Evidence("x")),
        ev.Waiting(seq=9, take="take1", at=0, c=1, part="a"),
        ev.Waiting(seq=9, take="take9", at=0, c=1, part="a"),
        ev.Waiting(seq=9, take=None, at=0, c=1, part="a"),
        ev.Paused(seq=9, take=None, at=0),
        ev.EntryWritten(seq=9, take="take1", at=0, entry="intent", version=1, text=""),
        ev.EntryWritten(seq=9, entry="part/a", version=1, text="something else"),
        ev.EntryWritten(seq=9, entry="part/a", version=0, text=""),
        ev.TakeNamed(seq=9, take="take9", at=0, name="draft"),
        OPENING[1],
        ev.TakeStarted(
            seq=9, take="take1", at=0, number=1, parent=None, parent_seq=0, began="", plan=PLAN, tempo=Tempo()
        ),
        ev.TakeStarted(
            seq=9, take=None, at=0, number=1, parent=None, parent_seq=0, began="", plan=PLAN, tempo=Tempo()
        ),
    ],
)
def test_what_concerns_nothing_that_is_there_is_refused(event: ev.Event) -> None:
    state = fold(OPENING)
    before = pack(state)
    with pytest.raises(IllegalEvent):
        state.apply(event)
    assert pack(state) == before


def test_a_character_that_was_split_between_two_pieces_is_one_again() -> None:
    state = in_status("playing")
    for text in ("a\ud83c", "\udfbb"):
        state.apply(ev.TextPlayed(seq=state.seq + 1, take="take1", at=1, c=1, text=text))
    state.apply(turn("played", state.seq + 1))
    assert state.entries["part/a"][2] == "a\U0001f3bb"


def test_an_excerpt_quotes_what_an_edit_took_from_another_take() -> None:
    start: dict[str, Any] = {"parent": None, "parent_seq": 0, "began": "", "plan": PLAN, "tempo": Tempo()}
    events: list[ev.Event] = []
    for number in (1, 2):
        at: dict[str, Any] = {"take": f"take{number}", "at": 0}
        events += [
            ev.TakeStarted(**at, seq=len(events) + 1, number=number, **start),
            ev.Waiting(**at, seq=len(events) + 2, c=1, part="a"),
            ev.Entered(**at, seq=len(events) + 3, c=1, **READING),
            ev.TextPlayed(**at, seq=len(events) + 4, c=1, text=f"text {number}"),
        ]
        if number == 1:
            events.append(ev.Played(**at, seq=len(events) + 1, c=1, version=1))
    events.append(ev.ContributionHeld(take="take2", at=0, seq=len(events) + 1, c=1, why="hold"))
    events.append(ev.Released(take="take2", at=0, seq=len(events) + 1, c=1, how="edited", version=1))
    alone = fold(Excerpt(fold(events), "take2").feed(events))
    assert alone.text_of("take2", alone.takes["take2"].contributions[1]) == "text 1"
