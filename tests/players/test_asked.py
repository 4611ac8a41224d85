"""Calls of tools, from pieces that come in every form that servers have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.errors import PermanentError, PlayerError, TransientError
from score_kernel.players.asked import with_own_ids
from score_kernel.players.streams import ChatStream, MessagesStream
from score_kernel.score.events import Call
from score_kernel.score.ports import ToolCalls

if TYPE_CHECKING:
    from collections.abc import Sequence


def piece(index: int | None = None, id: str | None = None, **function: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"index": index, "id": id, "type": "function", "function": function}
    return {name: value for name, value in found.items() if value is not None}


def chat(
    *deltas: Sequence[dict[str, Any]], finish: str | None = "tool_calls"
) -> str | ToolCalls | PlayerError:
    """How a stream of OpenAI's form ends whose deltas have these pieces of calls."""
    choices: list[dict[str, Any]] = [{"index": 0, "delta": {"tool_calls": list(pieces)}} for pieces in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    lines = [f"data: {json.dumps({'choices': [choice]})}\n\n" for choice in choices]
    return ended(ChatStream("m", offered=True), "".join(lines).encode() + b"data: [DONE]\n\n")


def messages(*events: dict[str, Any], stop: str = "tool_use") -> str | ToolCalls | PlayerError:
    """How a stream of Anthropic's form ends that has these events."""
    last = {"type": "message_delta", "delta": {"stop_reason": stop}}, {"type": "message_stop"}
    lines = [f"event: x\ndata: {json.dumps(event)}\n\n" for event in (*events, *last)]
    return ended(MessagesStream("m", offered=True), "".join(lines).encode())


def ended(stream: ChatStream | MessagesStream, data: bytes) -> str | ToolCalls | PlayerError:
    try:
        for _ in [*stream.hear(data), *stream.close()]:
            pass
        return stream.verdict()
    except PlayerError as error:
        return error


def block(index: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": {"type": kind, **more}}


def more(index: int, text: str) -> dict[str, Any]:
    delta = {"type": "input_json_delta", "partial_json": text}
    return {"type": "content_block_delta", "index": index, "delta": delta}


def stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def calls(*found: tuple[str, str, str]) -> ToolCalls:
    return ToolCalls(tuple(Call(*call) for call in found))


ADD = '{"x": 1, "y": [2, "}"]}'


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.booleans())), st.integers(1, 9))
def test_however_the_arguments_are_cut_they_are_the_same(given_: dict[str, object], size: int) -> None:
    arguments = json.dumps(given_)
    cut = [arguments[at : at + size] for at in range(0, len(arguments), size)]
    assert chat(
        [piece(0, "a", name="add", arguments="")], *([piece(0, arguments=part)] for part in cut)
    ) == calls(("a", "add", arguments))
    assert messages(
        block(0, "tool_use", id="a", name="add", input={}), *(more(0, part) for part in cut), stop(0)
    ) == calls(("a", "add", arguments))


@pytest.mark.parametrize(
    "deltas",
    [
        [[piece(0, "a", name="add", arguments=ADD)], [piece(1, "b", name="now", arguments="{}")]],
        [[piece(0, "a", name="add", arguments=ADD), piece(1, "b", name="now", arguments=None)]],
        [[piece(0, "a", name="add"), piece(1, "b", name="now")], [piece(0, arguments=ADD)]],
        [[piece(None, "a", name="add", arguments=ADD), piece(None, "b", name="now")]],
        [[piece(None, "a", name="add")], [piece(arguments=ADD)], [piece(None, "b", name="now")]],
        [[piece(0, "a", name="add", arguments=ADD)], [piece(0, "b", name="now")]],
        [
            [piece(0, "a", name="add", arguments=ADD[:4])],
            [piece(0, "a", name="add", arguments=ADD[4:])],
            [piece(1, "b", name="now", arguments="")],
        ],
        [
            [piece(0, "a", name="ad")],
            [piece(0, "", name="d", arguments=ADD)],
            [piece(1, name="now")],
            [piece(1, "b")],
        ],
    ],
    ids=[
        "whole in a chunk each",
        "both in one chunk",
        "one after the other's name",
        "no index",
        "no index and in pieces",
        "every call is the first",
        "id and name with every piece",
        "name in pieces, id late",
    ],
)
def test_calls_side_by_side_are_told_apart(deltas: list[list[dict[str, Any]]]) -> None:
    assert chat(*deltas) == calls(("a", "add", ADD), ("b", "now", "{}"))


def test_without_an_id_or_an_index_a_name_begins_another_call() -> None:
    one = piece(name="add", arguments='{"x"'), piece(arguments=": 1}")
    assert chat(one, [piece(name="add", arguments='{"x": 2}')]) == calls(
        ("", "add", '{"x": 1}'), ("", "add", '{"x": 2}')
    )
    assert chat([piece(0, name="add", arguments="{}")], [piece(0, name="add", arguments="{}")]) == calls(
        ("", "add", "{}"), ("", "add", "{}")
    )


