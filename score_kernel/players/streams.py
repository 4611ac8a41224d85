"""What a provider streams, as pure logic: pieces go in, text comes out, and at the end the verdict.

Three forms, one class each: OpenAI's chat completions, Anthropic's messages (both from the raw
bytes), and litellm's own chunks for every other provider. `hear` yields text, and raises once it
meets an error or something broken, after the text before it. `verdict` is the provider's word for
why it ended; where it never came the stream was cut short, however cleanly it closed, and that is
an error: a contribution must not pass for complete when it is not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from ..errors import PermanentError, TransientError
from ..score.events import Call
from ..score.ports import ToolCalls
from .failures import INCOMPLETE, clip, in_stream
from .sse import Framer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sse import Sent

_FINISHES = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "model_context_window_exceeded": "length",
}
_REFUSALS = {"content_filter", "refusal", "safety", "content_filtered", "guardrail_intervened"}
_ASKS_FOR_TOOLS = {"tool_calls", "tool_use", "function_call"}

_decode = msgspec.json.Decoder().decode


class Stream(Protocol):
    """One answer as it streams. `usage` is as litellm's `Usage` takes it, or `None`."""

    usage: dict[str, Any] | None
    cost: float | None

    def hear(self, piece: Any) -> Iterator[str]:
        """The text in this piece."""
        ...

    def close(self) -> Iterator[str]:
        """The text that was still held when the stream ended."""
        ...

    def verdict(self) -> str | ToolCalls:
        """Why it ended: `stop`, `length`, ...; or the tools it asks for, each call whole.

        Raises where it did not end as it should.
        """
        ...


class _Told:
    """What the provider told beside the text, and what follows from it."""

    def __init__(self, model: str, *, offered: bool = False) -> None:
        self.model = model
        self.offered = offered
        """Whether it was offered tools."""
        self.usage: dict[str, Any] | None = None
        self.cost: float | None = None
        self.finish: str | None = None
        self.refusal = ""
        self.calls: dict[object, _Call] = {}

    def call(self, key: object) -> _Call:
        """The call that a piece belongs to, by what the provider tells them apart by."""
        return self.calls.setdefault(key, _Call())

    def verdict(self) -> str | ToolCalls:
        if self.finish is None:
            raise TransientError(
                f"{self.model}: the answer ended without the provider's word that it was done", INCOMPLETE
            )
        if self.finish in _REFUSALS or self.refusal:
            because = f": {words}" if (words := clip(self.refusal)) else ""
            raise PermanentError(f"{self.model} refused to answer{because}", "refusal")
        if self.finish in _ASKS_FOR_TOOLS or self.calls:
            return self._asked()
        if self.finish == "pause_turn":
            raise TransientError(f"{self.model} paused in the middle of its answer", INCOMPLETE)
        if self.finish == "error":
            raise TransientError(f"{self.model}: the provider ended the answer with an error", "provider")
        return _FINISHES.get(self.finish, self.finish)

    def _asked(self) -> ToolCalls:
        """The calls, if all of them have arrived whole and tools were offered."""
        names = ", ".join(dict.fromkeys(call.name for call in self.calls.values() if call.name))
        if not self.offered:
            asked = f" ({names})" if names else ""
            raise PermanentError(f"{self.model} asked for a tool that nobody offered{asked}", "tools")
        if _FINISHES.get(self.finish or "", self.finish) == "length":
            raise PermanentError(
                f"{self.model}: the answer was too long for its limit in the middle of a call of {names}: "
                "raise `max_tokens` in `params`",
                "tools",
            )
        found: dict[str, Call] = {}
        for number, call in enumerate(self.calls.values(), 1):
            arguments = call.arguments.strip() or "{}"
            try:
                json.loads(arguments)
            except ValueError:
                raise TransientError(
                    f"{self.model}: the arguments of {call.name or 'a tool'} did not arrive whole", INCOMPLETE
                ) from None
            name = call.id if call.id and call.id not in found else f"call_{number}"
            found[name] = Call(name, call.name, arguments)
        if not found:
            raise TransientError(f"{self.model} asked for tools and named none", INCOMPLETE)
        return ToolCalls(tuple(found.values()))


class _Call:
    """A call as its pieces come."""

    def __init__(self) -> None:
        self.id = self.name = self.arguments = ""

    def add(self, id_: object, name: object, arguments: object) -> None:
        """One more piece. A name that is told again is the same name."""
        if isinstance(id_, str) and id_ and not self.id:
            self.id = id_
        if isinstance(name, str) and name != self.name:
            self.name += name
        if isinstance(arguments, dict):
            self.arguments = json.dumps(arguments)
        elif isinstance(arguments, str):
            self.arguments += arguments


class _Events(_Told):
    """What both raw forms share: events of JSON objects, each of them whole."""

    def __init__(self, model: str, *, offered: bool = False) -> None:
        super().__init__(model, offered=offered)
        self._framer = Framer()
        self._done = False

    def hear(self, piece: bytes) -> Iterator[str]:
        for sent in self._framer.feed(piece):
            yield from self._sent(sent)

    def close(self) -> Iterator[str]:
        for sent in self._framer.close():
            yield from self._sent(sent)

    def _sent(self, sent: Sent) -> Iterator[str]:
        data = sent.data.strip()
        if self._done or not data:
            return
        if data == b"[DONE]":
            self._done = True
            return
        event = self._object(data)
        if event is None:
            return
        error = event.get("error")
        if error or sent.name == b"error":
            raise in_stream(self.model, error or event)
        yield from self._event(event)

    def _object(self, data: bytes) -> dict[str, Any] | None:
        try:
            event = _decode(data)
        except msgspec.DecodeError:
            try:  # lone surrogates, which msgspec refuses
                event = json.loads(data)
            except ValueError:
                raise TransientError(
                    f"{self.model}: a part of the answer arrived broken", INCOMPLETE
                ) from None
        return event if isinstance(event, dict) else None

    def _event(self, event: dict[str, Any]) -> Iterator[str]:
        raise NotImplementedError


