"""A section of thousands: what conducting costs for each contribution.

    python benchmarks/section.py [--items 5000] [--at-once 200] [--repeat 3]

The same script players, first under a bare `asyncio.gather` with a semaphore, then as a section of a
score that records into a file. The best run of each counts, since what disturbs a run only makes it
slower; the overhead is what the score takes longer, for each contribution.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from score_kernel import Score
from score_kernel.engine.clock import SystemClock
from score_kernel.players.script import ScriptPlayer
from score_kernel.score.plan import Part
from score_kernel.score.reading import Reading
from score_kernel.score.script import items_of

LINES = ["Some words, ", {"wait": 0.02, "text": "and a few more after a while."}]
PLAN = {"parts": {"worker": {"player": "script:lines", "each": "items"}}}


async def bare(items: int, at_once: int) -> None:
    """All players at once, as many as there are slots, and nothing kept but the texts."""
    slots = asyncio.Semaphore(at_once)
    part, reading = Part("worker"), Reading("worker", (), (), "")

    async def one() -> str:
        async with slots:
            player = ScriptPlayer("lines", items_of(LINES, "worker", "lines"), SystemClock())
            return "".join([sound async for sound in player.play(part, reading) if isinstance(sound, str)])

    texts = await asyncio.gather(*(one() for _ in range(items)))
    assert len(texts) == items


def conducted(items: int, at_once: int, file: Path) -> None:
    """The same as a section of a score in a file."""
    with Score(file) as score:
        score.compose("Say a few words about each.")
        score.orchestrate(PLAN, {"lines": LINES, "items": [f"item {n}" for n in range(items)]})
        take = score.conduct(at_once=at_once)
        assert len(take["worker"]) == items  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]


def main() -> None:
    """Measure both in turns, and tell the ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--at-once", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    alone: list[float] = []
    score: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(given.repeat):
            began = time.perf_counter()
            asyncio.run(bare(given.items, given.at_once))
            alone.append(time.perf_counter() - began)
            began = time.perf_counter()
            conducted(given.items, given.at_once, Path(folder) / f"{run}.score")
            score.append(time.perf_counter() - began)
    over = (min(score) - min(alone)) / given.items * 1000
    print(f"{given.items:,} contributions, {given.at_once} at once")
    print(f"  asyncio.gather  {min(alone):6.2f} s")
    print(
        f"  a section       {min(score):6.2f} s   {min(score) / min(alone):.2f}x, {over:.3f} ms more for each"
    )


if __name__ == "__main__":
    main()
