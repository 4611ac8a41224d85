"""The form that a contribution is to have, and what an answer of another form is told."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, field_validator

from score_kernel.errors import ConductError, PermanentError
from score_kernel.players.forms import form_of, value_of


class Line(BaseModel):
    text: str
    at: datetime.date | None = None


class Poem(BaseModel):
    title: str
    lines: list[Line] = Field(min_length=1)

    @field_validator("title")
    @classmethod
    def _is_short(cls, title: str) -> str:
        if len(title) > 10:
            raise ValueError("keep it short")
        return title


class Exact(BaseModel):
    model_config = ConfigDict(strict=True)

    at: datetime.date
    pair: tuple[int, int]


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"names": {"type": "array", "items": {"$ref": "#/$defs/name"}}},
    "required": ["names"],
    "$defs": {"name": {"type": "string", "minLength": 2}},
}


def fault(name: str, value: object, text: str) -> list[str]:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  its text is what counts
        form_of(name, value).read(text)
    return str(refused.value).split("\n")


def test_a_model_reads_its_instances() -> None:
    poem = form_of("Poem", Poem).read('{"title": "Rain", "lines": [{"text": "a", "at": "2024-02-03"}]}')
    assert poem == Poem(title="Rain", lines=[Line(text="a", at=datetime.date(2024, 2, 3))])


def test_a_strict_model_reads_what_json_writes_for_its_types() -> None:
    found = form_of("Exact", Exact).read('{"at": "2024-02-03", "pair": [1, 2]}')
    assert found == Exact(at=datetime.date(2024, 2, 3), pair=(1, 2))
    assert fault("Exact", Exact, '{"at": "2024-02-03", "pair": ["1", 2]}') == [
        "pair.0: Input should be a valid integer"
    ]


def test_a_schema_reads_what_the_json_says() -> None:
    assert form_of("schema", SCHEMA).read('{"names": ["Ann", "Bo"], "more": 1}') == {
        "names": ["Ann", "Bo"],
        "more": 1,
    }


def test_a_form_is_known_by_its_schema() -> None:
    assert form_of("Poem", Poem).identity == Poem.model_json_schema()
    assert form_of("schema", SCHEMA).identity == SCHEMA


def test_a_schema_that_is_changed_later_changes_nothing() -> None:
    schema = json.loads(json.dumps(SCHEMA))
    form = form_of("schema", schema)
    schema["required"] = ["more"]
    assert form.identity == SCHEMA
    assert form.read('{"names": []}') == {"names": []}


@pytest.mark.parametrize(
    "text",
    [
        '{"names": ["Ann"]}',
        '\n  {"names": ["Ann"]}\n',
        'Here it is:\n\n```json\n{"names": ["Ann"]}\n```\nI hope it helps.',
        '```\n{"names":\n ["Ann"]}\n```',
        '```python\nprint()\n```\n\n~~~json\n{"names": ["Ann"]}\n~~~',
    ],
)
def test_the_json_may_stand_alone_or_in_a_fenced_block(text: str) -> None:
    assert form_of("schema", SCHEMA).read(text) == {"names": ["Ann"]}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_any_value_is_read_from_its_json(value: Any) -> None:
    assert value_of(json.dumps(value)) == value
    assert value_of(f"So:\n```json\n{json.dumps(value)}\n```\n") == value


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["it is no JSON (line 1, column 1: Expecting value)"]),
        ("Sorry, I cannot.", ["it is no JSON (line 1, column 1: Expecting value)"]),
        ('{"title": "Rain",\n}', ["it is no JSON (line 2, column 1: Expecting property name enclosed in double quotes)"]),
        ("{}", ["title: Field required", "lines: Field required"]),
        ('{"title": "Rain", "lines": []}', ["lines: List should have at least 1 item after validation, not 0"]),
        ('{"title": "Rain", "lines": [{"text": 3}]}', ["lines.0.text: Input should be a valid string"]),
        ('{"title": "A very long title", "lines": [{"text": "a"}]}', ["title: Value error, keep it short"]),
        ('[1]', ["the whole: Input should be an object"]),
        (
            json.dumps({"title": "Rain", "lines": [{}] * 8}),
            [*(f"lines.{n}.text: Field required" for n in range(5)), "and 3 more"],
        ),
    ],
)  # fmt: skip
def test_what_a_model_does_not_read_is_told_line_by_line(text: str, lines: list[str]) -> None:
    assert fault("Poem", Poem, text) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("3", ["the whole: 3 is not of type 'object'"]),
        ("{}", ["the whole: 'names' is a required property"]),
        ('{"names": ["Ann", 3, ""]}', ["names.1: 3 is not of type 'string'", "names.2: '' is too short"]),
    ],
)
def test_what_a_schema_does_not_read_is_told_line_by_line(text: str, lines: list[str]) -> None:
    found = fault("schema", SCHEMA, text)
    assert [line.replace("'' should be non-empty", "'' is too short") for line in found] == lines


def test_what_is_nested_without_end_is_refused_as_anything_else() -> None:
    assert fault("schema", SCHEMA, "[" * 200_000) == ["it is nested too deeply"]


class Unknown:
    pass


class Odd(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    unknown: Unknown


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (3, "`form` is of type int: `returns` is a pydantic model (a class) or a JSON schema (a dict)"),
        (int, "`form` is of type type: `returns` is a pydantic model (a class) or a JSON schema (a dict)"),
        (Poem.model_construct(), "`form` is of type Poem: `returns` is a pydantic model (a class) or a JSON schema (a dict)"),
        ({"type": "strin"}, "`form` is no JSON schema: 'strin' is not valid under any of the given schemas"),
        ({"type": str}, "`form` is no JSON schema: Object of type type is not JSON serializable"),
        ({"items": {"$ref": "https://example.org/a.json"}}, "`form` refers to https://example.org/a.json: write the schema as one"),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused_before_anything_plays(value: object, line: str) -> None:
    with pytest.raises(ConductError) as refused:
        form_of("form", value)
    assert str(refused.value) == line


def test_a_model_without_a_schema_is_refused_before_anything_plays() -> None:
    with pytest.raises(ConductError, match=r"^`Odd` has no JSON schema: "):
        form_of("Odd", Odd)


def test_a_schema_that_lacks_what_it_refers_to_is_not_the_answers_fault() -> None:
    form = form_of("form", {"$ref": "#/$defs/nobody"})
    with pytest.raises(PermanentError, match="the schema that it `returns` has no /\\$defs/nobody") as failed:
        form.read("3")
    assert failed.value.reason == "returns"
