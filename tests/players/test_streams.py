"""Framing and forms, from bytes cut anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.errors import PermanentError, PlayerError, TransientError
from score_kernel.players.sse import Framer
from score_kernel.players.streams import ChatStream, MessagesStream
from tests.cases import CASES, needs_cases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from score_kernel.score.ports import ToolCalls


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@needs_cases
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_framing_is_as_the_web_platform_tests_have_it(size: int) -> None:
    assert CASES is not None
    cases = json.loads((CASES / "hostile" / "sse-wpt" / "cases.json").read_text(encoding="utf-8"))["cases"]
    assert cases
    for case in cases:
        framer = Framer()
        found = [
            sent.data.decode() for piece in cut(case["body"].encode(), size) for sent in framer.feed(piece)
        ]
        wanted = [item if isinstance(item, str) else item.get("data", "") for item in case["expect"]]
        assert found == wanted, case["title"]


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1)),
    st.integers(1, 9),
)
def test_however_the_bytes_are_cut_the_events_are_the_same(texts: list[str], size: int) -> None:
    for end in (b"\n", b"\r", b"\r\n"):
        data = b"".join(b"data: " + text.encode() + end + end for text in texts)
        framer = Framer()
        found = [sent.data.decode() for piece in cut(data, size) for sent in framer.feed(piece)]
        found += [sent.data.decode() for sent in framer.close()]
        assert found == texts


def chat(*texts: str, **last: object) -> bytes:
    lines = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", **last}]}
    return (
        b"".join(b"data: " + json.dumps(line).encode() + b"\n\n" for line in [*lines, end]) + b"data: [DONE]"
    )


def play(stream: ChatStream | MessagesStream, data: bytes, size: int = 5) -> tuple[str, str | ToolCalls]:
    """The text, and the finish or the reason why there is none."""
    heard: list[str] = []
    try:
        for piece in cut(data, size):
            heard.extend(stream.hear(piece))
        heard.extend(stream.close())
        return "".join(heard), stream.verdict()
    except PlayerError as error:
        return "".join(heard), error.reason


@given(st.lists(st.text()), st.integers(1, 50))
def test_any_text_comes_through_exactly(texts: list[str], size: int) -> None:
    assert play(ChatStream("m"), chat(*texts), size) == ("".join(texts), "stop")


def test_every_prefix_of_a_stream_is_incomplete() -> None:
    data = chat("Hello, ", "wörld")
    whole = data.index(b'"finish_reason": "stop"') + len(b'"finish_reason": "stop"}]}')
    for end in range(whole):
        text, how = play(ChatStream("m"), data[:end], 1000)
        assert how == "incomplete"
        assert "Hello, wörld".startswith(text)
    assert play(ChatStream("m"), data[:whole], 1000) == ("Hello, wörld", "stop")


def test_a_refusal_says_what_the_model_said() -> None:
    stream = ChatStream("openai/gpt-4o")
    data = chat("", delta={"refusal": "I'm sorry, but I can't."})
    list(stream.hear(data))
    with pytest.raises(PermanentError, match=r"openai/gpt-4o refused to answer: I'm sorry, but I can't$"):
        stream.verdict()


@pytest.mark.parametrize(("word", "how"), [("length", "length"), ("model_length", "length"), ("eos", "stop")])
def test_finishes_have_one_word_each(word: str, how: str) -> None:
    assert play(ChatStream("m"), chat("x", finish_reason=word)) == ("x", how)


def test_other_choices_and_thoughts_are_not_text() -> None:
    line = {
        "choices": [
            {"index": 1, "delta": {"content": "other"}},
            {
                "index": 0,
                "delta": {
                    "reasoning_content": "hm",
                    "content": [{"type": "thinking"}, {"type": "text", "text": "4"}],
                },
            },
        ]
    }
    data = b"data: " + json.dumps(line).encode() + b"\n\n" + chat()
    assert play(ChatStream("m"), data) == ("4", "stop")


def messages(*events: Mapping[str, object]) -> bytes:
    return b"".join(b"event: x\ndata: " + json.dumps(event).encode() + b"\n\n" for event in events)


def test_anthropics_last_words_are_both_needed() -> None:
    text = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}}
    reason = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    stop = {"type": "message_stop"}
    assert play(MessagesStream("m"), messages(text, reason, stop)) == ("Hi", "stop")
    assert play(MessagesStream("m"), messages(text, reason)) == ("Hi", "incomplete")
    assert play(MessagesStream("m"), messages(text, stop)) == ("Hi", "incomplete")
    paused = {"type": "message_delta", "delta": {"stop_reason": "pause_turn"}}
    assert play(MessagesStream("m"), messages(text, paused, stop)) == ("Hi", "incomplete")


def test_usage_joins_the_counts_of_the_start_and_the_end() -> None:
    stream = MessagesStream("m")
    start = {"input_tokens": 3, "cache_read_input_tokens": 100, "output_tokens": 1}
    play(
        stream,
        messages(
            {"type": "message_start", "message": {"usage": start}},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}},
            {"type": "message_stop"},
        ),
    )
    assert stream.usage is not None
    assert (stream.usage["prompt_tokens"], stream.usage["completion_tokens"]) == (103, 9)


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        ({"type": "overloaded_error", "message": "Overloaded"}, TransientError, "provider"),
        ({"type": "rate_limit_error", "message": "slow down"}, TransientError, "rate-limit"),
        ({"code": 502, "message": "Bad gateway"}, TransientError, "provider"),
        ({"code": 400, "message": "broke"}, TransientError, "provider"),
        ({"code": "context_length_exceeded", "message": "too long"}, PermanentError, "context"),
        ({"code": 402, "message": "no credit"}, PermanentError, "budget"),
        ("just words", TransientError, "provider"),
    ],
)
def test_errors_in_mid_stream_are_told_apart(error: object, kind: type[PlayerError], reason: str) -> None:
    stream = ChatStream("m")
    with pytest.raises(kind) as raised:
        list(stream.hear(b"data: " + json.dumps({"error": error}).encode() + b"\n\n"))
    assert raised.value.reason == reason
