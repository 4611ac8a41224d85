"""A model, asked through litellm.

litellm knows how to speak to each provider; what comes back is read from the raw bytes wherever the
provider speaks OpenAI's or Anthropic's form. That is not only some fifteen times cheaper for each
chunk (`benchmarks/chunks.py`): litellm's own reading may drop a broken line, closes a stream that
was cut short as if it had ended well, and refuses a hundred equal chunks. The bytes are reached
through attributes that litellm does not promise, so where they are missing its chunks are read
instead, and watched as far as they can be.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import inspect
import json
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..errors import ConductError, PlayerError, TransientError
from ..score.events import PlayerRef
from ..score.ports import Finish, ToolCalls, Usage
from ..score.reading import model_identity
from .asked import is_object, with_own_ids
from .estimate import tokens_of
from .failures import INCOMPLETE, broken_off, to_player_error
from .loading import asking_once, load, load_for_tools
from .streams import ChatStream, ChunkStream, MessagesStream

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Iterator,
        Mapping,
        Sequence,
    )

    from ..score.events import Call
    from ..score.plan import Part
    from ..score.ports import Sound, Tool, Turn
    from ..score.reading import Reading
    from .streams import Stream

SHORTEST_HIDDEN = 6
"""Characters of a header's value that is kept out of lines; what is shorter is any word."""

NO_KEY = "none-needed"
"""Sent as the key to a server of one's own (`api_base`), as most clients refuse to send none."""

_OWN_CREDENTIALS = ("bedrock", "sagemaker", "vertex_ai", "watsonx", "oci", "github_copilot")
"""Providers with more ways to sign in than a key in one variable: the request itself will tell."""

_OTHERS_PLAY = ("fallbacks", "context_window_fallback_dict")
"""Parameters by which litellm would ask another model, and tell nobody."""

