"""A process that is killed loses and doubles nothing that had been played."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel import Score, StoreLocked, StoreUnwritable, Take
from score_kernel.store import SqliteLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from score_kernel.score.events import Event

PARTS = [f"p{n}" for n in range(8)]

CHILD = """
import json, os, signal, sys
from score_kernel import Score
from score_kernel.session import stage
from score_kernel.score.events import Played
from tests.test_crash import orchestrate

path, at_event = sys.argv[1], int(sys.argv[2])
score = Score(path)
orchestrate(score, path)
told = 0

def listen(batch):
    # what is told here is what a view would show: it must never be lost
    global told
    for event in batch:
        told += 1
        if isinstance(event, Played):
            print(json.dumps([event.take, event.c]), flush=True)
        if told == at_event:
            os.kill(os.getpid(), signal.SIGKILL)

stage().ask(lambda: score._conductor.listen(listen))
score.conduct()
print("ended", flush=True)
"""


def log_to(file: str, line: str) -> None:
    with open(file, "a", encoding="utf-8") as log:
        log.write(f"{line}\n")


def orchestrate(score: Score, path: str) -> None:
    """Eight parts, some after others; each really playing leaves a line in a file beside the score."""

    async def plays(reading: Any) -> Any:
        log_to(f"{path}.played", reading.part)
        for n in range(5):
            yield f"{reading.part} {n} "

    score.compose("An intent.")
    parts = {
        name: {"player": "python:plays", "after": PARTS[max(0, n - 3) : n : 2]}
        for n, name in enumerate(PARTS)
    }
    score.orchestrate({"parts": parts, "tempo": {"at_once": 2}}, {"plays": plays})


def kill_at(path: Path, event: int) -> list[tuple[str, int]]:
    """Conduct in a process that kills itself as event number `event` is told; what it was told had played."""
    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD, str(path), str(event)],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    lines = child.stdout.decode().splitlines()
    assert child.returncode == -signal.SIGKILL or lines[-1] == "ended"
    return [tuple(json.loads(line)) for line in lines if line != "ended"]


@pytest.mark.parametrize("seed", range(20))
def test_a_killed_process_loses_and_doubles_nothing_that_had_been_played(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "piece.score"
    told = kill_at(path, random.Random(seed).randint(4, 40))

    with Score(path) as score:
        before = {take.id: take for take in score.takes}
        assert all(take.status in ("stopped", "finished") for take in before.values())
        for take_id, c in told:
            contribution = before[take_id].contributions[c - 1]
            assert contribution.status == "played"
            assert contribution.text == "".join(f"{contribution.part} {n} " for n in range(5))
        known = {c.part for take in before.values() for c in take.contributions if c.status == "played"}
        orchestrate(score, str(path))
        played_before = (tmp_path / "piece.score.played").read_text().split()
        take = score.conduct()
        assert isinstance(take, Take)
        assert take.status == "finished"
        played_after = (tmp_path / "piece.score.played").read_text().split()[len(played_before) :]
        assert sorted(played_after) == sorted(set(PARTS) - known)
        assert len(take.contributions) == len(PARTS)

    with sqlite3.connect(path) as file:
        assert file.execute("pragma integrity_check").fetchone() == ("ok",)
        numbers = [seq for (seq,) in file.execute("select seq from events order by seq")]
    file.close()
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_score_that_is_open_elsewhere_is_locked(tmp_path: Path) -> None:
    with Score(tmp_path / "a.score"), pytest.raises(StoreLocked):
        Score(tmp_path / "a.score")


def test_a_score_is_there_again_with_everything_it_held(tmp_path: Path) -> None:
    path = tmp_path / "piece.score"
    with Score(path) as score:
        orchestrate(score, str(path))
        first = score.conduct(name="draft")
        assert isinstance(first, Take)
        events, texts = first.events, {c.part: c.text for c in first.contributions}
    with Score(path) as score:
        again = score["draft"]
        assert again.events == events
        assert {c.part: c.text for c in again.contributions} == texts
        assert score.intent == "An intent."
        assert score.plan is not None
        assert score.plan.names == tuple(PARTS)


def test_a_full_disk_loses_nothing_that_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append = SqliteLog.append
    written = 0

    def fills_up(self: SqliteLog, events: Sequence[Event]) -> None:
        nonlocal written
        written += len(events)
        if written > 20:
            raise StoreUnwritable("the disk is full")
        append(self, events)

    monkeypatch.setattr(SqliteLog, "append", fills_up)
    path = tmp_path / "piece.score"
    with Score(path) as score:
        orchestrate(score, str(path))
        take = score.conduct()
        assert isinstance(take, Take)
        assert take.status == "finished"
        assert [event.seq for event in take.events] == list(
            range(take.events[0].seq, take.events[0].seq + len(take.events))
        )
        assert len(take.events) > 20
    with Score(path) as score:
        assert score.take.status == "stopped"
