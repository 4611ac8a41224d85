"""The event fixtures, which the TypeScript fold is checked on as well."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from score_kernel.score.codec import from_lines, to_lines
from score_kernel.score.state import fold, outline

FIXTURES = Path(__file__).parent.parent / "fixtures"
NAMES = sorted(path.name.removesuffix(".jsonl") for path in FIXTURES.glob("*.jsonl"))


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_folds_to_its_outline(name: str) -> None:
    events = from_lines((FIXTURES / f"{name}.jsonl").read_bytes())
    expected = json.loads((FIXTURES / f"{name}.outline.json").read_text("ascii"))
    assert outline(fold(events)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_is_what_its_events_are_written_as(name: str) -> None:
    content = (FIXTURES / f"{name}.jsonl").read_bytes()
    assert to_lines(from_lines(content)) == content


def test_the_fixtures_are_those_that_make_py_makes() -> None:
    spec = importlib.util.spec_from_file_location("make_fixtures", FIXTURES / "make.py")
    assert spec
    assert spec.loader
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    made = make.files()
    assert sorted(made) == sorted(p.name for p in FIXTURES.iterdir() if p.suffix in (".jsonl", ".json"))
    for name, content in made.items():
        assert (FIXTURES / name).read_bytes() == content, f"{name}: run tests/fixtures/make.py"
