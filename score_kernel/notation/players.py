"""Who is named as `player` or `understudy`, and whether the notebook has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..score.script import ScriptError, items_of
from ..score.text import shortened
from . import scripts
from .nearest import suggestion
from .tree import quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def split(written: str) -> tuple[str, str]:
    """Kind and name of a player.

    >>> split("python:run_tests")
    ('python', 'run_tests')
    """
    kind, _, name = written.partition(":")
    return kind.strip(), name.strip()


def problem(written: str, part: str, lookup: Callable[[str], object], folder: Path) -> str:
    """What is wrong with a part's `player`, in one line; nothing, if all is well."""
    kind, name = split(written)
    if written.strip() == "human":
        return ""
    if kind == "script" and name:
        return _problem_of_script(name, part, lookup, folder)
    if kind == "python" and name:
        return _problem_of_function(name, lookup)
    shown = shortened(written)
    if "/" in written and not re.search(r"\s", written):
        return f"{quoted(shown)} is a model: write `model: {shown}`"
    example = kind if kind.isidentifier() and kind not in ("python", "script", "human") else "run_tests"
    return (
        "a player is `python:NAME`, `script:NAME_OR_FILE` or `human`: "
        f"write for example `player: python:{example}`"
    )


def problem_of_understudy(written: str, part: str, lookup: Callable[[str], object], folder: Path) -> str:
    """What is wrong with a part's `understudy`, in one line; nothing, if all is well."""
    kind, name = split(written)
    if kind != "script" or not name:
        return f"an understudy is a script: write `understudy: script:{shortened(name or 'lines')}`"
    return _problem_of_script(name, part, lookup, folder)


def _problem_of_script(name: str, part: str, lookup: Callable[[str], object], folder: Path) -> str:
    try:
        items_of(scripts.load(name, lookup, folder), part, name)
    except ScriptError as error:
        return f"{error} ({suggestion(error.word, error.words)})" if error.word else str(error)
    return ""


def _problem_of_function(name: str, lookup: Callable[[str], object]) -> str:
    if not name.isidentifier():
        return f"{quoted(shortened(name))} is no function: write a name, as in `player: python:run_tests`"
    try:
        value = lookup(name)
    except KeyError:
        return f"no function `{name}` in this notebook: run the cell that defines it, or correct the name"
    if not callable(value):
        kind = type(value).__name__
        return f"`{name}` is of type {kind} and no function: define it, def {name}(reading) -> str"
    return ""