def test_arguments_that_are_an_object_already_are_written_as_json() -> None:
    assert chat([piece(0, "a", name="add", arguments={"x": 1})]) == calls(("a", "add", '{"x": 1}'))
    whole = block(1, "tool_use", id="a", name="add", input={"x": 1})
    assert messages(whole, stop(1)) == calls(("a", "add", '{"x": 1}'))
    assert messages(whole, more(1, '{"x": 2}'), stop(1)) == calls(("a", "add", '{"x": 2}'))


@pytest.mark.parametrize("finish", ["stop", "tool_calls", "function_call"])
def test_calls_are_heard_whatever_word_the_provider_has_for_it(finish: str) -> None:
    assert chat([piece(0, "a", name="add", arguments="{}")], finish=finish) == calls(("a", "add", "{}"))


@pytest.mark.parametrize("cut", ['{"x"', '{"x": "a', '{"x": 1', '{"x": -', '{"x": tr', "{", '{"x": "\\u00'])
def test_arguments_that_did_not_arrive_whole_are_no_call(cut: str) -> None:
    for end in (
        chat([piece(0, "a", name="add", arguments=cut)]),
        messages(block(0, "tool_use", id="a", name="add", input={}), more(0, cut), stop(0)),
    ):
        assert isinstance(end, TransientError)
        assert end.reason == "incomplete"


@pytest.mark.parametrize("wrong", ["x=1", "{'x': 1}", '{"x": 1}}', "[1]", '"x"', "null", '{"x": 1,}'])
def test_arguments_that_arrived_whole_and_are_wrong_are_a_call(wrong: str) -> None:
    assert chat([piece(0, "a", name="add", arguments=wrong)]) == calls(("a", "add", wrong))


def test_half_a_surrogate_is_no_half_of_a_call() -> None:
    assert chat([piece(0, "a", name="add", arguments='{"x": "\\ud800"}')]) == calls(
        ("a", "add", '{"x": "\\ud800"}')
    )


def test_one_call_cut_short_keeps_back_the_others() -> None:
    end = chat([piece(0, "a", name="add", arguments="{}")], [piece(1, "b", name="add", arguments="{")])
    assert getattr(end, "reason", "") == "incomplete"


def test_a_block_that_never_ended_is_no_call() -> None:
    end = messages(block(0, "tool_use", id="a", name="add", input={}))
    assert getattr(end, "reason", "") == "incomplete"


def test_a_word_for_calls_without_any_is_incomplete() -> None:
    assert getattr(chat(), "reason", "") == "incomplete"
    assert getattr(messages(), "reason", "") == "incomplete"


@pytest.mark.parametrize("form", ["openai", "anthropic"])
def test_an_answer_at_its_limit_calls_nothing_and_says_what_to_raise(form: str) -> None:
    end = (
        chat([piece(0, "a", name="add", arguments="{}")], finish="length")
        if form == "openai"
        else messages(block(0, "tool_use", id="a", name="add"), more(0, "{}"), stop(0), stop="max_tokens")
    )
    assert isinstance(end, PermanentError)
    assert "in the middle of a call of add: raise `max_tokens`" in str(end)


def test_what_the_provider_runs_itself_is_no_call_of_ours() -> None:
    served = (
        block(0, "server_tool_use", id="srvtoolu_1", name="web_search", input={}),
        more(0, '{"query": "x'),
        stop(0),
        block(1, "web_search_tool_result", tool_use_id="srvtoolu_1", content=[]),
        stop(1),
        block(2, "mcp_tool_use", id="mcptoolu_1", name="add", input={}),
        more(2, "{}"),
        stop(2),
    )
    mine = block(3, "tool_use", id="toolu_1", name="add", input={}), more(3, "{}"), stop(3)
    assert messages(*served, stop="end_turn") == "stop"
    assert messages(*served, *mine) == calls(("toolu_1", "add", "{}"))
    translated = (
        [piece(0, "srvtoolu_1", name="web_search", arguments="")],
        [piece(0, arguments='{"query": "x')],
    )
    assert chat(*translated, finish="stop") == "stop"
    assert chat(*translated, [piece(1, "toolu_1", name="add", arguments="{}")]) == calls(
        ("toolu_1", "add", "{}")
    )
    builtin = {"index": 0, "id": "a", "type": "builtin_function", "function": {"name": "$web_search"}}
    end = chat([builtin])
    assert getattr(end, "reason", "") == "tools"
    assert "$web_search" in str(end)


def test_ids_are_the_providers_where_they_can_be() -> None:
    before = [Call("a", "add", "{}"), Call("call_2", "add", "{}")]
    found = with_own_ids([Call(id_, "add", "{}") for id_ in ("b", "a", "", "b", "call_4")], before)
    assert [call.id for call in found] == ["b", "call_5", "call_6", "call_7", "call_4"]
    assert with_own_ids(found, before) == found


@given(st.lists(st.sampled_from(["", "a", "b", "call_1", "call_2", "call_3"])), st.integers(0, 6))
def test_no_two_calls_of_a_contribution_have_one_id(ids: list[str], split: int) -> None:
    before = with_own_ids([Call(id_, "add", "{}") for id_ in ids[:split]], [])
    after = with_own_ids([Call(id_, "add", "{}") for id_ in ids[split:]], before)
    found = [call.id for call in (*before, *after)]
    assert all(found)
    assert len(set(found)) == len(ids)
