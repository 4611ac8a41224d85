"""Loops: parts that play again until a predicate says that it is good."""

# pyright: reportUnknownLambdaType=false, reportPrivateUsage=false
# players here are lambdas: a reading has whatever the test gave it

from __future__ import annotations

from typing import Any

import pytest

from .led import Led, course, says


class Draft:
    """Says `draft 1`, `draft 2`, ... and remembers what it was given."""

    def __init__(self) -> None:
        self.readings: list[Any] = []

    def __call__(self, reading: Any) -> str:
        self.readings.append(reading)
        return f"draft {len(self.readings)}"


def review(reading: Any) -> str:
    return "good" if reading["writer"].text == "draft 3" else f"{reading['writer'].text} is not good"


def passed(contribution: Any) -> bool:
    return contribution.text == "good"


def loop(led: Led, at_most: int = 5) -> Draft:
    writer = Draft()
    led.notebook["passed"] = passed
    led.orchestrate(
        {
            "writer": {"player": writer},
            "critic": {
                "player": review,
                "after": ["writer"],
                "repeat": {"from": "writer", "until": "passed", "at_most": at_most},
            },
            "printer": {"player": lambda reading: f"printed {reading['writer'].text}", "after": ["writer"]},
        }
    )
    return writer


def test_it_plays_again_until_the_predicate_says_yes(led: Led) -> None:
    loop(led)
    take = led.played()
    assert [c.text for c in take.contributions if c.part == "critic"] == [
        "draft 1 is not good",
        "draft 2 is not good",
        "good",
    ]
    assert take.status == "finished"
    assert not [flag for c in take.contributions for flag in c.flags]


def test_a_further_pass_reads_what_the_loop_played_before(led: Led) -> None:
    writer = loop(led)
    led.played()
    assert writer.readings[0].parts == ()
    assert writer.readings[1]["writer"].text == "draft 1"
    assert writer.readings[1]["critic"].text == "draft 1 is not good"
    assert "# What you played before" in writer.readings[1].messages[1]["content"]


def test_the_parts_beyond_wait_for_the_last_pass(led: Led) -> None:
    loop(led)
    take = led.played()
    assert [c.part for c in take.contributions].count("printer") == 1
    assert take["printer"].text == "printed draft 3"


def test_after_the_last_pass_that_is_allowed_it_is_flagged_and_goes_on(led: Led) -> None:
    loop(led, at_most=2)
    take = led.played()
    assert take["printer"].text == "printed draft 2"
    assert [flag.flag for flag in take["critic"].flags] == ["criterion"]
    assert take["critic"].flags[0].evidence == "passed still says no after 2 passes"
    assert take.status == "finished"


def test_the_same_again_asks_nobody(led: Led) -> None:
    asked: list[str] = []

    def passed(contribution: Any) -> bool:
        asked.append(contribution.text)
        return contribution.text == "good"

    loop(led)
    led.notebook["passed"] = passed
    led.orchestrate({name: {} for name in ()} or {"a": {"player": says("x")}})
    writer = loop(led)
    led.notebook["passed"] = passed
    first = led.played()
    assert len(asked) == 3
    assert led.played().id == first.id
    assert len(asked) == 3
    assert len(writer.readings) == 3


def test_with_another_predicate_it_is_asked_anew(led: Led) -> None:
    loop(led)
    led.played()
    led.notebook["passed"] = lambda contribution: contribution.text.startswith("draft 1")
    take = led.played()
    assert course(take) == ["writer reused", "critic reused", "printer played"]


def test_a_predicate_that_raises_fails_its_part(led: Led) -> None:
    loop(led)
    led.notebook["passed"] = lambda contribution: contribution.nothing
    take = led.played()
    assert take["critic"].status == "failed"
    assert "passed: it raised AttributeError" in str(
        led.score.take.contributions[1]._look(lambda c: c.message)
    )
    assert take["printer"].status == "played"


def test_loops_nest_and_at_most_counts_all_passes(led: Led) -> None:
    counts = {"inner": 0, "outer": 0}

    def inner(contribution: Any) -> bool:
        counts["inner"] += 1
        return contribution.lap % 2 == 0

    def outer(contribution: Any) -> bool:
        counts["outer"] += 1
        return contribution.lap >= 2

    led.notebook |= {"inner": inner, "outer": outer}
    writer = Draft()
    led.orchestrate(
        {
            "writer": {"player": writer},
            "critic": {
                "player": lambda reading: f"on {reading['writer'].text}",
                "after": ["writer"],
                "repeat": {"from": "writer", "until": "inner", "at_most": 9},
            },
            "editor": {
                "player": lambda reading: f"edited {reading['writer'].text}",
                "after": ["critic"],
                "reads": ["part/writer"],
                "repeat": {"from": "writer", "until": "outer", "at_most": 4},
            },
        }
    )
    take = led.played()
    assert take.status == "finished"
    assert [c.text for c in take.contributions if c.part == "editor"] == ["edited draft 2", "edited draft 4"]


@pytest.mark.parametrize("at_most", [1, 3])
def test_a_part_can_be_its_own_loop(led: Led, at_most: int) -> None:
    led.notebook["never"] = lambda contribution: False
    writer = Draft()
    led.orchestrate(
        {"writer": {"player": writer, "repeat": {"from": "writer", "until": "never", "at_most": at_most}}}
    )
    assert led.played()["writer"].text == f"draft {at_most}"
