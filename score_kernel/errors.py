"""What can go wrong, as one tree.

::

    ScoreError                      one clean line in a notebook, never a traceback of ours
    ├── UsageError                  what was asked cannot be done; the score is as before
    │   ├── CompositionError        %%compose: an empty cell, a file that is not there, ...
    │   ├── OrchestrationError      %%orchestrate: knows the line and column of the cell
    │   ├── ConductError            %%conduct: no plan, a take is playing, no key, ...
    │   └── UnknownName             a take, part, moment or option that does not exist
    ├── PerformanceFailed           a take ended as failed; `.take` is that take
    ├── PerformancePaused           the cell was interrupted; the piece waits for its conductor
    ├── NotPlayed                   a text was read that nobody played; `.status`, `.reason`
    └── StoreError                  the file of a score
        ├── StoreLocked             another kernel has it open
        ├── StoreUnwritable         the folder or file cannot be written
        └── StoreUnreadable         it is not a score, or a newer or broken one

    PlayerError                     raised by players, turned into `failed` contributions by the engine
    ├── TransientError              worth another try: connection, rate limit, a stream cut short
    └── PermanentError              not worth one: wrong key, unknown model, refusal, a bug

Messages say what to do, in one line. What a user's own function raised keeps its own traceback,
as its author needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CompositionError",
    "ConductError",
    "NotPlayed",
    "OrchestrationError",
    "PerformanceFailed",
    "PerformancePaused",
    "PermanentError",
    "PlayerError",
    "ScoreError",
    "StoreError",
    "StoreLocked",
    "StoreUnreadable",
    "StoreUnwritable",
    "TransientError",
    "UnknownName",
    "UsageError",
]


class ScoreError(Exception):
    """Base of everything the library raises at its users.

    In IPython it renders as its message alone: `_render_traceback_` is the hook that IPython
    looks for on an exception (`InteractiveShell.showtraceback`).
    """

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class UsageError(ScoreError):
    """What was asked cannot be done. The score is as it was before."""


class CompositionError(UsageError):
    """`%%compose` could not take the cell or one of its materials."""


class OrchestrationError(UsageError):
    """`%%orchestrate` refused its cell.

    `line` and `column` count from 1 within the cell, the magic's own line being line 1; both are
    `None` when the text did not come from a cell's YAML.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line, self.column = line, column
        where = f"line {line}, column {column}: " if line is not None else ""
        super().__init__(where + message)


class ConductError(UsageError):
    """A performance could not start."""


class UnknownName(UsageError):
    """A take, part, moment, verb or option that does not exist."""


class PerformanceFailed(ScoreError):
    """A take ended as `failed`. One line for each failure; `.take` is the take.

    `details` are the tracebacks of the user's own functions, shown below the lines.
    """

    def __init__(self, message: str, take: object = None, details: Sequence[str] = ()) -> None:
        self.take = take
        self.details = tuple(details)
        super().__init__(message)

    def _render_traceback_(self) -> list[str]:
        return [*super()._render_traceback_(), *self.details]


class PerformancePaused(ScoreError):
    """The cell was interrupted, so the performance is paused. `.take` is the take."""

    def __init__(self, message: str, take: object = None) -> None:
        self.take = take
        super().__init__(message)


class NotPlayed(ScoreError):
    """A contribution's text was read, and there is none.

    `status` is the contribution's (or, where it still waits, the take's) status, `reason` why.
    """

    def __init__(self, message: str, status: str = "", reason: str = "") -> None:
        self.status, self.reason = status, reason
        super().__init__(message)


class StoreError(ScoreError):
    """The file of a score."""


class StoreLocked(StoreError):
    """Another kernel has the file open."""


class StoreUnwritable(StoreError):
    """The folder or file cannot be written."""


class StoreUnreadable(StoreError):
    """The file is no score, is broken, or was written by a newer version."""


class PlayerError(Exception):
    """A player could not play. `reason` is one word for the log, the message one line for people.

    `detail` is more than a line (a traceback of the user's own function), `retry_after` the
    seconds that a provider asked to wait.
    """

    def __init__(
        self,
        message: str,
        reason: str = "error",
        *,
        detail: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.reason, self.detail, self.retry_after = reason, detail, retry_after
        super().__init__(message)


class TransientError(PlayerError):
    """Another try may succeed."""


class PermanentError(PlayerError):
    """Another try would end the same."""