_AZURE_SIGN_IN = {"AZURE_AD_TOKEN", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"}


class ModelPlayer:
    """A model by its litellm id (`openai/gpt-4o`, `anthropic/claude-sonnet-4-5`, `ollama/llama3.2`).

    The part's `params` are passed through. Retries, the deadline and the patience for a stalled
    stream are the engine's, so litellm's are off.
    """

    def __init__(self, model: str, part: Part) -> None:
        self.model = model
        self._params = dict(part.params)
        self._offers = bool(part.tools)
        self._litellm: Any = None
        self._thoughts: dict[tuple[str, str], dict[str, Any]] = {}

    @property
    def ref(self) -> PlayerRef:
        """The model's id."""
        return PlayerRef("model", self.model)

    @property
    def identity(self) -> Mapping[str, Any]:
        """The model's id. Its parameters are in the digest on their own."""
        return model_identity(self.model)

    async def prepare(self) -> None:
        """Import litellm, and see that the model's provider exists and its key is set.

        Raises `ConductError` in one line that says what to set or how to write the model.
        """
        litellm = self._litellm = await asyncio.to_thread(load)
        if self._offers:
            await asyncio.to_thread(load_for_tools)
        for name in _OTHERS_PLAY:
            if self._params.get(name):
                raise ConductError(
                    f"{self.model}: another model would play than the score says: delete `{name}` in `params`"
                )
        missing = self._missing(litellm)
        if not missing or self._own_server:
            return
        raise ConductError(
            f"{self.model} needs a key: set {missing} in the environment of the kernel; "
            "a server of your own that needs none is `params: {api_base: ...}` of the part"
        )

    async def play(
        self, part: Part, reading: Reading, turns: Sequence[Turn] = (), tools: Sequence[Tool] = ()
    ) -> AsyncGenerator[Sound, None]:
        """Ask the model, once, and yield its answer as it streams, `Usage` as it is told, then `Finish`, or
        `ToolCalls` where it asks for some of the `tools`. `turns` are what went before in the contribution.

        A call is whole, though its tool may be none that was offered and its arguments no JSON; its id is
        no other's of these `turns`. What a provider runs itself is no call. What the model thought before
        it called is kept here, as some providers want to be told it again.

        What comes and is no text (a thought, a sign of life) is yielded as an empty one: it has not
        stalled. Raises `TransientError` (reasons `connection`, `timeout`, `rate-limit`, `provider`,
        `incomplete`) and `PermanentError` (`key`, `model`, `request`, `context`, `refusal`,
        `tools`, `budget`, `error`). Tokens that a failed answer used are yielded before it raises, and
        those that the provider counts as it begins at once: they are paid, also where it is cancelled.
        """
        litellm = self._litellm or await asyncio.to_thread(load)
        if tools:
            await asyncio.to_thread(load_for_tools)
        request = self._request(litellm, part, reading, turns, tools)
        try:
            with asking_once():
                wrapper = await litellm.acompletion(**request)
        except Exception as exc:
            raise self._without_headers(to_player_error(exc, self.model)) from exc
        heard: list[str] = []
        told: Usage | None = None
        failure: PlayerError | None = None
        stream, pieces, release = open_answer(wrapper, self.model, offered=bool(tools))
        try:
            async for piece in pieces:
                before = len(heard)
                for text in stream.hear(piece):
                    heard.append(text)
                    yield text
                if told is None and stream.usage:
                    told = self._usage(litellm, stream, request, "", whole=True)
                    yield told
                elif len(heard) == before:
                    yield ""
            for text in stream.close():
                heard.append(text)
                yield text
            finish = stream.verdict()
        except PlayerError as error:
            finish, failure = "", error
        except Exception as exc:
            finish, failure = "", broken_off(exc, self.model)
        finally:
            await release()
        said = "".join(heard) + stream.asked.text
        used = self._usage(litellm, stream, request, said, whole=failure is None)
        if (rest := _beyond(told, used)) is not None:
            yield rest
        if failure is not None:
            raise self._without_headers(failure)
        if not isinstance(finish, ToolCalls):
            yield Finish(finish)
            return
        calls = with_own_ids(finish.calls, [call for turn in turns for call in turn.calls])
        if thoughts := stream.thoughts:
            self._thoughts[reading.digest, calls[0].id] = thoughts
        yield ToolCalls(calls)

    def _without_headers(self, error: PlayerError) -> PlayerError:
        """The error without what this part's headers say: a provider may repeat it."""
        line = str(error)
        for name, headers in self._params.items():
            if "header" in name.lower() and isinstance(headers, dict):
                for value in cast("dict[str, object]", headers).values():
                    if len(str(value)) >= SHORTEST_HIDDEN:
                        line = line.replace(str(value), "[header]")
        error.args = (line,)
        return error

    @property
    def _own_server(self) -> bool:
        return bool(self._params.get("api_base") or self._params.get("base_url"))

    def _provider(self, litellm: Any) -> tuple[str, str]:
        """The model's name at its provider, and the provider, as litellm reads the id."""
        base = self._params.get("api_base") or self._params.get("base_url")
        try:
            name, provider, *_ = litellm.get_llm_provider(self.model, api_base=base)
        except Exception:  # whatever it raises, the id was not understood
            raise ConductError(self._unknown(litellm)) from None
        return name, provider

    def _unknown(self, litellm: Any) -> str:
        providers = sorted(str(getattr(p, "value", p)) for p in litellm.provider_list)
        head, slash, rest = self.model.partition("/")
        if slash:
            near = [f"{name}/{rest}" for name in difflib.get_close_matches(head, providers, 1)]
        else:
            near = difflib.get_close_matches(self.model, [str(m) for m in litellm.model_cost], 1)
        hint = f"did you mean {near[0]}?" if near else "write PROVIDER/MODEL, for example openai/gpt-4o-mini"
        return f"{self.model!r} is no model id that litellm knows: {hint}"

    def _missing(self, litellm: Any) -> str:
        """The variables to set for this model's key, or an empty string where nothing is missing."""
        provider = self._provider(litellm)[1]
        if provider.startswith(_OWN_CREDENTIALS):
            return ""
        if provider.startswith("azure") and not os.environ.keys().isdisjoint(_AZURE_SIGN_IN):
            return ""
        found = litellm.validate_environment(self.model)
        if found["keys_in_environment"]:
            return ""
        names = [name for name in found["missing_keys"] if name.endswith(("_KEY", "_TOKEN"))]
        return "" if any(name in os.environ for name in names) else " or ".join(names)

    def _request(
        self, litellm: Any, part: Part, reading: Reading, turns: Sequence[Turn], tools: Sequence[Tool]
    ) -> dict[str, Any]:
        given = {name: value for name, value in self._params.items() if name != "retry_policy"}
        if self._own_server and self._missing(litellm):
            given["api_key"] = NO_KEY
        # Between two chunks litellm waits for this long; the engine ends the contribution sooner.
        given.setdefault("timeout", part.timeout + 5)
        if tools:
            given["tools"] = [*given.get("tools", ()), *(_as_function(tool) for tool in tools)]
        return given | {
            "model": self.model,
            "messages": [*reading.messages, *self._since(reading, turns)],
            "stream": True,
            "stream_options": {"include_usage": True},
            "num_retries": 0,
            "max_retries": 0,
        }

    def _since(self, reading: Reading, turns: Sequence[Turn]) -> Iterator[dict[str, Any]]:
        """What went before in this contribution, as messages: what it said, and what it was told then."""
        for turn in turns:
            said = turn.text if turn.text.strip() else None  # Anthropic takes no blank text
            if turn.calls:
                thoughts = self._thoughts.get((reading.digest, turn.calls[0].id), {})
                calls = [_as_called(call) for call in turn.calls]
                yield {"role": "assistant", "content": said, "tool_calls": calls, **thoughts}
                for call, result in zip(turn.calls, turn.results, strict=True):
                    yield {"role": "tool", "tool_call_id": call.id, "content": result}
            elif said is not None:
                yield {"role": "assistant", "content": said}
            if turn.say:
                yield {"role": "user", "content": turn.say}

    def _usage(
        self, litellm: Any, stream: Stream, request: Mapping[str, Any], text: str, *, whole: bool
    ) -> Usage:
        """What the provider counted; where it did not, or was cut short before it could, our estimate."""
        told, estimated = stream.usage or {}, stream.usage is None
        if told:
            tokens_in, tokens_out = (
                int(told.get("prompt_tokens") or 0),
                int(told.get("completion_tokens") or 0),
            )
            if not whole and tokens_out < tokens_of(text):
                tokens_out, estimated = tokens_of(text), True
        else:
            tokens_in = sum(map(_tokens_of, request["messages"]))
            tokens_in += tokens_of(json.dumps(request["tools"])) if request.get("tools") else 0
            tokens_out = tokens_of(text)
        counts = {**told, "prompt_tokens": tokens_in, "completion_tokens": tokens_out}
        counts.pop("total_tokens", None)
        cost = stream.cost if stream.cost is not None else self._price(litellm, counts)
        return Usage(tokens_in, tokens_out, cost, estimated, self.model)

    def _price(self, litellm: Any, counts: dict[str, Any]) -> float | None:
        """USD by litellm's list of prices, or `None` where the model is not on it."""
        try:
            name, provider = self._provider(litellm)
            usage = litellm.Usage(**counts)
            paid_in, paid_out = litellm.cost_per_token(
                model=name,
                custom_llm_provider=provider,
                prompt_tokens=counts["prompt_tokens"],
                completion_tokens=counts["completion_tokens"],
                usage_object=usage,
            )
        except Exception:  # it raises a bare one for a model without a price
            return None
        return float(paid_in + paid_out)


def _as_function(tool: Tool) -> dict[str, Any]:
    """A tool as a model is offered it, in OpenAI's form; litellm says it otherwise where a provider does."""
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def _as_called(call: Call) -> dict[str, Any]:
    arguments = call.arguments
    if not is_object(arguments):
        # Nobody takes anything but an object; what was wrong with it, the tool's result says.
        arguments = json.dumps({"INVALID_JSON": arguments})
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}


