"""Predicates of the notebook: functions that say yes, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .calling import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..score.ports import Predicate


def bind(function: Callable[..., Any]) -> Predicate:
    """A function as a `Predicate`: `True` is a yes, a text is a no with its reason, and everything else is
    as true as Python takes it (also NumPy's booleans). What it raises comes through.

    >>> said = await bind(lambda c: len(c.text) < 100 or "too long")(contribution)     # doctest: +SKIP
    (False, 'too long')
    """

    async def ask(subject: object) -> tuple[bool, str]:
        said = await call(function, subject)
        if isinstance(said, str):
            return False, str.__str__(said)
        return bool(said), ""

    return ask
