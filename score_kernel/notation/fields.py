"""One value of an orchestration: a text, a number, seconds, a list of names, parameters.

Each function takes the node, the key it stands under and where faults go, and gives the value, or
`None` where it was at fault.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from ..score.text import shortened
from .tree import Listing, Node, Scalar, Table, as_block, plain, quoted

if TYPE_CHECKING:
    from .tree import Faults, Place

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)(ms|s|m|h))\Z")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
WEEK = 7 * 24 * 3600.0

_TEXTS = frozenset({"role", "goal", "backstory", "task", "expects"})

_SECRET_WORDS = frozenset({"key", "keys", "token", "secret", "passwd", "auth", "bearer", "cookie"})
_SECRET_PARTS = ("apikey", "secret", "password", "authorization", "credential", "accesskey", "authtoken")
_NO_SECRETS = frozenset({"prompt_cache_key", "safety_identifier"})
_SECRET_VALUE = re.compile(
    r"(?i:bearer|basic)\s+\S{8}|\bsk-[\w-]{16}|://[^/@\s:]+:[^/@\s]+@|[?&](?i:api[-_]?key|key|token)="
)
_ENVIRONMENT = "delete it here, where the score keeps it, and set it in the environment (as OPENAI_API_KEY)"
_OURS = {"model": "as a key of the part", "messages": "as `task`", "stream": "nowhere, it always streams"}


def text(node: Node, key: str, faults: Faults) -> str | None:
    """A text, as it is."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            return node.value
        if node.cut:
            return None  # that is at fault already
        if node.value is None:
            faults.add(node.place, empty(key))
        else:
            kind = "true or false" if isinstance(node.value, bool) else "a number"
            faults.add(
                node.place, f"`{key}` is a text, and this is {kind}: write `{key}: {quoted(node.source)}`"
            )
        return None
    kind = "a list" if isinstance(node, Listing) else "a mapping"
    mended = as_block(key, node.source) if node.source else f"write `{key}: |` and indent the text below it"
    if key not in _TEXTS:
        mended = f"write `{key}: ` and one word"
    faults.add(node.place, f"`{key}` is a text, and this is {kind}: {mended}")
    return None


def empty(key: str) -> str:
    """What to say where a key has no value."""
    return f"`{key}` is empty: write its value after the colon, or delete the line"


def model(node: Node, key: str, faults: Faults) -> str | None:
    """A litellm model id. Only what cannot be one is refused."""
    found = text(node, key, faults)
    if found is None:
        return None
    name = found.strip()
    shown = quoted(shortened(found))
    example = f"write for example `{key}: openai/gpt-4o` or `{key}: ollama/llama3.2`"
    if name == "human" or re.match(r"(python|script):", name):
        faults.add(node.place, f"{shown} is a player and no model: write `player: {shortened(name)}`")
    elif not name:
        faults.add(node.place, f"`{key}` is empty: {example}")
    elif re.search(r"[\s\x00-\x1f\"'`<>|;,{}]", name) or not re.search(r"\w", name):
        faults.add(node.place, f"{shown} is no model id, PROVIDER/MODEL without spaces: {example}")
    elif name.startswith("/") or name.endswith(("/", ":")):
        faults.add(node.place, f"{shown} is half a model id, PROVIDER/MODEL: {example}")
    else:
        return name
    return None


def flag(node: Node, key: str, faults: Faults) -> bool | None:
    """`true` or `false`."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    written = node.source if isinstance(node, Scalar) else ""
    if isinstance(node, Scalar) and node.value is None:
        faults.add(node.place, empty(key))
    else:
        meant = "true" if written.lower() in ("yes", "on", "y", "1") else "false"
        faults.add(node.place, f"`{key}` is `true` or `false`: write `{key}: {meant}`")
    return None


def whole_number(node: Node, key: str, faults: Faults, least: int, most: int) -> int | None:
    """A whole number from `least` to `most`."""
    if isinstance(node, Scalar):
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        if value is None:
            faults.add(node.place, empty(key))
            return None
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value) and least <= int(value) <= most:
            faults.add(node.place, f"`{key}` is a number: write `{key}: {int(value)}`, without quotes")
            return None
    faults.add(
        node.place,
        f"`{key}` is a whole number from {least} to {most:,}: write for example `{key}: {max(least, 2)}`",
    )
    return None


def seconds(node: Node, key: str, faults: Faults) -> float | None:
    """Seconds above 0 and at most a week, as a number or with a unit: `90`, `500ms`, `5s`, `10m`, `1h`."""
    if isinstance(node, Scalar) and node.value is None:
        faults.add(node.place, empty(key))
        return None
    found = time(node)
    if found is not None and 0 < found <= WEEK:
        return found
    faults.add(
        node.place,
        f"`{key}` is a time in seconds, above 0 and at most a week: write `{key}: 90` or `{key}: 10m`",
    )
    return None


def time(node: Node) -> float | None:
    """The seconds that a number, or a number with a unit, stands for; `None` where it is neither."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) <= WEEK else math.inf  # an int of Python may be beyond a float
    if isinstance(value, str) and (written := _DURATION.match(value.strip()[:40])):
        return float(written[1]) * _SECONDS[written[2]]
    return None


