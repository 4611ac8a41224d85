"""Which player a part gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ConductError
from ..score.script import ScriptError, items_of
from .human import HumanPlayer
from .model import ModelPlayer
from .python import PythonPlayer
from .script import ScriptPlayer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..score.plan import Part
    from ..score.ports import Clock, Player


def cast(
    part: Part,
    *,
    model: str | None,
    lookup: Callable[[str], object],
    load_script: Callable[[str], object],
    clock: Clock,
    recorded: str | None = None,
) -> Player:
    """The player of a part: its own `player`, else its model, else the default `model`, else its understudy,
    else the model that a recording was `recorded` with.

    `lookup` gives the notebook's object of a name and raises `LookupError` where there is none,
    `load_script` what a script says and raises `ScriptError`. Raises `ConductError` in one line where
    nobody can play the part.
    """
    if part.player is not None:
        kind, _, name = part.player.partition(":")
        if part.player == "human":
            return HumanPlayer()
        if kind == "python" and name:
            return _python(part, name, lookup)
        if kind == "script" and name:
            return _script(part, name, load_script, clock)
        raise ConductError(
            f"{part.name}: {part.player!r} is no player; write python:NAME, script:NAME_OR_FILE or human"
        )
    chosen = part.model or model
    if chosen:
        return ModelPlayer(chosen, part)
    if part.understudy is not None:
        kind, _, name = part.understudy.partition(":")
        if kind != "script" or not name:
            raise ConductError(f"{part.name}: an understudy is script:NAME_OR_FILE, not {part.understudy!r}")
        return _script(part, name, load_script, clock)
    if recorded:
        return ModelPlayer(recorded, part)
    raise ConductError(
        f"{part.name} has no player: give it a `model:`, set SCORE_MODEL in the environment, "
        "or write an `understudy:`"
    )


def _python(part: Part, name: str, lookup: Callable[[str], object]) -> Player:
    try:
        function = lookup(name)
    except LookupError:
        raise ConductError(
            f"{part.name}: this notebook has no {name}; define `def {name}(reading) -> str` first"
        ) from None
    if not callable(function):
        raise ConductError(f"{part.name}: {name} is no function, it is of type {type(function).__name__}")
    return PythonPlayer(name, function)


def _script(part: Part, name: str, load_script: Callable[[str], object], clock: Clock) -> Player:
    try:
        return ScriptPlayer(name, items_of(load_script(name), part.name, name), clock)
    except ScriptError as error:
        raise ConductError(f"{part.name}: {error}") from None
