"""What a section is played over: a list, a table or a mapping of the notebook, as items."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..errors import ConductError
from . import objects, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PLAIN = (str, int, float, bool, type(None), dict, list, tuple)


class Listed(NamedTuple):
    """Items as texts, as they are in the notebook, and what they are called there (empty: their numbers)."""

    texts: Sequence[str]
    values: Sequence[Any]
    labels: Sequence[str | int | float]


def items_of(name: str, value: object) -> Listed:
    """The items of a list, a table (a row each) or a mapping (a value each).

    A text is read as it is, what JSON can say as JSON, and everything else as a material would be.
    Raises `ConductError`, in one line, for anything else.

    >>> items_of("cities", {"north": "Oslo", "south": "Rome"})
    Listed(texts=['Oslo', 'Rome'], values=['Oslo', 'Rome'], labels=['north', 'south'])
    """
    if tables.is_table(value):
        frame = cast("Any", value)
        rows = [dict(zip(map(str, frame.columns), row, strict=True)) for row in frame.itertuples(index=False)]
        return Listed([_text(name, row) for row in rows], rows, [_label(label) for label in frame.index])
    if isinstance(value, dict):
        table = cast("dict[Any, Any]", value)
        values = list(table.values())
        return Listed([_text(name, item) for item in values], values, [_label(key) for key in table])
    if isinstance(value, list | tuple):
        values = list(cast("Iterable[Any]", value))
        return Listed([_text(name, item) for item in values], values, ())
    raise ConductError(
        f"`{name}` is of type {type(value).__name__}: `each` is over a list, a dict or a DataFrame; "
        f"write {name} = list({name})"
    )


def _text(name: str, item: object) -> str:
    if isinstance(item, str):
        return str.__str__(item)
    if isinstance(item, PLAIN):
        return json.dumps(item, ensure_ascii=False, default=str)
    try:
        return objects.read(f"an item of {name}", item)[1]
    except Exception as error:
        raise ConductError(f"an item of `{name}` cannot be read: {error}") from None


def _label(label: object) -> str | int | float:
    if isinstance(label, bool) or not isinstance(label, str | int | float):
        item = getattr(label, "item", None)  # a number of NumPy's
        plain = item() if callable(item) else label
        return plain if isinstance(plain, int | float) and not isinstance(plain, bool) else str(label)
    return label
