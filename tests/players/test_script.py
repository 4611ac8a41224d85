"""Scripts as they play: their text, their pace, their identity."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.players.script import ScriptPlayer
from score_kernel.score.events import Call
from score_kernel.score.ports import Output, Turn
from score_kernel.score.script import items_of
from score_kernel.testing.clock import ManualClock
from tests.players.playing import READING, hear


def player(script: object, clock: ManualClock | None = None) -> ScriptPlayer:
    return ScriptPlayer("lines", items_of(script, "coder", "lines"), clock or ManualClock())


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


def test_it_is_known_by_what_it_says_for_this_part() -> None:
    one = player({"coder": ["a", {"text": "b", "wait": 1}], "tester": "x"}).identity
    assert one == player({"coder": ["a", {"wait": 1.0, "text": "b"}], "tester": "y"}).identity
    assert one != player({"coder": ["a", {"text": "c", "wait": 1}]}).identity
    assert json.loads(one["text"]) == ["a", {"text": "b", "wait": 1.0}]


CALLING = [
    "Let me look. ",
    {"tool": "search", "args": {"query": "x"}},
    {"wait": 1, "text": "And what time? "},
    {"tool": "now"},
    "Done.",
]


async def test_it_plays_up_to_a_tool_and_goes_on_after_what_that_returned() -> None:
    clock = ManualClock()
    script, turns, texts = player(CALLING, clock), list[Turn](), list[str]()
    while True:
        task = asyncio.ensure_future(hear(script, turns=turns))
        await clock.advance(1)
        heard = await task
        texts.append(heard.text)
        if not heard.calls:
            break
        turns.append(Turn(heard.text, heard.calls, ("returned",) * len(heard.calls)))
    assert texts == ["Let me look. ", "And what time? ", "Done."]
    assert [turn.calls for turn in turns] == [
        (Call("call_1", "search", '{"query": "x"}'),),
        (Call("call_2", "now", "{}"),),
    ]


async def test_asked_to_mend_its_text_it_says_it_again() -> None:
    called = Turn("Let me look. ", (Call("call_1", "search", "{}"),), ("found",))
    script = player(["Let me look. ", {"tool": "search"}, "No JSON"])
    heard = await hear(script, turns=[called, Turn("No JSON", say="That is no JSON.")])
    assert (heard.text, heard.calls) == ("No JSON", ())
    assert (await hear(player("No JSON"), turns=[Turn("No JSON", say="That is none.")])).text == "No JSON"


def test_the_tools_that_it_calls_are_part_of_what_it_says() -> None:
    def known(*items: object) -> object:
        return player(list(items)).identity

    one = known("a", {"tool": "search", "args": {"x": 1, "y": 2}})
    assert one == known("a", {"args": {"y": 2, "x": 1}, "tool": "search"})
    assert one != known("a", {"tool": "search", "args": {"x": 1}})
    assert one != known("a", {"tool": "find", "args": {"x": 1, "y": 2}})
    assert one != known("a")
