from __future__ import annotations

from pathlib import Path

import pytest

from score_kernel.score import events as ev
from score_kernel.score.codec import from_lines
from score_kernel.store import MemoryLog

FIXTURES = Path(__file__).parents[1] / "fixtures"


def test_reading_is_bounded_by_after_upto_and_take() -> None:
    events = from_lines((FIXTURES / "reused.jsonl").read_bytes())
    log = MemoryLog()
    log.append(events[:50])
    log.commit()
    log.append(events[50:])
    assert list(log.read()) == events
    assert [e.seq for e in log.read(after=3, upto=7)] == [4, 5, 6, 7]
    assert list(log.read(take="take2")) == [e for e in events if e.take == "take2"]
    assert list(log.read(after=60, upto=80, take="take2")) == [
        e for e in events if e.take == "take2" and 60 < e.seq <= 80
    ]
    assert list(log.read(take="take9")) == []


def test_events_go_on_from_the_end_or_are_refused() -> None:
    log = MemoryLog()
    log.append([ev.Composed(seq=1, title="", intent=0, criteria=0, materials=())])
    with pytest.raises(ValueError, match="event 1 was appended where event 2 belongs"):
        log.append([ev.Composed(seq=1, title="", intent=0, criteria=0, materials=())])
    assert len(list(log.read())) == 1
