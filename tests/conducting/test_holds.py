"""Holds, human parts and the conductor's own text: what waits for the conductor, and what may be said."""

# pyright: reportUnknownLambdaType=false, reportPrivateUsage=false
# players here are lambdas: a reading has whatever the test gave it

from __future__ import annotations

from typing import Any

import pytest

from score_kernel import UnknownName, UsageError

from .led import Led, course, says


def held(led: Led, **more: Any) -> Any:
    led.orchestrate(
        {
            "writer": {"player": lambda reading: " ".join(["text", *reading.notes]), "hold": True, **more},
            "editor": {"player": lambda reading: f"edited {reading['writer'].text}", "after": ["writer"]},
        }
    )
    take = led.played()
    assert take.status == "held"
    return take


def test_a_held_contribution_counts_when_it_is_released(led: Led) -> None:
    take = held(led)
    assert take.waits_for == "writer: it is complete: %cue release writer"
    assert course(take) == ["writer held", "editor waiting"]
    take.release("writer")
    assert led.end(take).status == "finished"
    assert take["editor"].text == "edited text"


def test_an_edit_is_what_counts_and_what_is_known(led: Led) -> None:
    take = held(led)
    take.release("writer", edit="another text")
    led.end(take)
    assert take["editor"].text == "edited another text"
    assert led.played().id == take.id


def test_what_is_sent_back_plays_again_with_the_note(led: Led) -> None:
    take = held(led)
    take.release("writer", back="shorter")
    led.end(take)
    assert take.status == "held"
    take.release("writer")
    led.end(take)
    assert take["writer"].text == "text shorter"
    assert course(take)[0] == "writer cut"
    assert led.score.notes == {"1": "shorter"}


def test_what_is_refused_does_not_count(led: Led) -> None:
    take = held(led)
    take.release("writer", no=True)
    led.end(take)
    assert course(take) == ["writer cut", "editor blocked"]


def test_a_released_contribution_is_not_asked_about_again(led: Led) -> None:
    take = held(led)
    take.release("writer")
    led.end(take)
    led.score.orchestrate({"parts": {"writer": {"player": "python:play_writer", "hold": True}}}, led.notebook)
    assert course(led.played()) == ["writer reused"]


def test_a_release_of_what_does_not_wait_names_what_does(led: Led) -> None:
    take = held(led)
    with pytest.raises(UsageError, match="editor does not wait for a release; writer does"):
        take.release("editor")
    with pytest.raises(UsageError, match="one of --edit, --back, --no"):
        take.release("writer", edit="a", no=True)


def test_a_flag_can_hold_a_contribution(led: Led) -> None:
    led.notebook["short"] = lambda contribution: len(contribution.text) < 3 or "too long"
    take = held(led, hold=False, checks="short", on_flag="hold")
    assert take.waits_for == "writer: short: too long: %cue release writer"
    assert [flag.flag for flag in take.contributions[0].flags] == ["criterion"]


def test_a_human_part_waits_for_its_text(led: Led) -> None:
    led.orchestrate(
        {
            "critic": {"player": "human"},
            "editor": {"player": lambda reading: f"edited {reading['critic'].text}", "after": ["critic"]},
        }
    )
    take = led.played()
    assert (take.status, take.waits_for) == ("held", "critic: your contribution: %%play critic")
    led.score.play("critic", "Too long.")
    led.end(take)
    assert take["editor"].text == "edited Too long."
    assert take["critic"].model == "human:you"
    assert led.played().id == take.id


def test_a_human_contribution_has_to_have_the_form_that_is_asked_for(led: Led) -> None:
    led.notebook["Grade"] = {
        "type": "object",
        "properties": {"grade": {"type": "integer"}},
        "required": ["grade"],
    }
    led.orchestrate({"critic": {"player": "human", "returns": "Grade"}})
    take = led.played()
    with pytest.raises(UsageError, match="critic returns another form: it is no JSON"):
        led.score.play("critic", "good")
    led.score.play("critic", '{"grade": 2}')
    assert led.end(take)["critic"].data == {"grade": 2}


def test_the_conductor_can_play_any_part_in_its_turn(led: Led) -> None:
    led.orchestrate(
        {
            "writer": {"player": says("text"), "enters": "on-cue"},
            "editor": {"player": lambda reading: f"edited {reading['writer'].text}", "after": ["writer"]},
        }
    )
    take = led.played()
    assert take.status == "held"
    take.play("writer", "mine")
    led.end(take)
    assert take["editor"].text == "edited mine"
    assert take["writer"].model == "human:conductor"
    assert led.played().id == take.id


def test_what_is_played_after_the_end_counts_in_the_next_take(led: Led) -> None:
    led.orchestrate({"writer": {"player": says("text")}})
    first = led.played()
    assert led.score.play("writer", "mine") is None
    assert first["writer"].text == "text"
    second = led.played()
    assert (second.id, second["writer"].text) == ("take2", "mine")
    assert led.played().id == second.id


def test_what_has_played_is_played_over(led: Led) -> None:
    led.orchestrate({"writer": {"player": says("text")}, "critic": {"player": "human"}})
    take = led.played()
    take.play("writer", "mine")
    assert take["writer"].text == "mine"
    assert course(take) == ["writer played", "critic held", "writer played"]


def test_a_notebook_that_conducts_runs_again_and_prints_the_same(led: Led) -> None:
    def run() -> tuple[str, str]:
        led.orchestrate(
            {
                "writer": {"player": says("text"), "hold": True},
                "critic": {"player": "human", "after": ["writer"]},
                "editor": {"player": lambda reading: f"{reading['critic'].text}!", "after": ["critic"]},
            },
            tempo={"lead": "conductor"},
        )
        take = led.played()
        take.beat()
        led.end(take)
        take.release("writer")
        led.end(take)
        take.beat()
        led.end(take)
        led.score.play("critic", "mine")
        led.end(take)
        take.beat()
        return led.end(take).id, take["editor"].text

    assert run() == run() == ("take1", "mine!")


def test_a_cue_for_a_part_that_is_not_there_is_an_error_also_the_second_time(led: Led) -> None:
    led.orchestrate({"writer": {"player": says("text"), "hold": True}})
    led.played().release("writer")
    led.rest()
    with pytest.raises(UnknownName, match="has no part 'wirter'"):
        led.played().release("wirter")
