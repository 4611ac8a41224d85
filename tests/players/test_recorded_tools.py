"""Real models that call tools: what they asked for, and what they are told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from score_kernel.errors import PlayerError
from score_kernel.players.streams import ChatStream, MessagesStream
from score_kernel.score.ports import ToolCalls
from tests.cases import needs_cases
from tests.players.conversations import answer_of, as_streams, canonical, conversations, messages_of
from tests.players.playing import Offered, ask
from tests.players.recorded import exchanges, expected, served, streams, tools

if TYPE_CHECKING:
    from typing import Any

    from tests.players.playing import Heard

pytestmark = [
    needs_cases,
    # How the recorded provider keeps its cases; it is not ours to change.
    pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey"),
    # pydantic's remark on a type of litellm's: pytest puts back the filter that `load` sets.
    pytest.mark.filterwarnings("ignore:Item '.*' on TypedDict class:UserWarning"),
]

ANY = (Offered("any"),)


def _calling() -> dict[str, str]:
    """Recorded streams that end with calls of tools."""
    return streams(lambda tags, text, finish: finish in ("tool_calls", "tool_use"))


def _arguments(name: str) -> list[str]:
    """The arguments of a recorded stream's calls, read without any client library."""
    return [arguments or "{}" for arguments in tools().expected(exchanges()[name])[1]]


async def _play(names: dict[str, str], mode: str) -> dict[str, Heard]:
    async with served() as address:

        async def one(name: str, form: str) -> Heard:
            base = f"{address}/{name}/{mode}" + ("/v1" if form == "openai" else "")
            return await ask(form, base, tools=ANY)

        heard = await asyncio.gather(*(one(*item) for item in names.items()))
        return dict(zip(names, heard, strict=True))


@pytest.mark.parametrize("mode", ["whole", "bytes-7"])
async def test_every_turn_of_a_conversation_comes_to_what_was_recorded(mode: str) -> None:
    found = conversations()
    assert {conversation.form for conversation in found.values()} == {"openai", "anthropic"}
    assert max(len(conversation.turns) for conversation in found.values()) >= 3
    assert any(len(turn.calls) > 1 for conversation in found.values() for turn in conversation.turns)
    for form, reading, offered, steps, turns in found.values():
        seen: list[dict[str, Any]] = []
        async with served(as_streams(steps), seen) as address:
            for number, step in enumerate(steps):
                base = f"{address}/{step}/{mode}" + ("/v1" if form == "openai" else "")
                heard = await ask(form, base, turns=turns[:number], tools=offered, reading=reading)
                wanted = answer_of(step)
                assert (heard.how, heard.text) == ("played", wanted.text), step
                assert canonical(heard.calls) == wanted.calls, step
                assert heard.finish == (None if wanted.calls else "stop"), step
        assert len(seen) == len(steps)
        told = [said for said in messages_of(seen[-1]) if said.role != "assistant"]
        recorded = messages_of(tools().json.loads(exchanges()[steps[-1]]["request"]["body"]))
        assert told == [said for said in recorded if said.role != "assistant"]
        assert [said.calls for said in messages_of(seen[-1])] == [said.calls for said in recorded]
        names = [(tool.get("function") or tool)["name"] for tool in seen[0]["tools"]]
        assert names == [tool.name for tool in offered]


@pytest.mark.parametrize("mode", ["whole", "bytes-7", "bytes-1"])
async def test_every_call_arrives_with_exactly_its_arguments(mode: str) -> None:
    names = _calling()
    assert len(names) >= 13
    heard = await _play(names, mode)
    assert {name: h.how for name, h in heard.items()} == dict.fromkeys(names, "played")
    assert {name: sorted(call.arguments for call in h.calls) for name, h in heard.items()} == {
        name: _arguments(name) for name in names
    }
    assert {name: h.text for name, h in heard.items()} == {name: expected(name) for name in names}
    for h in heard.values():
        assert all(call.name for call in h.calls)
        ids = [call.id for call in h.calls]
        assert all(ids)
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("mode", ["cut-60", "cut-90", "eof-50", "eof-20", "broken-50", "broken-10"])
async def test_of_a_stream_that_was_cut_or_broken_no_call_is_heard(mode: str) -> None:
    names = streams(lambda tags, text, finish: "tool_call" in tags)
    heard = await _play(names, mode)
    assert {name: h.calls for name, h in heard.items()} == dict.fromkeys(names, ())
    assert {name: h.how for name, h in heard.items()} == dict.fromkeys(names, "incomplete")


async def test_a_call_without_the_providers_last_word_is_not_heard() -> None:
    names = streams(lambda tags, text, finish: "tool_call" in tags and finish is None)
    assert names
    heard = await _play(names, "whole")
    assert {(h.how, h.calls) for h in heard.values()} == {("incomplete", ())}


def test_wherever_a_stream_ends_its_calls_are_whole_or_there_are_none() -> None:
    for name, form in _calling().items():
        body = tools().body_of(exchanges()[name])
        whole = _ended(form, body)
        assert isinstance(whole, ToolCalls)
        for end in range(0, len(body), max(1, len(body) // 400)):
            ended = _ended(form, body[:end])
            assert ended == whole or getattr(ended, "reason", "") == "incomplete", (name, end)


def _ended(form: str, body: bytes) -> object:
    stream = ChatStream("m", offered=True) if form == "openai" else MessagesStream("m", offered=True)
    try:
        for _ in [*stream.hear(body), *stream.close()]:
            pass
        return stream.verdict()
    except PlayerError as error:
        return error
