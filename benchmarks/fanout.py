"""Fan-out: many agents stream at once; what the client in between costs.

    python benchmarks/fanout.py [--agents 100] [--chunks 100] [--gap 5] [--repeat 3]

Three clients ask the same provider (`provider.py`) for the same streams, each in a process of its
own, in turns: aiohttp with nothing on top; litellm as one would write it; Score Kernel, recording
every chunk into a file. Imports and a first request are outside the clock. The best run of each
counts, since what disturbs a run only makes it slower; ratios are to aiohttp in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import provider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PROMPT = [{"role": "user", "content": "Play."}]
CLIENTS = ("aiohttp", "litellm", "score")


class Stopwatch:
    """Wall and CPU seconds of a `with` block, all threads of this process; then its peak memory."""

    def __enter__(self) -> Stopwatch:
        self.wall, self.cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall, self.cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu

    def tell(self) -> None:
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
        print(json.dumps({"wall": self.wall, "cpu": self.cpu, "memory": peak}))


async def measure(one: Callable[[], Awaitable[str]], agents: int, expected: str) -> None:
    assert await one() == expected
    with Stopwatch() as watch:
        texts = await asyncio.gather(*(one() for _ in range(agents)))
    assert all(text == expected for text in texts)
    watch.tell()


async def with_aiohttp(url: str, model: str, agents: int) -> None:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one() -> str:
            body = {
                "model": model,
                "messages": PROMPT,
                "stream": True,
                "stream_options": {"include_usage": True},
            }
            pieces: list[str] = []
            async with session.post(f"{url}/chat/completions", json=body) as answer:
                async for line in answer.content:
                    if line.startswith(b"data: {"):
                        for choice in json.loads(line[6:])["choices"]:
                            pieces.append(choice["delta"].get("content") or "")
            return "".join(pieces)

        await measure(one, agents, provider.text_of(model))


async def with_litellm(url: str, model: str, agents: int) -> None:
    import litellm

    async def one() -> str:
        answer = await litellm.acompletion(
            model=f"openai/{model}",
            messages=PROMPT,
            api_base=url,
            stream=True,
            stream_options={"include_usage": True},
            num_retries=0,
            max_retries=0,
        )
        return "".join([c.choices[0].delta.content or "" async for c in answer if c.choices])

    await measure(one, agents, provider.text_of(model))


def with_score(url: str, model: str, agents: int) -> None:
    from score_kernel import Score

    def play(path: Path, parts: int) -> Stopwatch:
        plan = {
            "model": f"openai/{model}",
            "parts": {f"agent{n}": {"task": f"Play {n}.", "params": {"api_base": url}} for n in range(parts)},
        }
        score = Score(path)
        score.compose("Play.")
        score.orchestrate(plan)
        with Stopwatch() as watch:
            take = score.conduct()
        expected = provider.text_of(model)
        assert all(take[name].text == expected for name in plan["parts"])
        score.close()
        return watch

    with tempfile.TemporaryDirectory() as folder:
        play(Path(folder, "warm-up.score"), 1)
        play(Path(folder, "fanout.score"), agents).tell()


def measured(client: str, url: str, model: str, agents: int) -> dict[str, float]:
    """Wall and CPU seconds and peak MB of one client, in a process of its own."""
    done = subprocess.run(
        [
            sys.executable,
            __file__,
            "--client",
            client,
            "--url",
            url,
            "--model",
            model,
            "--agents",
            str(agents),
        ],
        env={
            **os.environ,
            "OPENAI_API_KEY": "none",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agents", type=int, default=100)
    parser.add_argument("--chunks", type=int, default=100)
    parser.add_argument("--gap", type=float, default=5, help="milliseconds between chunks")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--clients", nargs="+", choices=CLIENTS, default=list(CLIENTS))
    for internal in ("--client", "--url", "--model"):
        parser.add_argument(internal, help=argparse.SUPPRESS)
    asked = parser.parse_args()

    if asked.client:
        if asked.client == "score":
            with_score(asked.url, asked.model, asked.agents)
        else:
            client = with_aiohttp if asked.client == "aiohttp" else with_litellm
            asyncio.run(client(asked.url, asked.model, asked.agents))
        return

    model = f"stream-{asked.chunks}x{asked.gap:g}"
    runs: dict[str, list[dict[str, float]]] = {client: [] for client in asked.clients}
    with provider.running() as url:
        for _ in range(asked.repeat):
            for client in asked.clients:
                runs[client].append(measured(client, url, model, asked.agents))

    best = {
        client: {what: min(run[what] for run in of_client) for what in of_client[0]}
        for client, of_client in runs.items()
    }
    base = best[asked.clients[0]]
    ideal = asked.chunks * asked.gap / 1000
    print(
        f"{asked.agents} agents x {asked.chunks} chunks x {asked.gap:g} ms (at least {ideal:g} s), ", end=""
    )
    print(f"best of {asked.repeat}; ratios to {asked.clients[0]}\n")
    print("| client | wall s | x | CPU s | x | peak MB | x |")
    print("|---|---|---|---|---|---|---|")
    for client, one in best.items():
        cells = [f"{one[what]:.2f} | {one[what] / base[what]:.1f}" for what in ("wall", "cpu")]
        print(
            f"| {client} | {' | '.join(cells)} | {one['memory']:.0f} | {one['memory'] / base['memory']:.1f} |"
        )


if __name__ == "__main__":
    main()
