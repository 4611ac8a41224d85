"""What `script:NAME_OR_FILE` stands for.

A script is a text, a list of items, or a mapping from part to one of those. An item is a text,
`{wait: SECONDS, text: TEXT}` or a rest, `{wait: SECONDS}`. It is a variable of the notebook, else a
YAML file of the same, in which every scalar is text.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from ..errors import OrchestrationError
from . import yaml_reader
from .nearest import suggestion
from .tree import Faults, Listing, Node, Scalar, Table, not_yet, shortened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SHAPE = "a script is a text, a list of texts and {wait: 2, text: ...} items, or a mapping from part to those"


def load(name: str, part: str, lookup: Callable[[str], object], folder: Path) -> str | list[Any]:
    """The script of `part` in the notebook's variable `name`, else in that file of `folder`, checked.

    The result is a text, or a list whose items are texts and `{"wait": seconds, "text": text}`
    dicts, of which one may be missing. Raises `OrchestrationError` (without a place) where there is
    no such script, or nothing for that part.

    >>> from pathlib import Path
    >>> load("lines", "coder", {"lines": {"coder": ["Hel", "lo"]}}.__getitem__, Path())
    ['Hel', 'lo']
    """
    try:
        value = lookup(name)
    except KeyError:
        value = _read(name, folder)
    name = shortened(name)
    if isinstance(value, dict):
        of_parts = cast("dict[object, object]", value)
        if part not in of_parts:
            hint = suggestion(part, [shortened(str(key)) for key in of_parts])
            raise OrchestrationError(f"the script `{name}` has no lines for `{part}`: add them ({hint})")
        value = of_parts[part]
        name = f"{name}[{part}]"
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        items = list(cast("list[object]", value))
        for number, item in enumerate(items):
            _check_item(item, f"{name}[{number}]")
        return items
    raise OrchestrationError(f"`{name}` is of type {type(value).__name__}: {_SHAPE}")


def _check_item(item: object, name: str) -> None:
    if isinstance(item, str):
        return
    if not isinstance(item, dict):
        raise OrchestrationError(f"`{name}` is of type {type(item).__name__}: {_SHAPE}")
    fields = cast("dict[object, object]", item)
    for key in fields:
        if key in ("tool", "args"):
            raise OrchestrationError(f"{not_yet(str(key))} of `{name}`")
        if key not in ("wait", "text"):
            hint = suggestion(str(key), ("wait", "text"))
            raise OrchestrationError(f"`{shortened(str(key))}` is no key of `{name}`: {hint}")
    if not fields:
        raise OrchestrationError(f"`{name}` is empty: write {{wait: 2, text: ...}}")
    if not isinstance(fields.get("text", ""), str):
        raise OrchestrationError(f"the text of `{name}` is none: write {{wait: 2, text: ...}}")
    if "wait" in fields and not _is_wait(fields["wait"]):
        raise OrchestrationError(
            f"the wait of `{name}` is in seconds, 0 or more: write {{wait: 2, text: ...}}"
        )


def _is_wait(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        return 0 <= float(value) < math.inf
    except (ValueError, OverflowError):
        return False


def _read(name: str, folder: Path) -> object:
    path = folder / name
    name = shortened(name)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OrchestrationError(f"the script `{name}` is not UTF-8 text: save it as UTF-8") from None
    except (OSError, ValueError) as error:
        if path.is_dir():
            raise OrchestrationError(f"`{name}` is a folder: name a YAML file in it") from None
        if path.exists():
            reason = getattr(error, "strerror", None) or str(error)
            raise OrchestrationError(
                f"the script `{name}` cannot be read ({reason}): allow it, or move it"
            ) from None
        raise OrchestrationError(
            f"no variable `{name}` in this notebook and no file `{name}` beside it: "
            "run the cell that defines it, or correct the name"
        ) from None
    faults = Faults()
    try:
        root = yaml_reader.read(text, faults)
        faults.raise_first()
    except OrchestrationError as error:
        raise OrchestrationError(f"in the script `{name}`, {error}") from None
    if root is None:
        raise OrchestrationError(f"the script `{name}` is empty: {_SHAPE}")
    return _texts(root)


def _texts(node: Node) -> object:
    match node:
        case Scalar():
            return node.source
        case Listing():
            return [_texts(item) for item in node.items]
        case Table():
            return {key: _texts(value) for key, (_, value) in node.entries.items()}
