"""Recorded provider streams, played through `%%conduct`: whole, in crumbs, and broken."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from score_kernel import PerformanceFailed, Take
from score_kernel.testing.shell import TestShell
from tests.cases import needs_cases
from tests.players import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_cases


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The recorded provider on a thread of its own: the performance thread must not serve itself."""
    loop = asyncio.new_event_loop()
    served = recorded.served()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield asyncio.run_coroutine_threadsafe(served.__aenter__(), loop).result(30)
    asyncio.run_coroutine_threadsafe(served.__aexit__(None, None, None), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def cell(streams: dict[str, str], address: str, mode: str, more: str = "") -> str:
    """An %%orchestrate cell with a part for each stream."""
    lines = ["%%orchestrate", "parts:"]
    for name, form in streams.items():
        base = f"{address}/{name}/{mode}" + ("/v1" if form == "openai" else "")
        model = "openai/gpt-4o" if form == "openai" else "anthropic/claude-sonnet-4-5"
        lines += [
            f"  {part(name)}:",
            f"    model: {model}",
            "    task: Play your part",
            f"    params: {{api_base: {base!r}}}",
            *([f"    {more}"] if more else []),
        ]
    return "\n".join(lines) + "\n"


def part(name: str) -> str:
    return name.replace("-", "_")


def conduct(cell: str) -> tuple[Take, BaseException | None]:
    with TestShell() as shell:
        shell.run("%%compose\nAn intent.")
        shell.run(cell)
        result = shell.cell("%%conduct")
        return shell["take"], result.error_in_exec


def plain(tags: list[str], text: str, finish: str | None) -> bool:
    """Text streams that came to their end, without tool calls, errors and refusals."""
    unusual = {"tool_call", "midstream_error", "error", "refusal", "truncated"}
    return bool(text) and finish is not None and not unusual & set(tags)


@pytest.mark.parametrize("mode", ["whole", "bytes-7"])
def test_every_recorded_text_stream_plays_with_its_exact_text(provider: str, mode: str) -> None:
    streams = recorded.streams(plain)
    assert len(streams) >= 26
    assert len({name.rpartition("-")[0] for name in streams}) >= 6
    take, error = conduct(cell(streams, provider, mode))
    assert error is None
    wrong = {
        name: take[part(name)].text_or("")
        for name in streams
        if take[part(name)].status != "played" or take[part(name)].text != recorded.expected(name)
    }
    assert not wrong


@pytest.mark.parametrize("mode", ["eof-50", "cut-60", "broken-50"])
def test_a_broken_stream_is_never_played_and_its_text_is_kept(provider: str, mode: str) -> None:
    streams = recorded.streams(plain)
    take, error = conduct(cell(streams, provider, mode, "retries: 0"))
    assert isinstance(error, PerformanceFailed)
    for name in streams:
        contribution = take.contributions[list(streams).index(name)]
        assert contribution.status == "failed", name
        state = stream_state(take, contribution.part)
        assert recorded.expected(name).startswith(state), name
        if mode == "eof-50":
            assert [flag.flag for flag in contribution.flags] == ["incomplete"], name


def test_a_stream_with_an_error_in_its_middle_fails_with_its_text_kept(provider: str) -> None:
    streams = recorded.streams(lambda tags, text, _: "midstream_error" in tags and bool(text))
    assert streams
    take, error = conduct(cell(streams, provider, "whole", "retries: 0"))
    assert isinstance(error, PerformanceFailed)
    for name in streams:
        assert take[part(name)].status == "failed"
        assert stream_state(take, part(name)) == recorded.expected(name)


def test_a_stream_that_never_had_a_finish_is_not_played(provider: str) -> None:
    streams = recorded.streams(
        lambda tags, text, finish: bool(text) and finish is None and not {"midstream_error", "error"} & set(tags)
    )
    assert streams
    take, error = conduct(cell(streams, provider, "whole", "retries: 0"))
    assert isinstance(error, PerformanceFailed)
    for name in streams:
        assert take[part(name)].status == "failed"
        assert "incomplete" in [flag.flag for flag in take[part(name)].flags]
        assert stream_state(take, part(name)) == recorded.expected(name)


def stream_state(take: Take, name: str) -> str:
    """The text that a failed contribution had."""
    return "".join(event.text for event in take.events if getattr(event, "c", 0) == index(take, name) and hasattr(event, "text"))


def index(take: Take, name: str) -> int:
    return next(n for n, c in enumerate(take.contributions, 1) if c.part == name)
