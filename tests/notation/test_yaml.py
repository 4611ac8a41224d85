"""YAML 1.2 as cells hold it: scalars, hostile texts, and what every fault proposes."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.errors import OrchestrationError
from score_kernel.notation import yaml_reader
from score_kernel.notation.tree import Faults, plain
from tests.cases import CASES, needs_cases

PRINTABLE = st.text(
    st.characters(exclude_categories=("Cs", "Cc"))
    | st.sampled_from("\t\n\x85\u2028\u2029\ufeff#:'\"|>-{}[]*&!%@` ")
)


def read(text: str) -> Any:
    faults = Faults()
    root = yaml_reader.read(text, faults, first_line=2)
    faults.raise_first()
    return None if root is None else plain(root)


def check_line(error: OrchestrationError, said: str = "") -> None:
    assert "\n" not in str(error)
    assert said in str(error)


def refusal(text: str) -> OrchestrationError:
    with pytest.raises(OrchestrationError) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"), ("No", "No"), ("on", "on"), ("OFF", "OFF"), ("y", "y"),
        ("true", True), ("False", False), ("tRUE", "tRUE"),
        ("null", None), ("~", None), ("", None), ("NULL", None), ("none", "none"),
        ("0", 0), ("-12", -12), ("+3", 3), ("010", 10), ("0o17", 15), ("0x1F", 31), ("0b11", "0b11"),
        ("1_000", "1_000"), ("18446744073709551615", 2**64 - 1),
        ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("1e3", 1000.0), ("-1.5E-2", -0.015), (".inf", math.inf),
        ("190:20:30", "190:20:30"), ("2001-12-14", "2001-12-14"), ("1.2.3", "1.2.3"), ("60/min", "60/min"),
        ('"1"', "1"), ("'true'", "true"), ("!!str 1", "1"), ("!!int 7", 7), ("=", "="), ("! 7", "7"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_the_core_schema(written: str, value: object) -> None:
    assert read(f"a: {written}") == {"a": value}
    assert type(read(f"a: {written}")["a"]) is type(value)


def test_line_breaks_are_those_of_yaml_1_2() -> None:
    assert read("a: |\n  x\x85y\u2028z\u2029\n") == {"a": "x\x85y\u2028z\u2029\n"}
    assert read("a: 1\r\nb: 2\rc: 3") == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: Is it good?, b: why?}", {"a": "Is it good?", "b": "why?"}),
        ("[?x, a?b, is it? yes, ?]", ["?x", "a?b", "is it? yes", "?"]),
        ("? a\n: b", {"a": "b"}),
        ("a: ?x what? now", {"a": "?x what? now"}),
        ("a: '? ?'", {"a": "? ?"}),
    ],
)
def test_question_marks_of_words_are_text(text: str, value: object) -> None:
    assert read(text) == value


def test_json_is_yaml() -> None:
    value = {"a": ["x", 1, 2.5, None, True, {"b": "\u00e9 \U0001f600 \x07 \u2028"}]}
    assert read(json.dumps(value)) == value
    assert read(json.dumps(value, ensure_ascii=False)) == value


@given(PRINTABLE)
def test_any_text_comes_back_from_a_literal_block(text: str) -> None:
    body = text.replace("\ufeff", "")
    block = "".join(f"    {line}\n" for line in body.split("\n"))
    assert read(f"a:\n  task: |2+\n{block}") == {"a": {"task": f"{body}\n"}}


@given(st.text())
def test_any_text_comes_back_from_double_quotes(text: str) -> None:
    expected = json.loads(json.dumps(text))
    assert read(f"task: {json.dumps(text)}") == {"task": expected}


@given(st.text())
def test_any_text_at_all_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        read(text)
    except OrchestrationError as error:
        check_line(error)


@given(
    st.lists(
        st.sampled_from(
            [
                "task",
                ": ",
                "\n",
                "  ",
                "- ",
                "[",
                "]",
                "{",
                "}",
                "#",
                "'",
                '"',
                "&a ",
                "*a",
                "|",
                ">",
                "!",
                "%",
                "? ",
                ",",
                "x",
                "---",
                "...",
                "\t",
                "<<",
            ]
        )
    )
)
def test_any_grammar_is_read_or_refused_in_one_line(pieces: list[str]) -> None:
    try:
        read("".join(pieces))
    except OrchestrationError as error:
        check_line(error)


# What is refused, where, and what is proposed --------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "proposed"),
    [
        ("task: Fix #12 first", (2, 7), "write `task: |` and on the next line, indented: Fix #12 first"),
        ("task: #12 first", (2, 6), "write `task: |` and on the next line, indented: #12 first"),
        ("a:\n  task: Fix these:\n    x", (3, 18), "on the next line, indented: Fix these:"),
        ("task: Fix\n  #12 first", (2, 7), "indented: Fix #12 first"),
        ("{task: Fix #12 first}", (2, 12), 'write `task: "Fix #12 first"`'),
        ("a: [x #1\n ]", (2, 5), 'write "x #1"'),
        ("- Fix #12", (2, 3), 'write "Fix #12"'),
        ("task: Fix: it", (2, 10), "write `task: |` and on the next line, indented: Fix: it"),
        ("a: {task: Fix: it, role: x}", (2, 14), 'write `task: "Fix: it"`'),
        ("task: 'don't'", (2, 12), "indented: don't"),
        ('task: "say" it', (2, 13), 'indented: "say" it'),
        ('task: "open\nrole: x', (2, 7), 'indented: "open'),
        ('task: "\\d+"', (2, 9), "indented: \\d+"),
        ("task: @coder", (2, 7), "indented: @coder"),
        ("task: `x`", (2, 7), "indented: `x`"),
        ("task: *bold* x", (2, 7), "indented: *bold* x"),
        ("task: *bold", (2, 7), "indented: *bold"),
        ("task: %x", (2, 7), "indented: %x"),
        ("task: | Fix it", (2, 9), "indented: Fix it"),
        ("task: > Fix it", (2, 9), "indented: Fix it"),
        ("task: - Fix it", (2, 7), "indented: - Fix it"),
        ("task: [draft] it", (2, 15), "indented: [draft] it"),
        ("task: {x} it", (2, 11), "indented: {x} it"),
        ("task: !important it", (2, 7), 'write "!important it"'),
        ("player: python: run", (2, 15), "write `player: python:run`"),
        ("a: 1\nb: 2\na: 3", (4, 1), "`a` is there already, in line 2"),
        ("{a: 1, a: 2}", (2, 8), "`a` is there already"),
        ('a: 1\n"a": 2', (3, 1), "`a` is there already"),
        ("a: 1\n---\nb: 2", (3, 1), "delete the `---`"),
        ("a: &x [*x]", (2, 4), "contains itself"),
        ("a: &x 1\nb: &x 2", (3, 4), "give it another name"),
        ("a: *x", (2, 4), "indented: *x"),
        ("a: &b:c text", (2, 4), "indented: &b:c text"),
        ("<<: {a: 1}", (2, 1), "write the keys out"),
        ("? [a, b]\n: c", (2, 3), 'write "[a, b]"'),
        ("a: !!python/name:os.system x", (2, 4), "the tag `!!python/name:os.system`"),
        ("a: !!set {x}", (2, 4), "the tag `!!set`"),
        ("a: !!int x", (2, 4), "delete the tag"),
        ("a: 99999999999999999999", (2, 4), "put it in quotes"),
        ("a: 1e999", (2, 4), "put it in quotes"),
        ("a: " + "9" * 100_000, (2, 4), "put it in quotes"),
        ("\ta: 1", (2, 1), "replace the tab"),
        ("a:\n\tb: 1", (3, 1), "replace the tab"),
        ("a: x\n  b: y", (3, 4), "indent it as its neighbours are"),
        ("a: 1\n}", (3, 1), "indent it as its neighbours are"),
        ("a: {task: x,\n  role: y #1}", (3, 11), 'write `role: "y #1"`'),
        ("a: [x", (2, 4), "write `]` at its end"),
        ("a: {x: y", (2, 4), "write `}` at its end"),
        ("parts\ntask: x", (3, 5), "indent"),
        ("a: 1\nparts\nb: 2", (3, 1), "has no `key:`"),
        ("a: x\x07y", (2, 5), 'write "\\x07" in double quotes'),
        ("a: 1\nb: \ud800", (3, 4), "U+D800"),
        ('a: "\\UFFFFFFFF"', (None, None), "too large"),
        ("[" * 5000, (2, 41), "nested deeper"),
        ("- " * 5000, (2, 81), "nested deeper"),
        ("? " * 5000, (2, 81), "nested deeper"),
        ("[" + "a," * 60_000 + "]", (2, 100_000), "more than 50,000 values"),
        ("x" * 1_000_001, (None, None), "longer than 1,000,000 characters"),
    ],
)  # fmt: skip
def test_a_fault_has_its_place_and_says_what_to_write(
    text: str, place: tuple[int | None, int | None], proposed: str
) -> None:
    error = refusal(text)
    assert proposed in str(error)
    assert (error.line, error.column) == place


@pytest.mark.parametrize(
    "text",
    [
        "a: x # why",
        "a: C# and F#",
        "a: x\n#b",
        "a: 'x' #b",
        "a: |\n  x #12\n  #13",
        "a: 3 #three",
        "#a\n#b\na: x",
        "a: # why\n  b: c",
    ],
)
def test_a_comment_that_cuts_no_text_is_a_comment(text: str) -> None:
    read(text)


@pytest.mark.parametrize("text", ["", "\n", "# only this", "---\n", "\ufeff"])
def test_nothing_is_read_as_nothing(text: str) -> None:
    assert read(text) is None


def test_the_first_fault_in_reading_order_is_told() -> None:
    assert refusal("a: x #1\na: 2\nb: !!int x").line == 2


def test_aliases_may_be_used_and_are_counted_before_they_are_expanded() -> None:
    assert read("a: &x {b: [1]}\nc: *x\nd: [*x, *x]") == {
        "a": {"b": [1]}, "c": {"b": [1]}, "d": [{"b": [1]}, {"b": [1]}],
    }  # fmt: skip
    long = "x" * 1000
    assert "aliases here expand" in str(refusal(f"a: &x {long}\nb: [{'*x, ' * 2000}]"))
    doubling = "\n".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 35))
    assert "aliases here expand" in str(refusal(f"a0: &a0 [x]\n{doubling}"))


# Made by others -------------------------------------------------------------------------------


@needs_cases
def test_the_billion_laughs_are_refused() -> None:
    assert CASES is not None
    for bomb in sorted((CASES / "hostile" / "yaml-bombs").glob("*.yaml")):
        assert "aliases here expand" in str(refusal(bomb.read_text("utf-8")))


def suite() -> list[dict[str, str]]:
    """The cases of the YAML test suite. A case takes over what it leaves out from the one before."""
    assert CASES is not None
    files = json.loads((CASES / "hostile" / "yaml-test-suite" / "all.json").read_text("utf-8"))["cases"]
    found: list[dict[str, str]] = []
    for file in files:
        before: dict[str, str] = {}
        for case in yaml.load(file["text"], yaml.BaseLoader):
            before = {key: before[key] for key in before if key in ("yaml", "json", "fail")} | case
            found.append(before)
    return found


def visible(text: str) -> str:
    """The text that the suite writes with visible white space."""
    text = (
        re.sub("—*»", "\t", text).replace("␣", " ").replace("⇔", "\ufeff").replace("↵", "").replace("←", "\r")
    )
    return re.sub("∎\n?$", "", text)


@needs_cases
def test_the_yaml_test_suite_is_read_exactly_or_refused() -> None:
    exact = 0
    for case in suite():
        try:
            found = read(visible(case["yaml"]))
        except OrchestrationError as error:
            check_line(error)
            continue
        if case.get("fail") or not case.get("json"):
            continue  # some that the specification forbids are read; each as it looks
        try:
            expected = json.loads(case["json"])
        except ValueError:
            continue  # several documents
        assert found == expected, case["yaml"]
        exact += 1
    assert exact > 190


@needs_cases
def test_the_naughty_strings_come_back_from_quotes_and_blocks() -> None:
    assert CASES is not None
    strings: list[str] = json.loads((CASES / "hostile" / "blns" / "blns.json").read_text("utf-8"))
    assert len(strings) > 400
    for text in strings:
        assert read(f"task: {json.dumps(text)}") == {"task": text}
        block = "".join(f"  {line}\n" for line in text.split("\n"))
        try:
            assert read(f"task: |2-\n{block}") == {"task": text.rstrip("\n")}
        except OrchestrationError as error:
            check_line(error, "YAML takes no U+")


@needs_cases
def test_the_naughty_strings_written_plainly_are_exact_or_refused() -> None:
    assert CASES is not None
    strings: list[str] = json.loads((CASES / "hostile" / "blns" / "blns.json").read_text("utf-8"))
    for text in strings:
        try:
            found = read(f"task: {text}")["task"]
        except OrchestrationError as error:
            check_line(error)
        else:
            if isinstance(found, str) and "\\" not in text and text[:1] not in "'\"" and " # " not in text:
                assert found == text.strip(" \t\n")
