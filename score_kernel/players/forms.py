"""The form that a part's contribution is to have: a pydantic model, or a JSON schema, of the notebook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from ..errors import ConductError, PermanentError
from ..score.text import code_blocks, first_line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..score.ports import Form

MOST_FAULTS = 5
"""Faults of an answer that are told to the one who is to mend it."""


def form_of(name: str, value: object) -> Form:
    """The `Form` that an object of the notebook describes.

    Raises `ConductError`, in one line, where it describes none.
    """
    if isinstance(value, type) and hasattr(value, "model_json_schema"):
        return ModelForm(name, value)
    if isinstance(value, dict):
        return SchemaForm(name, cast("dict[str, Any]", value))
    raise ConductError(
        f"`{name}` is of type {type(value).__name__}: `returns` is a pydantic model (a class) "
        "or a JSON schema (a dict)"
    )


class ModelForm:
    """A pydantic model: what is read are its instances."""

    def __init__(self, name: str, model: Any) -> None:
        self._model = model
        try:
            self._schema: dict[str, Any] = model.model_json_schema()
        except Exception as error:  # a model may have fields of any type, and schemas of its own
            line = first_line(str(error)) or type(error).__name__
            raise ConductError(f"`{name}` has no JSON schema: {line}") from None

    @property
    def identity(self) -> dict[str, Any]:
        """The model's JSON schema."""
        return self._schema

    def read(self, text: str) -> Any:
        """An instance of the model. Raises `ValueError`, a line for each fault."""
        value = value_of(text)
        try:
            return self._model.model_validate_json(json.dumps(value))
        except ValueError as error:
            faults: Any = getattr(error, "errors", list)()
            lines = [f"{_path(fault['loc'])}: {fault['msg']}" for fault in faults] or [str(error)]
            raise ValueError(_some(lines)) from None


class SchemaForm:
    """A JSON schema: what is read is what the JSON says."""

    def __init__(self, name: str, schema: dict[str, Any]) -> None:
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for
        from referencing import Registry

        try:
            self._schema: dict[str, Any] = json.loads(json.dumps(schema, allow_nan=False))
            kind: Any = validator_for(self._schema)
            kind.check_schema(self._schema)
        except SchemaError as error:
            raise ConductError(f"`{name}` is no JSON schema: {shortened(error.message, 200)}") from None
        except (TypeError, ValueError) as error:
            raise ConductError(f"`{name}` is no JSON schema: {first_line(str(error))}") from None
        for reference in _references(self._schema):
            if not reference.startswith("#"):  # it would be fetched as an answer is read
                raise ConductError(f"`{name}` refers to {shortened(reference)}: write the schema as one")
        self._validator: Any = kind(self._schema, registry=Registry())

    @property
    def identity(self) -> dict[str, Any]:
        """The schema."""
        return self._schema

    def read(self, text: str) -> Any:
        """The value. Raises `ValueError`, a line for each fault."""
        from referencing.exceptions import Unresolvable

        value = value_of(text)
        try:
            faults = sorted(self._validator.iter_errors(value), key=lambda fault: list(map(str, fault.path)))
        except Unresolvable as error:
            raise PermanentError(f"the schema that it `returns` has no {error.ref}", "returns") from None
        if faults:
            raise ValueError(_some([f"{_path(fault.absolute_path)}: {fault.message}" for fault in faults]))
        return value


def value_of(text: str) -> Any:
    """The value of a text that is JSON, or has it in a fenced block. Raises `ValueError`.

    >>> value_of('Here it is:\\n```json\\n[1, 2]\\n```')
    [1, 2]
    """
    problem = ""
    for candidate in (text, *code_blocks(text)):
        try:
            return json.loads(candidate)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
        except json.JSONDecodeError as error:
            problem = problem or f"line {error.lineno}, column {error.colno}: {error.msg}"
    raise ValueError(f"it is no JSON ({problem})")


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, inner in cast("dict[str, Any]", schema).items():
            if key in ("$ref", "$dynamicRef") and isinstance(inner, str):
                yield inner
            yield from _references(inner)
    elif isinstance(schema, list):
        for inner in cast("list[Any]", schema):
            yield from _references(inner)


def _path(path: Any) -> str:
    return ".".join(str(step) for step in path) or "the whole"


def _some(lines: list[str]) -> str:
    more = len(lines) - MOST_FAULTS
    return "\n".join([*lines[:MOST_FAULTS], *([f"and {more} more"] if more > 0 else [])])
