"""What `script:NAME_OR_FILE` stands for: a variable of the notebook, else a YAML file of the same.

In a file every scalar is text, `yes` and `42` too, but for the `args` of a tool: these are values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import OrchestrationError
from ..score.script import FORM, ScriptError
from ..score.text import shortened
from . import yaml_reader
from .tree import Faults, Listing, Node, Scalar, Table, plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LARGEST = 1_000_000
"""Bytes of a script file."""


def load(name: str, lookup: Callable[[str], object], folder: Path) -> object:
    """The script of that name: the notebook's variable, else what that file of `folder` says.

    `lookup` raises `KeyError` where the notebook has no such variable. What it gives may be of any
    form: `score.script.items_of` reads it. Raises `ScriptError` where there is neither variable nor
    file, and where the file is not YAML.

    >>> from pathlib import Path
    >>> load("lines", {"lines": {"coder": ["Hel", "lo"]}}.__getitem__, Path())
    {'coder': ['Hel', 'lo']}
    """
    try:
        return lookup(name)
    except KeyError:
        return _read(name, folder)


def _read(name: str, folder: Path) -> object:
    path = folder / name
    name = shortened(name)
    try:
        if path.stat().st_size > LARGEST:
            raise ScriptError(f"the script `{name}` is larger than {LARGEST // 1_000_000} MB: split it")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScriptError(f"the script `{name}` is not UTF-8 text: save it as UTF-8") from None
    except (OSError, ValueError) as error:
        if path.is_dir():
            raise ScriptError(f"`{name}` is a folder: name a YAML file in it") from None
        if path.exists():
            reason = getattr(error, "strerror", None) or str(error)
            raise ScriptError(
                f"the script `{name}` cannot be read ({reason}): allow it, or move it"
            ) from None
        raise ScriptError(
            f"no variable `{name}` in this notebook and no file `{name}` beside it: "
            "run the cell that defines it, or correct the name"
        ) from None
    faults = Faults()
    try:
        root = yaml_reader.read(text, faults)
        faults.raise_first()
    except OrchestrationError as error:
        raise ScriptError(f"in the script `{name}`, {error}") from None
    if root is None:
        raise ScriptError(f"the script `{name}` is empty: {FORM}")
    return _texts(root)


def _texts(node: Node) -> object:
    match node:
        case Scalar():
            return node.source
        case Listing():
            return [_texts(item) for item in node.items]
        case Table():
            is_call = "tool" in node.entries
            return {
                key: plain(value) if is_call and key == "args" else _texts(value)
                for key, (_, value) in node.entries.items()
            }
