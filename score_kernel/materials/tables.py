"""A DataFrame in words: shape, columns, first rows and summary, as Markdown.

Nothing is printed by pandas itself, whose output changes with its version and options. Numbers are
given to six digits, so that machines which sum in another order still say the same. pandas is never
imported here: the frame that comes in brings its methods.
"""

from __future__ import annotations

import math
import re
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_COLUMNS = 60
HEAD_ROWS = 5
_MAX_CELL = 80


def is_table(value: object) -> bool:
    """Whether this is a pandas DataFrame or Series, told without importing pandas."""
    return any(
        kind.__module__.split(".")[0] == "pandas" and kind.__name__ in ("DataFrame", "Series")
        for kind in type(value).__mro__
    )


def describe(table: Any) -> str:
    """A DataFrame (or a Series, as a frame of one column) as Markdown."""
    frame = table.to_frame() if table.ndim == 1 else table
    rows, width = frame.shape
    columns = [frame.iloc[:, at] for at in range(min(width, MAX_COLUMNS))]
    labels = [_cell(label, missing=False) for label in list(frame.columns[:MAX_COLUMNS])]
    parts = [f"DataFrame: {_count(rows, 'row')}, {_count(width, 'column')}"]
    if width > MAX_COLUMNS:
        parts.append(f"Only the first {MAX_COLUMNS} columns are described here.")
    if columns:
        parts.append(_columns(labels, columns))
        parts.append(_head(frame, labels, columns))
        parts.extend(_summary(labels, columns))
    return "\n\n".join(parts) + "\n"


def _columns(labels: Sequence[str], columns: Sequence[Any]) -> str:
    rows = [
        (label, _dtype(column), str(int(column.isna().sum())))
        for label, column in zip(labels, columns, strict=True)
    ]
    return _markdown(("column", "dtype", "missing"), rows)


def _head(frame: Any, labels: Sequence[str], columns: Sequence[Any]) -> str:
    shown = min(HEAD_ROWS, len(frame))
    missing = [list(column.iloc[:shown].isna()) for column in columns]
    rows = [
        (
            _cell(frame.index[row], missing=False),
            *(
                _cell(column.iloc[row], missing=bool(gone[row]))
                for column, gone in zip(columns, missing, strict=True)
            ),
        )
        for row in range(shown)
    ]
    title = f"The first {_count(shown, 'row')}:" if shown < len(frame) else "All rows:"
    return f"{title}\n\n{_markdown(('', *labels), rows)}"


def _summary(labels: Sequence[str], columns: Sequence[Any]) -> Iterable[str]:
    numbers: list[tuple[str, ...]] = []
    others: list[tuple[str, ...]] = []
    for label, column in zip(labels, columns, strict=True):
        present = column.dropna()
        if not len(present):
            continue
        if _dtype(column).rstrip("0123456789") in ("int", "uint", "float", "Int", "UInt", "Float"):
            numbers.append((label, *(_number(figure) for figure in _figures(present))))
        else:
            others.append((label, *_most_frequent(present)))
    if numbers:
        head = ("column", "mean", "std", "min", "25%", "50%", "75%", "max")
        yield f"Numbers:\n\n{_markdown(head, numbers)}"
    if others:
        yield f"Others:\n\n{_markdown(('column', 'distinct', 'most frequent', 'times'), others)}"


def _figures(present: Any) -> tuple[Any, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # infinite values have no deviation
        quartiles = [present.quantile(share) for share in (0.25, 0.5, 0.75)]
        return (present.mean(), present.std(), present.min(), *quartiles, present.max())


def _most_frequent(present: Any) -> tuple[str, str, str]:
    counts: dict[str, int] = {}
    for value in present:
        shown = _cell(value, missing=False, width=None)
        counts[shown] = counts.get(shown, 0) + 1
    # of those equally frequent the first in order, as the order of a column is no answer
    shown, times = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return str(len(counts)), _shortened(shown, _MAX_CELL), str(times)


def _dtype(column: Any) -> str:
    """The dtype, in words that do not change with pandas' version."""
    name = str(column.dtype)
    if name.startswith(("datetime64", "timedelta64")):
        zone = re.search(r",\s*(.+)\]$", name)
        return name[: name.index("64") + 2] + (f", {zone[1]}" if zone else "")
    if name in ("object", "str") or name.startswith("string"):
        return "text" if all(isinstance(value, str) for value in column.dropna()) else "object"
    return "category" if name.startswith("category") else name


def _cell(value: Any, *, missing: bool, width: int | None = _MAX_CELL) -> str:
    if missing:
        return "NA"
    if not isinstance(value, (str, bytes)) and hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()  # a numpy scalar
    if isinstance(value, str):
        shown = value
    elif isinstance(value, float):
        shown = _number(value)
    elif not isinstance(value, bytes) and hasattr(value, "isoformat"):
        shown = str(value.isoformat())
    else:
        shown = repr(value)
        if re.search(r"0x[0-9A-Fa-f]{5,}", shown):
            shown = f"<{type(value).__name__}>"
    shown = (
        shown.replace("\\", "\\\\")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\n", "\\n")
        .replace("|", "\\|")
    )
    return shown if width is None else _shortened(shown, width)


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _number(value: Any) -> str:
    try:
        number = float(value)
    except TypeError:  # pandas' own NA
        return "NA"
    if math.isnan(number):
        return "NA"
    if number.is_integer() and abs(number) < 2**53:
        return str(int(number))
    return format(number, ".6g")


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
