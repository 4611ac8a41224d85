"""What a provider streams, as pure logic: pieces go in, text comes out, and at the end the verdict.

Three forms, one class each: OpenAI's chat completions, Anthropic's messages (both from the raw
bytes), and litellm's own chunks for every other provider. `hear` yields text, and raises once it
meets an error or something broken, after the text before it. `verdict` is the provider's word for
why it ended; where it never came the stream was cut short, however cleanly it closed, and that is
an error: a contribution must not pass for complete when it is not, and no tool may be called with half
of its arguments.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from ..errors import PermanentError, TransientError
from ..score.ports import ToolCalls
from .asked import Asked
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
    """One answer as it streams.

    `usage` is as litellm's `Usage` takes it, or `None`; `asked` are the calls of tools so far.
    """

    usage: dict[str, Any] | None
    cost: float | None
    asked: Asked

    @property
    def thoughts(self) -> dict[str, Any]:
        """What the provider has to be told again of its thinking, as keys of litellm's assistant message."""
        ...

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
        self.asked = Asked()

    @property
    def thoughts(self) -> dict[str, Any]:
        """As `Stream`."""
        return {}

    def verdict(self) -> str | ToolCalls:
        if self.finish is None:
            raise TransientError(
                f"{self.model}: the answer ended without the provider's word that it was done", INCOMPLETE
            )
        if self.finish in _REFUSALS or self.refusal:
            because = f": {words}" if (words := clip(self.refusal)) else ""
            raise PermanentError(f"{self.model} refused to answer{because}", "refusal")
        if self.finish == "pause_turn":
            raise TransientError(f"{self.model} paused in the middle of its answer", INCOMPLETE)
        if self.finish == "error":
            raise TransientError(f"{self.model}: the provider ended the answer with an error", "provider")
        finish = _FINISHES.get(self.finish, self.finish)
        return self._calls(finish) if finish in _ASKS_FOR_TOOLS or self.asked else finish

    def _calls(self, finish: str) -> ToolCalls:
        """The calls, if all of them have arrived whole and tools were offered."""
        names = ", ".join(self.asked.names)
        if not self.offered or (names and not self.asked):
            which = f" ({names})" if names else ""
            raise PermanentError(f"{self.model} asked for a tool that nobody offered{which}", "tools")
        if finish == "length":
            raise PermanentError(
                f"{self.model}: the answer was too long for its limit in the middle of a call of "
                f"{names or 'a tool'}: raise `max_tokens` in `params`",
                "tools",
            )
        if not self.asked or not self.asked.whole:
            raise TransientError(
                f"{self.model}: a call of {names or 'a tool'} did not arrive whole", INCOMPLETE
            )
        return ToolCalls(self.asked.calls())


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

    def __init__(self, model: str, *, offered: bool = False) -> None:
        super().__init__(model, offered=offered)
        self._reasoning: list[str] = []

    @property
    def thoughts(self) -> dict[str, Any]:
        """DeepSeek, and those who follow it, go on from a tool only with what they thought before it."""
        return {"reasoning_content": "".join(self._reasoning)} if self._reasoning else {}

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
            if isinstance(thought := delta.get("reasoning_content"), str) and thought:
                self._reasoning.append(thought)
            for call in delta.get("tool_calls") or ():
                self.asked.chat(call)
            self.finish = choice.get("finish_reason") or self.finish


class MessagesStream(_Events):
    """Anthropic's messages. The last words are a `stop_reason`, and then `message_stop`.

    Tools that run at the provider (`server_tool_use`) are its own affair: the text around them plays.
    """

    def __init__(self, model: str, *, offered: bool = False) -> None:
        super().__init__(model, offered=offered)
        self._counts: dict[str, int] = {}
        self._thoughts: dict[object, dict[str, Any]] = {}
        self._stopped = False

    @property
    def thoughts(self) -> dict[str, Any]:
        """Anthropic goes on from a tool only with the thoughts before it, as it signed them."""
        return {"thinking_blocks": list(self._thoughts.values())} if self._thoughts else {}

    def _event(self, event: dict[str, Any]) -> Iterator[str]:
        match event.get("type"):
            case "message_start":
                self._count((event.get("message") or {}).get("usage"))
            case "content_block_start":
                yield from self._begin(event.get("index"), event.get("content_block") or {})
            case "content_block_delta":
                yield from self._more(event.get("index"), event.get("delta") or {})
            case "content_block_stop":
                self.asked.end(event.get("index"))
            case "message_delta":
                self.finish = (event.get("delta") or {}).get("stop_reason") or self.finish
                self._count(event.get("usage"))
            case "message_stop":
                self._stopped = True
            case _:
                pass

    def _begin(self, index: object, block: dict[str, Any]) -> Iterator[str]:
        match block.get("type"):
            case "text" if block.get("text"):
                yield block["text"]
            case "tool_use":
                self.asked.begin(index, block)
            case "thinking" | "redacted_thinking":
                self._thoughts[index] = dict(block)
            case _:
                pass

    def _more(self, index: object, delta: dict[str, Any]) -> Iterator[str]:
        match delta.get("type"):
            case "text_delta" if delta.get("text"):
                yield delta["text"]
            case "input_json_delta":
                self.asked.add(index, delta.get("partial_json"))
            case "thinking_delta" | "signature_delta" if (thought := self._thoughts.get(index)) is not None:
                for name in ("thinking", "signature"):
                    if delta.get(name):
                        thought[name] = (thought.get(name) or "") + delta[name]
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
        self._thoughts: list[dict[str, Any]] = []

    @property
    def thoughts(self) -> dict[str, Any]:
        """What is signed: Anthropic's models want it again, wherever they are asked."""
        signed = [block for block in self._thoughts if block.get("signature") or block.get("data")]
        return {"thinking_blocks": signed} if signed else {}

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
                self.asked.chat(call.model_dump())
            for block in getattr(choice.delta, "thinking_blocks", None) or ():
                self._think(block)

    def _think(self, block: dict[str, Any]) -> None:
        """A thought comes in pieces, the last of which signs it."""
        last = self._thoughts[-1] if self._thoughts else None
        if last is None or block.get("type") != "thinking" or last.get("signature") or last.get("data"):
            self._thoughts.append(dict(block))
            return
        last["thinking"] = (last.get("thinking") or "") + (block.get("thinking") or "")
        last["signature"] = block.get("signature") or ""

    def close(self) -> Iterator[str]:
        """As `Stream`."""
        self.finish = getattr(self._wrapper, "received_finish_reason", None)
        return iter(())
