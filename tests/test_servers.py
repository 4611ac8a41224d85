"""MCP servers as a score has them: started as a part wants one, ended with the score or the process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from score_kernel import Score, Take
from tests.players.test_mcp import SERVER, local, runs

if TYPE_CHECKING:
    from pathlib import Path

PLAN = {"parts": {"coder": {"player": "script:lines", "tools": ["mcp:files/sign"]}}}

PROGRAM = """
import json, sys
from score_kernel import Score

given = json.loads(sys.argv[1])
score = Score()
score.use_servers(given["servers"])
score.compose("Say it.")
score.orchestrate(given["plan"], {"lines": given["lines"]})
print(score.conduct()["coder"].text)
"""


def lines(folder: Path) -> list[object]:
    return [{"tool": "sign", "args": {"file": str(folder / "signed")}}, "Done."]


def given(folder: Path) -> dict[str, object]:
    (folder / "server.py").write_text(SERVER, "utf-8")
    return {"files": local(args=[str(folder / "server.py")])}


def signed(folder: Path) -> list[int]:
    """The processes that the server ran in, call by call."""
    return [int(line) for line in (folder / "signed").read_text("utf-8").split()]


def play(score: Score, folder: Path) -> int:
    score.compose("Say it.")
    score.orchestrate(PLAN, {"lines": lines(folder)})
    take = score.conduct(fresh_all=True)
    assert isinstance(take, Take)
    assert take["coder"].text == "Done."
    return signed(folder)[-1]


def test_a_server_ends_with_the_score(tmp_path: Path) -> None:
    with Score() as score:
        score.use_servers(given(tmp_path))
        pid = play(score, tmp_path)
        assert runs(pid)
        assert play(score, tmp_path) == pid
    assert not runs(pid)


def test_a_server_ends_as_others_are_told_of(tmp_path: Path) -> None:
    with Score() as score:
        score.use_servers(given(tmp_path))
        pid = play(score, tmp_path)
        score.use_servers(given(tmp_path))
        assert not runs(pid)
        assert play(score, tmp_path) != pid


def test_a_server_ends_with_the_process(tmp_path: Path) -> None:
    told = {"servers": given(tmp_path), "plan": PLAN, "lines": lines(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(told)], capture_output=True, text=True, timeout=60
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("Done.\n", "", 0)
    assert not any(runs(pid) for pid in signed(tmp_path))
