"""A log in one SQLite file.

One connection and no other, ever: `locking_mode=EXCLUSIVE` keeps the file for this log alone from
the moment it is opened, so that a second opener is told so instead of writing beside it (SQLite up
to 3.51.2 can corrupt a WAL that two connections write). What was committed survives the process
being killed: SQLite recovers the WAL that was left as the file is opened again. With
`synchronous=NORMAL` the last commits may be lost to a power cut; the file stays whole
(https://www.sqlite.org/pragma.html#pragma_synchronous).

Before the one connection is made, the file's header is read through a connection that takes no
lock and changes nothing (`immutable=1`). Reading the bytes with `open` would not do: POSIX drops
all locks that a process holds on a file as soon as it closes any handle of it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..errors import StoreError, StoreLocked, StoreUnreadable, StoreUnwritable
from ..score import codec
from .kinds import KINDS, Kind
from .memory import check_order, check_snapshot
from .snapshot import KEEP, REMEDY, fingerprint, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from ..score.events import Event
    from ..score.state import ScoreState

APPLICATION_ID = 0x53434F52  # "SCOR"

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE events (seq INTEGER PRIMARY KEY, take TEXT, at INTEGER, type TEXT NOT NULL,"
        " body BLOB NOT NULL)",
        "CREATE INDEX events_of_take ON events (take) WHERE take IS NOT NULL",
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE snapshots (seq INTEGER PRIMARY KEY, version TEXT NOT NULL, body BLOB NOT NULL)",
        "INSERT INTO meta VALUES ('format', 'score-kernel')",
    ),
)
"""What makes a file of version N one of version N + 1, in order. Only ever appended to."""

_READ = "SELECT seq, body FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
_READ_TAKE = "SELECT seq, body FROM events WHERE seq > ? AND seq <= ? AND take = ? ORDER BY seq LIMIT ?"
_PAGE = 4096
"""Events fetched at once: a reader may stop, or the log go on, between two fetches."""


class SqliteLog:
    """The `Log` port over the SQLite file `path`, made where it is not there. Its folder must be.

    `append` writes into an open transaction, `commit` ends it: the owner decides how often.

    Raises `StoreLocked` where someone has it open, `StoreUnwritable` where it or its folder cannot
    be written, `StoreUnreadable` where it is not a score, or a newer or broken one; then nothing in
    the file was changed.

    >>> log = SqliteLog("piece.score")          # doctest: +SKIP
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        fresh = self._probe()
        with self._errors("open"):
            self._db = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            with self._errors("open"):
                self._set_up(fresh)
                self._last: int = self._one("SELECT coalesce(max(seq), 0) FROM events")
        except BaseException:
            self._db.close()
            raise

    def append(self, events: Sequence[Event]) -> None:
        """Add events at the end, durable after the next `commit`.

        Raises `ValueError` where their `seq` does not go on from the end, `StoreUnwritable` where
        the disk refuses.
        """
        check_order(self._last, events)
        rows = [(e.seq, e.take, e.at, e.__struct_config__.tag, codec.encode(e)) for e in events]
        with self._errors("write"):
            if not self._db.in_transaction:
                self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)
        self._last += len(rows)

    def commit(self) -> None:
        """Make everything appended so far durable. Raises `StoreUnwritable` where the disk refuses."""
        with self._errors("write"):
            if self._db.in_transaction:
                self._db.execute("COMMIT")

    def read(self, after: int = 0, upto: int | None = None, take: str | None = None) -> Iterator[Event]:
        """Events with `after < seq <= upto`, oldest first; those of one take only, if one is named.

        Raises `StoreUnreadable`, naming the event, where one is broken, missing or of a kind that
        only a newer version knows.
        """
        last = self._last if upto is None else min(upto, self._last)
        query = _READ if take is None else _READ_TAKE
        seq = max(after, 0)
        while seq < last:
            values = (seq, last, _PAGE) if take is None else (seq, last, take, _PAGE)
            with self._errors("read"):
                rows: list[tuple[int, bytes]] = self._db.execute(query, values).fetchall()
            for found, body in rows:
                if take is None and found != seq + 1:
                    raise StoreUnreadable(f"{self}: event {seq + 1} is missing; {REMEDY}")
                seq = found
                yield self._decode(seq, body)
            if len(rows) < _PAGE:
                if take is None and seq < last:
                    raise StoreUnreadable(f"{self}: event {seq + 1} is missing; {REMEDY}")
                return

    def save_snapshot(self, state: ScoreState) -> None:
        """Keep this state, which is the fold of the first `state.seq` events; durable with `commit`."""
        check_snapshot(self._last, state)
        with self._errors("write"):
            if not self._db.in_transaction:
                self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)", (state.seq, fingerprint(), pack(state))
            )
            self._db.execute(
                "DELETE FROM snapshots WHERE seq NOT IN"
                " (SELECT seq FROM snapshots ORDER BY version = ? DESC, seq DESC LIMIT ?)",
                (fingerprint(), KEEP),
            )

    def snapshots(self) -> Iterator[ScoreState]:
        """The snapshots that this version can read, newest first. Each is a copy of its own."""
        query = "SELECT seq, body FROM snapshots WHERE version = ? AND seq <= ? ORDER BY seq DESC"
        with self._errors("read"):
            rows: list[tuple[int, bytes]] = self._db.execute(query, (fingerprint(), self._last)).fetchall()
        for seq, body in rows:
            state = unpack(body)
            if state is not None and state.seq == seq:
                yield state

    def close(self) -> None:
        """Commit, and let go of the file. Closing again does nothing."""
        with contextlib.suppress(sqlite3.ProgrammingError):  # closed already
            try:
                self.commit()
            finally:
                self._db.close()

    def __str__(self) -> str:
        return str(self.path)

    # Opening ------------------------------------------------------------------------------

    def _probe(self) -> bool:
        """Whether the file is yet to be made. Raises where it is there and not for us."""
        if not self.path.parent.is_dir():
            raise StoreUnwritable(f"{self}: {self.path.parent} is not a folder; make it, or choose another")
        if self.path.is_dir():
            raise StoreUnwritable(f"{self} is a folder; name a file")
        try:
            if not self.path.exists() or self.path.stat().st_size == 0:
                return True
        except OSError as error:
            raise StoreUnwritable(
                f"{self} cannot be opened ({error.strerror}); choose another file"
            ) from error
        with self._errors("open"), contextlib.closing(self._immutable()) as db:
            self._check_version(db)
        return False

    def _immutable(self) -> sqlite3.Connection:
        uri = self.path.absolute().as_uri() + "?mode=ro&immutable=1"
        return sqlite3.connect(uri, uri=True, isolation_level=None)

    def _check_version(self, db: sqlite3.Connection) -> int:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise StoreUnreadable(f"{self} is a database of another program; choose another file")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StoreUnreadable(
                f"{self} was written by a newer version of score-kernel"
                f" (its format is {version}, this one reads up to {len(MIGRATIONS)}); update score-kernel"
            )
        return int(version)

    def _set_up(self, fresh: bool) -> None:
        db = self._db
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA trusted_schema = OFF")  # the file may come from a stranger
        if fresh:
            # All of it in one transaction of the rollback journal: whoever finds the file, even after
            # a crash right here, finds it empty or finds it ours.
            db.execute("BEGIN EXCLUSIVE")
            if self._one("SELECT count(*) FROM sqlite_master"):
                db.execute("ROLLBACK")  # someone made it since it was probed
            else:
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._migrate(0)
                db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("BEGIN IMMEDIATE")  # now, not with the first event, it must be known to be writable
        version = self._check_version(db)
        self._migrate(version)
        db.execute("COMMIT")

    def _migrate(self, version: int) -> None:
        for number, steps in enumerate(MIGRATIONS[version:], version + 1):
            for step in steps:
                self._db.execute(step)
            self._db.execute(f"PRAGMA user_version = {number}")

    # Reading ------------------------------------------------------------------------------

    def _one(self, query: str) -> int:
        (value,) = self._db.execute(query).fetchone()
        return int(value)

    def _decode(self, seq: int, body: bytes) -> Event:
        try:
            event = codec.decode(body)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._broken(seq, body, error) from error
        if event.seq != seq:
            raise StoreUnreadable(f"{self}: event {seq} is broken (it says {event.seq}); {REMEDY}")
        return event

    def _broken(self, seq: int, body: bytes, error: Exception) -> StoreUnreadable:
        with contextlib.suppress(ValueError, TypeError):
            kind = msgspec.json.decode(body, type=Kind).type
            if kind not in KINDS:
                return StoreUnreadable(
                    f"{self}: event {seq} is of the kind {kind!r}, which this version of score-kernel"
                    " does not know; update score-kernel"
                )
        return StoreUnreadable(f"{self}: event {seq} is broken ({error}); {REMEDY}")

    @contextlib.contextmanager
    def _errors(self, doing: str) -> Generator[None, None, None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.Error as error:
            raise self._told(doing, error) from error

    def _told(self, doing: str, error: sqlite3.Error) -> StoreError:
        name: str = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return StoreLocked(
                f"{self} is open in another kernel; shut that one down, or choose another file"
            )
        if name.startswith(
            ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_FULL", "SQLITE_IOERR")
        ):
            return StoreUnwritable(
                f"{self} cannot be written ({error}); free it or its folder, or choose another file"
            )
        if name.startswith("SQLITE_NOTADB"):
            return StoreUnreadable(f"{self} is not a score; choose another file")
        if doing == "write":
            return StoreUnwritable(f"{self} cannot be written ({error}); choose another file")
        return StoreUnreadable(f"{self} is damaged ({error}); {REMEDY}")
