"""Files and objects of the notebook as texts that can be read by every part.

The text is our own and the same on every machine: no memory address, no path of this machine,
`\\n` line ends, and a DataFrame described by us rather than printed by the pandas that is there.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import linecache
import pprint
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from . import tables
from .errors import CompositionError

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_LIMIT = 20_000

_ADDRESS = re.compile(r"0x[0-9A-Fa-f]{5,}")
_PLAIN = (str, int, float, complex, bool, bytes, type(None))


class Material(Struct, frozen=True):
    """A text that parts read, under a name: the entry `material/NAME`.

    `kind` says what it was made from: `text`, `file`, `source`, `table`, `markdown` or `repr`. `cut`
    is whether it was longer than allowed; its last line then says how much is missing.
    """

    name: str
    text: str
    cut: bool
    kind: str


def gather(
    name: str, lookup: Callable[[str], object], *, folder: Path, limit: int = DEFAULT_LIMIT
) -> Material:
    """The material `name`: a variable of the notebook, else a file relative to `folder`.

    `lookup` gives the notebook's object of a name and raises `KeyError` where there is none. `limit`
    is in characters. A file keeps the name that was typed; of an absolute path, its last part.

    Raises `CompositionError`, one line with the remedy, where there is no such thing or no text of it.

    >>> gather("spec", {"spec": "Prices are in cents."}.__getitem__, folder=Path()).text
    'Prices are in cents.'
    """
    name = name.strip()
    if not name:
        raise CompositionError(
            "a material has no name: write -u and a variable or a file, as -u spec,notes.md"
        )
    try:
        value = lookup(name)
    except KeyError:
        typed = Path(name)
        shown = typed.name if typed.is_absolute() or name.startswith("~") else typed.as_posix()
        return _file(shown, _expanded(typed), folder, limit, typed=name)
    if isinstance(value, Path):
        return _file(name, value, folder, limit, typed=name)
    return to_text(name, value, limit=limit)


def to_text(name: str, value: object, *, limit: int = DEFAULT_LIMIT) -> Material:
    """An object as a material.

    A text as it is; a path as that file; a function or class as its source; a DataFrame as shape,
    columns, first rows and summary; what has `_repr_markdown_` as that; else its `repr`.

    Raises `CompositionError` for what has no text: binary data, functions without source, and
    objects whose `repr` tells no more than an address or a path of this machine.
    """
    if isinstance(value, Path):
        return _file(name, value, Path(), limit, typed=name)
    kind, text = _read(name, value)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _limited(name, kind, text[:limit], len(text))


def _limited(name: str, kind: str, text: str, length: int) -> Material:
    if len(text) == length:
        return Material(name, text, cut=False, kind=kind)
    end = "" if text.endswith("\n") else "\n"
    return Material(
        name, f"{text}{end}[cut here: {len(text):,} of {length:,} characters]", cut=True, kind=kind
    )


# Objects --------------------------------------------------------------------------------------


def _read(name: str, value: object) -> tuple[str, str]:
    """The kind of an object, and its text."""
    if isinstance(value, str):
        return "text", str.__str__(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise CompositionError(f"`{name}` is binary: decode it first, {name} = {name}.decode()")
    if inspect.ismodule(value):
        raise CompositionError(f"`{name}` is a module: use one of its functions or classes, or its file")
    if isinstance(value, type) or inspect.isroutine(value):
        return "source", _source(name, value)
    if tables.is_table(value):
        return "table", tables.describe(value)
    markdown = _markdown(name, value)
    if markdown is not None:
        return "markdown", markdown
    return "repr", _repr(name, value)


def _source(name: str, value: Any) -> str:
    try:
        return textwrap.dedent(inspect.getsource(value))
    except (OSError, TypeError, IndentationError, SyntaxError):
        found = _class_in_cells(value) if isinstance(value, type) else None
        if found is None:
            raise CompositionError(
                f"`{name}` has no source here: use text instead, {name} = '...', or the file it is written in"
            ) from None
        return found


def _class_in_cells(value: type) -> str | None:
    """The source of a class that a cell defined.

    `inspect` finds classes through their module's file, and a notebook has none. The cells that
    ran are in `linecache`, the newest last.
    """
    module = sys.modules.get(value.__module__)
    if module is None or getattr(module, "__file__", None):
        return None
    for entry in reversed(list(linecache.cache.values())):
        lines = entry[2] if len(entry) == 4 else None
        if not lines or not any(f"class {value.__name__}" in line for line in lines):
            continue
        source = "".join(lines)
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        found = _class_named(tree, value.__qualname__.split("."))
        if found is not None:
            first = min([found.lineno, *(decorator.lineno for decorator in found.decorator_list)])
            return textwrap.dedent("".join(source.splitlines(keepends=True)[first - 1 : found.end_lineno]))
    return None


def _class_named(tree: ast.AST, path: list[str]) -> ast.ClassDef | None:
    for node in (
        ast.walk(tree) if len(path) == 1 and isinstance(tree, ast.Module) else ast.iter_child_nodes(tree)
    ):
        if isinstance(node, ast.ClassDef) and node.name == path[0]:
            return node if len(path) == 1 else _class_named(node, path[1:])
    return None


def _markdown(name: str, value: object) -> str | None:
    method = getattr(type(value), "_repr_markdown_", None)
    if method is None:
        return None
    try:
        found = method(value)
    except Exception as error:
        raise CompositionError(
            f"`{name}` cannot show itself as Markdown ({type(error).__name__}: {_line(error)}): use str({name})"
        ) from None
    if isinstance(found, tuple):  # IPython allows (text, metadata)
        found = cast("tuple[object, ...]", found)[0] if found else None
    return found if isinstance(found, str) else None


def _repr(name: str, value: object) -> str:
    only_data, has_sets = _survey(value)
    try:
        # pprint sorts sets, whose order differs from one process to the next
        text = pprint.pformat(value, width=sys.maxsize, sort_dicts=False) if has_sets else repr(value)
    except Exception as error:
        raise CompositionError(
            f"`{name}` has no repr ({type(error).__name__}: {_line(error)}): bring in a text made of it"
        ) from None
    if not only_data and _ADDRESS.search(text):
        raise CompositionError(
            f"`{name}` ({type(value).__name__}) shows as a memory address: bring in a text made of it"
        )
    if not only_data and any(path in text for path in _paths_of_this_machine()):
        raise CompositionError(
            f"`{name}` ({type(value).__name__}) shows a path of this machine: bring in a text made of it"
        )
    return text


def _survey(value: object) -> tuple[bool, bool]:
    """Whether a value is plain data all through, and whether there are sets in it (and no cycle)."""
    only_data, has_sets = True, False
    seen: set[int] = set()
    ahead = [value]
    while ahead:
        item = ahead.pop()
        if type(item) in _PLAIN:
            continue
        if type(item) not in (dict, list, tuple, set, frozenset):
            only_data = False
            continue
        if id(item) in seen:
            continue
        seen.add(id(item))
        has_sets = has_sets or isinstance(item, (set, frozenset))
        if isinstance(item, dict):
            ahead.extend(cast("dict[object, object]", item).keys())
            ahead.extend(cast("dict[object, object]", item).values())
        else:
            ahead.extend(cast("list[object]", item))
    return only_data, has_sets


def _paths_of_this_machine() -> list[str]:
    found = (str(Path.cwd()), str(Path.home()), sys.prefix)
    return [path for path in found if len(Path(path).parts) > 1]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:100]


# Files ----------------------------------------------------------------------------------------


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # there is no such user
        return path


def _file(name: str, path: Path, folder: Path, limit: int, *, typed: str) -> Material:
    path = folder / path
    try:
        if not path.is_file():
            raise CompositionError(_no_file(typed, path, folder))
        with path.open(encoding="utf-8-sig") as file:  # text mode reads every line end as \n
            kept = file.read(limit)
            length, chunk = len(kept), kept
            while chunk:
                if "\0" in chunk or chunk.startswith("%PDF-"):
                    raise CompositionError(f"`{typed}` is a binary file: bring in a text made of it")
                chunk = file.read(1 << 20)
                length += len(chunk)
    except UnicodeDecodeError:
        raise CompositionError(
            f"`{typed}` is binary or not in UTF-8: save it as UTF-8 text, or bring in a text made of it"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or _line(error)
        raise CompositionError(
            f"`{typed}` cannot be read ({reason}): allow it, or correct the name"
        ) from None
    return _limited(name, "file", kept, length)


def _no_file(typed: str, path: Path, folder: Path) -> str:
    if path.is_dir():
        return f"`{typed}` is a folder: name a file in it"
    if path.exists():
        return f"`{typed}` is no ordinary file: bring in a text made of it"
    try:
        near = difflib.get_close_matches(typed, sorted(p.name for p in folder.iterdir()), n=1)
    except OSError:
        near = []
    hint = f"did you mean the file `{near[0]}`?" if near else "define it first, or correct the name"
    return f"no variable `{typed}` in this notebook and no file `{typed}` in its folder: {hint}"
