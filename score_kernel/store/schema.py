"""The JSON Schema of a line of a recording, generated from the types: `docs/recording.schema.json`."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec

from ..score.events import Event
from .recording import LATEST, VERSION, Header

_COMMON: dict[str, dict[str, Any]] = {
    "seq": {"description": "The number of the event, from 1, without gaps.", "type": "integer", "minimum": 1},
    "take": {
        "description": "The take that it belongs to (`take2`), or null where it concerns the whole score.",
        "type": ["string", "null"],
    },
    "at": {
        "description": "Milliseconds since that take began, or null.",
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": LATEST,
    },
    "chain": {
        "description": "SHA-256, in hexadecimal, of the `chain` of the line before (of the first line: of"
        ' nothing) and the bytes of this line before `,"chain":`. Always the last member of a line.',
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
    },
}
"""What every event carries; the header has a `chain` only."""


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line of a recording.

    >>> schema()["title"]
    'A line of a recording of Score Kernel'
    """
    kinds = (Header, *get_args(Event))
    refs, components = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    for kind in kinds:
        _of_a_line(components[kind.__name__])
    for component in components.values():
        component["description"] = " ".join(component["description"].split())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a recording of Score Kernel",
        "description": f"The first line is a Header, every other one an event. Format version {VERSION}.",
        "anyOf": list(refs),
        "$defs": {**_COMMON, **components},
    }


def as_text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _of_a_line(component: dict[str, Any]) -> None:
    """Let a line have what every line has: its members are always written, also where they are null."""
    properties = component["properties"]
    common = [name for name in _COMMON if name in properties or name == "chain"]
    properties.update({name: {"$ref": f"#/$defs/{name}"} for name in common})
    required = {*component["required"], *common}
    component["required"] = [name for name in properties if name in required]
