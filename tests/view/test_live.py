"""The line between a performance and its pages, with a page that writes down what it hears."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm

from score_kernel.errors import ScoreError
from score_kernel.score.codec import from_lines, to_lines
from score_kernel.score.cues import Cue, Pause, Resume, Stop
from score_kernel.view import widget
from score_kernel.view.live import LiveView

EVENTS = from_lines((Path(__file__).parent.parent / "fixtures" / "plain.jsonl").read_bytes())


class Comm(BaseComm):
    """A comm that goes nowhere and remembers."""

    made: list[Comm]

    def __init__(self, **options: Any) -> None:
        self.messages: list[tuple[str, dict[str, Any], list[bytes]]] = []
        Comm.made.append(self)
        super().__init__(**options)

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any
    ) -> None:
        del metadata
        self.messages.append((msg_type, data or {}, list(buffers or ())))


class Page:
    """A live view and what came of it on both ends."""

    def __init__(self) -> None:
        self.hellos = 0
        self.cues: list[Cue] = []
        self.live = LiveView("k1", hello=self._hello, cue=self.cues.append)
        model_id = self.live.widget_view["model_id"]
        self.comm = next(made for made in Comm.made if made.comm_id == model_id)
        self.opened = self.comm.messages.copy()

    def _hello(self) -> None:
        self.hellos += 1

    def says(self, content: Any) -> None:
        data = {"method": "custom", "content": content}
        self.comm.handle_msg({"content": {"data": data}, "buffers": []})

    @property
    def heard(self) -> list[tuple[dict[str, Any], list[bytes]]]:
        later = self.comm.messages[len(self.opened) :]
        return [(data["content"], buffers) for kind, data, buffers in later if kind == "comm_msg"]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    Comm.made = []
    monkeypatch.setattr(comm, "create_comm", Comm)
    return Page()


def test_the_page_knows_the_widget_by_its_key_and_gets_the_code(page: Page) -> None:
    state = page.opened[0][1]["state"]
    assert state["key"] == "k1"
    assert "initialize" in state["_esm"]


def test_nothing_is_sent_before_a_page_said_hello(page: Page) -> None:
    page.live.feed(EVENTS)
    assert page.heard == []


def test_a_hello_is_handed_on_and_answered_by_a_snapshot_then_what_follows(page: Page) -> None:
    page.says({"type": "hello"})
    assert page.hellos == 1
    page.live.snapshot(EVENTS[:20], "take1", live=True)
    page.live.feed(EVENTS[20:])
    page.live.refused("nothing is playing")
    (snapshot, [start]), (events, [rest]), (refused, _) = page.heard
    assert snapshot == {"type": "snapshot", "n": 1, "take": "take1", "live": True}
    assert events == {"type": "events", "n": 2}
    assert refused == {"type": "refused", "n": 3, "text": "nothing is playing"}
    assert start + rest == to_lines(EVENTS)


def test_a_long_snapshot_is_packed(page: Page) -> None:
    page.live.snapshot(EVENTS * 10, "take1", live=True)
    [(_, [buffer])] = page.heard
    assert gzip.decompress(buffer) == to_lines(EVENTS * 10)


def test_a_page_that_comes_after_the_end_hears_the_last_word_too(page: Page) -> None:
    page.live.final({"key": "k1"}, html="<p>", plain="<Take>")
    assert page.heard == []
    page.live.snapshot(EVENTS, "take1", live=False)
    assert [content["type"] for content, _ in page.heard] == ["snapshot", "final"]
    assert page.heard[1][0] == {
        "type": "final",
        "n": 2,
        "data": {"key": "k1"},
        "html": "<p>",
        "plain": "<Take>",
    }


def test_cues_are_handed_on(page: Page) -> None:
    for cue in ({"type": "pause"}, {"type": "pause", "now": True}, {"type": "resume"}, {"type": "stop"}):
        page.says({"type": "cue", "cue": cue})
    assert page.cues == [Pause(), Pause(now=True), Resume(), Stop()]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "hello",
        {},
        {"type": "run"},
        {"type": "cue"},
        {"type": "cue", "cue": {"type": "shout"}},
        {"type": "cue", "cue": {"type": "pause", "now": "yes"}},
    ],
)
def test_what_is_no_message_is_logged_and_does_nothing(
    page: Page, content: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.WARNING):
        page.says(content)
    assert (page.hellos, page.cues, page.heard) == (0, [], [])
    assert len(caplog.records) == 1
    assert capsys.readouterr() == ("", "")


def test_closing_ends_every_comm_and_sends_nothing_after(page: Page) -> None:
    page.live.snapshot(EVENTS, "take1", live=True)
    page.live.close()
    page.live.close()
    page.live.feed(EVENTS)
    page.live.refused("too late")
    assert len(page.heard) == 1
    assert all(made.messages[-1][0] == "comm_close" for made in Comm.made)


def test_a_widget_in_an_output_has_no_address(page: Page) -> None:
    del page
    assert repr(widget.ScoreWidget("k2")) == "<ScoreWidget>"


def test_a_front_end_that_was_never_built_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widget, "BUNDLE", tmp_path / "widget.js")
    widget._source.cache_clear()
    try:
        with pytest.raises(ScoreError, match="make build"):
            widget.ScoreWidget("k3")
    finally:
        widget._source.cache_clear()
