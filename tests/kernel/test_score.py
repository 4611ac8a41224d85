"""A real ipykernel: what `%score` gives a notebook."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel.score.codec import from_lines
from score_kernel.score.events import TakeStarted
from score_kernel.view.mime import MIME_TYPE

from .kernel import HANG

if TYPE_CHECKING:
    from .kernel import Kernel


@pytest.fixture
def played(kernel: Kernel) -> Kernel:
    kernel.run("go.set()")
    assert kernel.run("%conduct draft")["status"] == "ok"
    return kernel


def output(kernel: Kernel, cell: str) -> list[dict[str, Any]]:
    """The contents of what a cell displays, from its start to its end."""
    request = kernel.start(cell)
    found: list[dict[str, Any]] = []
    while True:
        message = kernel.client.get_iopub_msg(timeout=HANG)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["content"].get("execution_state") == "idle":
            assert kernel.finish(request)["status"] == "ok"
            return found
        if message["msg_type"] in ("display_data", "update_display_data", "execute_result"):
            found.append(message["content"])


def test_code_comes_as_a_new_cell_below(played: Kernel) -> None:
    played.run("code = 'Here:\\n```python\\nx = 1\\n```'")
    played.run("%%orchestrate\nparts:\n  first: {player: script:code}\n")
    played.run("%conduct")
    (payload,) = played.run("%score insert first")["payload"]
    assert (payload["source"], payload["text"], payload["replace"]) == ("set_next_input", "x = 1", False)


def test_where_nobody_can_be_asked_nothing_is_forgotten(played: Kernel) -> None:
    cell = played.client.execute("%score forget", allow_stdin=False, stop_on_error=False)
    reply = played.finish(cell)
    assert reply["evalue"] == "nobody can be asked here: %score forget --yes deletes it"
    assert played.value("len(score.takes)") == 1
    assert played.run("%score forget --yes")["status"] == "ok"
    assert played.value("len(score.takes)") == 0


def test_a_replay_is_shown_and_not_conducted(played: Kernel) -> None:
    first, *_ = output(played, "%score replay draft --speed 4")
    assert first["data"]["text/plain"] == "<Take draft: 2 of 2 parts, 0 failed>"
    assert played.value("len(score.takes)") == 1


def test_takes_of_two_scores_with_the_same_id_are_shown_each(played: Kernel) -> None:
    played.run("main = score")
    played.run("%score new")
    played.run("%%compose\nAnother intent.")
    played.run("%%orchestrate\nparts:\n  only: {player: python:waits}\n")
    played.run("%conduct other")
    shown = output(played, "%score")
    assert {content["data"]["text/plain"] for content in shown} == {"<Take other: 1 of 1 parts, 0 failed>"}
    played.run("%score use main")
    shown = output(played, "%score")
    assert {content["data"]["text/plain"] for content in shown} == {"<Take draft: 2 of 2 parts, 0 failed>"}


def takes_in(content: dict[str, Any]) -> list[str | None]:
    """The takes that a view holds."""
    events = from_lines(gzip.decompress(base64.b64decode(content["data"][MIME_TYPE]["events"])))
    return [event.take for event in events if isinstance(event, TakeStarted)]


def test_alone_it_shows_all_takes_beginning_with_the_latest(played: Kernel) -> None:
    played.run("%conduct again --fresh-all")
    for cell in ("%score", "score.view()"):
        for content in output(played, cell):
            data = content["data"][MIME_TYPE]
            assert content["data"]["text/plain"] == "<Take again: 2 of 2 parts, 0 failed>"
            assert data["take"] == "take2"
            assert takes_in(content) == ["take1", "take2"]
            events = from_lines(gzip.decompress(base64.b64decode(data["events"])))
            assert [event.seq for event in events] == list(range(1, len(events) + 1))


def test_a_take_shows_those_before_it_too_and_none_that_came_later(played: Kernel) -> None:
    shown = output(played, "%conduct again --fresh-all")
    assert [takes_in(content) for content in shown] == [["take1", "take2"]] * len(shown)
    played.run("%conduct --fresh-all")
    assert takes_in(output(played, "score['take2']")[-1]) == ["take1", "take2"]
    assert takes_in(output(played, "score['take1']")[-1]) == ["take1"]


# beyond what an output holds with the takes before, and beyond what it holds at all
@pytest.mark.parametrize("numbers", [30_000, 120_000])
def test_where_earlier_takes_are_too_long_for_a_notebook_the_latest_is_kept(
    played: Kernel, numbers: int
) -> None:
    played.run(
        f"import random; long = '%%compose\\n' + ' '.join(str(random.random()) for _ in range({numbers}))"
    )
    played.run("get_ipython().run_cell(long)")
    played.run("%conduct")
    played.run("%%compose\nShort.")
    assert takes_in(output(played, "%conduct")[-1]) == ["take3"]
    everything = ["take1", "take2", "take3"] if numbers == 30_000 else ["take3"]
    assert takes_in(output(played, "%score")[-1]) == everything