class ChatStream(_Events):
    """OpenAI's chat completions, and everybody's who speaks as they do.

    The last word is `finish_reason`. `[DONE]` alone is not enough: a server sends it after whatever
    it had.
    """

    def _event(self, event: dict[str, Any]) -> Iterator[str]:
        usage = event.get("usage") or (event.get("x_groq") or {}).get("usage")
        if isinstance(usage, dict) and usage.get("completion_tokens") is not None:
            self.usage = usage
            cost = usage.get("cost")
            self.cost = float(cost) if isinstance(cost, int | float) else self.cost
        for choice in event.get("choices") or ():
            if choice.get("index"):
                continue
            delta = choice.get("delta") or {}
            content = delta.get("content")
            if isinstance(content, str):
                if content:
                    yield content
            elif isinstance(content, list):
                for block in content:
                    if isinstance(block, dict) and block.get("type") == "text" and block.get("text"):
                        yield block["text"]
            if delta.get("refusal"):
                self.refusal += delta["refusal"]
            for call in delta.get("tool_calls") or ():
                function = call.get("function") or {}
                self.call(self._key(call)).add(
                    call.get("id"), function.get("name"), function.get("arguments")
                )
            self.finish = choice.get("finish_reason") or self.finish

    def _key(self, call: dict[str, Any]) -> object:
        """Its index; where a server gives none, a piece with an id (or a name) begins another call."""
        index = call.get("index")
        if isinstance(index, int):
            known = self.calls.get(index)
            if known is None or not call.get("id") or call["id"] == known.id:
                return index
            return (index, call["id"])  # a server that counts every call as its first
        if call.get("id") or not self.calls:
            return ("id", call.get("id"), len(self.calls))
        return next(reversed(self.calls))


class MessagesStream(_Events):
    """Anthropic's messages. The last words are a `stop_reason`, and then `message_stop`.

    Tools that run at the provider (`server_tool_use`) are its own affair: the text around them plays.
    """

    def __init__(self, model: str, *, offered: bool = False) -> None:
        super().__init__(model, offered=offered)
        self._counts: dict[str, int] = {}
        self._stopped = False

    def _event(self, event: dict[str, Any]) -> Iterator[str]:
        match event.get("type"):
            case "message_start":
                self._count((event.get("message") or {}).get("usage"))
            case "content_block_start":
                block = event.get("content_block") or {}
                if block.get("type") == "text" and block.get("text"):
                    yield block["text"]
                elif block.get("type") == "tool_use":
                    # what is whole from the beginning stands in `input`; else that is empty
                    self.call(event.get("index")).add(
                        block.get("id"), block.get("name"), block.get("input") or None
                    )
            case "content_block_delta":
                delta = event.get("delta") or {}
                if delta.get("type") == "text_delta" and delta.get("text"):
                    yield delta["text"]
                elif delta.get("type") == "input_json_delta" and event.get("index") in self.calls:
                    self.call(event.get("index")).add("", None, delta.get("partial_json"))
            case "message_delta":
                self.finish = (event.get("delta") or {}).get("stop_reason") or self.finish
                self._count(event.get("usage"))
            case "message_stop":
                self._stopped = True
            case _:
                pass

    def _count(self, usage: object) -> None:
        if not isinstance(usage, dict):
            return
        # The counts of `message_delta` are cumulative, and it may leave out those of `message_start`.
        self._counts |= {name: n for name, n in usage.items() if isinstance(n, int)}
        count = self._counts.get
        written, read = count("cache_creation_input_tokens", 0), count("cache_read_input_tokens", 0)
        self.usage = {
            "prompt_tokens": count("input_tokens", 0) + written + read,
            "completion_tokens": count("output_tokens", 0),
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": read,
        }

    def verdict(self) -> str | ToolCalls:
        """As `Stream`."""
        if not self._stopped:
            self.finish = None
        return super().verdict()


class ChunkStream(_Told):
    """litellm's chunks, for providers whose bytes it must translate.

    litellm closes every stream with a finish of its own making; what the provider said is in
    `received_finish_reason` of its wrapper (BerriAI/litellm issues 40260 and 42085), and whether it
    counted the tokens in the chunks the wrapper kept.
    """

    def __init__(self, model: str, wrapper: Any, *, offered: bool = False) -> None:
        super().__init__(model, offered=offered)
        self._wrapper = wrapper

    def hear(self, piece: Any) -> Iterator[str]:
        """As `Stream`."""
        usage = getattr(piece, "usage", None)
        if usage is not None:
            told = any(getattr(kept, "usage", None) for kept in getattr(self._wrapper, "chunks", ()))
            self.usage = usage.model_dump(exclude_none=True) if told else self.usage
        for choice in piece.choices or ():
            if choice.index:
                continue
            if choice.delta.content:
                yield choice.delta.content
            for call in getattr(choice.delta, "tool_calls", None) or ():
                function = call.function
                given = getattr(function, "name", None), getattr(function, "arguments", None)
                self.call(getattr(call, "index", None) or 0).add(getattr(call, "id", None), *given)

    def close(self) -> Iterator[str]:
        """As `Stream`."""
        self.finish = getattr(self._wrapper, "received_finish_reason", None)
        return iter(())
