"""A provider on the loopback interface, that answers as a test says.

It speaks OpenAI's chat completions and Anthropic's messages, streamed and not, over real HTTP, so
that what is tested is all that a real provider would go through.

>>> with LoopbackProvider("Hello, world") as provider:                          # doctest: +SKIP
...     params = {"api_base": provider.openai}
...     score.orchestrate({"parts": {"a": {"model": "openai/any", "params": params}}})
...     assert score.conduct()["a"].text == "Hello, world"
...     assert provider.count == 1
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Form = Literal["openai", "anthropic"]
Fault = Literal["cut", "eof", "stall", "broken", "error"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer.

    - `text`      what is said: a sequence is streamed as it is, a string in words
    - `calls`     then the tools that are called, each as its name and its arguments (a mapping, or a
      text as it is), streamed in chunks of a few characters; `finish` "stop" is then the form's word
      for that
    - `delay`     seconds before each chunk
    - `finish`    why it ends, in the words of the form it is asked in; `None`: it never says
    - `usage`     tokens in and out, or `None`: it never says
    - `status`    an HTTP status other than 200 is answered with `message` alone, and `headers`
    - `fault`     what happens after `after` chunks: `cut` aborts the connection, `eof` ends it
      cleanly, `stall` says nothing more until the client goes, `broken` sends half a line and goes
      on, `error` sends an error event with `message`
    """

    text: str | Sequence[str] = ""
    calls: Sequence[tuple[str, Mapping[str, Any] | str]] = ()
    delay: float = 0.0
    finish: str | None = "stop"
    usage: tuple[int, int] | None = (10, 5)
    status: int = 200
    message: str = "the test said so"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    fault: Fault | None = None
    after: int = 1

    @property
    def chunks(self) -> tuple[str, ...]:
        """The text as it is streamed."""
        if isinstance(self.text, str):
            return tuple(re.findall(r"\s*\S+(?:\s+\Z)?|\s+\Z", self.text))
        return tuple(self.text)

    @property
    def called(self) -> list[tuple[str, list[str]]]:
        """The tools' names, each with its arguments as they are streamed."""
        found: list[tuple[str, list[str]]] = []
        for name, given in self.calls:
            arguments = given if isinstance(given, str) else json.dumps(given)
            found.append((name, [arguments[at : at + 5] for at in range(0, len(arguments), 5)]))
        return found


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    form: Form
    body: dict[str, Any]
    headers: Mapping[str, str]


class LoopbackProvider:
    """Answers on 127.0.0.1, at a port that is free, while the `with` or `async with` block runs.

    `answers` is one answer for every request, or a sequence (one for each request in turn, the last
    one for all that follow), or a function of the `Request`. With `async with` it runs on the
    running event loop, with `with` on a loop in a thread of its own.

    `openai` and `anthropic` are what to give as `api_base` to models `openai/...` and
    `anthropic/...`. `requests` are those that came, `count` how many.
    """

    def __init__(
        self, answers: str | Answer | Sequence[str | Answer] | Callable[[Request], str | Answer] = ""
    ) -> None:
        self._answers = answers
        self._runner: web.AppRunner | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._port = 0
        self.requests: list[Request] = []

    @property
    def count(self) -> int:
        """How many requests came."""
        return len(self.requests)

    @property
    def openai(self) -> str:
        """The `api_base` of OpenAI's form."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def anthropic(self) -> str:
        """The `api_base` of Anthropic's form."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loopback provider", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._thread is not None:
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _start(self) -> None:
        app = web.Application(client_max_size=0)
        app.router.add_post("/v1/chat/completions", self._openai)
        app.router.add_post("/v1/messages", self._anthropic)
        # A stalled answer waits for its client: that is cancelled at once when the server closes.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _openai(self, request: web.Request) -> web.StreamResponse:
        return await self._reply(request, "openai")

    async def _anthropic(self, request: web.Request) -> web.StreamResponse:
        return await self._reply(request, "anthropic")

    def _next(self, request: Request) -> Answer:
        self.requests.append(request)
        answers = self._answers
        if callable(answers):
            answer = answers(request)
        elif isinstance(answers, str | Answer):
            answer = answers
        else:
            answer = answers[min(len(self.requests), len(answers)) - 1]
        return Answer(text=answer) if isinstance(answer, str) else answer

    async def _reply(self, http: web.Request, form: Form) -> web.StreamResponse:
        request = Request(form, await http.json(), dict(http.headers))
        answer = self._next(request)
        if answer.status != 200:
            return web.json_response(_error(answer, form), status=answer.status, headers=dict(answer.headers))
        lines = _LINES[form](answer, str(request.body.get("model", "")), self.count)
        response = web.StreamResponse(headers={"content-type": "text/event-stream", **answer.headers})
        await response.prepare(http)
        for number, (line, is_chunk) in enumerate(lines):
            said = sum(chunk for _, chunk in lines[:number])
            if answer.fault is not None and is_chunk and said == answer.after:
                if answer.fault == "cut":
                    if http.transport is not None:
                        http.transport.abort()
                    return response
                if answer.fault == "stall":
                    await asyncio.Event().wait()
                if answer.fault == "eof":
                    break
                fault = json.dumps(_error(answer, form))
                await response.write(
                    b'data: {"choi\n\n'
                    if answer.fault == "broken"
                    else f"event: error\ndata: {fault}\n\n".encode()
                )
                if answer.fault == "error":
                    break
            if is_chunk and answer.delay:
                await asyncio.sleep(answer.delay)
            await response.write(line)
        await response.write_eof()
        return response


