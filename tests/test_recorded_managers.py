"""Models that call tools, through `Score.conduct` and litellm: on recorded bytes, and as the part that leads."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from score_kernel import Score, Take
from score_kernel.testing.provider import Answer, LoopbackProvider
from tests.cases import needs_cases
from tests.players import recorded
from tests.players.conversations import answer_of, as_streams, canonical, conversations
from tests.players.playing import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from tests.players.conversations import Conversation

pytestmark = [
    # How the recorded provider keeps its cases; it is not ours to change.
    pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey"),
    pytest.mark.filterwarnings("ignore:Item '.*' on TypedDict class:UserWarning"),
]


@contextmanager
def speaking(found: Mapping[str, Conversation]) -> Generator[str]:
    """A provider that goes on with a conversation at each request: its address, for `/NAME/MODE`."""
    cases = {name: case for one in found.values() for name, case in as_streams(one.steps).items()}
    asked = dict.fromkeys(found, 0)

    @web.middleware
    async def go_on(request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
        name = request.match_info["id"]
        step = asked[name]
        asked[name] += 1
        request.match_info["id"] = found[name].steps[step]
        return await handler(request)

    application = recorded.tools().application({**cases, **{name: cases[name] for name in found}}, 0)
    application.middlewares.append(go_on)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner = web.AppRunner(application, shutdown_timeout=0.1)

    async def begin() -> str:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    try:
        yield asyncio.run_coroutine_threadsafe(begin(), loop).result(30)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def returning(results: Iterator[str]) -> Callable[..., str]:
    """A tool that takes whatever it is given, and returns what was recorded."""

    def tool(**given: Any) -> str:
        del given
        return next(results)

    return tool


@needs_cases
@pytest.mark.parametrize("mode", ["whole", "bytes-7"])
def test_a_recorded_manager_calls_functions_of_the_notebook(mode: str) -> None:
    found = conversations()
    with speaking(found) as address:
        for name, conversation in found.items():
            take, calls, wanted = conduct(name, conversation, f"{address}/{name}/{mode}")
            assert take["manager"].text == answer_of(name).text, name
            assert canonical(calls) == canonical(wanted), name


def conduct(name: str, conversation: Conversation, base: str) -> tuple[Take, list[Any], list[Any]]:
    """Conduct one part that is offered what was recorded. Gives the take, its calls, and those recorded."""
    results = [
        (call.name, result)
        for turn in conversation.turns
        for call, result in zip(turn.calls, turn.results, strict=True)
    ]
    notebook: dict[str, Any] = {
        tool.name: returning(iter([result for called, result in results if called == tool.name]))
        for tool in conversation.tools
    }
    base += "/v1" if conversation.form == "openai" else ""
    part = {
        "model": MODELS[conversation.form],
        "task": f"As recorded in {name}",
        "tools": [tool.name for tool in conversation.tools],
        "params": {"api_base": base},
    }
    with Score() as score:
        score.compose("Do it.")
        score.orchestrate({"parts": {"manager": part}}, notebook)
        take = score.conduct()
        assert isinstance(take, Take)
        calls = take.contributions[0]._look(lambda c: [call for turn in c.turns for call in turn.calls])
        assert all(not call.failed for call in calls), name
        return take, calls, [call for turn in conversation.turns for call in turn.calls]


@pytest.mark.parametrize("form", MODELS)
def test_a_model_leads(form: str) -> None:
    answers = [
        Answer(text="The writer first.", calls=[("enter", {"part": "writer", "note": "be brief"})]),
        Answer(text="Let us hear."),
        Answer(calls=[("enter", {"part": "critic"}), ("finish", {"summary": "it is good"})]),
        Answer(text="Done."),
    ]
    notebook: dict[str, Any] = {"write": write, "review": review}
    with LoopbackProvider(answers) as provider, Score() as score:
        score.compose("Do it.")
        boss = {"model": MODELS[form], "task": "Lead", "params": {"api_base": getattr(provider, form)}}
        parts = {
            "boss": boss,
            "writer": {"player": "python:write", "task": "Write"},
            "critic": {"player": "python:review", "after": ["writer"], "task": "Say what is wrong"},
        }
        score.orchestrate({"parts": parts, "tempo": {"lead": "boss"}}, notebook)
        take = score.conduct()
        assert isinstance(take, Take)
        played = [(c.part, c.text) for c in take.contributions if c.status == "played"]
        assert played == [
            ("boss", "Let us hear."),
            ("writer", "text, be brief"),
            ("critic", "on text, be brief"),
            ("boss", "Done."),
        ]
        assert take.status == "finished"
        again = score.conduct()
        assert isinstance(again, Take)
        assert again.id == take.id
        assert provider.count == 4
        tools = provider.requests[0].body["tools"]
        assert [(tool.get("function") or tool)["name"] for tool in tools] == ["enter", "finish"]
        told = json.dumps(provider.requests[2].body["messages"])
        assert "What writer played" in told
        assert "- writer (played): Write" in told


def write(reading: Any) -> str:
    return ", ".join(["text", *reading.notes])


def review(reading: Any) -> str:
    return f"on {reading['writer'].text}"
