"""The scores of one kernel, by name: the first is `main`, and one of them is the current one."""

from __future__ import annotations

import hashlib
import itertools
import re
from typing import TYPE_CHECKING

from .api import Score
from .errors import StoreError, StoreLocked, StoreUnreadable, StoreUnwritable, UnknownName, UsageError
from .notation.nearest import suggestion
from .store.recording import PAGE, SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FIRST = "main"


class Scores:
    """The scores of one kernel.

    `place` gives the file of the first one (`None`: it is kept in memory) or raises `StoreError`;
    further scores are kept beside it, as `PIECE+NAME.score` beside `PIECE.score`. `ready` gives a
    score the settings of the magics, `told` hears why a score is in memory after all.
    """

    def __init__(
        self,
        place: Callable[[], Path | None],
        ready: Callable[[Score], object],
        told: Callable[[StoreError], None],
    ) -> None:
        self._place, self._ready, self._told = place, ready, told
        self._loaded: dict[tuple[str, str], str] = {}
        self._scores: dict[str, Score] = {FIRST: self._later(FIRST)}
        self.name = FIRST
        """The name of the current score."""

    @property
    def current(self) -> Score:
        """The score that the magics are about."""
        return self._scores[self.name]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all scores, oldest first."""
        return tuple(self._scores)

    def __iter__(self) -> Iterator[Score]:
        return iter(self._scores.values())

    def _file(self, name: str) -> Path | None:
        try:
            first = self._place()
        except StoreError as error:
            self._told(error)
            return None
        if first is None or name == FIRST:
            return first
        return first.with_name(f"{first.stem}+{name}{first.suffix}")

    def _later(self, name: str) -> Score:
        """A score that opens its file, if there is a place for one, when it is first used."""
        score = Score.later(self._file(name), self._told)
        self._ready(score)
        return score

    def move_first(self) -> None:
        """The place of the first score has changed: let go of its file, and make it the current one."""
        self._scores[FIRST].close()
        self._scores[FIRST] = self._later(FIRST)
        self.name = FIRST

    def use(self, name: str) -> None:
        """Make this the current score. Raises `UnknownName`."""
        if name not in self._scores:
            raise UnknownName(f"there is no score {name!r}: {suggestion(name, self._scores)}")
        self.name = name

    def new(self, name: str = "") -> None:
        """Make a further score the current one: that of this name, as it was left, or an empty one.

        Raises `UsageError` where the name cannot be one.
        """
        if not name:
            name = next(n for k in itertools.count(2) if (n := f"score{k}") not in self._scores)
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise UsageError(f"{name!r} cannot name a score: use a plain word, such as draft")
        if name not in self._scores:
            self._scores[name] = self._later(name)
        self.name = name

    def load(self, recording: Path) -> str:
        """Make a recording the current score: a further one, that goes on from it.

        It is named after its file (that name is given back); where another score has the name, it gets
        the next that is free. A recording that was loaded before, here or (where scores are kept in
        files) before the kernel was restarted, goes on as it was left. Raises `StoreUnreadable`.
        """
        wanted = recording.name.removesuffix(SUFFIX).removesuffix(PAGE)
        same = wanted, _fingerprint(recording)
        if same not in self._loaded:
            name, score = self._load(recording, wanted)
            self._ready(score)
            self._scores[name] = score
            self._loaded[same] = name
        self.name = self._loaded[same]
        return wanted

    def _load(self, recording: Path, wanted: str) -> tuple[str, Score]:
        for name in itertools.chain([wanted], (f"{wanted}-{k}" for k in itertools.count(2))):
            if name in self._scores:
                continue
            file = self._file(name)
            there = file is not None and file.exists()
            try:
                return name, Score.load(recording, file)
            except (StoreLocked, StoreUnwritable) as error:
                self._told(error)
                return name, Score.load(recording)
            except StoreUnreadable:
                if not there:  # so it is the recording that is at fault
                    raise
        raise AssertionError("there is always another name")

    def forget(self) -> None:
        """Delete the current score with its file; an empty one takes its place. Raises `StoreUnwritable`."""
        self.current.forget()
        self._loaded = {same: name for same, name in self._loaded.items() if name != self.name}
        self._scores[self.name] = self._later(self.name)

    def close(self) -> None:
        """Let go of all files."""
        for score in self:
            score.close()


def _fingerprint(file: Path) -> str:
    if not file.is_file():  # a pipe would wait
        return ""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""  # reading it as a recording says what is wrong
