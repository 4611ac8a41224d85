"""Moments as they are written: ends, entrances, times, events."""

from __future__ import annotations

from pathlib import Path

import pytest

from score_kernel import UnknownName
from score_kernel.score import events as ev
from score_kernel.score.codec import from_lines
from score_kernel.score.moments import resolve
from score_kernel.score.state import fold

EVENTS = from_lines((Path(__file__).parent.parent / "fixtures" / "stopped.jsonl").read_bytes())
STATE = fold(EVENTS)
TAKE = STATE.takes["take1"]


def moment(text: str) -> int:
    take, seq = resolve(STATE, text, lambda take: [event for event in EVENTS if event.take == take])
    assert take == "take1"
    return seq


def happened(upto: int) -> list[ev.Event]:
    return [event for event in EVENTS if event.seq <= upto]


def test_a_take_alone_is_its_end() -> None:
    assert moment("take1") == TAKE.last_seq


def test_a_part_is_the_moment_before_its_last_entering() -> None:
    coder = [e for e in EVENTS if isinstance(e, ev.Entered) and TAKE.contributions[e.c].part == "docs"]
    assert len(coder) == 2
    assert moment("take1:docs") == coder[-1].seq - 1


@pytest.mark.parametrize(("written", "ms"), [("0.62s", 620), ("620ms", 620), ("4.1", 4100), ("1m", 60_000)])
def test_a_time_is_everything_that_had_happened_by_then(written: str, ms: int) -> None:
    seq = moment(f"take1@{written}")
    at = [e.at for e in happened(seq) if e.at is not None]
    assert max(at) <= ms
    following = [e.at for e in EVENTS if e.seq > seq and e.take == "take1" and e.at is not None]
    assert all(later > ms for later in following)


def test_an_event_is_named_by_its_number() -> None:
    assert moment(f"take1#{TAKE.first_seq + 3}") == TAKE.first_seq + 3


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("take9", "there is no take 'take9'; there is take1"),
        ("take1:codr", "take1 has no part 'codr'; it has coder, tester, docs, checker, editor"),
        ("take1:editor", "editor did not enter in take1"),
        ("take1#99999", "take1 has no event 99999: its events are"),
        ("take1@soon", "'take1@soon' is no moment: a moment is take2, take2:coder, take2@12.5s or take2#41"),
        ("", "'' is no moment"),
    ],
)
def test_a_moment_that_is_none_says_what_there_is(written: str, says: str) -> None:
    with pytest.raises(UnknownName) as caught:
        moment(written)
    assert str(caught.value).startswith(says)
