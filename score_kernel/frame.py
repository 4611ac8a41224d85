"""Contributions as a pandas DataFrame. The only module that imports pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas

COLUMNS: dict[str, str] = {
    "part": "object",
    "item": "Int64",
    "status": "object",
    "model": "object",
    "started": "float64",
    "ended": "float64",
    "tokens_in": "int64",
    "tokens_out": "int64",
    "cost": "float64",
    "flags": "object",
    "text": "object",
}
"""The columns, and their types. `item` is empty but for sections; times are seconds, `cost` is USD."""


def frame(rows: Iterable[Mapping[str, Any]]) -> pandas.DataFrame:
    """A DataFrame of these rows. Raises `UsageError` where pandas is not installed."""
    try:
        import pandas
    except ImportError:
        raise UsageError("to_frame() needs pandas: run %pip install pandas") from None
    found = list(rows)
    kinds = dict(COLUMNS)
    if any(isinstance(row["item"], str | float) for row in found):  # what items are called is no number
        kinds["item"] = "object"
    return pandas.DataFrame(
        {name: pandas.Series([row[name] for row in found], dtype=kind) for name, kind in kinds.items()}
    )
