"""What a script may be, and what any other form is told."""

from __future__ import annotations

import pytest

from score_kernel.score.script import FORM, Item, ScriptError, items_of


@pytest.mark.parametrize(
    ("script", "items"),
    [
        ("Hello", (Item("Hello"),)),
        ("", (Item(""),)),
        ([], ()),
        (["Hel", "lo"], (Item("Hel"), Item("lo"))),
        (("Hel", {"text": "lo"}), (Item("Hel"), Item("lo"))),
        ([{"wait": 2, "text": "a"}, {"wait": "0.5"}], (Item("a", 2.0), Item("", 0.5))),
        ({"coder": "Hello", "tester": 3}, (Item("Hello"),)),
        ({"coder": ["Hel", "lo"]}, (Item("Hel"), Item("lo"))),
    ],
)
def test_every_form_is_a_row_of_items(script: object, items: tuple[Item, ...]) -> None:
    assert items_of(script, "coder", "lines") == items


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ({"tester": "x"}, "the script `lines` has no lines for `coder`: add them"),
        (3, f"`lines` is of type int: {FORM}"),
        ({"coder": None}, f"`lines[coder]` is of type NoneType: {FORM}"),
        ([1], f"`lines[0]` is of type int: {FORM}"),
        ({"coder": ["a", ["b"]]}, f"`lines[coder][1]` is of type list: {FORM}"),
        (
            ["a", {"tool": "t", "args": {}}],
            "`tool` is not there yet: this version of Score Kernel cannot play it, "
            "so take it out of `lines[1]`",
        ),
        ([{"wiat": 1}], "`wiat` is no key of `lines[0]`"),
        ([{}], "`lines[0]` is empty: write {wait: 2, text: ...}"),
        ([{"text": 1}], "the text of `lines[0]` is of type int: write {wait: 2, text: ...}"),
    ],
)
def test_any_other_form_is_one_line(script: object, line: str) -> None:
    with pytest.raises(ScriptError) as refused:
        items_of(script, "coder", "lines")
    assert str(refused.value) == line


@pytest.mark.parametrize("wait", [-1, "nan", "inf", "soon", True, None, [1], 10**400])
def test_a_wait_is_seconds(wait: object) -> None:
    with pytest.raises(ScriptError, match=r"the wait of `lines\[0\]` is in seconds, 0 or more"):
        items_of([{"wait": wait, "text": "a"}], "coder", "lines")


def test_a_wrong_word_comes_with_those_that_would_be_right() -> None:
    with pytest.raises(ScriptError) as refused:
        items_of({"coder": "x", "docs": "y"}, "codr", "lines")
    assert (refused.value.word, refused.value.words) == ("codr", ("coder", "docs"))


def test_a_line_stays_one_whatever_the_names() -> None:
    with pytest.raises(ScriptError) as refused:
        items_of([{"a\nb\x00" * 100: 1}], "coder", "\x1b[31m\n")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200
