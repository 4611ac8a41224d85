"""Real providers' bytes, whole and broken."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.cases import needs_cases
from tests.players.playing import ask
from tests.players.recorded import expected, served, streams

if TYPE_CHECKING:
    from tests.players.playing import Heard

pytestmark = [
    needs_cases,
    # How the recorded provider keeps its cases; it is not ours to change.
    pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey"),
]


def _texts() -> dict[str, str]:
    return streams(lambda tags, text, finish: bool(text) and not {"tool_call", "midstream_error"} & set(tags))


async def _play(names: dict[str, str], mode: str) -> dict[str, Heard]:
    async with served() as address:

        async def one(name: str, form: str) -> Heard:
            return await ask(form, f"{address}/{name}/{mode}" + ("/v1" if form == "openai" else ""))

        heard = await asyncio.gather(*(one(*item) for item in names.items()))
        return dict(zip(names, heard, strict=True))


@pytest.mark.parametrize("mode", ["whole", "bytes-7", "bytes-1"])
async def test_every_text_stream_gives_exactly_its_text(mode: str) -> None:
    finished = streams(
        lambda tags, text, finish: (
            bool(text) and finish is not None and not {"tool_call", "midstream_error"} & set(tags)
        )
    )
    names = _texts()
    assert len(names) >= 26
    assert len({name.rpartition("-")[0] for name in names}) >= 6
    heard = await _play(names, mode)
    assert {name: h.text for name, h in heard.items()} == {name: expected(name) for name in names}
    assert {name: h.how for name, h in heard.items()} == {
        name: "played" if name in finished else "incomplete" for name in names
    }
    assert all(h.finish == "stop" for name, h in heard.items() if name in finished)


@pytest.mark.parametrize("mode", ["eof-50", "eof-20", "cut-60", "cut-95", "broken-50", "broken-10"])
async def test_a_stream_that_was_cut_or_broken_is_never_complete(mode: str) -> None:
    names = _texts()
    heard = await _play(names, mode)
    assert {name: h.how for name, h in heard.items()} == dict.fromkeys(names, "incomplete")
    assert all(h.finish is None for h in heard.values())
    assert all(expected(name).startswith(h.text) for name, h in heard.items())


async def test_an_error_in_mid_stream_fails_after_the_text_before_it() -> None:
    names = streams(lambda tags, text, finish: "midstream_error" in tags)
    assert names
    heard = await _play(names, "whole")
    assert {name: h.text for name, h in heard.items()} == {name: expected(name) for name in names}
    assert any(h.text for h in heard.values())
    assert all(h.how == "provider" for h in heard.values()), heard
    said = {name: str(h.error) for name, h in heard.items()}
    assert "Tool choice is required, but model did not call a tool" in said["groq-0191"]
    assert "Token limit reached" in said["openrouter-0511"]


async def test_tool_calls_that_nobody_offered_are_said_to_be_so() -> None:
    names = streams(lambda tags, text, finish: finish in ("tool_calls", "tool_use"))
    assert names
    heard = await _play(names, "whole")
    assert {h.how for h in heard.values()} == {"tools"}
    assert {name: h.text for name, h in heard.items()} == {name: expected(name) for name in names}


async def test_tools_that_run_at_the_provider_leave_the_text_as_it_is() -> None:
    heard = (await _play({"anthropic-0041": "anthropic"}, "whole"))["anthropic-0041"]
    assert (heard.how, heard.text) == ("played", expected("anthropic-0041"))


@pytest.mark.parametrize(
    ("name", "form", "reason", "says"),
    [
        ("openai-0386", "openai", "key", "check OPENAI_API_KEY"),
        ("openai-0330", "openai", "model", "no such model"),
        ("openai-0342", "openai", "request", "Missing required parameter"),
        ("anthropic-0046", "anthropic", "request", "does not support effort level 'xhigh'"),
    ],
)
async def test_a_recorded_refusal_of_the_request_is_one_clear_line(
    name: str, form: str, reason: str, says: str
) -> None:
    heard = (await _play({name: form}, "whole"))[name]
    assert heard.how == reason
    assert says in str(heard.error)
    assert "\n" not in str(heard.error)
    assert "litellm" not in str(heard.error).lower()
