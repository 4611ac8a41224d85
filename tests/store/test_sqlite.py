from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from score_kernel.errors import StoreError, StoreLocked, StoreUnreadable, StoreUnwritable
from score_kernel.score import events as ev
from score_kernel.score.codec import from_lines
from score_kernel.store import SqliteLog

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"


def written(seq: int, text: str = "text") -> ev.Event:
    return ev.EntryWritten(seq=seq, entry="note/1", version=seq, text=text)


def one_line(error: pytest.ExceptionInfo[StoreError]) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "piece.score"


@pytest.fixture
def plain_user() -> Iterator[Path]:
    """A folder of its own, while this process is nobody to whom permissions do not apply."""
    if os.name != "posix":
        pytest.skip("permissions are POSIX's here")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    was = os.geteuid()
    if was == 0:
        os.chown(folder, 65534, -1)
        os.seteuid(65534)
    yield folder
    os.seteuid(was)
    folder.chmod(0o755)
    shutil.rmtree(folder)


# Writing and reading --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plain", "reused", "failed", "stopped", "scripted"])
def test_what_was_appended_is_read_again_after_reopening(path: Path, name: str) -> None:
    events = from_lines((FIXTURES / f"{name}.jsonl").read_bytes())
    log = SqliteLog(path)
    log.append(events[:10])
    log.commit()
    log.append(events[10:])
    assert list(log.read()) == events
    log.close()
    log = SqliteLog(path)
    assert list(log.read()) == events
    log.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(texts=st.lists(st.text(st.characters(exclude_categories=())), min_size=1, max_size=8))
def test_any_text_comes_back_as_it_was(tmp_path: Path, texts: list[str]) -> None:
    path = tmp_path / "any.score"
    path.unlink(missing_ok=True)
    events = [
        written(seq, text) for seq, text in enumerate([*texts, "\x00", "\ud800 \udc00\ud800", "𝄞\r\n"], 1)
    ]
    log = SqliteLog(path)
    log.append(events)
    log.close()
    log = SqliteLog(path)
    assert list(log.read()) == events
    log.close()


def test_reading_is_bounded_by_after_upto_and_take(path: Path) -> None:
    events = from_lines((FIXTURES / "reused.jsonl").read_bytes())
    log = SqliteLog(path)
    log.append(events)
    assert [e.seq for e in log.read(after=3, upto=7)] == [4, 5, 6, 7]
    assert list(log.read(take="take2")) == [e for e in events if e.take == "take2"]
    middle = next(e.seq for e in events if isinstance(e, ev.TakeEnded))
    assert list(log.read(after=20, upto=middle, take="take1")) == [
        e for e in events if e.take == "take1" and 20 < e.seq <= middle
    ]
    assert list(log.read(take="take9")) == []
    assert list(log.read(after=len(events))) == []
    log.close()


def test_a_long_log_is_read_whole_while_it_goes_on(path: Path) -> None:
    log = SqliteLog(path)
    log.append([written(seq) for seq in range(1, 10_001)])
    reading = iter(log.read())
    first = [next(reading) for _ in range(5000)]
    log.append([written(10_001)])
    log.commit()
    assert [e.seq for e in [*first, *reading]] == list(range(1, 10_001))
    assert sum(1 for _ in log.read()) == 10_001
    log.close()


def test_one_takes_events_are_found_by_an_index(path: Path) -> None:
    SqliteLog(path).close()
    db = sqlite3.connect(path)
    plan = db.execute("EXPLAIN QUERY PLAN SELECT seq FROM events WHERE seq > 0 AND take = 'take1'").fetchall()
    db.close()
    assert "events_of_take" in str(plan)


def test_events_go_on_from_the_end_or_are_refused(path: Path) -> None:
    log = SqliteLog(path)
    log.append([written(1), written(2)])
    for wrong in ([written(2)], [written(4)], [written(3), written(5)], [written(0)]):
        with pytest.raises(ValueError, match="belongs"):
            log.append(wrong)
    log.append([written(3)])
    assert [e.seq for e in log.read()] == [1, 2, 3]
    log.close()


