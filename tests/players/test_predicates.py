"""Predicates: yes, or no and why not."""

from __future__ import annotations

import asyncio
import functools
import threading
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel.players.predicates import bind
from score_kernel.score.ports import PRINTS

if TYPE_CHECKING:
    from collections.abc import Callable


class Truth:
    """As true as it says: NumPy's booleans are none of Python's."""

    def __init__(self, value: bool) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return self.value


class Reason(str):
    pass


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (True, (True, "")),
        (False, (False, "")),
        (None, (False, "")),
        (1, (True, "")),
        ([], (False, "")),
        (Truth(True), (True, "")),
        (Truth(False), (False, "")),
        ("too long", (False, "too long")),
        ("", (False, "")),
        (Reason("too long"), (False, "too long")),
    ],
)
async def test_it_says_yes_or_no_or_why_not(said: object, answer: tuple[bool, str]) -> None:
    async def later(subject: object) -> object:
        await asyncio.sleep(0)
        return said

    def now(subject: object) -> object:
        return said

    for function in (now, later):
        found = await bind(function)("subject")
        assert found == answer
        assert type(found[1]) is str


async def test_it_is_called_with_its_subject_whatever_can_be_called() -> None:
    class Longer:
        def __init__(self, than: int) -> None:
            self.than = than

        def __call__(self, subject: str) -> bool:
            return len(subject) > self.than

        async def later(self, subject: str) -> bool:
            return self(subject)

    def longer(than: int, subject: str) -> bool:
        return Longer(than)(subject)

    functions: list[Callable[[Any], Any]] = [
        Longer(3),
        Longer(3).later,
        functools.partial(longer, 3),
        functools.partial(Longer(3).later),
        lambda subject: Longer(3).later(subject),
    ]
    for function in functions:
        assert await bind(function)("four") == (True, "")
        assert await bind(function)("two") == (False, "")


async def test_a_sync_one_does_not_hold_up_the_loop() -> None:
    asked, answer = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(_: object) -> bool:
        loop.call_soon_threadsafe(asked.set)
        return answer.wait(30)

    asking = asyncio.ensure_future(_ask(slow))
    await asked.wait()
    answer.set()
    assert await asking == (True, "")


async def _ask(function: Callable[..., Any]) -> tuple[bool, str]:
    return await bind(function)("subject")


async def test_what_it_raises_comes_through() -> None:
    def sync(_: object) -> bool:
        raise LookupError("no such row")

    async def coroutine(_: object) -> bool:
        raise LookupError("no such row")

    for function in (sync, coroutine):
        with pytest.raises(LookupError, match="no such row"):
            await bind(function)("subject")


async def test_what_it_prints_is_heard_and_shown_in_no_cell(capsys: pytest.CaptureFixture[str]) -> None:
    printed: list[str] = []

    def talkative(subject: object) -> bool:
        print("asked about", subject)
        return True

    mark = PRINTS.set(printed.append)
    await bind(talkative)("it")
    await asyncio.sleep(0)
    PRINTS.reset(mark)
    assert "".join(printed) == "asked about it\n"
    assert capsys.readouterr().out == ""


async def test_nobody_has_to_hear_it(capsys: pytest.CaptureFixture[str]) -> None:
    def talkative(subject: object) -> bool:
        print("lost")
        return True

    assert await bind(talkative)("it") == (True, "")
    assert capsys.readouterr().out == ""