def _error(answer: Answer, form: Form) -> dict[str, Any]:
    error = {"type": "api_error", "message": answer.message}
    return {"type": "error", "error": error} if form == "anthropic" else {"error": error}


def _openai_lines(answer: Answer, model: str, number: int) -> list[tuple[bytes, bool]]:
    def line(choices: list[dict[str, Any]], **more: Any) -> bytes:
        event = {"id": "chatcmpl-0", "object": "chat.completion.chunk", "created": 0, "model": model}
        return f"data: {json.dumps({**event, 'choices': choices, **more})}\n\n".encode()

    def choice(delta: dict[str, Any], finish: str | None = None) -> list[dict[str, Any]]:
        return [{"index": 0, "delta": delta, "finish_reason": finish}]

    lines = [(line(choice({"role": "assistant", "content": ""})), False)]
    lines += [(line(choice({"content": text})), True) for text in answer.chunks]
    for index, (name, pieces) in enumerate(answer.called):
        call = {"index": index, "id": f"call_{number}_{index}", "type": "function"}
        begun = {**call, "function": {"name": name, "arguments": ""}}
        lines.append((line(choice({"tool_calls": [begun]})), False))
        for piece in pieces:
            more = {"index": index, "function": {"arguments": piece}}
            lines.append((line(choice({"tool_calls": [more]})), True))
    if answer.finish is not None:
        finish = "tool_calls" if answer.calls and answer.finish == "stop" else answer.finish
        lines.append((line(choice({}, finish)), False))
    if answer.usage is not None:
        tokens_in, tokens_out = answer.usage
        total = tokens_in + tokens_out
        usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": total}
        lines.append((line([], usage=usage), False))
    return [*lines, (b"data: [DONE]\n\n", False)]


def _anthropic_lines(answer: Answer, model: str, number: int) -> list[tuple[bytes, bool]]:
    def line(kind: str, **more: Any) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()

    tokens_in, tokens_out = answer.usage or (0, 0)
    counted = answer.usage is not None
    message: dict[str, Any] = {
        "id": "msg_0",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
    }
    if counted:
        message["usage"] = {"input_tokens": tokens_in, "output_tokens": 1}
    block = {"type": "text", "text": ""}
    lines = [
        (line("message_start", message=message), False),
        (line("content_block_start", index=0, content_block=block), False),
    ]
    for text in answer.chunks:
        delta = {"type": "text_delta", "text": text}
        lines.append((line("content_block_delta", index=0, delta=delta), True))
    lines.append((line("content_block_stop", index=0), False))
    for index, (name, pieces) in enumerate(answer.called, 1):
        call = {"type": "tool_use", "id": f"toolu_{number}_{index}", "name": name, "input": {}}
        lines.append((line("content_block_start", index=index, content_block=call), False))
        for piece in pieces:
            more = {"type": "input_json_delta", "partial_json": piece}
            lines.append((line("content_block_delta", index=index, delta=more), True))
        lines.append((line("content_block_stop", index=index), False))
    if answer.finish is not None:
        usage = {"usage": {"output_tokens": tokens_out}} if counted else {}
        reason = "tool_use" if answer.calls and answer.finish == "stop" else answer.finish
        reason = {"stop": "end_turn", "length": "max_tokens"}.get(reason, reason)
        lines.append((line("message_delta", delta={"stop_reason": reason}, **usage), False))
    return [*lines, (line("message_stop"), False)]


_LINES = {"openai": _openai_lines, "anthropic": _anthropic_lines}
