"""Recorded conversations with tools: what was asked, called, returned and asked again.

Most were recorded without streaming: their answers are streamed here as the provider's form has it,
with the very ids, names, arguments and texts. What a client of its own put between (prompts after a
tool's result) is left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from score_kernel.score.events import Call, Message
from score_kernel.score.ports import Turn
from score_kernel.score.reading import Reading
from tests.players import recorded
from tests.players.playing import Offered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Said(NamedTuple):
    """A message in either form: its role, its text, its calls, and the result of a call."""

    role: str
    text: str
    calls: tuple[Call, ...] = ()
    answers: str = ""


class Conversation(NamedTuple):
    """The exchanges in turn (ids), and with what they were made."""

    form: str
    reading: Reading
    tools: tuple[Offered, ...]
    steps: tuple[str, ...]
    turns: tuple[Turn, ...]


def conversations() -> dict[str, Conversation]:
    """Those in which each answer but the last calls tools, by the id of the last exchange."""
    called = {
        tuple(call.id for call in answer.calls): name
        for name in _chats()
        if (answer := answer_of(name)).calls
    }
    found: dict[str, Conversation] = {}
    for name, form in _chats().items():
        body = _body(name)
        said = messages_of(body)
        head = [message for message in said if message.role in ("system", "user")]
        first = next((n for n, message in enumerate(said) if message.role == "assistant"), len(said))
        if answer_of(name).calls or first == len(said) or len(head) < first:
            continue
        turns = list(_turns(said[first:], called))
        if any(turn is None for _, turn in turns):
            continue
        found[name] = Conversation(
            form,
            _reading(said[:first]),
            tuple(_offered(tool) for tool in body["tools"]),
            (*(step for step, _ in turns), name),
            tuple(turn for _, turn in turns if turn is not None),
        )
    return found


def messages_of(body: dict[str, Any]) -> list[Said]:
    """The messages of a request, in either form, without prompts that follow the first answer."""
    found: list[Said] = []
    system = body.get("system")
    if system:
        found.append(Said("system", _text(system)))
    for message in body["messages"]:
        found += _said(message)
    first = next((n for n, said in enumerate(found) if said.role == "assistant"), len(found))
    return found[:first] + [said for said in found[first:] if said.role != "user"]


def answer_of(name: str) -> Said:
    """What an exchange answered."""
    case = recorded.exchanges()[name]
    if "sse" in case["tags"]:
        return _streamed(recorded.tools().body_of(case))
    answer = json.loads(recorded.tools().body_of(case))
    message = answer["choices"][0]["message"] if "choices" in answer else answer
    return next(said for said in _said(message) if said.role == "assistant")


def as_streams(names: Sequence[str]) -> dict[str, Any]:
    """The recorded exchanges, each as a stream."""
    found: dict[str, Any] = {}
    for name in names:
        case = recorded.exchanges()[name]
        if "sse" not in case["tags"]:
            answer = json.loads(recorded.tools().body_of(case))
            events = _chat_events(answer) if "choices" in answer else _message_events(answer)
            response = {**case["response"], "body_text": "".join(events), "body_b64": None}
            case = {**case, "tags": [*case["tags"], "sse"], "response": response}
        found[name] = case
    return found


def _chats() -> dict[str, str]:
    """Answered requests of the two forms that belong to a conversation, as id to form."""
    found: dict[str, str] = {}
    for name, case in recorded.exchanges().items():
        path = case["request"]["path"].partition("?")[0]
        if case.get("conversation") and case["response"]["status"] == 200 and path.endswith(recorded.CHAT):
            found[name] = "anthropic" if path.endswith("/messages") else "openai"
    return found


def _body(name: str) -> dict[str, Any]:
    return json.loads(recorded.exchanges()[name]["request"]["body"])


def _turns(said: Sequence[Said], called: dict[tuple[str, ...], str]) -> Iterator[tuple[str, Turn | None]]:
    """Each turn with the exchange that it comes from; `None` where it is none of calls and their results."""
    while said:
        calls = said[0].calls
        results, said = said[1 : 1 + len(calls)], said[1 + len(calls) :]
        step = called.get(tuple(call.id for call in calls))
        if not calls or step is None or [result.answers for result in results] != [call.id for call in calls]:
            yield "", None
            return
        yield (
            step,
            Turn(answer_of(step).text, answer_of(step).calls, tuple(result.text for result in results)),
        )


def _reading(said: Sequence[Said]) -> Reading:
    rendered = tuple(
        Message("system" if message.role == "system" else "user", (message.text,)) for message in said
    )
    return Reading(part="coder", reads=(), rendered=rendered, digest="0" * 64)


def _offered(tool: dict[str, Any]) -> Offered:
    function = tool.get("function") or tool
    return Offered(
        function["name"],
        function.get("description", ""),
        function.get("parameters") or function.get("input_schema") or {"type": "object", "properties": {}},
    )


def _said(message: dict[str, Any]) -> Iterator[Said]:
    role = "system" if message["role"] == "developer" else message["role"]
    if role == "tool":
        yield Said("tool", _text(message["content"]), answers=message["tool_call_id"])
        return
    content = message.get("content")
    blocks: list[dict[str, Any]] = content if isinstance(content, list) else []
    for block in blocks:
        if block["type"] == "tool_result":
            yield Said("tool", _text(block["content"]), answers=block["tool_use_id"])
    if any(block["type"] == "tool_result" for block in blocks):
        return
    calls = [
        Call(call["id"], call["function"]["name"], _canonical(call["function"]["arguments"]))
        for call in message.get("tool_calls") or ()
    ]
    calls += [
        Call(block["id"], block["name"], _canonical(json.dumps(block["input"])))
        for block in blocks
        if block["type"] == "tool_use"
    ]
    yield Said(role, _text(content), tuple(calls))


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(block.get("text", "") for block in content)
    return content or ""


def _canonical(arguments: str) -> str:
    return json.dumps(json.loads(arguments), sort_keys=True)


def canonical(calls: Sequence[Call]) -> tuple[Call, ...]:
    """The calls, with their arguments written in one way."""
    return tuple(Call(call.id, call.name, _canonical(call.arguments)) for call in calls)


def _streamed(body: bytes) -> Said:
    """A stream of OpenAI's form, read as simply as can be: all of these number their calls."""
    text, calls = "", dict[int, Call]()
    for line in body.decode().splitlines():
        if not line.startswith("data: {"):
            continue
        for choice in json.loads(line[6:])["choices"]:
            text += choice["delta"].get("content") or ""
            for piece in choice["delta"].get("tool_calls") or ():
                known = calls.get(piece["index"], Call("", "", ""))
                function = piece["function"]
                calls[piece["index"]] = Call(
                    known.id or piece.get("id", ""),
                    known.name or function.get("name", ""),
                    known.arguments + (function.get("arguments") or ""),
                )
    return Said("assistant", text, canonical(list(calls.values())))


