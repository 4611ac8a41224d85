"""The tempo, as it is written: in a plan, on a magic's line, in a call."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..score.plan import Tempo
from ..score.text import shortened
from .nearest import suggestion
from .tree import Scalar, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .tree import Faults, Node

KEYS = ("lead", "at_once", "rate", "deadline", "budget")
LEADS = ("free", "conductor", "clock")

# a comma parts thousands and nothing else: `0,50` is half a dollar to some, and was never fifty
_NUMBER = r"([1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+(?:_\d+)*(?:\.\d+)?|\.\d+)"
_RATE = re.compile(rf"{_NUMBER}\s*(?:/\s*(s|sec|second|min|m|minute|h|hour))?")
_TIME = re.compile(rf"{_NUMBER}\s*(ms|s|m|min|h)?")
_USD = re.compile(rf"\$\s*{_NUMBER}|{_NUMBER}\s*(?:USD|\$)?", re.IGNORECASE)
_TOKENS = re.compile(rf"{_NUMBER}\s*(k|m)?\s*tokens?", re.IGNORECASE)
_PER_MINUTE = {"s": 60.0, "m": 1.0, "h": 1 / 60}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_LONGEST = 7 * 24 * 3600.0
_NONE = {"none", "off", "unlimited", "0"}


def read(**given: object) -> dict[str, Any]:
    """The fields of a `Tempo` that these options give: `lead`, `at_once`, `rate`, `deadline`, `budget`.

    Each is a number or a text as in a plan; `None` is not given, and 0 lifts a limit (gives `None`). A
    budget in tokens gives `tokens`, one in USD `budget`, and each takes the place of the other. Raises
    `UsageError` in one line.

    >>> read(rate="2/s", budget="20k tokens")
    {'rate': 120.0, 'tokens': 20000, 'budget': None}
    """
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in KEYS:
            raise UsageError(f"`{key}` is no tempo: {suggestion(key, KEYS)}")
        if value is None:
            continue
        if key != "lead" and _is_none(value):
            found |= dict.fromkeys(("budget", "tokens") if key == "budget" else (key,))
            continue
        try:
            found |= _READERS[key](value)
        except ValueError as error:
            raise UsageError(str(error)) from None
    return found


def tempo(given: Iterable[tuple[str, Node]], names: Iterable[str], faults: Faults) -> Tempo:
    """The tempo of a plan, whose parts are `names`. What is wrong goes to `faults`."""
    fields: dict[str, Any] = {}
    places: dict[str, Node] = {}
    for key, node in given:
        places[key] = node
        if not isinstance(node, Scalar) or isinstance(node.value, bool) or node.value is None:
            faults.add(node.place, f"`{key}` is one value: write for example `{key}: {_EXAMPLES[key]}`")
            continue
        try:
            fields |= _READERS[key](node.value)
        except ValueError as error:
            faults.add(node.place, str(error))
    found = Tempo(**fields)
    known = [*LEADS, *names]
    if found.lead not in known:
        shown = quoted(shortened(found.lead, 40))
        faults.add(places["lead"].place, f"{shown} cannot lead: {suggestion(found.lead, known)}")
    elif found.lead == "clock" and found.deadline is None and "deadline" not in places:
        faults.add(places["lead"].place, "the clock leads to a deadline: write `deadline: 10m` beside it")
    return found


def _lead(value: object) -> dict[str, Any]:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("`lead` is free, conductor, clock, or the part that leads: write `lead: free`")
    return {"lead": value.strip()}


def _at_once(value: object) -> dict[str, Any]:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value.strip()) else value
    if type(number) is not int or not 1 <= number <= 10_000:
        raise ValueError(
            f"`at_once` is how many parts play at the same time, from 1 to 10,000, not {_shown(value)}"
        )
    return {"at_once": number}


def _rate(value: object) -> dict[str, Any]:
    rate = _plain(value)
    if isinstance(value, str) and (found := _RATE.fullmatch(value.strip()[:40])):
        rate = _amount(found[1]) * _PER_MINUTE[(found[2] or "m")[0]]
    if rate is None or not 0 < rate <= 1e6:
        raise ValueError(f"`rate` is requests a minute, above 0, not {_shown(value)}: write 60/min or 1/s")
    return {"rate": rate}


def _deadline(value: object) -> dict[str, Any]:
    seconds = _plain(value)
    if isinstance(value, str) and (found := _TIME.fullmatch(value.strip()[:40])):
        seconds = _amount(found[1]) * _SECONDS[found[2] or "s"]
    if seconds is None or not 0 < seconds <= _LONGEST:
        raise ValueError(
            f"`deadline` is a time in seconds, above 0 and at most a week, not {_shown(value)}: "
            "write 90 or 10m"
        )
    return {"deadline": seconds}


def _budget(value: object) -> dict[str, Any]:
    if isinstance(value, str) and (found := _TOKENS.fullmatch(value.strip()[:40])):
        tokens = round(_amount(found[1]) * {"k": 1e3, "m": 1e6}.get((found[2] or "").lower(), 1))
        if 1 <= tokens <= 10**12:
            return {"tokens": tokens, "budget": None}
    usd = _plain(value)
    if isinstance(value, str) and (found := _USD.fullmatch(value.strip()[:40])):
        usd = _amount(found[1] or found[2])
    if usd is None or not 0 < usd <= 1e9:
        raise ValueError(
            f"`budget` is in USD or in tokens, above 0, not {_shown(value)}: write 0.50 or 20k tokens"
        )
    return {"budget": usd, "tokens": None}


def _plain(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _amount(written: str) -> float:
    return float(written.replace(",", "").replace("_", ""))


def _is_none(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in _NONE
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0


def _shown(value: object) -> str:
    return quoted(shortened(str(value), 40))


_READERS: Mapping[str, Callable[[object], dict[str, Any]]] = {
    "lead": _lead,
    "at_once": _at_once,
    "rate": _rate,
    "deadline": _deadline,
    "budget": _budget,
}
_EXAMPLES = {"lead": "free", "at_once": "4", "rate": "60/min", "deadline": "10m", "budget": "$0.50"}
