"""Bars by the hundred thousand: this package's raster, in the page and in a worker, beside Bokeh.

    python benchmarks/view.py [--rounds 3] [--frames 40]

1,000 rows on 1400x800 in headless Chromium, all in one run, in turn. A frame is the time from one
picture on the page to the next: in a worker's, its way there and back is in it. Bokeh is no dependency of the
package, so it has to be installed beside it: pip install bokeh. Its scrub moves a line alone, ours
clips each bar. A page rests a second before it is measured.
Needs the front end's tools (make build) and a Chromium ($CHROMIUM).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import bokeh  # pyright: ignore[reportMissingImports]
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
WIDGETS = HERE.parent / "widgets"
# as many frames as can be drawn: a screen's 60 a second would hide what a frame costs
FLAGS = ["--no-sandbox", "--disable-frame-rate-limit", "--disable-gpu-vsync"]
PHASES = ("pan", "scrub", "live")
TARGETS = {"first": 8, "pan": 15, "scrub": 20, "live": 25}
KINDS = {
    "bokeh": (100_000, 1),
    "page": (100_000, 1),
    "worker": (100_000, 1),
    "page, 1M": (1_000_000, 1),
    "worker, 1M": (1_000_000, 1),
    "bokeh, 2 dppx": (100_000, 2),
    "page, 2 dppx": (100_000, 2),
    "worker, 2 dppx": (100_000, 2),
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def written(folder: Path) -> None:
    """The page, with everything it needs."""
    node = ["node", WIDGETS / "build.mjs", "--script", HERE / "view.ts", folder / "view.js"]
    subprocess.run(node, check=True)
    scripts = Path(bokeh.__file__).parent / "server" / "static" / "js"  # pyright: ignore
    names = ["bokeh.min.js", "bokeh-api.min.js"]
    for name in names:
        shutil.copy(scripts / name, folder)
    tags = "".join(f'<script src="{name}"></script>' for name in [*names, "view.js"])
    (folder / "index.html").write_text(f"<!doctype html><body style='margin:0'>{tags}</body>", "utf-8")


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def main(rounds: int, frames: int) -> None:
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        written(Path(name))
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=name))
        Thread(target=server.serve_forever, daemon=True).start()
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        for _ in range(rounds):
            for kind, (count, ratio) in KINDS.items():
                size = {"width": 1400, "height": 820}
                page = browser.new_page(viewport=size, device_scale_factor=ratio)  # pyright: ignore
                page.set_default_timeout(300_000)
                page.goto(f"http://127.0.0.1:{server.server_port}/")
                page.wait_for_timeout(1000)  # the browser still works on what it loaded
                few = max(frames // 5, 5) if kind.startswith("bokeh") else frames
                call = "([kind, count, frames]) => measure(kind, count, frames)"
                found[kind].append(page.evaluate(call, [kind.split(",")[0], count, few]))
                page.close()
        browser.close()
        server.shutdown()
    print("| | first ms | x |" + "".join(f" {phase} p50/p95 ms | x | script p50 ms |" for phase in PHASES))
    print("|---|---|---|" + "---|---|---|" * len(PHASES))
    least: dict[str, float] = {}
    for kind, told in found.items():
        first = statistics.median(each["first"] for each in told)
        if kind.startswith("bokeh"):
            least = {}  # what follows is compared with it
        least.setdefault("first", first)
        line = f"| {kind} | {first:.0f} | {least['first'] / first:.1f} |"
        for phase in PHASES:
            times = [time for each in told for time in each[phase]["frames"]]
            script = statistics.median(time for each in told for time in each[phase]["script"])
            middle = statistics.median(times)
            least.setdefault(phase, middle)
            line += (
                f" {middle:.1f}/{quantile(times, 0.95):.1f} | {least[phase] / middle:.1f} | {script:.1f} |"
            )
        print(line)
    print("\nTargets, for 100,000 bars: " + ", ".join(f"{name} {least}x" for name, least in TARGETS.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=40)
    options = parser.parse_args()
    main(options.rounds, options.frames)