def _tokens_of(message: Mapping[str, Any]) -> int:
    called = (call["function"]["arguments"] for call in message.get("tool_calls") or ())
    return tokens_of(message["content"] or "") + sum(map(tokens_of, called))


def _beyond(told: Usage | None, used: Usage) -> Usage | None:
    """What of `used` was not told yet, or `None` where all of it was."""
    if told is None:
        return used
    if (used.tokens_in, used.tokens_out, used.cost) == (told.tokens_in, told.tokens_out, told.cost):
        return None
    return Usage(
        used.tokens_in - told.tokens_in,
        used.tokens_out - told.tokens_out,
        used.cost if used.cost is None or told.cost is None else used.cost - told.cost,
        used.estimated,
        used.model,
    )


class Opened(NamedTuple):
    """An answer that has begun: who reads it, what it is read from, and how it is let go."""

    stream: Stream
    pieces: AsyncIterator[Any]
    release: Callable[[], Awaitable[None]]


def open_answer(wrapper: Any, model: str, *, offered: bool = False) -> Opened:
    """Read the raw bytes below litellm's stream where their form is known, else its chunks."""
    inner: Any = getattr(wrapper, "completion_stream", None)
    response, form = raw_response(wrapper, inner)
    if response is not None and form is not None:
        stream: Any = form(model, offered=offered)
        pieces: Any = response.aiter_bytes()
    else:
        stream = ChunkStream(model, wrapper, offered=offered)
        lines = getattr(inner, "streaming_response", None)
        if hasattr(lines, "__aiter__"):
            inner.streaming_response = _watched(lines, model)
        pieces = wrapper

    async def release() -> None:
        for end in (pieces, response, wrapper):
            if end is not None and hasattr(end, "aclose"):
                with contextlib.suppress(Exception):
                    await end.aclose()

    return Opened(stream, pieces, release)


