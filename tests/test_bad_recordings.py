"""Files that are not what they should be: one line each, nothing half loaded, the score as before."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel import ConductError, Reading, Score, Take, UsageError
from score_kernel.errors import StoreError, StoreLocked, StoreUnreadable, StoreUnwritable
from score_kernel.testing.provider import LoopbackProvider
from score_kernel.testing.shell import TestShell
from tests.permissions import folder_of_a_plain_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
NAME = "piece.score.jsonl"
PLAN = {
    "parts": {
        "coder": {"player": "script:lines", "task": "Write the function"},
        "counter": {"player": "python:counts", "after": ["coder"]},
    }
}
LINES = "Some words that a script says."
TEAM = f"%%orchestrate\n{json.dumps(PLAN)}"


def counts(reading: Reading) -> str:
    return f"{len(reading['coder'].text.split())} words"


def fill(score: Score) -> Take:
    score.compose("A function that applies a discount code.", title="Discount codes")
    score.orchestrate(PLAN, {"lines": LINES, "counts": counts})
    take = score.conduct("Keep it small.")
    assert isinstance(take, Take)
    return take


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A whole recording."""
    with Score() as score:
        fill(score)
        return score.save(tmp_path_factory.mktemp("good") / NAME).read_bytes()


# Recordings that are none ---------------------------------------------------------------------


def rechained(data: bytes, change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    """A recording as somebody else may have written it: changed, and its chain whole."""
    lines = [json.loads(line) for line in data.splitlines()]
    for line in lines:
        del line["chain"]
    change(lines)
    chain, made = "", b""
    for line in lines:
        body = json.dumps(line, separators=(",", ":")).encode()[:-1]
        chain = hashlib.sha256(chain.encode() + body).hexdigest()
        made += body + f',"chain":"{chain}"}}\n'.encode()
    return made


def newer(lines: list[dict[str, Any]]) -> None:
    lines[0]["version"] = 2


def unknown_kind(lines: list[dict[str, Any]]) -> None:
    lines[3]["type"] = "telepathy"


def played_twice(lines: list[dict[str, Any]]) -> None:
    played = next(line for line in lines if line["type"] == "played")
    lines.append({**played, "seq": len(lines)})
    lines[0]["events"] += 1


def reads_nothing(lines: list[dict[str, Any]]) -> None:
    next(line for line in lines if line["type"] == "entered")["reads"] = [["part/nobody", 3]]


def cut_at_a_line(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:-1])


