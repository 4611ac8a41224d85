"""Which material a name stands for, and the files among them."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from ..errors import CompositionError
from . import objects

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_LIMIT = 20_000


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
    kind, text = objects.read(name, value)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _limited(name, kind, text[:limit], len(text))


def _limited(name: str, kind: str, text: str, length: int) -> Material:
    if len(text) == length:
        return Material(name, text, cut=False, kind=kind)
    end = "" if text.endswith("\n") else "\n"
    return Material(
        name, f"{text}{end}[cut here: {len(text):,} of {length:,} characters]", cut=True, kind=kind
    )


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
        reason = getattr(error, "strerror", None) or objects.one_line(error)
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
