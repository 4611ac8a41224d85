"""The verbs of `%score`. Each is a call or two on the API; a text that it gives is printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.error import StdinNotImplementedError

from .doctor import examine
from .errors import UsageError
from .lines import SCORE, arguments, find_verb, listed, silenced, words
from .scores import FIRST
from .shown import Lines, reading_now, reading_then, status
from .store.recording import PAGE, SUFFIX

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from .display import Desk
    from .formats.difference import TakeDiff
    from .formats.takes import TakeTree
    from .scores import Scores
    from .shown import ReadingShown
    from .take import Take

LATER_FILES = (".otlp.json", ".json", ".ipynb")
"""What a score will be saved as too."""

NOTHING_YET = "Nothing has been conducted yet: run a %%conduct cell first."

SLOWEST, FASTEST = 0.25, 16.0
"""How fast a replay can run, in times the pace that it was played at."""


class Verbs:
    """What `%score VERB` does with the scores of a kernel."""

    def __init__(
        self,
        scores: Scores,
        desk: Desk,
        shell: InteractiveShell,
        bind: Callable[[], None],
        splice: Callable[[dict[str, str]], Take],
    ) -> None:
        self._scores, self._desk, self._shell = scores, desk, shell
        self._perform_splice = splice
        self._bind = bind
        """Binds `score` in the notebook to the score that is the current one now."""
        self._verbs: dict[str, Callable[[Namespace], object]] = {
            "takes": self._takes,
            "reading": self._reading,
            "replay": self._replay,
            "splice": self._splice,
            "diff": self._diff,
            "insert": self._insert,
            "save": self._save,
            "load": self._load,
            "new": self._new,
            "use": self._use,
            "status": self._status,
            "forget": self._forget,
            "doctor": self._doctor,
        }

    def run(self, line: str) -> object:
        """Do what a line says. Gives what is to be shown, if anything; a text is to be printed.

        A trailing `;` shows nothing. Raises `UnknownName` for another verb, `UsageError` for what
        cannot be.
        """
        line, quiet = silenced(line)
        given = words(line)
        if given:
            verb = find_verb("score", given, SCORE)
            shown = self._verbs[verb](arguments("score", verb, SCORE[verb].form, given[1:]))
        else:
            score = self._scores.current
            shown = (
                score.view() if score.head else "Nothing has been conducted yet: run a %%conduct cell first."
            )
        return None if quiet else shown

    def _takes(self, _: Namespace) -> TakeTree:
        return self._scores.current.tree

    def _reading(self, args: Namespace) -> ReadingShown:
        score = self._scores.current
        return reading_then(score, args.part, args.take) if args.take else reading_now(score, args.part)

    def _replay(self, args: Namespace) -> None:
        speed = 1.0 if args.speed is None else args.speed
        if not SLOWEST <= speed <= FASTEST:
            raise UsageError(f"a replay runs at {SLOWEST:g} to {FASTEST:g} times the pace, not at {speed:g}")
        score = self._scores.current
        self._desk.replay(score[args.take] if args.take else score.take, speed)

    def _splice(self, args: Namespace) -> Take:
        chosen: dict[str, str] = {}
        for choice in listed(args.part_take):
            part, colon, take = choice.partition(":")
            if not colon or not part or not take or part in chosen:
                raise UsageError(f"{choice!r} chooses nothing: write %score splice coder:take1,tester:take3")
            chosen[part] = take
        return self._perform_splice(chosen)

    def _diff(self, args: Namespace) -> TakeDiff:
        return self._scores.current.diff(args.take, args.take_2, args.part or None)

    def _insert(self, args: Namespace) -> None:
        code = self._scores.current.take[args.part].code
        self._shell.set_next_input(code.rstrip("\n"), replace=False)

    def _save(self, args: Namespace) -> str:
        later = next((suffix for suffix in LATER_FILES if args.file.endswith(suffix)), None)
        if later is not None:
            raise UsageError(
                f"saving as {later} is not there yet: write %score save NAME{SUFFIX} or NAME{PAGE}"
            )
        saved = self._scores.current.save(Path(args.file).expanduser())
        again = f"%score load {saved.name}"
        if saved.suffix == PAGE:
            return f"Saved as {saved.name}: any browser opens it, also offline; {again} does, too."
        return f"Saved as {saved.name}: {again} opens it, also elsewhere and with no key."

    def _load(self, args: Namespace) -> str:
        wanted = self._scores.load(self._scores.current.folder / Path(args.file).expanduser())
        return self._now_current("" if wanted == self._scores.name else f" ({wanted} is another one)")

    def _new(self, args: Namespace) -> str:
        self._scores.new(args.name)
        return self._now_current()

    def _use(self, args: Namespace) -> str:
        self._scores.use(args.name)
        return self._now_current()

    def _now_current(self, more: str = "") -> str:
        # the same on every run, whatever the score holds by now
        name = self._scores.name
        self._bind()
        back = "" if name == FIRST else f"; %score use {FIRST} goes back"
        return f"{name} is the current score{more}{back}."

    def _status(self, _: Namespace) -> Lines:
        return status(self._scores.current, self._scores.name, self._scores.names)

    def _forget(self, args: Namespace) -> str:
        score, name = self._scores.current, self._scores.name
        if not args.yes and not self._agreed(f"Delete all of {name}: {score!r}? [y/N] "):
            return f"{name} stays as it is."
        self._scores.forget()
        self._bind()
        return f"{name} is empty now."

    def _agreed(self, question: str) -> bool:
        try:
            return input(question).strip().lower() in ("y", "yes")
        except (StdinNotImplementedError, EOFError):
            raise UsageError("nobody can be asked here: %score forget --yes deletes it") from None

    def _doctor(self, _: Namespace) -> Lines:
        kernel = getattr(self._shell, "kernel", None) is not None
        return Lines(*examine(self._shell.user_ns, kernel, self._scores.current.model))