def _chat_events(answer: dict[str, Any]) -> Iterator[str]:
    def event(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps({'id': answer['id'], 'model': answer['model'], 'choices': [choice]})}\n\n"

    choice = answer["choices"][0]
    message = choice["message"]
    yield event({"role": "assistant", "content": message.get("content")})
    for index, call in enumerate(message.get("tool_calls") or ()):
        arguments = call["function"]["arguments"]
        yield event(
            {"tool_calls": [{**call, "index": index, "function": {"name": call["function"]["name"]}}]}
        )
        for at in range(0, len(arguments), 9):
            yield event({"tool_calls": [{"index": index, "function": {"arguments": arguments[at : at + 9]}}]})
    yield event({}, choice["finish_reason"])
    yield f"data: {json.dumps({'choices': [], 'usage': answer['usage']})}\n\n"
    yield "data: [DONE]\n\n"


def _message_events(answer: dict[str, Any]) -> Iterator[str]:
    def event(kind: str, **more: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n"

    yield event("message_start", message={**answer, "content": [], "stop_reason": None})
    for index, block in enumerate(answer["content"]):
        called = block["type"] == "tool_use"
        empty = {"input": {}} if called else {"text": ""}
        yield event("content_block_start", index=index, content_block={**block, **empty})
        text = json.dumps(block["input"]) if called else block["text"]
        for at in range(0, len(text), 9):
            piece = text[at : at + 9]
            delta = (
                {"type": "input_json_delta", "partial_json": piece}
                if called
                else {"type": "text_delta", "text": piece}
            )
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    yield event("message_delta", delta={"stop_reason": answer["stop_reason"]}, usage=answer["usage"])
    yield event("message_stop")
