"""Control latency: how long Pause and Resume take from a page to the performance and back.

    python benchmarks/latency.py [--repeat 30] [--agents 4] [--gap 10]

A real ipykernel is spoken to as a page does: the cue is a message on the widget's comm, on a
subshell of its own where the kernel has them; the answer is the `paused` or `resumed` event on
IOPub. While it is measured, agents stream text. The same is done beside an idle kernel (the
performance is in the background), under a busy cell that awaits, and under one that blocks;
ratios are to the idle kernel in the same run.

The answer comes with the next batch of events, of which there are 30 a second. Each cue is sent
after a pause of random length, so that it falls anywhere between two batches.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

HANG = 60  # seconds: only against a benchmark that would hang
GAP = 0.1  # seconds: the longest pause before a cue
CELLS = {
    "idle kernel, in the background": "%conduct -b --fresh-all",
    "busy cell that awaits": "%%conduct --fresh-all",
    "busy cell that blocks": "take = %conduct --fresh-all",
}
PIECE = """
%load_ext score_kernel
import asyncio
async def streams(reading):
    while True:
        yield "word "
        await asyncio.sleep({gap})
score.compose("Play.")
parts = {{f"agent{{n}}": {{"player": "python:streams"}} for n in range({agents})}}
score.orchestrate({{"parts": parts}}, namespace=globals())
"""


class Page:
    """A kernel, and what a page knows of one performance in it."""

    def __init__(self, manager: KernelManager) -> None:
        self.client = manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=HANG)
        info: Any = self.client.kernel_info(reply=True, timeout=HANG)
        self._comm = ""
        self._subshell: str | None = None
        if "kernel subshells" in info["content"].get("supported_features", ()):
            request = self.client.session.msg("create_subshell_request")
            self.client.control_channel.send(request)
            self._subshell = self.client.get_control_msg(timeout=HANG)["content"]["subshell_id"]

    @property
    def has_subshell(self) -> bool:
        return self._subshell is not None

    def close(self) -> None:
        self.client.stop_channels()

    def run(self, code: str) -> None:
        """Run a cell to its end."""
        self.finish(self.client.execute(code))

    def start(self, code: str) -> str:
        """Start a conducting cell; come back once its performance is shown."""
        cell = self.client.execute(code)
        while True:
            message: Any = self.client.get_iopub_msg(timeout=HANG)
            if message["msg_type"] == "display_data":
                break
        self._comm = message["content"]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
        self._send({"type": "hello"})
        self._heard("snapshot")
        return cell

    def finish(self, cell: str) -> None:
        """Wait for the end of a cell."""
        while True:
            reply: Any = self.client.get_shell_msg(timeout=HANG)
            if reply["parent_header"].get("msg_id") == cell:
                assert reply["content"]["status"] == "ok", reply["content"]
                return

    def cue(self, cue: str, event: str) -> float:
        """Send a cue; the milliseconds until its event is there."""
        began = time.perf_counter()
        self._send({"type": "cue", "cue": {"type": cue}})
        while event not in self._heard("events"):
            pass
        return (time.perf_counter() - began) * 1e3

    def _send(self, content: dict[str, Any]) -> None:
        data = {"method": "custom", "content": content}
        message: Any = self.client.session.msg("comm_msg", {"comm_id": self._comm, "data": data})
        if self._subshell:
            message["header"]["subshell_id"] = self._subshell
        self.client.shell_channel.send(message)

    def _heard(self, kind: str) -> set[str]:
        """The kinds of events in the next message of this kind."""
        while True:
            message: Any = self.client.get_iopub_msg(timeout=HANG)
            content = message["content"]
            if message["msg_type"] != "comm_msg" or content["comm_id"] != self._comm:
                continue
            if content["data"].get("content", {}).get("type") != kind:
                continue
            if kind != "events":
                return set()
            return {json.loads(line)["type"] for line in bytes(message["buffers"][0]).splitlines()}


def measured(page: Page, code: str, repeat: int) -> dict[str, list[float]]:
    """Milliseconds of each cue during one performance."""
    cell = page.start(code)
    pauses = random.Random(0)  # the same in every run
    took: dict[str, list[float]] = {"pause": [], "resume": []}
    for count in range(repeat + 1):
        for cue, event in (("pause", "paused"), ("resume", "resumed")):
            time.sleep(pauses.uniform(0, GAP))
            ms = page.cue(cue, event)
            if count:  # the first of each only warms up
                took[cue].append(ms)
    page.cue("stop", "take-ended")
    page.finish(cell)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--gap", type=float, default=10, help="milliseconds between the words of an agent")
    asked = parser.parse_args()

    took: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = str(Path(__file__).resolve().parent.parent)
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(
            extra_arguments=["--log-level=ERROR"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": root, "IPYTHONDIR": folder},
        )
        page = Page(manager)
        try:
            page.run(PIECE.format(gap=asked.gap / 1000, agents=asked.agents))
            for name, code in CELLS.items():
                if page.has_subshell or not name.startswith("busy"):
                    took[name] = measured(page, code, asked.repeat)
        finally:
            page.close()
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()

    base = {cue: statistics.median(of) for cue, of in next(iter(took.values())).items()}
    print(
        f"ipykernel {version('ipykernel')}, {asked.agents} agents, each a word every {asked.gap:g} ms; ",
        end="",
    )
    print(f"ms of {asked.repeat}; ratios of medians to the idle kernel\n")
    print("| kernel | cue | min | median | max | x |")
    print("|---|---|---|---|---|---|")
    for name, cues in took.items():
        for cue, of in cues.items():
            middle = statistics.median(of)
            told = " | ".join(f"{ms:.1f}" for ms in (min(of), middle, max(of)))
            print(f"| {name} | {cue} | {told} | {middle / base[cue]:.2f} |")
    if not page.has_subshell:
        print("\nThis kernel has no subshells: while a cell is busy, cues wait for its end.")


if __name__ == "__main__":
    main()
