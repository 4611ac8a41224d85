"""A part leads: it decides who enters next and with what note, and the conductor can take the lead back."""

# pyright: reportUnknownLambdaType=false, reportPrivateUsage=false
# players here are lambdas: a reading has whatever the test gave it

from __future__ import annotations

from typing import Any

from .led import Led, course


def call(tool: str, **args: str) -> dict[str, Any]:
    return {"tool": tool, "args": args}


def team(led: Led, script: list[Any], **more: Any) -> None:
    led.notebook |= {"script": script}
    led.orchestrate(
        {
            "boss": {"player": "script:script"},
            "writer": {"player": lambda reading: " ".join(["text", *reading.notes]), "task": "Write it"},
            "critic": {"player": lambda reading: f"on {reading['writer'].text}", "after": ["writer"]},
            **more,
        },
        tempo={"lead": "boss"},
    )


def test_the_leader_lets_parts_in_and_finishes(led: Led) -> None:
    team(
        led,
        [
            call("enter", part="writer", note="be brief"),
            call("enter", part="critic"),
            call("finish", summary="ok"),
            "Done.",
        ],
    )
    take = led.played()
    assert take.status == "finished"
    assert course(take) == ["boss played", "writer played", "critic played"]
    assert take["writer"].text == "text be brief"
    assert led.score.notes == {"1": "be brief"}


def test_whom_it_lets_nobody_in_is_skipped_as_it_finishes(led: Led) -> None:
    team(led, [call("enter", part="writer"), call("finish", summary="enough"), "Done."])
    take = led.played()
    assert course(take) == ["boss played", "writer played", "critic skipped"]
    assert take.status == "finished"


def test_a_decision_is_made_again_when_all_it_let_in_have_rested(led: Led) -> None:
    team(led, [call("enter", part="writer"), "The writer first."])
    take = led.played()
    assert course(take)[:4] == ["boss played", "writer played", "critic waiting", "boss played"]
    second = take.contributions[3]
    assert second.reading["writer"].text == "text"


def test_who_would_decide_the_same_again_asks_instead(led: Led) -> None:
    team(led, [call("enter", part="writer"), "The writer first."])
    take = led.played()
    assert take.status == "held"
    assert "boss would decide the same again" in take.waits_for
    take.set_tempo(lead="free")
    assert led.end(take).status == "finished"


def test_a_part_that_cannot_enter_yet_is_told_why(led: Led) -> None:
    team(led, [call("enter", part="critic"), call("enter", part="nobody"), call("finish"), "Done."])
    take = led.played()
    results = take.contributions[0]._look(lambda c: [call.result for turn in c.turns for call in turn.calls])
    assert results[0] == "critic waits for writer: let that in first"
    assert results[1] == "there is no part 'nobody' to let in; there are writer, critic"


def test_where_it_lets_nobody_in_the_conductor_is_asked(led: Led) -> None:
    team(led, ["I do not know."])
    take = led.played()
    assert take.status == "held"
    assert take.waits_for == "boss lets nobody else in: %cue enter writer"
    take.set_tempo(lead="free")
    assert led.end(take).status == "finished"
    assert take["critic"].text == "on text"


def test_the_conductor_lets_in_beside_the_leader(led: Led) -> None:
    team(led, ["I do not know."])
    take = led.played()
    take.enter("writer")
    led.end(take)
    assert take["writer"].status == "played"


def test_a_reused_decision_takes_effect_again(led: Led) -> None:
    team(led, [call("enter", part="writer", note="be brief"), call("finish"), "Done."])
    led.played()
    team(
        led,
        [call("enter", part="writer", note="be brief"), call("finish"), "Done."],
        other={"player": lambda r: "x"},
    )
    take = led.played()
    assert take["writer"].status in ("played", "reused")
    assert led.played().id == take.id
