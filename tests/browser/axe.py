"""What axe-core has to say of a part of a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

SCRIPT = Path(__file__).parents[2] / "widgets" / "node_modules" / "axe-core" / "axe.min.js"
_LOAD = "script => { if (!window.axe) (0, eval)(script); }"


def violations(of: Locator) -> list[str]:
    """Each rule that is broken in there, how badly, and where: a line each."""
    page = of.page
    page.evaluate(_LOAD, SCRIPT.read_text("utf-8"))
    found = of.evaluate("async node => (await axe.run(node)).violations")
    return [
        f"{rule['impact']}: {rule['id']}: {rule['help']}: {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
    ]
