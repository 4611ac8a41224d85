"""The line between a performance and its pages, with a page that writes down what it hears."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path
from typing import Any

import comm
import msgspec
import pytest
from comm.base_comm import BaseComm

from score_kernel.errors import ScoreError
from score_kernel.score.codec import from_lines, to_lines
from score_kernel.score.cues import (
    Branch,
    Cue,
    Drop,
    Enter,
    GiveBeat,
    Mute,
    Note,
    Pause,
    Play,
    Release,
    Resume,
    SetTempo,
    Stop,
    Unmute,
)
from score_kernel.view import live, widget
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

    def __init__(self, *, branches: bool = False) -> None:
        self.hellos = 0
        self.cues: list[Cue] = []
        self.branches: list[str] = []
        on_branch = self.branches.append if branches else None
        self.live = LiveView("k1", hello=self._hello, cue=self.cues.append, on_branch=on_branch)
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
    assert snapshot == {"type": "snapshot", "n": 1, "take": "take1", "live": True, "branches": False}
    assert events == {"type": "events", "n": 2}
    assert refused == {"type": "refused", "n": 3, "text": "nothing is playing"}
    assert start + rest == to_lines(EVENTS)


def test_a_long_snapshot_is_packed(page: Page) -> None:
    page.live.snapshot(EVENTS * 10, "take1", live=True)
    [(_, [buffer])] = page.heard
    assert gzip.decompress(buffer) == to_lines(EVENTS * 10)


def test_a_page_that_shows_code_is_given_what_colours_it(page: Page) -> None:
    page.says({"type": "code"})
    page.live.snapshot(EVENTS, "take1", live=True)
    (answer, [buffer]), (snapshot, _) = page.heard
    assert answer == {"type": "code", "n": 1}
    assert gzip.decompress(buffer) == live.CODE.read_bytes()
    assert snapshot["n"] == 2
    assert (page.hellos, page.cues) == (0, [])


def test_where_what_colours_code_is_missing_nothing_is_said(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live, "CODE", tmp_path / "code.js")
    live._code.cache_clear()
    page.says({"type": "code"})
    assert page.heard == []
    assert capsys.readouterr() == ("", "")


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


@pytest.mark.parametrize(
    ("sent", "cue"),
    [
        ({"type": "pause"}, Pause()),
        ({"type": "pause", "now": True}, Pause(now=True)),
        ({"type": "resume"}, Resume()),
        ({"type": "stop"}, Stop()),
        ({"type": "note", "to": "all", "text": "a", "now": True}, Note("all", "a", now=True)),
        ({"type": "drop", "note": "3"}, Drop("3")),
        ({"type": "enter", "part": "shout"}, Enter("shout")),
        ({"type": "enter", "part": "coder", "item": 2}, Enter("coder", 2)),
        ({"type": "mute", "part": "docs"}, Mute("docs")),
        ({"type": "unmute", "part": "docs"}, Unmute("docs")),
        ({"type": "release", "part": "docs"}, Release("docs")),
        ({"type": "release", "part": "docs", "item": 1, "edit": "a"}, Release("docs", edit="a", item=1)),
        ({"type": "release", "part": "docs", "back": "a"}, Release("docs", back="a")),
        ({"type": "release", "part": "docs", "no": True}, Release("docs", no=True)),
        ({"type": "beat", "n": 2}, GiveBeat(2)),
        ({"type": "tempo", "lead": "conductor"}, SetTempo(lead="conductor")),
        (
            {"type": "tempo", "at_once": 2, "rate": 60, "deadline": 90.5, "budget": 0},
            SetTempo(at_once=2, rate=60, deadline=90.5, budget=0),
        ),
        ({"type": "play", "part": "legal", "text": "No."}, Play("legal", "No.")),
    ],
)
def test_cues_are_handed_on(page: Page, sent: dict[str, Any], cue: Cue) -> None:
    page.says({"type": "cue", "cue": sent})
    assert page.cues == [cue]


def test_a_branch_is_no_cue_of_the_take_and_pages_are_told_whether_there_can_be_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Comm.made = []
    monkeypatch.setattr(comm, "create_comm", Comm)
    page = Page(branches=True)
    page.live.snapshot([], "take1", live=False)
    assert page.heard[0][0]["branches"] is True
    page.says({"type": "cue", "cue": {"type": "branch", "moment": "take1@1.5s"}})
    assert (page.branches, page.cues) == (["take1@1.5s"], [])


def test_while_a_branch_plays_nothing_is_told_of_the_end_before_it(page: Page) -> None:
    page.live.snapshot(EVENTS, "take1", live=False)
    page.live.final({"key": "k1"})
    for _ in range(2):  # the branch, then a page that is reloaded
        page.live.snapshot(EVENTS, "take2", live=True)
    assert [content["type"] for content, _ in page.heard] == ["snapshot", "final", "snapshot", "snapshot"]


def test_a_branch_that_nobody_conducts_is_refused_with_what_to_do(page: Page) -> None:
    page.says({"type": "cue", "cue": msgspec.to_builtins(Branch("take1@1.5s"))})
    [(refused, _)] = page.heard
    assert refused["text"] == "this view cannot conduct a branch: use %conduct --from take1@1.5s"
    assert page.cues == []


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