NO_FILES: dict[str, tuple[Callable[[Path, bytes], object], str]] = {
    "missing": (lambda path, _: None, "cannot be read: there is no such file"),
    "a folder": (lambda path, _: path.mkdir(), "is a folder; choose a *.score.jsonl file"),
    "empty": (lambda path, _: path.touch(), "is empty; get a whole copy"),
    "cut in a line": (lambda path, data: path.write_bytes(data[:-9]), "the file breaks off in this line"),
    "cut at a line": (lambda path, data: path.write_bytes(cut_at_a_line(data)), "its end is missing"),
    "half": (lambda path, data: path.write_bytes(data[: len(data) // 2]), "the file breaks off in this line"),
    "tampered": (
        lambda path, data: path.write_bytes(data.replace(b"Some words", b"Other word")),
        "the line is broken, or is not as it was recorded; get a whole copy",
    ),
    "newer": (lambda path, data: path.write_bytes(rechained(data, newer)), "by a newer version of score-k"),
    "of a later kind": (
        lambda path, data: path.write_bytes(rechained(data, unknown_kind)),
        "line 4: an event of the kind 'telepathy', which this version does not know; update score-kernel",
    ),
    "foreign lines": (
        lambda path, _: path.write_text('{"role": "user", "content": "hi"}\n' * 20),
        "is no recording of score-kernel; choose a *.score.jsonl file",
    ),
    "binary": (lambda path, _: path.write_bytes(bytes(range(256)) * 99), "is no recording of score-kernel"),
    "compressed": (lambda path, data: path.write_bytes(gzip.compress(data)), "is compressed (gzip): unpack"),
    "converted": (
        lambda path, data: path.write_text(data.decode("utf-8"), "utf-16"),
        "is UTF-16, and a recording is UTF-8",
    ),
    "a web page": (lambda path, _: path.write_text("<!DOCTYPE html>"), "is a web page"),
    "a pointer": (lambda path, _: path.write_text("version https://git-lfs.github.com/spec/v1\n"), "git lfs"),
    "a .score file": (lambda path, _: fill_file(path), "is a database and no recording"),
    "played twice": (
        lambda path, data: path.write_bytes(rechained(data, played_twice)),
        "tells what cannot have happened: ",
    ),
    "reads what is not there": (
        lambda path, data: path.write_bytes(rechained(data, reads_nothing)),
        "tells what cannot have happened: ",
    ),
}


def fill_file(path: Path) -> None:
    kept = path.with_name("kept.score")
    with Score(kept) as score:
        fill(score)
    kept.rename(path)


@pytest.fixture(params=NO_FILES)
def bad(request: pytest.FixtureRequest, tmp_path: Path, good: bytes) -> tuple[Path, str]:
    """A file that is no whole recording, and what is said of it."""
    make, says = NO_FILES[request.param]
    make(tmp_path / NAME, good)
    return tmp_path / NAME, says


def one_line(error: BaseException | None, folder: Path, says: str) -> str:
    message = str(error)
    assert message.startswith(NAME)
    assert says in message
    assert len(message.splitlines()) == 1
    assert str(folder) not in message
    return message


def everything(score: Score, folder: Path) -> bytes:
    """All that a score holds, as bytes."""
    return score.save(folder / "everything.score.jsonl").read_bytes()


def test_it_cannot_be_loaded(bad: tuple[Path, str]) -> None:
    path, says = bad
    with pytest.raises(StoreUnreadable) as error:
        Score.load(path)
    one_line(error.value, path.parent, says)


def test_it_leaves_no_file_behind_where_it_should_have_gone_on(bad: tuple[Path, str]) -> None:
    path, _ = bad
    before = sorted(path.parent.iterdir())
    with pytest.raises(StoreUnreadable):
        Score.load(path, path.with_name("further.score"))
    assert sorted(path.parent.iterdir()) == before


def test_it_cannot_be_conducted_from_and_the_score_is_as_before(
    bad: tuple[Path, str], tmp_path: Path
) -> None:
    path, says = bad
    with Score() as score:
        fill(score)
        before = everything(score, tmp_path)
        for offline in (False, True):
            with pytest.raises(StoreUnreadable) as error:
                score.conduct("Another note.", "draft", recording=path, offline=offline)
            one_line(error.value, path.parent, says)
        assert everything(score, tmp_path) == before
        again = score.conduct(fresh_all=True)
        assert isinstance(again, Take)
        assert again["counter"].text == "6 words"


@pytest.mark.parametrize(
    "cell", ["%conduct -r", "%%conduct draft --offline -r", "%conduct -n -r", "%score load"]
)
def test_the_magics_refuse_it_in_the_same_line(bad: tuple[Path, str], cell: str, tmp_path: Path) -> None:
    path, says = bad
    with TestShell(lines=LINES, counts=counts) as shell:
        score = shell["score"]
        fill(score)
        before = everything(score, tmp_path)
        message = one_line(shell.cell(f"{cell} {str(path)!r}").error_in_exec, path.parent, says)
        assert shell.out == f"StoreUnreadable: {message}\n"
        assert shell["score"] is score
        assert everything(score, tmp_path) == before
        shell.run("%conduct --fresh-all")
        assert shell["take"]["counter"].text == "6 words"


def test_a_recording_that_may_not_be_read_is_told(good: bytes) -> None:
    with folder_of_a_plain_user() as folder:
        (folder / NAME).touch(0o000)
        with pytest.raises(StoreUnreadable) as error:
            Score.load(folder / NAME)
        one_line(error.value, folder, "cannot be read: Permission denied")


# Saving where it cannot be --------------------------------------------------------------------


NO_PLACES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (lambda path: path.parent.rmdir(), "there is no such folder"),
    "a folder": (lambda path: path.mkdir(), "it is a folder"),
    "a read-only folder": (lambda path: path.parent.chmod(0o555), "Permission denied"),
    "a read-only file": (lambda path: path.touch(0o444), "Permission denied"),
}


@pytest.mark.parametrize("place", NO_PLACES)
def test_where_it_cannot_be_saved_the_score_goes_on(place: str) -> None:
    make, says = NO_PLACES[place]
    with Score() as score:
        take = fill(score)
        with folder_of_a_plain_user() as folder:
            path = folder / "inner" / NAME
            path.parent.mkdir()
            make(path)
            with pytest.raises(StoreUnwritable) as error:
                score.save(path)
            assert str(error.value) == f"{NAME} cannot be written: {says}; choose another place"
            score.save(folder / NAME)
            if path.parent.exists():
                path.parent.chmod(0o755)
        again = score.conduct()
        assert isinstance(again, Take)
        assert again.id == take.id


def test_what_could_not_be_read_again_is_refused_at_once(tmp_path: Path) -> None:
    with Score() as score:
        fill(score)
        before = everything(score, tmp_path)
        no_text: Any = None
        half: Any = 2.5
        with pytest.raises(TypeError):
            score.compose("An intent.", title=no_text)
        with pytest.raises(UsageError, match=r"not \"2\.5\""):
            score.conduct(at_once=half)
        assert everything(score, tmp_path) == before


# A recording of another piece -----------------------------------------------------------------


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a piece with other parts, and with notes that stand."""
    with Score() as score:
        score.compose("A poem about the sea.")
        score.orchestrate({"parts": {"poet": {"player": "script:verse"}}}, {"verse": "Waves."})
        score.conduct()
        score.note("poet", "Rhyme it.")
        return score.save(tmp_path_factory.mktemp("another") / "poem.score.jsonl")


def test_a_recording_of_another_piece_knows_nothing_and_all_of_this_one_plays(another: Path) -> None:
    with Score() as score:
        score.compose("A function that applies a discount code.")
        score.orchestrate(PLAN, {"lines": LINES, "counts": counts})
        take = score.conduct(recording=another)
        assert isinstance(take, Take)
        assert {c.part: c.status for c in take.contributions} == {"coder": "played", "counter": "played"}
        assert take["counter"].text == "6 words"


def test_offline_a_recording_of_another_piece_is_a_clear_miss(another: Path, tmp_path: Path) -> None:
    with LoopbackProvider("never asked") as provider, Score() as score:
        score.compose("A function that applies a discount code.")
        score.orchestrate(
            {"parts": {"coder": {"model": "openai/gpt-4o", "params": {"api_base": provider.openai}}}}
        )
        before = everything(score, tmp_path)
        with pytest.raises(ConductError) as error:
            score.conduct(recording=another, offline=True)
        message = str(error.value)
        assert message.startswith("coder is not known, and offline no model may play it")
        assert "no reading of it is known at all" in message
        assert len(message.splitlines()) == 1
        assert everything(score, tmp_path) == before
        assert provider.count == 0


# .score files that cannot be opened -----------------------------------------------------------

HOLD = """
import sys
from score_kernel import Score
score = Score(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def locked(path: Path) -> subprocess.Popen[str]:
    """Another process that has the file open, until its input ends."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "open\n"
    return child


def execute(path: Path, *statements: str) -> None:
    db = sqlite3.connect(path)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def damaged(path: Path) -> None:
    fill_file(path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)


def of_a_newer_version(path: Path) -> None:
    fill_file(path)
    execute(path, "PRAGMA user_version = 99")


def without_an_event(path: Path) -> None:
    fill_file(path)
    execute(path, "DELETE FROM snapshots", "DELETE FROM events WHERE seq = 7")


def with_an_event_that_cannot_be(path: Path) -> None:
    fill_file(path)
    execute(
        path,
        "DELETE FROM snapshots",
        "UPDATE events SET body = replace(body, '\"c\":1', '\"c\":77') WHERE type = 'played'",
    )


def of_another_program(path: Path) -> None:
    execute(path, "CREATE TABLE notes (text TEXT)", "INSERT INTO notes VALUES ('mine')")


def read_only(path: Path) -> None:
    fill_file(path)
    path.chmod(0o444)


def in_a_read_only_folder(path: Path) -> None:
    fill_file(path)
    path.parent.chmod(0o555)


BAD_SCORES: dict[str, tuple[Callable[[Path], object], type[StoreError], str]] = {
    "open elsewhere": (locked, StoreLocked, "is open in another kernel; shut that one down, or choose"),
    "read-only": (read_only, StoreUnwritable, "cannot be written"),
    "in a read-only folder": (in_a_read_only_folder, StoreUnwritable, "cannot be written"),
    "text": (lambda path: path.write_text("no database " * 999), StoreUnreadable, "is not a score"),
    "damaged": (damaged, StoreUnreadable, "use another file, or a copy from before"),
    "newer": (of_a_newer_version, StoreUnreadable, "was written by a newer version of score-kernel"),
    "without an event": (without_an_event, StoreUnreadable, "event 7 is missing"),
    "impossible": (with_an_event_that_cannot_be, StoreUnreadable, "cannot have happened"),
    "of another program": (of_another_program, StoreUnreadable, "is a database of another program"),
    "a folder": (lambda path: path.mkdir(), StoreUnwritable, "is a folder; name a file"),
    "in no folder": (lambda path: path.parent.rmdir(), StoreUnwritable, "is not a folder"),
}


@pytest.fixture
def shell() -> Iterator[TestShell]:
    """A shell in which something was played, so that all it needs is loaded."""
    with TestShell(lines=LINES, counts=counts) as shell:
        shell.run("%%compose\nSomething else.")
        shell.run(TEAM)
        shell.run("%conduct")
        yield shell


@pytest.fixture(params=BAD_SCORES)
def bad_score(
    shell: TestShell, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Path, type[StoreError], str]]:
    """A `.score` file that cannot be opened, with the error and what it says."""
    make, error, says = BAD_SCORES[request.param]
    with contextlib.ExitStack() as after:
        plain = "read-only" in request.param
        folder = after.enter_context(folder_of_a_plain_user()) if plain else tmp_path
        path = folder / "inner" / "piece.score"
        path.parent.mkdir()
        made = make(path)
        if isinstance(made, subprocess.Popen):
            after.callback(made.communicate, "")
        elif plain:
            after.callback(path.parent.chmod, 0o755)
        yield path, error, says


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_score_that_cannot_be_opened_is_told_and_left_as_it_is(
    bad_score: tuple[Path, type[StoreError], str],
) -> None:
    path, error, says = bad_score
    before = files(path.parent)
    for _ in range(2):
        with pytest.raises(error) as caught:
            Score(path)
        assert says in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
    assert files(path.parent) == before


def test_the_magics_say_so_in_one_line_and_their_score_is_in_memory(
    shell: TestShell, bad_score: tuple[Path, type[StoreError], str]
) -> None:
    path, _, says = bad_score
    before = files(path.parent)
    shell.run(f"%config ScoreMagics.store = {str(path)!r}")
    shell.run("%%compose\nA function that applies a discount code.")
    line, shown = shell.out.splitlines()
    assert says in line
    assert line.endswith("; this score is in memory")
    assert shown.endswith("<Composition: 0 criteria>")
    shell.run(TEAM)
    shell.run("%conduct")
    assert shell["take"].id == "take1"
    assert shell["take"]["counter"].text == "6 words"
    assert files(path.parent) == before


def test_a_recording_goes_on_in_no_file_that_holds_another_score(tmp_path: Path, good: bytes) -> None:
    (tmp_path / NAME).write_bytes(good)
    fill_file(tmp_path / "piece.score")
    with Score(tmp_path / "piece.score") as score:
        score.compose("Something else.")
        before = everything(score, tmp_path)
    (tmp_path / "poem.score.jsonl").write_bytes(before)
    with Score(tmp_path / "other.score") as score:
        score.compose("And something else again.")
    for recording in (NAME, "poem.score.jsonl"):
        with pytest.raises(StoreUnreadable, match="holds another score; choose another file"):
            Score.load(tmp_path / recording, tmp_path / "other.score")
    with Score(tmp_path / "other.score") as score:
        assert score.intent == "And something else again."