def raw_response(wrapper: Any, inner: Any) -> tuple[Any, type[ChatStream | MessagesStream] | None]:
    """The HTTP response below litellm's stream and the form it is in, or `None`s.

    Three of litellm's ways lead to bytes of a known form: the openai package's stream (`response`),
    its handler for those who speak as OpenAI does (`http_response`), and Anthropic's iterator, which
    keeps no more than the generator of the response's lines: the response is that generator's `self`.
    """
    ways = {f"{cls.__module__}.{cls.__name__}" for cls in type(inner).__mro__}
    if "openai.AsyncStream" in ways or "openai._streaming.AsyncStream" in ways:
        form = None if "text" in str(getattr(wrapper, "custom_llm_provider", "")) else ChatStream
        response = getattr(inner, "response", None)
    elif any(way.endswith(".OpenAIChatCompletionStreamingHandler") for way in ways):
        form, response = ChatStream, getattr(inner, "http_response", None)
    elif "litellm.llms.anthropic.chat.handler.ModelResponseIterator" in ways:
        frame = getattr(getattr(inner, "streaming_response", None), "ag_frame", None)
        form, response = MessagesStream, frame.f_locals.get("self") if frame is not None else None
    else:
        return None, None
    streams = "event-stream" in str(getattr(response, "headers", {}).get("content-type", ""))
    return (response, form) if streams and hasattr(response, "aiter_bytes") else (None, None)


async def _watched(lines: Any, model: str) -> AsyncGenerator[Any, None]:
    """The lines of a stream, unless one is broken: litellm would leave it out and go on."""
    broken = ""
    async for line in lines:
        if isinstance(line, str):
            if broken and (not line.strip() or line.startswith(("data:", "event:", "id:", ":"))):
                raise TransientError(f"{model}: a part of the answer arrived broken", INCOMPLETE)
            # A line separator inside a JSON text is a line end to the one who cut these lines.
            data = broken + (line if broken else line.removeprefix("data:"))
            broken = data if (broken or line.startswith("data:")) and not _whole(data) else ""
        yield line
    if broken:
        raise TransientError(f"{model}: a part of the answer arrived broken", INCOMPLETE)


def _whole(data: str) -> bool:
    if not data.strip() or data.strip() == "[DONE]":
        return True
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


async def close_connections() -> None:
    """Close the connections that litellm keeps open for the running event loop.

    For the end of that loop: litellm pools them per loop, and a pool whose loop is gone leaks its
    sockets. Does nothing where litellm was never imported.
    """
    litellm = sys.modules.get("litellm")
    cache = getattr(getattr(litellm, "in_memory_llm_clients_cache", None), "cache_dict", None)
    if not isinstance(cache, dict):
        return
    loop = asyncio.get_running_loop()
    mine = [key for key in cache if str(key).endswith(f"-{id(loop)}")]
    closing = [cache.pop(key) for key in mine]
    # The one that Anthropic's models share is used by all loops, one after the other.
    shared = vars(litellm).get("module_level_aclient")
    session = getattr(getattr(getattr(shared, "client", None), "_transport", None), "client", None)
    if getattr(session, "_loop", None) is loop:
        closing.append(session)
    for client in closing:
        close = getattr(client, "close", None)
        with contextlib.suppress(Exception):
            ended = close() if close is not None else None
            if inspect.isawaitable(ended):
                await ended
