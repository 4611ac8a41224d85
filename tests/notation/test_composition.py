from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.errors import CompositionError
from score_kernel.notation.composition import parse
from score_kernel.score.reading import join_criteria, split_criteria

INTENT = """\
# Discount codes

Let a {customer} enter a code. Costs $0.

## Criteria

- fast
- small

## Later

- not this
"""


def test_the_text_is_kept_word_for_word_without_trailing_blank_lines() -> None:
    composition = parse(INTENT + "\n  \n\t\n")
    assert composition.text == INTENT.rstrip("\n")
    assert composition.criteria == ("fast", "small")


@given(st.text())
def test_any_text_comes_back_with_our_line_ends(text: str) -> None:
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    if not expected.strip():
        with pytest.raises(CompositionError):
            parse(text)
        return
    kept = parse(text).text
    assert expected.startswith(kept)
    assert not expected[len(kept) :].strip(" \t\n")
    assert parse(kept).text == kept


@given(
    st.lists(
        st.sampled_from(["- a", "  - b", "c2: x", "", "   c1: y", "2. z", "## Must", "```", "> q", "text"])
    )
)
def test_criteria_survive_their_entry(lines: list[str]) -> None:
    criteria = parse("\n".join(["# Must", "- first", *lines])).criteria
    assert split_criteria(join_criteria(criteria)) == criteria


@pytest.mark.parametrize("cell", ["", "\n", " \t\n\r\n", "\x0b"])
def test_an_empty_cell_is_refused_with_the_remedy(cell: str) -> None:
    with pytest.raises(CompositionError, match="empty: write what the piece is about"):
        parse(cell)


@pytest.mark.parametrize(
    "heading",
    [
        "# Criteria",
        "### criteria:",
        "## ACCEPTANCE  CRITERIA",
        "###### Must ######",
        "   ## **Must**:",
        "Criteria\n===",
        "Acceptance criteria:\n---",
    ],
)
def test_bullets_under_such_a_heading_are_criteria(heading: str) -> None:
    assert parse(f"Intent\n\n{heading}\n\n* a\n+ b\n\n1. c\n2) d\n").criteria == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    "heading",
    [
        "Criteria",
        "#Criteria",
        "####### Criteria",
        "**Criteria**",
        "# Criteria for later",
        "# Musts",
        "    # Must",
    ],
)
def test_bullets_under_anything_else_are_not(heading: str) -> None:
    assert parse(f"Intent\n\n{heading}\n\n- a\n").criteria == ()


def test_a_heading_of_the_same_or_a_higher_level_ends_them_and_a_lower_one_does_not() -> None:
    cell = "## Must\n- a\n### About speed\n- b\n## Notes\n- no\n# Must\n- c\n## Small\n- d\n# End\n- no"
    assert parse(cell).criteria == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("lines", "criteria"),
    [
        ("- a\n  goes on\n- b", ("a\n  goes on", "b")),
        ("- a\ngoes on lazily\n- b", ("a\n  goes on lazily", "b")),
        ("- a\n  - nested\n    1. deeper\n- b", ("a\n  - nested\n    1. deeper", "b")),
        ("1. a\n   - nested", ("a\n  - nested",)),
        ("-\ta\n\t- nested", ("a\n    - nested",)),
        ("- a\n\n  second paragraph\n\nnot of it\n- b", ("a\n\n  second paragraph", "b")),
        ("- a\n  ```\n  - code\n  ```\n- b", ("a\n  ```\n  - code\n  ```", "b")),
        ("-\n  below its marker", ("below its marker",)),
        ("- [ ] a\n- [x] b", ("a", "b")),
        ("-\n- \n- a", ("a",)),
        ("- {x} costs $1 and `c2: y`\nc2: z", ("{x} costs $1 and `c2: y`\n  c2: z",)),
        ("-a\n2024.\n*b*", ()),
        ("It was made in\n2024. And so on", ()),
        ("* * *\n- - -\n- a", ("a",)),
        ("    - indented code\n\n- a", ("a",)),
        ("```\n- code\n# Notes\n```\n- a", ("a",)),
        ("~~~~\n```\n- code\n~~~\n~~~~\n- a", ("a",)),
        ("```\n- never closed", ()),
        ("<!--\n- no\n-->\n- a\n<!-- - no -->", ("a",)),
        ("- a\n> quoted\n- b", ("a", "b")),
    ],
)
def test_what_belongs_to_a_bullet(lines: str, criteria: tuple[str, ...]) -> None:
    assert parse(f"# Criteria\n{lines}\n").criteria == criteria


def test_a_heading_in_a_fence_is_none() -> None:
    assert parse("```\n# Criteria\n```\n- a").criteria == ()


def test_line_ends_are_ours() -> None:
    composition = parse("a\r\n# Must\r- b\r\n")
    assert (composition.text, composition.criteria) == ("a\n# Must\n- b", ("b",))
