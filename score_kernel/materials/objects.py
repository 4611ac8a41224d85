"""Objects of the notebook as texts."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import re
import sys
import textwrap
from pathlib import Path
from typing import Any, cast

from ..errors import CompositionError
from . import tables

_ADDRESS = re.compile(r"0x[0-9A-Fa-f]{5,}")
_PLAIN = (str, int, float, complex, bool, bytes, type(None))


def read(name: str, value: object) -> tuple[str, str]:
    """The kind of an object (`text`, `source`, `table`, `markdown`, `repr`), and its text.

    Raises `CompositionError` where it has none.
    """
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
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == path[0]]
    if not found or len(path) == 1:
        return found[-1] if found else None
    return _class_named(found[-1], path[1:])


def _markdown(name: str, value: object) -> str | None:
    method = getattr(type(value), "_repr_markdown_", None)
    if method is None:
        return None
    try:
        found = method(value)
    except Exception as error:
        said = f"{type(error).__name__}: {one_line(error)}"
        raise CompositionError(
            f"`{name}` cannot show itself as Markdown ({said}): bring in a text made of it"
        ) from None
    if isinstance(found, tuple):  # IPython allows (text, metadata)
        found = cast("tuple[object, ...]", found)[0] if found else None
    return found if isinstance(found, str) else None


def _repr(name: str, value: object) -> str:
    only_data, has_sets = _survey(value)
    try:
        text = _with_sorted_sets(value, frozenset()) if has_sets else repr(value)
    except Exception as error:
        raise CompositionError(
            f"`{name}` has no repr ({type(error).__name__}: {one_line(error)}): bring in a text made of it"
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
    """Whether a value is plain data all through, and whether there are sets in it."""
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


def _with_sorted_sets(value: Any, around: frozenset[int]) -> str:
    """The `repr`, but with sets in order: theirs differs from one process to the next."""
    kind = type(value)
    if kind not in (dict, list, tuple, set, frozenset):
        return repr(value)
    if id(value) in around:
        return "{...}" if kind is dict else "[...]" if kind is list else "(...)"
    inner = functools.partial(_with_sorted_sets, around=around | {id(value)})
    if kind is dict:
        return "{" + ", ".join(f"{inner(key)}: {inner(item)}" for key, item in value.items()) + "}"
    items = [inner(item) for item in value]
    if kind is list:
        return f"[{', '.join(items)}]"
    if kind is tuple:
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    inside = "{" + ", ".join(sorted(items)) + "}" if items else ""
    return inside if kind is set and inside else f"{kind.__name__}({inside})"


def _paths_of_this_machine() -> list[str]:
    found = (str(Path.cwd()), str(Path.home()), sys.prefix)
    return [path for path in found if len(Path(path).parts) > 1]


def one_line(error: Exception) -> str:
    """What an exception says, within one line."""
    return " ".join(str(error).split())[:100]
