"""What a script may be, and what any other form is told."""

from __future__ import annotations

import pytest

from score_kernel.score.script import FORM, Item, ScriptError, items_of

CALL = "write {tool: search, args: {query: ...}}"


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
        (
            ["a", {"tool": "search", "args": {"z": 1, "query": "wörd"}}, {"tool": "stop"}],
            (
                Item("a"),
                Item(tool="search", args='{"query": "wörd", "z": 1}'),
                Item(tool="stop", args="{}"),
            ),
        ),
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
        ([{"args": {}}], f"`lines[0]` calls no tool: {CALL}"),
        (["a", {"tool": ""}], f"`lines[1]` calls no tool: {CALL}"),
        ([{"tool": ["search"]}], f"`lines[0]` calls no tool: {CALL}"),
        (
            [{"tool": "search", "args": ["x"]}],
            f"`lines[0]` is a call of a tool, with `args` that are a mapping, and no text: {CALL}",
        ),
        (
            {"coder": [{"tool": "search", "text": "x"}]},
            f"`lines[coder][0]` is a call of a tool, with `args` that are a mapping, and no text: {CALL}",
        ),
        (
            [{"tool": "search", "wait": 1}],
            f"`lines[0]` is a call of a tool, with `args` that are a mapping, and no text: {CALL}",
        ),
        (
            [{"tool": "search", "args": {"at": {1}}}],
            "the args of `lines[0]` cannot be written as JSON: Object of type set is not JSON serializable",
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


def test_args_are_what_json_can_say() -> None:
    with pytest.raises(
        ScriptError, match=r"the args of `lines\[0\]` cannot be written as JSON: Out of range"
    ):
        items_of([{"tool": "search", "args": {"at": float("nan")}}], "coder", "lines")


def test_args_that_contain_themselves_or_have_no_end_are_one_line() -> None:
    args: dict[str, object] = {}
    args["again"] = args
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for given in (args, {"at": deep}, {"at": {1: 2, "b": 3}}):
        with pytest.raises(
            ScriptError, match=r"the args of `lines\[0\]` cannot be written as JSON: "
        ) as refused:
            items_of([{"tool": "search", "args": given}], "coder", "lines")
        assert str(refused.value).isprintable()


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