def test_closing_twice_is_closing_once(path: Path) -> None:
    log = SqliteLog(path)
    log.append([written(1)])
    log.close()
    log.close()
    assert sorted(p.name for p in path.parent.iterdir()) == ["piece.score"]


# One opener -----------------------------------------------------------------------------------

OPEN = """
import sys
from score_kernel.errors import StoreLocked
from score_kernel.store import SqliteLog
try:
    SqliteLog(sys.argv[1]).close()
except StoreLocked as error:
    print(error)
else:
    print("opened")
"""


def opened_elsewhere(path: Path) -> str:
    child = subprocess.run(
        [sys.executable, "-c", OPEN, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return child.stdout


def test_the_file_is_for_one_process_from_its_very_opening(path: Path) -> None:
    log = SqliteLog(path)
    assert "open in another kernel" in opened_elsewhere(path)
    log.close()
    log = SqliteLog(path)
    assert "open in another kernel" in opened_elsewhere(path)
    log.append([written(1)])
    log.commit()
    assert "open in another kernel" in opened_elsewhere(path)
    log.close()
    assert opened_elsewhere(path) == "opened\n"


def test_a_second_opener_in_the_same_process_is_told_and_takes_nothing_away(path: Path) -> None:
    log = SqliteLog(path)
    for _ in range(2):
        with pytest.raises(StoreLocked) as error:
            SqliteLog(path)
        assert "piece.score is open in another kernel" in one_line(error)
    assert "open in another kernel" in opened_elsewhere(path)
    log.append([written(1)])
    log.close()
    log = SqliteLog(path)
    assert [e.seq for e in log.read()] == [1]
    log.close()


# Where it cannot be written -------------------------------------------------------------------


def test_a_path_under_a_file_or_in_no_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for path in (tmp_path / "file" / "piece.score", tmp_path / "nowhere" / "piece.score"):
        with pytest.raises(StoreUnwritable) as error:
            SqliteLog(path)
        assert "is not a folder" in one_line(error)
    with pytest.raises(StoreUnwritable, match="is a folder"):
        SqliteLog(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(plain_user: Path) -> None:
    plain_user.chmod(0o555)
    with pytest.raises(StoreUnwritable) as error:
        SqliteLog(plain_user / "piece.score")
    assert "cannot be written" in one_line(error)


def test_a_folder_that_became_read_only_is_told(plain_user: Path) -> None:
    path = plain_user / "piece.score"
    SqliteLog(path).close()
    plain_user.chmod(0o555)
    with pytest.raises(StoreUnwritable) as error:
        SqliteLog(path)
    one_line(error)


def test_a_read_only_file_is_told_and_left_as_it_is(plain_user: Path) -> None:
    path = plain_user / "piece.score"
    log = SqliteLog(path)
    log.append([written(1)])
    log.close()
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(StoreUnwritable) as error:
        SqliteLog(path)
    assert "cannot be written" in one_line(error)
    path.chmod(0o644)
    assert path.read_bytes() == before


# What is not a score --------------------------------------------------------------------------


def foreign(path: Path) -> None:
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE events (seq INTEGER); INSERT INTO events VALUES (1);")
    db.close()


def newer(path: Path) -> None:
    SqliteLog(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()


def no_database(path: Path) -> None:
    path.write_bytes(b"# Not a database, but quite long enough to be one\n" * 40)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (no_database, "not a score"),
        (foreign, "another program"),
        (newer, "newer version"),
    ],
)
def test_what_is_not_for_us_is_refused_and_not_changed(path: Path, make: object, says: str) -> None:
    assert callable(make)
    make(path)
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    with pytest.raises(StoreUnreadable, match=says) as error:
        SqliteLog(path)
    one_line(error)
    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == before


def test_an_empty_file_is_a_new_score(path: Path) -> None:
    path.touch()
    log = SqliteLog(path)
    assert list(log.read()) == []
    log.close()


def damaged(path: Path, statement: str, *values: object) -> SqliteLog:
    log = SqliteLog(path)
    log.append([written(seq) for seq in range(1, 6)])
    log.close()
    db = sqlite3.connect(path)
    db.execute(statement, values)
    db.commit()
    db.close()
    return SqliteLog(path)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"type": "entry", "seq"', "event 3 is broken"),
        (b"", "event 3 is broken"),
        (b"\xff\xfe", "event 3 is broken"),
        (b"[" * 100_000, "event 3 is broken"),
        (b'{"type":"entry","seq":3,"take":null,"at":null,"entry":"a"}', "event 3 is broken"),
        (b'{"type":"entry","seq":4,"entry":"a","version":1,"text":""}', "event 3 is broken"),
        (b'{"type":"telepathy","seq":3,"take":null,"at":null}', "'telepathy'.*update score-kernel"),
    ],
)
def test_an_event_that_cannot_be_read_is_named(path: Path, body: bytes, says: str) -> None:
    log = damaged(path, "UPDATE events SET body = ? WHERE seq = 3", body)
    with pytest.raises(StoreUnreadable, match=says) as error:
        list(log.read())
    one_line(error)
    log.close()


