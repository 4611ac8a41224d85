"""Which player a part gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from score_kernel.errors import ConductError
from score_kernel.players.casting import cast
from score_kernel.score.plan import Part
from score_kernel.score.script import ScriptError
from score_kernel.testing.clock import ManualClock
from tests.players.playing import hear

if TYPE_CHECKING:
    from score_kernel.score.ports import Player


def shout(reading: object) -> str:
    return f"LOUD {reading}"


NOTEBOOK: dict[str, Any] = {
    "shout": shout,
    "lines": {"coder": "Hello"},
    "others": {},
    "three": 3,
}


def load_script(name: str) -> object:
    if name not in NOTEBOOK:
        raise ScriptError(f"no script {name}")
    return NOTEBOOK[name]


def cast_as(default: str | None = None, **keys: Any) -> Player:
    part = Part("coder", **keys)
    return cast(
        part, model=default, lookup=NOTEBOOK.__getitem__, load_script=load_script, clock=ManualClock()
    )


def who(player: Player) -> tuple[str, str, bool]:
    return player.ref.kind, player.ref.name, player.ref.scripted


def test_a_player_of_its_own_goes_before_any_model() -> None:
    assert who(cast_as("openai/x", player="python:shout")) == ("python", "shout", False)
    assert who(cast_as("openai/x", player="script:lines")) == ("script", "lines", True)


def test_a_human_plays_for_themselves_and_nobody_can_make_them() -> None:
    player = cast_as("openai/x", player="human")
    assert who(player) == ("human", "you", False)
    assert player.identity == {"kind": "human"}


async def test_a_human_who_is_asked_as_a_player_says_how_to_play() -> None:
    heard = await hear(cast_as(player="human"))
    assert str(heard.error) == "coder is played by a human: %%play coder"


def test_its_model_goes_before_the_default_and_that_before_the_understudy() -> None:
    own = cast_as("openai/x", model="anthropic/y", understudy="script:lines")
    assert who(own) == ("model", "anthropic/y", False)
    assert who(cast_as("openai/x", understudy="script:lines")) == ("model", "openai/x", False)
    assert who(cast_as(None, understudy="script:lines")) == ("script", "lines", True)


def test_a_script_plays_what_it_has_for_this_part() -> None:
    assert cast_as(player="script:lines").identity == {"kind": "script", "text": '["Hello"]'}


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
        ({"understudy": "script:none.yaml"}, "coder: no script none.yaml"),
        ({"player": "script:others"}, "coder: the script `others` has no lines for `coder`: add them"),
        (
            {"player": "robot"},
            "coder: 'robot' is no player; write python:NAME, script:NAME_OR_FILE or human",
        ),
    ],
)
def test_a_part_that_nobody_can_play_is_one_line(keys: dict[str, Any], line: str) -> None:
    with pytest.raises(ConductError) as refused:
        cast_as(**keys)
    assert str(refused.value) == line
