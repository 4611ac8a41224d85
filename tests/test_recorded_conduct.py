"""Recorded provider streams, played through `%%conduct`: whole, in crumbs, and broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from score_kernel import PerformanceFailed, Take
from score_kernel.score.events import TextPlayed
from score_kernel.testing.shell import TestShell
from tests.cases import needs_cases
from tests.players import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    needs_cases,
    # How the recorded provider keeps its cases; it is not ours to change.
    pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey"),
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with recorded.beside() as address:
        yield address


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


def texts(tags: list[str], text: str, _: str | None) -> bool:
    return bool(text) and not {"tool_call", "midstream_error"} & set(tags)


def finished(tags: list[str], text: str, finish: str | None) -> bool:
    return texts(tags, text, finish) and finish is not None


@pytest.mark.parametrize("mode", ["whole", "bytes-7"])
def test_every_recorded_text_stream_plays_with_its_exact_text(provider: str, mode: str) -> None:
    streams, ended = recorded.streams(texts), recorded.streams(finished)
    assert len(streams) >= 26
    assert len({name.rpartition("-")[0] for name in streams}) >= 6
    take, error = conduct(cell(streams, provider, mode, "retries: 0"))
    assert {name: heard(take, name) for name in streams} == {n: recorded.expected(n) for n in streams}
    assert {name: take[part(name)].status for name in streams} == {
        # the few that were recorded without a finish must not pass for complete
        name: "played" if name in ended else "failed"
        for name in streams
    }
    assert {n: take[part(n)].text for n in ended} == {n: recorded.expected(n) for n in ended}
    unfinished = [name for name in streams if name not in ended]
    assert isinstance(error, PerformanceFailed)
    assert all(incomplete(take, name) for name in unfinished)


@pytest.mark.parametrize("mode", ["eof-50", "cut-60", "broken-50"])
def test_a_broken_stream_is_never_played_and_its_text_is_kept(provider: str, mode: str) -> None:
    streams = recorded.streams(texts)
    take, error = conduct(cell(streams, provider, mode, "retries: 0"))
    assert isinstance(error, PerformanceFailed)
    assert {take[part(name)].status for name in streams} == {"failed"}
    assert all(incomplete(take, name) for name in streams)
    assert all(recorded.expected(name).startswith(heard(take, name)) for name in streams)
    assert any(heard(take, name) for name in streams)


def test_a_stream_with_an_error_in_its_middle_fails_with_its_text_kept(provider: str) -> None:
    streams = recorded.streams(lambda tags, text, _: "midstream_error" in tags and bool(text))
    assert streams
    take, error = conduct(cell(streams, provider, "whole", "retries: 0"))
    assert isinstance(error, PerformanceFailed)
    assert {take[part(name)].status for name in streams} == {"failed"}
    assert {n: heard(take, n) for n in streams} == {n: recorded.expected(n) for n in streams}


def test_a_try_that_failed_is_tried_again_and_what_it_had_is_not_read(provider: str) -> None:
    name, form = next(iter(recorded.streams(finished).items()))
    take, error = conduct(cell({name: form}, provider, "flaky-503-2", "retries: 2"))
    assert error is None
    assert take[part(name)].attempts == 3
    assert take[part(name)].text == recorded.expected(name)


def incomplete(take: Take, name: str) -> bool:
    return "incomplete" in [flag.flag for flag in take[part(name)].flags]


def heard(take: Take, name: str) -> str:
    """The text of a contribution as it streamed, played or not."""
    c = [c.part for c in take.contributions].index(part(name)) + 1
    return "".join(event.text for event in take.events if isinstance(event, TextPlayed) and event.c == c)
