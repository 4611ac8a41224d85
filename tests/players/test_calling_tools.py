"""A model that is offered tools, asked over real HTTP at a provider on this machine."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from score_kernel.players import model as model_module
from score_kernel.players.model import ModelPlayer
from score_kernel.score.events import Call
from score_kernel.score.plan import Part
from score_kernel.score.ports import Finish, Turn
from score_kernel.testing.provider import Answer, Fault, LoopbackProvider
from tests.players.conversations import messages_of
from tests.players.playing import MODELS, Offered, ask, hear

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from tests.players.playing import Heard

pytestmark = [
    # pydantic's remarks on types of litellm's: pytest puts back the filter that `load` sets.
    pytest.mark.filterwarnings("ignore:Item '.*' on TypedDict class:UserWarning"),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_.*fields':DeprecationWarning"),
]

FORMS = ["openai", "anthropic"]
SCHEMA = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
TOOLS = (Offered("search", "Search the docs.", SCHEMA), Offered("now"))
ASKS = Answer(text="Let me look.", calls=[("search", {"query": "wörld 🎼"}), ("now", "")])


def base(provider: LoopbackProvider, form: str) -> str:
    return provider.openai if form == "openai" else provider.anthropic


def after(heard: Heard, *results: str) -> Turn:
    return Turn(heard.text, heard.calls, results)


@pytest.mark.parametrize("form", FORMS)
async def test_it_asks_for_tools_and_goes_on_with_what_they_return(form: str) -> None:
    async with LoopbackProvider([ASKS, "It is there."]) as provider:
        first = await ask(form, base(provider, form), tools=TOOLS)
        turn = after(first, "found", "noon")
        second = await ask(form, base(provider, form), tools=TOOLS, turns=[turn])
        bodies = [request.body for request in provider.requests]
    assert first.text == "Let me look."
    assert [(call.name, call.arguments) for call in first.calls] == [
        ("search", json.dumps({"query": "wörld 🎼"})),
        ("now", "{}"),
    ]
    assert (second.text, second.calls, second.sounds[-1]) == ("It is there.", (), Finish("stop"))
    for body in bodies:
        told = [tool.get("function") or tool for tool in body["tools"]]
        assert [tool["name"] for tool in told] == ["search", "now"]
        assert told[0]["description"] == "Search the docs."
        assert (told[0].get("parameters") or told[0]["input_schema"])["required"] == ["query"]
    said = messages_of(bodies[1])
    assert [message.role for message in said] == ["system", "user", "assistant", "tool", "tool"]
    assert (said[2].text, [call.id for call in said[2].calls]) == (
        "Let me look.",
        [call.id for call in first.calls],
    )
    assert [(message.answers, message.text) for message in said[3:]] == [
        (first.calls[0].id, "found"),
        (first.calls[1].id, "noon"),
    ]


@pytest.mark.parametrize("form", FORMS)
async def test_each_request_has_its_own_usage(form: str) -> None:
    async with LoopbackProvider([Answer(calls=ASKS.calls, usage=(100, 20)), "Done."]) as provider:
        first = await ask(form, base(provider, form), tools=TOOLS)
        second = await ask(form, base(provider, form), tools=TOOLS, turns=[after(first, "a", "b")])
    assert first.usage is not None
    assert second.usage is not None
    assert (first.usage.tokens_in, first.usage.tokens_out) == (100, 20)
    assert (second.usage.tokens_in, second.usage.tokens_out) == (10, 5)


@pytest.mark.parametrize("form", FORMS)
async def test_uncounted_calls_and_results_are_estimated(form: str) -> None:
    answer = Answer(calls=[("search", {"query": "x" * 400})], usage=None)
    async with LoopbackProvider(answer) as provider:
        first = await ask(form, base(provider, form), tools=TOOLS)
        turn = after(first, "y" * 4000)
        second = await ask(form, base(provider, form), tools=TOOLS, turns=[turn])
    assert first.usage is not None
    assert second.usage is not None
    assert first.usage.estimated
    assert first.usage.tokens_out > 100
    assert second.usage.tokens_in - first.usage.tokens_in > 1100


@pytest.mark.parametrize("form", FORMS)
async def test_what_has_to_be_mended_is_said_as_the_users_next_message(form: str) -> None:
    turns = [Turn("{'a': 1}", say="That is no JSON."), Turn(" \n", say="Neither is that.")]
    async with LoopbackProvider("{}") as provider:
        heard = await ask(form, base(provider, form), turns=turns)
        body = provider.requests[0].body
    assert heard.text == "{}"
    spoken = [(message["role"], str(message["content"])) for message in body["messages"]]
    at = next(n for n, (role, _) in enumerate(spoken) if role == "assistant")
    assert "{'a': 1}" in json.dumps(body["messages"][at])
    assert "That is no JSON." in str(spoken[at + 1 :])
    assert "Neither is that." in str(spoken[at + 1 :])
    assert [role for role, _ in spoken[at + 1 :]].count("assistant") == 0


@pytest.mark.parametrize("form", FORMS)
async def test_a_tool_that_nobody_offered_is_for_the_conductor_to_refuse(form: str) -> None:
    async with LoopbackProvider(Answer(calls=[("delete", {})])) as provider:
        heard = await ask(form, base(provider, form), tools=TOOLS)
        alone = await ask(form, base(provider, form))
    assert [call.name for call in heard.calls] == ["delete"]
    assert (alone.how, alone.calls) == ("tools", ())
    assert "asked for a tool that nobody offered (delete)" in str(alone.error)


@pytest.mark.parametrize("form", FORMS)
async def test_wrong_arguments_are_heard_and_can_be_told_to_the_model(form: str) -> None:
    async with LoopbackProvider([Answer(calls=[("search", "query=x")]), "Sorry."]) as provider:
        first = await ask(form, base(provider, form), tools=TOOLS)
        assert [call.arguments for call in first.calls] == ["query=x"]
        turn = after(first, "The arguments of this call are no JSON: call it again")
        second = await ask(form, base(provider, form), tools=TOOLS, turns=[turn])
        said = messages_of(provider.requests[1].body)
    assert second.text == "Sorry."
    assert [call.arguments for message in said for call in message.calls] == ['{"INVALID_JSON": "query=x"}']


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", ["cut", "eof", "broken", "error"])
@pytest.mark.parametrize("chunks", [1, 3, 8])
async def test_of_a_stream_cut_short_no_call_is_heard(
    form: str, fault: Fault, chunks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Answer(text=["Let me ", "look."], calls=ASKS.calls, fault=fault, after=chunks)
    async with LoopbackProvider(answer) as provider:
        raw = await ask(form, base(provider, form), tools=TOOLS)
        monkeypatch.setattr(model_module, "raw_response", lambda wrapper, inner: (None, None))  # pyright: ignore
        wrapped = await ask(form, base(provider, form), tools=TOOLS)
    assert raw.how == ("provider" if fault == "error" else "incomplete")
    assert wrapped.error is not None
    assert (raw.calls, wrapped.calls) == ((), ())


@pytest.mark.parametrize("form", FORMS)
async def test_litellms_own_reading_hears_the_same_calls(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with LoopbackProvider(lambda _: ASKS) as provider:
        raw = await ask(form, base(provider, form), tools=TOOLS)
        monkeypatch.setattr(model_module, "raw_response", lambda wrapper, inner: (None, None))  # pyright: ignore
        wrapped = await ask(form, base(provider, form), tools=TOOLS)
    assert wrapped.text == raw.text
    assert [(call.name, call.arguments) for call in wrapped.calls] == [
        (call.name, call.arguments) for call in raw.calls
    ]


async def test_ids_that_come_again_in_a_later_turn_are_made_anew() -> None:
    before = Turn("", (Call("call_1_0", "now", "{}"),), ("noon",))
    async with LoopbackProvider(Answer(calls=[("now", {})])) as provider:
        heard = await ask("openai", provider.openai, tools=TOOLS, turns=[before])
    assert [call.id for call in heard.calls] == ["call_2"]


async def test_what_litellm_imports_for_tools_is_there_before_the_first_request() -> None:
    """Should litellm move it, this tells: the first request with tools would stop the loop for seconds."""
    part = Part("coder", params={"api_base": "http://127.0.0.1:1/v1"}, tools=("search",))
    await ModelPlayer(MODELS["openai"], part).prepare()
    assert "litellm.responses.mcp.chat_completions_handler" in sys.modules
    assert "litellm.responses.mcp.litellm_proxy_mcp_handler" in sys.modules


THOUGHT = {"type": "thinking", "thinking": "Where was it?", "signature": "c2lnbmVk"}
HIDDEN = {"type": "redacted_thinking", "data": "aGlkZGVu"}


def _thinking_events() -> list[dict[str, Any]]:
    def block(index: int, begun: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"type": "content_block_start", "index": index, "content_block": begun},
            *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
            {"type": "content_block_stop", "index": index},
        ]

    return [
        {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 1, "output_tokens": 1}}},
        *block(
            0,
            {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking_delta", "thinking": "Where "},
            {"type": "thinking_delta", "thinking": "was it?"},
            {"type": "signature_delta", "signature": "c2lnbmVk"},
        ),
        *block(1, HIDDEN),
        *block(
            2,
            {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}},
            {"type": "input_json_delta", "partial_json": "{}"},
        ),
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]


@pytest.mark.parametrize("raw", [True, False])
async def test_thoughts_go_back_as_they_were_signed(raw: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not raw:
        monkeypatch.setattr(model_module, "raw_response", lambda wrapper, inner: (None, None))  # pyright: ignore
    async with _events_at("/v1/messages", _thinking_events()) as (address, bodies):
        part = Part(
            "coder", params={"api_base": address, "thinking": {"type": "enabled", "budget_tokens": 1024}}
        )
        player = ModelPlayer(MODELS["anthropic"], part)
        first = await hear(player, part, tools=TOOLS)
        await hear(player, part, [after(first, "noon")], TOOLS)
        said = next(message for message in bodies[1]["messages"] if message["role"] == "assistant")
        assert said["content"] == [
            THOUGHT,
            HIDDEN,
            {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}},
        ]


async def test_reasoning_goes_back_to_those_who_want_it() -> None:
    call = {"index": 0, "id": "a", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    deltas: list[dict[str, Any]] = [
        {"reasoning_content": "Where "},
        {"reasoning_content": "was it?"},
        {"tool_calls": [call]},
    ]
    events: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    async with _events_at("/chat/completions", events) as (address, bodies):
        part = Part("coder", params={"api_base": address, "api_key": "none"})
        player = ModelPlayer("deepseek/deepseek-reasoner", part)
        first = await hear(player, part, tools=TOOLS)
        assert [c.name for c in first.calls] == ["now"]
        await hear(player, part, [after(first, "noon")], TOOLS)
        said = next(message for message in bodies[1]["messages"] if message["role"] == "assistant")
        assert said["reasoning_content"] == "Where was it?"


@contextlib.asynccontextmanager
async def _events_at(
    path: str, events: Sequence[dict[str, Any]]
) -> AsyncGenerator[tuple[str, list[dict[str, Any]]]]:
    """A provider that answers all with these events: its address, and the requests as they come."""
    bodies: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        bodies.append(await request.json())
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for event in events:
            await response.write(f"data: {json.dumps(event)}\n\n".encode())
        return response

    app = web.Application()
    app.router.add_post(path, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", bodies
    finally:
        await runner.cleanup()
