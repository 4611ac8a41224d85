"""Models, asked over real HTTP at a provider on this machine."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web

from score_kernel.errors import ConductError, PermanentError
from score_kernel.players import model as model_module
from score_kernel.players.model import ModelPlayer
from score_kernel.score.plan import Part
from score_kernel.score.ports import Finish, Sound, Usage
from score_kernel.testing.clock import settle
from score_kernel.testing.provider import Answer, Fault, LoopbackProvider
from tests.players.playing import MODELS, READING, ask, hear

# pydantic's remarks on types of litellm's, made when litellm builds its own chunks. `load` keeps from
# users the one that would be shown; pytest puts the filters back for each test.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Item '.*' on TypedDict class:UserWarning"),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_.*fields':DeprecationWarning"),
]

FORMS = ["openai", "anthropic"]
TEXT = 'Hello,\n\n  wörld 🎼 "quoted" \u2028\u2029\x85 end \\ {"a": 1} '


def base(provider: LoopbackProvider, form: str) -> str:
    return provider.openai if form == "openai" else provider.anthropic


@pytest.mark.parametrize("form", FORMS)
async def test_text_usage_and_finish_are_the_providers(form: str) -> None:
    async with LoopbackProvider(Answer(text=TEXT, usage=(1000, 200))) as provider:
        heard = await ask(form, base(provider, form))
    assert heard.text == TEXT
    assert heard.usage is not None
    assert (heard.usage.tokens_in, heard.usage.tokens_out, heard.usage.estimated) == (1000, 200, False)
    assert heard.usage.cost is not None
    assert heard.usage.cost > 0
    assert heard.sounds[-1] == Finish("stop")


@pytest.mark.parametrize("form", FORMS)
async def test_the_messages_and_params_are_sent_and_only_once(form: str) -> None:
    async with LoopbackProvider("ok") as provider:
        await ask(form, base(provider, form), temperature=0.5, max_tokens=7, num_retries=3)
        request = provider.requests[0]
        assert provider.count == 1
    assert request.form == form
    assert request.body["stream"] is True
    assert (request.body["temperature"], request.body["max_tokens"]) == (0.5, 7)
    assert "Say hello." in str(request.body["messages"])
    assert "You are coder." in str(request.body)


@pytest.mark.parametrize("form", FORMS)
async def test_without_the_providers_count_usage_is_estimated(form: str) -> None:
    async with LoopbackProvider(Answer(text="x" * 400, usage=None)) as provider:
        heard = await ask(form, base(provider, form))
    assert isinstance(heard.usage, Usage)
    assert heard.usage.estimated
    assert heard.usage.tokens_out == 100


async def test_a_model_without_a_known_price_costs_nobody_knows_what() -> None:
    async with LoopbackProvider("ok") as provider:
        part = Part("coder", params={"api_base": provider.openai})
        heard = await hear(ModelPlayer("openai/no-such-model-anywhere", part), part)
    assert heard.usage is not None
    assert heard.usage.cost is None


@pytest.mark.parametrize("form", FORMS)
async def test_length_is_the_providers_word_and_not_an_error(form: str) -> None:
    async with LoopbackProvider(Answer(text="cut by max_tokens", finish="length")) as provider:
        heard = await ask(form, base(provider, form))
    assert (heard.how, heard.finish, heard.text) == ("played", "length", "cut by max_tokens")


@pytest.mark.parametrize("form", FORMS)
async def test_a_refusal_is_permanent_and_keeps_the_text(form: str) -> None:
    word = "content_filter" if form == "openai" else "refusal"
    async with LoopbackProvider(Answer(text="I would", finish=word)) as provider:
        heard = await ask(form, base(provider, form))
    assert (heard.how, heard.text) == ("refusal", "I would")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", ["cut", "eof", "broken"])
async def test_a_stream_cut_short_is_incomplete_and_its_tokens_are_counted(form: str, fault: Fault) -> None:
    async with LoopbackProvider(Answer(text=["one ", "two ", "three"], fault=fault, after=2)) as provider:
        heard = await ask(form, base(provider, form))
    assert (heard.how, heard.text) == ("incomplete", "one two ")
    assert heard.usage is not None
    assert heard.finish is None


async def test_a_finish_that_never_came_is_incomplete_even_with_all_else_there() -> None:
    async with LoopbackProvider(Answer(text="all of it", finish=None)) as provider:
        for form in FORMS:
            heard = await ask(form, base(provider, form))
            assert (heard.how, heard.text) == ("incomplete", "all of it")


@pytest.mark.parametrize("form", FORMS)
async def test_an_error_event_in_mid_stream_says_what_the_provider_said(form: str) -> None:
    answer = Answer(text=["one ", "two"], fault="error", message="Overloaded, sorry.")
    async with LoopbackProvider(answer) as provider:
        heard = await ask(form, base(provider, form))
    assert (heard.how, heard.text) == ("provider", "one ")
    assert "Overloaded, sorry" in str(heard.error)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("status", "reason", "transient"),
    [
        (400, "request", False),
        (401, "key", False),
        (402, "budget", False),
        (403, "key", False),
        (404, "model", False),
        (429, "rate-limit", True),
        (500, "provider", True),
        (503, "provider", True),
        (529, "provider", True),
    ],
)
async def test_each_status_is_one_line_after_one_request(
    form: str, status: int, reason: str, transient: bool
) -> None:
    answer = Answer(status=status, message="Because I say so.", headers={"retry-after": "7"})
    async with LoopbackProvider(answer) as provider:
        heard = await ask(form, base(provider, form))
        assert provider.count == 1
    assert heard.error is not None
    assert heard.how == reason
    assert type(heard.error).__name__ == ("TransientError" if transient else "PermanentError")
    assert heard.error.retry_after == (7 if transient else None)
    assert MODELS[form] in str(heard.error)
    assert "Because I say so" in str(heard.error)
    assert "\n" not in str(heard.error)
    assert "litellm" not in str(heard.error).lower()


@pytest.mark.parametrize("form", FORMS)
async def test_a_provider_that_is_not_there_is_named_with_the_reason(form: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        heard = await ask(form, f"http://127.0.0.1:{port}" + ("/v1" if form == "openai" else ""))
    assert str(heard.error) == (
        f"{MODELS[form]}: could not reach 127.0.0.1:{port} (connection refused): "
        "check the network, and that the server runs"
    )
    assert heard.how == "connection"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("address", ["localhost:8000", "http://", "ftp://localhost"])
async def test_what_is_no_address_is_told_so_and_not_tried_again(form: str, address: str) -> None:
    heard = await ask(form, address)
    assert str(heard.error) == (
        f"{MODELS[form]}: its `api_base` is no address: write one as in http://localhost:8000/v1"
    )
    assert isinstance(heard.error, PermanentError)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", [None, "error"])
async def test_what_a_header_says_is_in_no_error(form: str, fault: Fault | None) -> None:
    status = 400 if fault is None else 200
    answer = Answer(text="one two", status=status, fault=fault, message="no team named team-of-mine here")
    async with LoopbackProvider(answer) as provider:
        heard = await ask(form, base(provider, form), extra_headers={"X-Team": "team-of-mine"})
        assert "team-of-mine" in provider.requests[0].headers.values()
    assert "no team named [header] here" in str(heard.error)


async def test_what_is_no_text_tells_that_the_stream_has_not_stalled() -> None:
    """A model may think for longer than the part's `stall` before it says a word."""
    thought = b'data: {"choices": [{"index": 0, "delta": {"reasoning_content": "hm"}}]}\n\n'
    words = b'data: {"choices": [{"index": 0, "delta": {"content": "Yes"}, "finish_reason": "stop"}]}\n\n'
    noticed = asyncio.Event()

    async def think(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await response.write(thought)
        await noticed.wait()
        await response.write(words)
        return response

    app = web.Application()
    app.router.add_post("/chat/completions", think)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        part = Part("coder", params={"api_base": f"http://127.0.0.1:{runner.addresses[0][1]}"})
        heard: list[str] = []
        async with asyncio.timeout(30):
            async for sound in ModelPlayer(MODELS["openai"], part).play(part, READING):
                if isinstance(sound, str):
                    heard.append(sound)
                    noticed.set()
    finally:
        await runner.cleanup()
    assert heard == ["", "Yes"]


@pytest.mark.parametrize("form", FORMS)
async def test_cancelling_lets_the_connection_go_after_what_was_counted_is_told(form: str) -> None:
    async with LoopbackProvider(Answer(text=["one ", "two"], fault="stall")) as provider:
        part = Part("coder", params={"api_base": base(provider, form)})
        sounds = ModelPlayer(MODELS[form], part).play(part, READING)
        heard: list[Sound] = []
        begun = asyncio.Event()

        async def listen() -> None:
            async for sound in sounds:
                heard.append(sound)
                if sound == "one ":
                    begun.set()

        listening = asyncio.ensure_future(listen())
        await begun.wait()
        await settle()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        with pytest.raises(StopAsyncIteration):
            await anext(sounds)
    # Anthropic counts what it reads as it begins, OpenAI all of it as it ends
    told = [sound.tokens_in for sound in heard if isinstance(sound, Usage)]
    assert told == ([10] if form == "anthropic" else [])


@pytest.mark.parametrize("form", FORMS)
async def test_the_raw_bytes_are_read_where_the_form_is_known(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should litellm move what they are reached through, this tells: playing falls back silently."""
    opened: list[str] = []
    original = model_module.open_answer

    def spy(wrapper: object, model: str, *, offered: bool = False) -> model_module.Opened:
        answer = original(wrapper, model, offered=offered)
        opened.append(type(answer.stream).__name__)
        return answer

    monkeypatch.setattr(model_module, "open_answer", spy)
    async with LoopbackProvider("ok") as provider:
        await ask(form, base(provider, form))
    assert opened == [{"openai": "ChatStream", "anthropic": "MessagesStream"}[form]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", [None, "cut", "eof", "broken", "error"])
async def test_litellms_own_reading_comes_to_the_same_end(
    form: str, fault: Fault | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Answer(text=["one ", "two ", "three"], fault=fault, after=2)
    async with LoopbackProvider(answer) as provider:
        raw = await ask(form, base(provider, form))
        monkeypatch.setattr(model_module, "raw_response", lambda wrapper, inner: (None, None))  # pyright: ignore
        wrapped = await ask(form, base(provider, form))
    assert (wrapped.text, wrapped.how == "played") == (raw.text, raw.how == "played")
    assert type(wrapped.error) is type(raw.error)
    assert wrapped.finish == raw.finish
    if fault is None:
        assert wrapped.usage == raw.usage


async def test_no_key_for_the_provider_names_the_variable() -> None:
    with pytest.raises(ConductError, match="openai/gpt-4o needs a key: set OPENAI_API_KEY in the environ"):
        await ModelPlayer("openai/gpt-4o", Part("coder")).prepare()
    with pytest.raises(ConductError, match="set GOOGLE_API_KEY or GEMINI_API_KEY"):
        await ModelPlayer("gemini/gemini-2.0-flash", Part("coder")).prepare()


async def test_with_the_key_set_or_none_needed_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    await ModelPlayer("ollama/llama3.2", Part("coder")).prepare()
    await ModelPlayer("openai/x", Part("coder", params={"api_base": "http://127.0.0.1:1/v1"})).prepare()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    await ModelPlayer("gpt-4o", Part("coder")).prepare()


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("opnai/gpt-4o", "did you mean openai/gpt-4o?"),
        ("gtp-4o", "did you mean gpt-4o?"),
        ("zzzzqqqq", "write PROVIDER/MODEL, for example openai/gpt-4o-mini"),
    ],
)
async def test_an_unknown_model_id_is_one_line_with_the_nearest(model: str, hint: str) -> None:
    with pytest.raises(ConductError) as refused:
        await ModelPlayer(model, Part("coder")).prepare()
    assert str(refused.value) == f"{model!r} is no model id that litellm knows: {hint}"


def test_a_model_is_known_by_its_id_alone() -> None:
    player = ModelPlayer("openai/gpt-4o", Part("coder", params={"api_base": "http://127.0.0.1:1"}))
    assert player.identity == {"kind": "model", "model": "openai/gpt-4o"}
    assert (player.ref.kind, player.ref.name, player.ref.scripted) == ("model", "openai/gpt-4o", False)


def test_a_provider_for_tests_runs_beside_code_that_is_not_async() -> None:
    with LoopbackProvider(["first", Answer(text="second")]) as provider:
        texts = [asyncio.run(_asked(provider.openai)) for _ in range(3)]
    assert texts == ["first", "second", "second"]


async def _asked(address: str) -> str:
    try:
        return (await ask("openai", address)).text
    finally:
        await model_module.close_connections()
