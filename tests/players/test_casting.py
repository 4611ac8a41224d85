"""Which player a part gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from score_kernel.errors import ConductError
from score_kernel.players.casting import cast
from score_kernel.score.plan import Part
from score_kernel.testing.clock import ManualClock

if TYPE_CHECKING:
    from pathlib import Path

    from score_kernel.score.ports import Player

NOTEBOOK: dict[str, Any] = {"shout": lambda reading: "LOUD", "lines": {"coder": "Hello"}, "three": 3}  # pyright: ignore


def cast_as(folder: Path, model: str | None = None, **keys: Any) -> Player:
    part = Part("coder", **keys)
    return cast(part, model=model, lookup=NOTEBOOK.__getitem__, clock=ManualClock(), folder=folder)


def who(player: Player) -> tuple[str, str, bool]:
    return player.ref.kind, player.ref.name, player.ref.scripted


def test_a_player_of_its_own_goes_before_any_model(tmp_path: Path) -> None:
    assert who(cast_as(tmp_path, "openai/x", player="python:shout")) == ("python", "shout", False)
    assert who(cast_as(tmp_path, "openai/x", player="script:lines")) == ("script", "lines", True)


def test_its_model_goes_before_the_default_and_that_before_the_understudy(tmp_path: Path) -> None:
    own = cast(
        Part("coder", model="anthropic/y", understudy="script:lines"),
        model="openai/x",
        lookup=NOTEBOOK.__getitem__,
        clock=ManualClock(),
        folder=tmp_path,
    )
    assert who(own) == ("model", "anthropic/y", False)
    assert who(cast_as(tmp_path, "openai/x", understudy="script:lines")) == ("model", "openai/x", False)
    assert who(cast_as(tmp_path, None, understudy="script:lines")) == ("script", "lines", True)


def test_a_script_that_the_notebook_has_not_is_a_file_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "a.yaml").write_text("coder: from a file\n", encoding="utf-8")
    player = cast_as(tmp_path, understudy="script:scripts/a.yaml")
    assert player.identity == {"kind": "script", "text": '["from a file"]'}


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (
            {},
            "coder has no player: give it a `model:`, set SCORE_MODEL in the environment, "
            "or write an `understudy:`",
        ),
        (
            {"player": "python:nobody"},
            "coder: this notebook has no nobody; define `def nobody(reading) -> str` first",
        ),
        ({"player": "python:three"}, "coder: three is no function, it is of type int"),
        (
            {"understudy": "script:none.yaml"},
            "coder: there is no script none.yaml, neither in this notebook nor as a file",
        ),
        ({"player": "human"}, "coder: 'human' is no player; write python:NAME or script:NAME_OR_FILE"),
    ],
)
def test_a_part_that_nobody_can_play_is_one_line(tmp_path: Path, keys: dict[str, Any], line: str) -> None:
    with pytest.raises(ConductError) as refused:
        cast_as(tmp_path, **keys)
    assert str(refused.value) == line
