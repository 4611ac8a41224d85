"""Functions of the notebook as players."""

from __future__ import annotations

import asyncio
import functools
import io
import os
import subprocess
import sys
import threading
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel.errors import PermanentError, TransientError
from score_kernel.players.python import PythonPlayer, source_of
from score_kernel.score.plan import Part
from score_kernel.score.ports import Output, Turn
from tests.players.playing import READING, hear

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from score_kernel.score.reading import Reading


def sync(reading: Reading) -> str:
    return reading.intent.upper()


async def coroutine(reading: Reading) -> str:
    await asyncio.sleep(0)
    return reading.intent.upper()


def generator(reading: Reading) -> Generator[str]:
    yield from (reading.intent.upper()[:3], reading.intent.upper()[3:])


async def async_generator(reading: Reading) -> AsyncGenerator[str]:
    for text in generator(reading):
        yield text


class Shouter:
    async def __call__(self, reading: Reading) -> str:
        return reading.intent.upper()


KINDS: list[Callable[[Reading], Any]] = [
    sync,
    coroutine,
    generator,
    async_generator,
    Shouter(),
    functools.partial(coroutine),
    lambda reading: coroutine(reading),
    lambda reading: async_generator(reading),
]


@pytest.mark.parametrize("function", KINDS)
async def test_every_kind_of_function_plays_its_text(function: Callable[[Reading], Any]) -> None:
    heard = await hear(PythonPlayer("shout", function))
    assert (heard.text, heard.how) == ("SAY HELLO.", "played")


@pytest.mark.parametrize("function", [generator, async_generator])
async def test_text_comes_as_it_is_yielded(function: Callable[[Reading], Any]) -> None:
    heard = await hear(PythonPlayer("shout", function))
    assert heard.sounds == ["SAY", " HELLO."]


async def test_a_sync_function_runs_beside_the_event_loop() -> None:
    loop, there = asyncio.get_running_loop(), threading.Event()

    def waits(_: Reading) -> str:
        loop.call_soon_threadsafe(there.set)
        there.wait()
        return "done"

    assert (await hear(PythonPlayer("waits", waits))).text == "done"


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (None, "f returned None: a player answers with its text, a str"),
        (3, "f returned an int: a player answers with text, a str"),
        ({"a": 1}, "f returned a dict: a player answers with text, a str"),
    ],
)
async def test_anything_but_text_is_one_line(value: object, line: str) -> None:
    def returns(_: Reading) -> object:
        return value

    async def awaited(_: Reading) -> object:
        return value

    def yields(_: Reading) -> Generator[object]:
        yield "first "
        yield value

    for function in (returns, awaited):
        heard = await hear(PythonPlayer("f", function))
        assert (str(heard.error), heard.how) == (line, "error")
    heard = await hear(PythonPlayer("f", yields))
    assert (heard.text, str(heard.error)) == ("first ", line.replace("returned", "yielded"))


async def test_what_it_raises_keeps_its_own_traceback_and_none_of_ours() -> None:
    def inner() -> None:
        raise ValueError("no such thing\nas this")

    def sync_raises(_: Reading) -> str:
        inner()
        return ""

    async def async_raises(_: Reading) -> str:
        inner()
        return ""

    def generator_raises(_: Reading) -> Generator[str]:
        yield "before "
        inner()

    async def async_generator_raises(_: Reading) -> AsyncGenerator[str]:
        yield "before "
        inner()

    for function in (sync_raises, async_raises, generator_raises, async_generator_raises):
        heard = await hear(PythonPlayer("f", function))
        assert isinstance(heard.error, PermanentError)
        assert str(heard.error) == "ValueError: no such thing"
        assert "in inner" in heard.error.detail
        assert f"in {function.__name__}" in heard.error.detail
        assert heard.error.detail.endswith("ValueError: no such thing\nas this\n")
        assert "score_kernel" not in heard.error.detail
        assert heard.text == ("before " if "generator" in function.__name__ else "")


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), StopIteration(), GeneratorExit()])
async def test_no_exception_of_a_function_ends_the_event_loop(error: BaseException) -> None:
    def sync_raises(_: Reading) -> str:
        raise error

    async def async_raises(_: Reading) -> str:
        raise error

    for function in (sync_raises, async_raises):
        heard = await hear(PythonPlayer("f", function))
        assert heard.how == "error"
        assert str(heard.error).startswith((type(error).__name__, "RuntimeError"))


async def test_a_function_may_ask_for_another_try() -> None:
    def busy(_: Reading) -> str:
        raise TransientError("the test server is starting", "connection", retry_after=2)

    heard = await hear(PythonPlayer("busy", busy))
    assert isinstance(heard.error, TransientError)
    assert heard.error.retry_after == 2


async def test_what_is_printed_goes_to_the_contribution_in_its_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def talks(_: Reading) -> Generator[str]:
        print("one", 2)
        yield "text "
        print("three", file=sys.stderr)
        yield "more"

    async def talks_async(_: Reading) -> AsyncGenerator[str]:
        print("one", 2)
        yield "text "
        await asyncio.to_thread(print, "three", file=sys.stderr)
        yield "more"

    for function in (talks, talks_async):
        heard = await hear(PythonPlayer("talks", function))
        assert heard.sounds == [Output("one 2\n"), "text ", Output("three\n"), "more"]
    assert capsys.readouterr() == ("", "")