def names(node: Node, key: str, faults: Faults) -> list[tuple[Place, str]]:
    """A list of words, each with its place; one word alone is a list of one. Each is kept once."""
    found: dict[str, Place] = {}
    for place, word in words(node, key, faults):
        found.setdefault(word, place)
    return [(place, word) for word, place in found.items()]


def words(node: Node, key: str, faults: Faults) -> list[tuple[Place, str]]:
    """The same, with a word as often as it is written."""
    if isinstance(node, Scalar) and node.value is None:
        if not node.cut:
            faults.add(node.place, empty(key))
        return []
    if isinstance(node, Table):
        faults.add(node.place, f"`{key}` is a list: write `{key}: [{', '.join(node.entries)}]`")
        return []
    found: list[tuple[Place, str]] = []
    for item in node.items if isinstance(node, Listing) else (node,):
        if not isinstance(item, Scalar) or item.value is None:
            faults.add(item.place, f"`{key}` is a list of words: write `{key}: [coder, tester]`")
        elif isinstance(item.value, str) and "," in item.value:
            several = ", ".join(word.strip() for word in item.value.split(",") if word.strip())
            faults.add(item.place, f"`{key}` is a list: write `{key}: [{shortened(several)}]`")
        else:
            found.append((item.place, item.source.strip()))
    return found


def word(node: Node, key: str, faults: Faults) -> str | None:
    """One word: a text that is not empty, without the spaces around it."""
    found = text(node, key, faults)
    if found is not None and not found.strip():
        faults.add(node.place, empty(key))
        return None
    return None if found is None else found.strip()


def params(node: Node, key: str, faults: Faults) -> dict[str, Any] | None:
    """Parameters for litellm: JSON values, none of them secret, none that we set ourselves."""
    if not isinstance(node, Table):
        if isinstance(node, Scalar) and node.value is None:
            faults.add(node.place, empty(key))
        else:
            faults.add(node.place, f"`{key}` is a mapping: write for example `{key}: {{temperature: 0}}`")
        return None
    for name, (at, _) in node.entries.items():
        if name in _OURS:
            faults.add(at.place, f"`{name}` is not set in `{key}` but {_OURS[name]}: delete it here")
    _refuse_secrets(node, faults, strict=True)
    _refuse_no_json(node, faults)
    return plain(node)


def _refuse_secrets(table: Table, faults: Faults, *, strict: bool) -> None:
    """Keys belong in the environment. Deeper than headers, a mapping may be named like one (a schema)."""
    for name, (at, value) in table.entries.items():
        if _is_secret(name) and (strict or isinstance(value, Scalar)):
            faults.add(
                at.place,
                f"`{shortened(name)}` is a secret: {_ENVIRONMENT}",
            )
            continue
        for place, written in _texts_of(value):
            if _SECRET_VALUE.search(written):
                faults.add(
                    place,
                    f"`{shortened(name)}` holds a key or a password: {_ENVIRONMENT}",
                )
        for inner in value.items if isinstance(value, Listing) else (value,):
            if isinstance(inner, Table):
                _refuse_secrets(inner, faults, strict="header" in name.lower())


def _texts_of(value: Node) -> list[tuple[Place, str]]:
    found = value.items if isinstance(value, Listing) else (value,)
    return [
        (item.place, item.value) for item in found if isinstance(item, Scalar) and isinstance(item.value, str)
    ]


def _is_secret(name: str) -> bool:
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    if "_".join(words) in _NO_SECRETS or words[-2:] in (["token", "id"], ["token", "ids"]):
        return False
    joined = "".join(words)
    return not _SECRET_WORDS.isdisjoint(words) or any(part in joined for part in _SECRET_PARTS)


def _refuse_no_json(node: Node, faults: Faults) -> None:
    match node:
        case Scalar():
            value = node.value
            if isinstance(value, float) and not math.isfinite(value):
                faults.add(
                    node.place, f"{node.source} is no number that a model can be given: write a finite one"
                )
            elif isinstance(value, int) and not -(2**63) <= value < 2**64:
                faults.add(node.place, "this number does not fit in 64 bits: write a smaller one")
        case Listing():
            for item in node.items:
                _refuse_no_json(item, faults)
        case Table():
            for _, item in node.entries.values():
                _refuse_no_json(item, faults)
