"""CPU for one streamed chunk: the raw bytes that Score Kernel reads, beside litellm's own wrapper.

    python benchmarks/chunks.py [--chunks 2000] [--runs 4]

One stream of each form comes from a loopback provider in a process of its own, as fast as it can.
`wrapper` iterates what `litellm.acompletion` returns, `player` is the same request through
`ModelPlayer`. Printed is the least of the runs: CPU of this process over the number of chunks.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
import warnings
from typing import TYPE_CHECKING, Any

from score_kernel.players.loading import load
from score_kernel.players.model import ModelPlayer, close_connections
from score_kernel.score.events import Message
from score_kernel.score.plan import Part
from score_kernel.score.reading import Reading
from score_kernel.testing.provider import Answer, LoopbackProvider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from multiprocessing.connection import Connection

READING = Reading("coder", (), (Message("user", ("Say much.",)),), "0" * 64)
MODELS = {"openai": "openai/gpt-4o", "anthropic": "anthropic/claude-sonnet-4-5"}


def serve(pipe: Connection, chunks: int) -> None:
    with LoopbackProvider(Answer(text=[f"token{number} " for number in range(chunks)])) as provider:
        pipe.send({"openai": provider.openai, "anthropic": provider.anthropic})
        pipe.recv()


async def wrapper(model: str, base: str) -> int:
    litellm: Any = load()
    answer = await litellm.acompletion(
        model=model,
        messages=list(READING.messages),
        api_base=base,
        api_key="none-needed",
        stream=True,
        stream_options={"include_usage": True},
        num_retries=0,
        max_retries=0,
    )
    heard = 0
    async for chunk in answer:
        heard += bool(chunk.choices and chunk.choices[0].delta.content)
    return heard


async def player(model: str, base: str) -> int:
    part = Part("coder", params={"api_base": base})
    heard = 0
    async for sound in ModelPlayer(model, part).play(part, READING):
        heard += isinstance(sound, str) and sound != ""  # an empty one is a sign of life
    return heard


async def measure(
    ask: Callable[[str, str], Awaitable[int]], model: str, base: str, chunks: int, runs: int
) -> float:
    await ask(model, base)  # lazy imports and the first connection
    least = float("inf")
    for _ in range(runs):
        start = time.process_time()
        heard = await ask(model, base)
        least = min(least, time.process_time() - start)
        if heard != chunks:
            raise SystemExit(f"{ask.__name__} of {model} heard {heard} of {chunks} chunks")
    return least / chunks * 1e6


async def main(bases: dict[str, str], chunks: int, runs: int) -> None:
    print(
        f"{'form':10} {'wrapper':>12} {'player':>12} {'ratio':>7}   (CPU µs for one chunk, {chunks} chunks)"
    )
    for form, base in bases.items():
        slow = await measure(wrapper, MODELS[form], base, chunks, runs)
        fast = await measure(player, MODELS[form], base, chunks, runs)
        print(f"{form:10} {slow:12.1f} {fast:12.1f} {slow / fast:7.0f}")
    await close_connections()


if __name__ == "__main__":
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--chunks", type=int, default=2000)
    options.add_argument("--runs", type=int, default=4)
    given = options.parse_args()
    warnings.simplefilter("ignore")
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, given.chunks))
    process.start()
    try:
        asyncio.run(main(ours.recv(), given.chunks, given.runs))
    finally:
        ours.send(None)
        process.join()