def test_a_cell_that_prints_as_the_last_player_ends_does_not_bring_python_down() -> None:
    """Before Python 3.12.10 and 3.13.3 `print` does not hold its stream (CPython's gh-130163)."""
    code = """
import gc, sys
from score_kernel.players.printing import relayed

class Slow:
    def write(self, text):
        if text != "\\n":  # the last player ends while a print is under way
            players.__exit__(None, None, None)
            gc.collect()
        return sys.__stdout__.write(text)
    def flush(self):
        sys.__stdout__.flush()

sys.stdout = Slow()
for n in range(20):
    players = relayed()
    players.__enter__()
    print(n)
"""
    # freed memory is overwritten, so that nothing that still uses it gets away with it
    environment = {**os.environ, "PYTHONMALLOC": "debug"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (run.returncode, run.stdout.split()) == (0, [str(n) for n in range(20)]), run.stderr


async def test_what_others_print_meanwhile_goes_where_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    entered, go_on = asyncio.Event(), asyncio.Event()

    def player(name: str) -> PythonPlayer:
        async def talks(_: Reading) -> str:
            entered.set()
            await go_on.wait()
            print(name)
            return ""

        return PythonPlayer(name, talks)

    first, second = asyncio.ensure_future(hear(player("a"))), asyncio.ensure_future(hear(player("b")))
    await entered.wait()
    print("a cell")
    caught = io.StringIO()
    with redirect_stdout(caught):
        print("captured")
    go_on.set()
    assert ((await first).printed, (await second).printed) == ("a\n", "b\n")
    assert capsys.readouterr().out == "a cell\n"
    assert caught.getvalue() == "captured\n"
    assert (sys.stdout, sys.stderr) == before


async def test_cancelling_cuts_async_functions_at_once() -> None:
    for kind in ("coroutine", "generator"):
        cleaned: list[str] = []
        entered = asyncio.Event()

        async def waits(_: Reading, cleaned: list[str] = cleaned, entered: asyncio.Event = entered) -> str:
            try:
                entered.set()
                await asyncio.Event().wait()
            finally:
                cleaned.append("yes")
            return ""

        async def generates(reading: Reading, waits: Any = waits) -> AsyncGenerator[str]:
            yield await waits(reading)

        task = asyncio.ensure_future(hear(PythonPlayer("w", waits if kind == "coroutine" else generates)))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert cleaned == ["yes"]


async def test_a_cancelled_sync_function_keeps_its_place_until_it_returns() -> None:
    entered, go_on = asyncio.Event(), threading.Event()
    loop, returned = asyncio.get_running_loop(), threading.Event()

    def stubborn(_: Reading) -> str:
        loop.call_soon_threadsafe(entered.set)
        go_on.wait()
        returned.set()
        return "too late"

    task = asyncio.ensure_future(hear(PythonPlayer("stubborn", stubborn)))
    await entered.wait()
    for _ in range(3):
        task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert returned.is_set()


async def test_a_generator_that_is_left_is_closed() -> None:
    closed = threading.Event()

    def endless(_: Reading) -> Generator[str]:
        try:
            while True:
                yield "again "
        finally:
            closed.set()

    sounds = PythonPlayer("endless", endless).play(Part("coder"), READING)
    assert await anext(sounds) == "again "
    await sounds.aclose()
    assert closed.is_set()


def test_a_function_is_known_by_its_source() -> None:
    def nested(reading: Reading) -> str:
        return reading.intent

    assert PythonPlayer("nested", nested).identity == {
        "kind": "python",
        "source": "def nested(reading: Reading) -> str:\n    return reading.intent\n",
    }
    assert source_of(functools.partial(print, 1)) != source_of(functools.partial(print, 2))
    assert "async def __call__" in source_of(Shouter())


def test_without_a_source_it_is_known_by_its_code() -> None:
    def made(text: str) -> Callable[..., Any]:
        namespace: dict[str, Any] = {}
        exec(text, namespace)
        return namespace["f"]

    one = "def f(reading):\n    def g(): return {'a', 'b', 'c'} | {1}\n    return 'one' in {'x', 'y', 'z'}"
    assert source_of(made(one)) == source_of(made(one))
    assert source_of(made(one)) != source_of(made(one.replace("'b'", "'d'")))
    assert source_of(made(one)) != source_of(made(one.replace("'one'", "'two'")))
    assert source_of(len) == "builtins.len"


def test_it_is_bound_when_the_player_is_made() -> None:
    player = PythonPlayer("sync", sync)
    assert (player.ref.kind, player.ref.name, player.ref.scripted) == ("python", "sync", False)


async def test_asked_to_mend_what_it_returned_it_is_called_again() -> None:
    answers = iter(["no JSON", "{}"])

    def answer(reading: Reading) -> str:
        return next(answers)

    player = PythonPlayer("answer", answer)
    first = await hear(player)
    second = await hear(player, turns=[Turn(first.text, say="That is no JSON.")])
    assert (first.text, second.text) == ("no JSON", "{}")
