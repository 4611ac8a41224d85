"""Functions of the notebook as predicates: yes, or no and why."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from score_kernel.players.predicates import bind
from score_kernel.score.ports import PRINTS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@pytest.fixture
def printed() -> Generator[list[str]]:
    """What is printed where the contribution hears it."""
    heard: list[str] = []
    mark = PRINTS.set(heard.append)
    yield heard
    PRINTS.reset(mark)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (True, (True, "")),
        (False, (False, "")),
        (None, (False, "")),
        ("too long", (False, "too long")),
        ("", (False, "")),
        (1, (True, "")),
        ([], (False, "")),
        (np.True_, (True, "")),
        (np.False_, (False, "")),
    ],
)
async def test_what_it_returns_is_a_yes_or_a_no_with_its_reason(
    said: object, answer: tuple[bool, str]
) -> None:
    async def later(_: object) -> object:
        return said

    for function in (lambda _: said, later):
        got = await bind(function)("a text")
        assert got == answer
        assert type(got[0]) is bool


async def test_it_is_asked_about_the_subject() -> None:
    assert await bind(lambda text: len(text) < 5 or f"{len(text)} letters")("too long") == (
        False,
        "8 letters",
    )


@pytest.mark.parametrize("how", ["sync", "async"])
async def test_what_it_raises_comes_through(how: str) -> None:
    def sync(_: object) -> bool:
        raise KeyError("text")

    async def coroutine(_: object) -> bool:
        raise KeyError("text")

    with pytest.raises(KeyError, match="text"):
        await bind(sync if how == "sync" else coroutine)(None)


async def test_a_sync_one_runs_beside_the_event_loop() -> None:
    loop, there = asyncio.get_running_loop(), threading.Event()

    def waits(_: object) -> bool:
        loop.call_soon_threadsafe(there.set)
        return there.wait(30)

    assert await bind(waits)(None) == (True, "")


async def test_what_it_prints_goes_to_its_contribution(
    printed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def sync(_: object) -> bool:
        print("from a thread")
        return True

    async def coroutine(_: object) -> bool:
        print("from the loop")
        return True

    functions: list[Callable[[object], Any]] = [sync, coroutine]
    for function in functions:
        await bind(function)(None)
    await asyncio.sleep(0)  # what is printed in a thread is told on the loop
    assert "".join(printed) == "from a thread\nfrom the loop\n"
    assert capsys.readouterr().out == ""
