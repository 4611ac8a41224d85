"""Scripts: their forms, their pace, their identity."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.errors import ConductError
from score_kernel.players.script import ScriptPlayer, read_script
from score_kernel.score.ports import Output
from score_kernel.testing.clock import ManualClock
from tests.players.playing import READING, hear

if TYPE_CHECKING:
    from pathlib import Path


def player(script: object, clock: ManualClock | None = None) -> ScriptPlayer:
    return ScriptPlayer("lines", script, "coder", clock or ManualClock())


@pytest.mark.parametrize(
    "script",
    [
        "Hello, world",
        ["Hello, ", "world"],
        ("Hello, ", "world"),
        {"coder": "Hello, world"},
        {"coder": ["Hello, ", "world"]},
    ],
)
async def test_every_form_plays_its_text(script: object) -> None:
    heard = await hear(player(script))
    assert heard.text == "Hello, world"
    assert heard.how == "played"


def test_it_is_always_shown_as_scripted() -> None:
    ref = player("x").ref
    assert (ref.kind, ref.name, ref.scripted) == ("script", "lines", True)


async def test_an_item_with_wait_spreads_its_words_over_that_time() -> None:
    clock = ManualClock()
    came: list[tuple[float, str]] = []

    async def listen() -> None:
        script = ["at once ", {"wait": 2, "text": "one two\nthree  four "}, {"wait": 1}, "end"]
        part: Any = None
        async for sound in player(script, clock).play(part, READING):
            assert not isinstance(sound, Output)
            came.append((clock.now(), str(sound)))

    task = asyncio.ensure_future(listen())
    await clock.advance(10)
    await task
    assert [item for item in came if item[1]] == [
        (0.0, "at once "),
        (0.5, "one"),
        (1.0, " two"),
        (1.5, "\nthree"),
        (2.0, "  four "),
        (3.0, "end"),
    ]


@given(st.text(), st.floats(0, 3))
def test_however_it_is_spread_the_text_is_the_same(text: str, wait: float) -> None:
    async def play() -> str:
        clock = ManualClock()
        task = asyncio.ensure_future(hear(player([{"wait": wait, "text": text}], clock)))
        await clock.advance(10)
        return (await task).text

    assert asyncio.run(play()) == text


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ({"tester": "x"}, "script lines has nothing for coder; it has tester"),
        (3, "script lines: what coder plays must be a string or a list of strings, not a number"),
        (
            {"coder": None},
            "script lines: what coder plays must be a string or a list of strings, not nothing",
        ),
        ([1], "script lines: item 1 of coder must be a string or {wait: 2, text: ...}, not a number"),
        (["a", {"tool": "t", "args": {}}], "script lines: item 2 of coder: tools are not there yet"),
        ([{"wiat": 1}], "script lines: item 1 of coder has an unknown key 'wiat'; it may have wait and text"),
        ([{"wait": -1}], "script lines: item 1 of coder: wait must be seconds, such as 2 or 0.5, not -1"),
        (
            [{"wait": "nan"}],
            "script lines: item 1 of coder: wait must be seconds, such as 2 or 0.5, not 'nan'",
        ),
        ([{"wait": True}], "script lines: item 1 of coder: wait must be seconds, such as 2 or 0.5, not True"),
        ([{"text": 1}], "script lines: item 1 of coder: its text must be a string, not a number"),
    ],
)
def test_any_other_form_is_one_line(script: object, line: str) -> None:
    with pytest.raises(ConductError) as refused:
        player(script)
    assert str(refused.value) == line


def test_it_is_known_by_what_it_says_for_this_part() -> None:
    one = player({"coder": ["a", {"text": "b", "wait": 1}], "tester": "x"}).identity
    assert one == player({"coder": ["a", {"wait": 1.0, "text": "b"}], "tester": "y"}).identity
    assert one != player({"coder": ["a", {"text": "c", "wait": 1}]}).identity
    assert json.loads(one["text"]) == ["a", {"text": "b", "wait": 1.0}]


def test_in_a_file_every_scalar_is_text(tmp_path: Path) -> None:
    file = tmp_path / "lines.yaml"
    file.write_text("coder:\n- yes\n- 42\n- {wait: 2, text: on}\n- |\n  # a comment?\n", encoding="utf-8")
    items = json.loads(player(read_script(file)).identity["text"])
    assert items == ["yes", "42", {"text": "on", "wait": 2.0}, "# a comment?\n"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"coder: [a\n", "script lines.yaml is not valid YAML in line 2"),
        (b"coder: \xff\n", "script lines.yaml is not a text in UTF-8"),
        (b"- " * 100_000, "script lines.yaml is not valid YAML"),
        (None, "script lines.yaml cannot be read: no such file or directory"),
    ],
    ids=["yaml", "utf-8", "deep", "missing"],
)
def test_a_file_that_is_no_script_is_one_line(tmp_path: Path, content: bytes | None, line: str) -> None:
    file = tmp_path / "lines.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConductError) as refused:
        read_script(file)
    assert str(refused.value) == line


def test_a_file_cannot_make_objects(tmp_path: Path) -> None:
    file = tmp_path / "lines.yaml"
    file.write_text("coder: !!python/object/apply:os.getcwd []\n", encoding="utf-8")
    assert player(read_script(file)).identity["text"] == "[]"
