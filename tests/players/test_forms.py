"""The form of a contribution: what is read, and what is said to whoever is to mend it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from score_kernel.errors import ConductError
from score_kernel.players.forms import form_of


class Step(BaseModel):
    name: str
    hours: int = 1

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not name:
            raise ValueError("a step has a name")
        return name


class Steps(BaseModel):
    steps: list[Step]


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"steps": {"type": "array", "items": {"type": "string"}}},
    "required": ["steps"],
}


def test_a_model_is_known_by_its_schema_and_gives_instances() -> None:
    form = form_of("Steps", Steps)
    assert form.identity == Steps.model_json_schema()
    assert form.read('{"steps": [{"name": "plan"}]}') == Steps(steps=[Step(name="plan", hours=1)])


def test_a_schema_is_known_by_itself_and_gives_what_the_json_says() -> None:
    form = form_of("schema", SCHEMA)
    assert form.identity == SCHEMA
    assert form.read('{"steps": ["plan"]}') == {"steps": ["plan"]}


@pytest.mark.parametrize(
    "text",
    [
        '{"steps": ["plan"]}',
        ' \n{"steps": ["plan"]}\n',
        '```json\n{"steps": ["plan"]}\n```',
        'Here it is:\n\n```json\n{"steps": ["plan"]}\n```\n\nAnything else?',
        '```\n{"steps": ["plan"]}\n```',
    ],
)
def test_it_may_stand_bare_or_in_a_fenced_block(text: str) -> None:
    assert form_of("schema", SCHEMA).read(text) == {"steps": ["plan"]}


@pytest.mark.parametrize("text", ["", "I cannot do that.", '{"steps": ["plan"', '```json\n{"steps": [\n```'])
def test_a_text_without_json_says_so_in_a_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it is no JSON \(line \d+, column \d+: .+\)$"):
        form_of("schema", SCHEMA).read(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"steps": [{"name": "plan"}, {"hours": 2}]}', "steps.1.name: "),
        ('{"steps": [{"name": "plan", "hours": "many"}]}', "steps.0.hours: "),
        ('{"steps": [{"name": ""}]}', "steps.0.name: Value error, a step has a name"),
        ("[]", "the whole: "),
    ],
)
def test_a_fault_of_a_model_is_told_with_its_path(text: str, path: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as told:
        form_of("Steps", Steps).read(text)
    assert type(told.value) is ValueError
    assert str(told.value).startswith(path)
    assert "pydantic" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"steps": ["plan", 3]}', "steps.1: 3 is not of type 'string'"),
        ("{}", "the whole: 'steps' is a required property"),
    ],
)
def test_a_fault_by_a_schema_is_told_with_its_path(text: str, line: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as told:
        form_of("schema", SCHEMA).read(text)
    assert str(told.value) == line


def test_of_many_faults_the_first_few_are_told() -> None:
    with pytest.raises(ValueError, match=r"and \d+ more") as told:
        form_of("schema", SCHEMA).read(f'{{"steps": {list(range(40))}}}')
    assert len(str(told.value).splitlines()) <= 6


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (3, "`answer` is of type int: `returns` is a pydantic model"),
        (Steps(steps=[]), "`answer` is of type Steps: `returns` is a pydantic model"),
        ({"type": "text"}, "`answer` is no JSON schema: 'text' is not valid under any of the given schemas"),
    ],
)
def test_what_describes_no_form_is_one_line(value: object, line: str) -> None:
    with pytest.raises(ConductError) as refused:
        form_of("answer", value)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)
