"""What an orchestration can go on with, by the place of the cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.notation import keys
from score_kernel.notation.completion import Names, Place, complete, parts_in, place_of

NAMES = Names(
    functions=lambda: ["counts", "good"],
    texts=lambda: ["lines"],
    lists=lambda: ["chapters"],
    models=lambda: ["ollama/llama3.2", "gpt-4o"],
)
TEAM = """parts:
  coder:
    task: Write it
    player: script:lines
  tester: {player: "python:counts", after: [coder]}
  # docs: none
  editor:
    after:
"""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", ((), None, "")),
        ("pa", ((), None, "pa")),
        ("model: gp", ((), "model", "gp")),
        ("parts:\n  co", (("parts",), None, "co")),
        ("parts:\n  coder:\n    ta", (("parts", "coder"), None, "ta")),
        ("parts:\n  coder:\n    task: Write\n    pl", (("parts", "coder"), None, "pl")),
        ("parts:\n  coder: {", (("parts", "coder"), None, "")),
        ("parts:\n  coder: {task: Write, pla", (("parts", "coder"), None, "pla")),
        ("parts:\n  coder: {player: script:li", (("parts", "coder"), "player", "script:li")),
        ('parts:\n  coder: {player: "python:co', (("parts", "coder"), "player", "python:co")),
        ("parts:\n  e: {after: [coder, te", (("parts", "e"), "after", "te")),
        ("parts:\n  e: {after: [coder, tester], pl", (("parts", "e"), None, "pl")),
        ("parts:\n  e:\n    after: [", (("parts", "e"), "after", "")),
        ("parts:\n  e:\n    after:\n      - co", (("parts", "e"), "after", "co")),
        ("parts:\n  e: {repeat: {from: co", (("parts", "e", "repeat"), "from", "co")),
        ("parts:\n  e:\n    repeat:\n      un", (("parts", "e", "repeat"), None, "un")),
        ("parts:\n  'a part': {ta", (("parts", "a part"), None, "ta")),
        ("parts:\n  e: {task: Write}\ntempo:\n  le", (("tempo",), None, "le")),
        ("tempo: {lead: ", (("tempo",), "lead", "")),
    ],
)
def test_the_place_is_told_by_indentation_and_brackets(text: str, place: Place) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pa", ["parts:"]),
        ("", [f"{key}:" for key in sorted(keys.TOP)]),
        ("tempo:\n  at", ["at_once:"]),
        ("tempo:\n  lead: c", ["conductor", "clock"]),
        ("model: o", ["ollama/llama3.2"]),
        (TEAM + "      - t", ["tester"]),
        (TEAM + "    pl", ["player:"]),
        (TEAM + "    player: ", ["python:counts", "python:good", "script:lines", "human"]),
        (TEAM + "    understudy: s", ["script:lines"]),
        (TEAM + "    each: ", ["chapters", "part/coder", "part/tester"]),
        (TEAM + "    tools: [co", ["counts"]),
        (TEAM + "    on_flag: h", ["hold"]),
        (TEAM + "    repeat: {from: ", ["coder", "tester"]),
        (TEAM + "    repeat: {from: coder, until: g", ["good"]),
        (TEAM + "    checks: {c1: g", ["good"]),
        (TEAM + "    task: pl", []),
        (TEAM + "  pl", []),
    ],
)
def test_a_key_or_a_value_is_completed(text: str, words: list[str]) -> None:
    assert complete(text, "", NAMES)[1] == words


def test_parts_further_down_are_known_too() -> None:
    assert parts_in(TEAM) == ["coder", "tester", "editor"]
    assert complete("parts:\n  a: {after: [", "]}\n  b: {task: x}\n", NAMES)[1] == ["b"]


@given(st.text(alphabet="ab:{}[],\"'- \n#", max_size=60))
def test_whatever_is_written_it_has_a_place(text: str) -> None:
    place = place_of(text)
    assert text.endswith(place.fragment)
    assert complete(text, text, NAMES)[0] == place.fragment
