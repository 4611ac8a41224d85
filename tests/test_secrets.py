"""What is sent with a request and must not be kept: headers, and the key of the environment."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import nbformat
from nbclient import NotebookClient

from score_kernel import Score, Take
from score_kernel.score.codec import to_lines
from score_kernel.testing.provider import Answer, LoopbackProvider
from score_kernel.view.mime import MIME_TYPE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TEAM = "planted-team-of-mine"
KEY = "sk-planted-0123456789abcdefXYZ"


def plan(provider: LoopbackProvider, header: str = TEAM) -> dict[str, Any]:
    params = {
        "api_base": provider.openai,
        "temperature": 0,
        "extra_headers": {"X-Team": header},
        "extra_body": {"tools": [{"type": "mcp", "server_url": "u", "headers": {"X-Team": header}}]},
    }
    parts = {
        "coder": {"model": "openai/gpt-4o", "params": params, "retries": 1},
        "editor": {"model": "openai/gpt-4o", "params": params, "after": ["coder"]},
    }
    return {"parts": parts}


def busy_then(text: str) -> list[Answer]:
    said = f"{TEAM} asked too often with {KEY}."
    busy = Answer(status=429, message=said, headers={"retry-after": "0"})
    return [busy, Answer(text=text)]


def conduct(score: Score, **options: Any) -> Take:
    take = score.conduct(**options)
    assert isinstance(take, Take)
    return take


def test_headers_go_with_every_request_and_are_on_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with LoopbackProvider(busy_then("Hello")) as provider, Score(tmp_path / "piece.score") as score:
        shown = repr(score.orchestrate(plan(provider)))
        take = conduct(score)
        assert take.status == "finished"
        assert provider.count == 3
        for request in provider.requests:
            assert TEAM in request.headers.values()
            assert request.body["tools"][0]["headers"] == {"X-Team": TEAM}
        assert score.plan is not None
        assert score.plan["coder"].params["temperature"] == 0
        lines = to_lines(take.events).decode()
        assert "asked too often" in lines
        recording = score.save(tmp_path / "piece.score.jsonl").read_text("utf-8")
        assert "asked too often" in recording
        page = score.save(tmp_path / "piece.html").read_text("utf-8")
        held = re.findall(r'type="application/gzip">(.*?)<', page)
        assert [gzip.decompress(base64.b64decode(text)).decode() for text in held] == [recording]
    kept = [shown, lines, *(file.read_bytes().decode("latin-1") for file in tmp_path.iterdir())]
    assert [TEAM in text or KEY in text for text in kept] == [False] * len(kept)


def test_other_headers_are_sent_and_change_nothing_that_is_known(tmp_path: Path) -> None:
    with LoopbackProvider("Hello") as provider, Score(tmp_path / "piece.score") as score:
        score.orchestrate(plan(provider, "one"))
        conduct(score)
        score.orchestrate(plan(provider, "another"))
        assert not conduct(score).new
        conduct(score, fresh=["editor"])
        assert [[h for h in ("one", "another") if h in r.headers.values()] for r in provider.requests] == [
            ["one"],
            ["one"],
            ["another"],
        ]


def test_after_a_restart_the_same_cell_sends_them_and_plays_nothing_it_knows(tmp_path: Path) -> None:
    with LoopbackProvider("Hello") as provider:
        with Score(tmp_path / "piece.score") as score:
            score.orchestrate(plan(provider))
            conduct(score)
        with Score(tmp_path / "piece.score") as score:
            score.orchestrate(plan(provider))
            assert not conduct(score).new
            assert provider.count == 2
            conduct(score, fresh_all=True)
        assert provider.count == 4
        assert all(TEAM in request.headers.values() for request in provider.requests)


def test_a_notebook_keeps_neither_headers_nor_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with LoopbackProvider(busy_then("Hello")) as provider:
        notebook: Any = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell("%load_ext score_kernel"),
                nbformat.v4.new_code_cell("%config ScoreMagics.store = 'piece.score'"),
                nbformat.v4.new_code_cell("%%compose\nSay hello."),
                nbformat.v4.new_code_cell(f"plan = {plan(provider)!r}\nscore.orchestrate(plan, globals())"),
                nbformat.v4.new_code_cell("%orchestrate"),
                nbformat.v4.new_code_cell("%conduct -n"),
                nbformat.v4.new_code_cell("%%conduct"),
                nbformat.v4.new_code_cell("%score save saved.score.jsonl"),
            ]
        )
        client = NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
        )
        done: Any = client.execute()
        assert provider.count == 3
    shown = [output for cell in done.cells for output in cell.outputs]
    recordings = [output.data[MIME_TYPE] for output in shown if MIME_TYPE in output.get("data", {})]
    assert recordings
    events = [gzip.decompress(base64.b64decode(data["events"])).decode() for data in recordings]
    assert "asked too often" in events[0]
    assert "asked too often" in (tmp_path / "saved.score.jsonl").read_text("utf-8")
    files = [file.read_bytes().decode("latin-1") for file in tmp_path.iterdir()]
    for text in (json.dumps(shown), json.dumps(dict(done.metadata)), *events, *files):
        assert TEAM not in text
        assert KEY not in text


def test_a_recording_that_is_played_from_brings_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    first, second = tmp_path / "first.score.jsonl", tmp_path / "second.score.jsonl"
    with LoopbackProvider(busy_then("Hello")) as provider:
        with Score() as score:
            score.orchestrate(plan(provider))
            conduct(score)
            score.save(first)
        with Score.load(first, tmp_path / "further.score") as loaded:
            loaded.orchestrate(plan(provider))
            assert conduct(loaded, recording=first, offline=True).id == "take1"
            conduct(loaded, fresh=["editor"])
            loaded.save(second)
        with Score() as other:
            other.orchestrate(plan(provider, "another-of-mine"))
            assert conduct(other, recording=second, offline=True)["editor"].text == "Hello"
            other.save(tmp_path / "third.score.jsonl")
        assert provider.count == 4
    kept = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(kept) == 4
    for name, content in kept.items():
        for secret in (TEAM, KEY, "another-of-mine"):
            assert secret.encode() not in content, name
