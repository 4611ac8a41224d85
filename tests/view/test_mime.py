"""What a notebook keeps of a performance."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

from score_kernel.score.codec import from_lines
from score_kernel.view.mime import MIME_TYPE, bundle, recording_data

LINES = (Path(__file__).parent.parent / "fixtures" / "plain.jsonl").read_bytes()
EVENTS = from_lines(LINES)


def test_a_recording_is_its_events_packed() -> None:
    data = recording_data(EVENTS, key="k1", take="take1", live=False)
    assert gzip.decompress(base64.b64decode(data.pop("events"))) == LINES
    assert data == {"format": "score-kernel", "version": 1, "key": "k1", "take": "take1", "live": False}


def test_the_same_events_are_the_same_data() -> None:
    one, other = (recording_data(EVENTS, key="k1", take="take1", live=True) for _ in range(2))
    assert json.dumps(one) == json.dumps(other)


def test_a_recording_over_the_limit_names_its_file_instead() -> None:
    size = len(recording_data(EVENTS, key="k1", take="take1", live=False)["events"])
    kept = recording_data(EVENTS, key="k1", take="take1", live=False, file=".score/x.score", limit=size)
    assert "events" in kept
    over = recording_data(EVENTS, key="k1", take="take1", live=False, file=".score/x.score", limit=size - 1)
    assert "events" not in over
    assert over["file"] == ".score/x.score"
    assert f"{size:,} bytes" in over["text"]


def test_a_score_in_memory_has_no_file_to_name() -> None:
    assert "file" not in recording_data(EVENTS, key="k1", take="take1", live=False, limit=0)


def test_the_widget_is_in_the_output_only_where_it_is_given() -> None:
    data = recording_data((), key="k1", take="take1", live=True)
    view = {"model_id": "m", "version_major": 2, "version_minor": 0}
    assert bundle(data, html="<p>", plain="text") == {
        MIME_TYPE: data,
        "text/html": "<p>",
        "text/plain": "text",
    }
    with_widget = bundle(data, html="<p>", plain="text", widget_view=view)
    assert with_widget["application/vnd.jupyter.widget-view+json"] == view


def test_the_data_asks_for_a_replay_only_where_one_is_wanted() -> None:
    asks = recording_data(EVENTS, key="k1", take="take1", live=False, replay=0.5)
    assert asks.pop("replay") == 0.5
    assert asks == recording_data(EVENTS, key="k1", take="take1", live=False)
