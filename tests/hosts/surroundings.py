"""What the programs of these tests are started with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "01-first-score.ipynb"

TALE = [
    "%load_ext score_kernel\nlines = {'teller': [{'wait': 0.3, 'text': 'Once upon a time.'}]}",
    "%%compose Tale\nTell a tale.",
    "%%orchestrate\nparts:\n  teller: {player: script:lines}",
    "%%conduct tale",
    "print(take['teller'].text)",
]
TALE_LINE = "<Take tale: 1 of 1 parts, 0 failed>"


def environment(folder: Path) -> dict[str, str]:
    """Variables for a program with settings, kernels and a history of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))}
    return kept | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        # kernels import what the tests import
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH")])),
    }


def write_notebook(file: Path, cells: Sequence[str]) -> Path:
    """A notebook with these cells, none of which has run."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, file)
    return file
