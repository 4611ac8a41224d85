from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from score_kernel.errors import StoreUnreadable
from score_kernel.score import events as ev
from score_kernel.score.codec import from_lines
from score_kernel.score.plan import Part, Plan
from score_kernel.score.state import ScoreState, fold
from score_kernel.store import MemoryLog, SqliteLog, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from score_kernel.score.ports import Log

FIXTURES = Path(__file__).parents[1] / "fixtures"
NAMES = ["plain", "reused", "failed", "stopped", "scripted"]


def events_of(name: str) -> list[ev.Event]:
    return from_lines((FIXTURES / f"{name}.jsonl").read_bytes())


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    made = MemoryLog() if request.param == "memory" else SqliteLog(tmp_path / "piece.score")
    yield made
    made.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_snapshot_and_the_tail_equal_the_whole_fold(log: Log, name: str) -> None:
    events = events_of(name)
    state = ScoreState()
    for at, event in enumerate(events, 1):
        log.append([event])
        state.apply(event)
        if at % 7 == 0:
            log.save_snapshot(state)
        assert load(log) == state
    assert load(log) == fold(events)


def test_loading_folds_only_what_follows_the_newest_snapshot(log: Log) -> None:
    events = events_of("plain")
    log.append(events)
    changed = fold(events[:-2])
    changed.title = "told by the snapshot"
    log.save_snapshot(changed)
    assert load(log).title == "told by the snapshot"


def test_the_newest_two_snapshots_are_kept_newest_first(log: Log) -> None:
    events = events_of("plain")
    log.append(events)
    for seq in (10, 20, 30):
        log.save_snapshot(fold(events[:seq]))
    assert [state.seq for state in log.snapshots()] == [30, 20]


def test_a_loaded_state_is_its_owners_alone(log: Log) -> None:
    events = events_of("plain")
    log.append(events)
    log.save_snapshot(fold(events[:20]))
    load(log).entries.clear()
    assert load(log) == fold(events)


def test_a_snapshot_holds_what_messagepack_cannot(log: Log) -> None:
    plan = Plan(parts=(Part("a", params={"seed": 10**30, "stop": "\ud800"}),))
    events: list[ev.Event] = [
        ev.Orchestrated(seq=1, plan=plan),
        ev.EntryWritten(seq=2, entry="intent", version=1, text="\ud83d \udfff \x00"),
    ]
    log.append(events)
    log.save_snapshot(fold(events))
    assert [state.seq for state in log.snapshots()] == [2]
    assert load(log) == fold(events)


def test_a_log_with_no_events_is_an_empty_score(log: Log) -> None:
    assert load(log) == ScoreState()


def test_events_that_cannot_have_happened_are_refused_with_their_number(log: Log) -> None:
    log.append(
        [ev.EntryWritten(seq=1, entry="intent", version=1, text=""), ev.Paused(seq=2, take="take1", at=0)]
    )
    with pytest.raises(
        StoreUnreadable, match=r"event 2 cannot have happened \(.*take1 has not started"
    ) as error:
        load(log)
    assert "\n" not in str(error.value)


def stored(path: Path, statement: str, *values: object) -> SqliteLog:
    events = events_of("plain")
    log = SqliteLog(path)
    log.append(events)
    log.save_snapshot(fold(events[:20]))
    log.save_snapshot(fold(events[:40]))
    log.close()
    db = sqlite3.connect(path)
    db.execute(statement, values)
    db.commit()
    db.close()
    return SqliteLog(path)


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("UPDATE snapshots SET version = 'another' WHERE seq = 40", [20]),
        ("UPDATE snapshots SET version = 'another'", []),
        ("UPDATE snapshots SET body = x'00ff' WHERE seq = 40", [20]),
        ("UPDATE snapshots SET body = substr(body, 1, 100)", []),
        ("UPDATE snapshots SET body = '{}' WHERE seq = 40", [20]),
        ("UPDATE snapshots SET seq = 30 WHERE seq = 40", [20]),
        ("UPDATE snapshots SET seq = 4000 WHERE seq = 40", [20]),
    ],
)
def test_a_snapshot_that_is_broken_or_anothers_is_left_alone(
    tmp_path: Path, statement: str, left: list[int]
) -> None:
    log = stored(tmp_path / "piece.score", statement)
    assert [state.seq for state in log.snapshots()] == left
    assert load(log) == fold(events_of("plain"))
    log.close()


def test_a_snapshot_of_what_is_not_in_the_log_is_refused(log: Log) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        log.save_snapshot(fold(events_of("plain")))
