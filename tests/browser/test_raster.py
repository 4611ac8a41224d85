"""Large pictures in a real browser: drawn in a worker, and on the page's thread where there is none."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

WIDGETS = Path(__file__).parents[2] / "widgets"


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("raster") / "raster.js"
    node = shutil.which("node") or "node"
    entry = Path(__file__).with_name("raster.ts")
    subprocess.run([node, WIDGETS / "build.mjs", "--script", entry, out], check=True)
    return out.read_text("utf-8")


@pytest.mark.parametrize("allowed", [True, False])
def test_a_worker_draws_the_same_pixels_and_is_not_missed_where_it_is_forbidden(
    browser: Browser, script: str, allowed: bool
) -> None:
    page = browser.new_page()
    workers = "blob:" if allowed else "'none'"
    policy = f"script-src 'unsafe-inline'; worker-src {workers}"
    page.set_content(
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><script>{script}</script>'
    )
    rounds = 12
    told = page.evaluate("([rounds, waits]) => compare(rounds, waits)", [rounds, allowed])
    assert told == {"fromWorker": rounds if allowed else 0, "different": 0, "empty": 0}
    page.close()