@pytest.mark.parametrize("statement", ["DELETE FROM events WHERE seq = 3"])
def test_a_missing_event_is_named(path: Path, statement: str) -> None:
    log = damaged(path, statement)
    with pytest.raises(StoreUnreadable, match="event 3 is missing"):
        list(log.read())
    log.close()


def test_a_damaged_page_is_one_line(path: Path) -> None:
    log = SqliteLog(path)
    log.append([written(seq, "text" * 50) for seq in range(1, 2000)])
    log.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = b"\x5a" * (len(content) - 4096 * 3)
    path.write_bytes(content)
    with pytest.raises(StoreUnreadable) as error:  # noqa: PT012 - it may be found by either
        log = SqliteLog(path)
        try:
            list(log.read())
        finally:
            log.close()
    one_line(error)


# A process that is killed ---------------------------------------------------------------------

APPEND = """
import sys
from score_kernel.score import events as ev
from score_kernel.store import SqliteLog

log = SqliteLog(sys.argv[1])
seq = sum(1 for _ in log.read())
while True:
    batch = [
        ev.EntryWritten(seq=seq + n, entry="note/1", version=seq + n, text="text " * 40) for n in range(1, 8)
    ]
    log.append(batch)
    seq += len(batch)
    if seq % 3 == 0:
        log.commit()
        print(seq, flush=True)
"""


def test_a_killed_process_loses_nothing_committed_and_doubles_nothing(path: Path) -> None:
    for lines in (1, 7, 60, 300, 2):
        child = subprocess.Popen(
            [sys.executable, "-c", APPEND, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        told = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        committed = int([*told, *child.stdout.read().split()][-1])
        child.stdout.close()
        child.wait()

        log = SqliteLog(path)
        found = [e.seq for e in log.read()]
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= committed
        log.close()
        db = sqlite3.connect(path)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        db.close()


CREATE = """
import sys
from score_kernel.store import SqliteLog
import sqlite3, os, signal

def kill(statement):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

connect = sqlite3.connect
def traced(*args, **kwargs):
    db = connect(*args, **kwargs)
    db.set_trace_callback(kill)
    return db
sqlite3.connect = traced
SqliteLog(sys.argv[1])
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
@pytest.mark.parametrize(
    "at", ["application_id =", "CREATE TABLE snapshots", "COMMIT", "journal_mode", "BEGIN IMM"]
)
def test_a_process_killed_while_it_makes_the_file_leaves_one_that_opens(path: Path, at: str) -> None:
    child = subprocess.run([sys.executable, "-c", CREATE, str(path), at], cwd=ROOT, check=False)
    assert child.returncode < 0
    log = SqliteLog(path)
    log.append([written(1)])
    log.close()
    log = SqliteLog(path)
    assert [e.seq for e in log.read()] == [1]
    log.close()
