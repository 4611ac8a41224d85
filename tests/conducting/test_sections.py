"""Sections: one player for each item of a list."""

# pyright: reportUnknownLambdaType=false, reportPrivateUsage=false
# players here are lambdas: a reading has whatever the test gave it

from __future__ import annotations

import json
from typing import Any

import pytest

from score_kernel import NotPlayed, PerformanceFailed

from .led import Led, course, says


def shout(reading: Any) -> str:
    if reading.item == "bad":
        raise ValueError("this one is bad")
    return str(reading.item).upper()


def join(reading: Any) -> str:
    return "+".join(heard.text for heard in reading["worker"])


TEAM = {"worker": {"player": shout, "each": "items"}, "editor": {"player": join, "after": ["worker"]}}


def test_each_item_is_played_and_what_comes_after_reads_all_in_order(led: Led) -> None:
    led.notebook["items"] = ["a", "b", "c"]
    led.orchestrate(TEAM)
    take = led.played()
    assert [c.text for c in take["worker"]] == ["A", "B", "C"]
    assert take["editor"].text == "A+B+C"
    assert repr(take) == "<Take: 2 of 2 parts, 0 failed>"
    assert take["worker[1]"].text == "B"


def test_one_failing_item_fails_alone_and_the_reader_is_told(led: Led) -> None:
    led.notebook["items"] = ["a", "bad", "c"]
    led.orchestrate(TEAM)
    with pytest.raises(PerformanceFailed, match=r"worker\[1\]: ValueError: this one is bad") as failed:
        led.score.conduct()
    take: Any = failed.value.take
    assert [c.status for c in take["worker"]] == ["played", "failed", "played"]
    assert take["editor"].text == "A+C"
    assert [flag.flag for flag in take["editor"].flags] == ["dropped"]
    assert "worker[1] (failed)" in take["editor"].flags[0].evidence


def test_conducting_again_plays_only_the_item_that_failed(led: Led) -> None:
    led.notebook["items"] = ["a", "bad", "c"]
    led.orchestrate(TEAM)
    led.played()
    led.notebook["items"] = ["a", "b", "c"]
    take = led.played()
    assert [c.status for c in take["worker"]] == ["reused", "played", "reused"]
    assert take["editor"].text == "A+B+C"


def test_where_every_item_fails_what_needs_them_is_blocked(led: Led) -> None:
    led.notebook["items"] = ["bad", "bad"]
    led.orchestrate(TEAM)
    take = led.played()
    assert course(take) == ["worker[0] failed", "worker[1] failed", "editor blocked"]


def test_an_empty_list_is_an_empty_section(led: Led) -> None:
    led.notebook["items"] = []
    led.orchestrate(
        {**TEAM, "editor": {"player": lambda reading: f"heard {reading.parts}", "after": ["worker"]}}
    )
    take = led.played()
    assert take["worker"] == []
    assert take["editor"].text == "heard ()"
    assert take.status == "finished"


def test_an_item_that_moved_is_known(led: Led) -> None:
    led.notebook["items"] = ["a", "b"]
    led.orchestrate(TEAM)
    led.played()
    led.notebook["items"] = ["new", "b", "a"]
    take = led.played()
    assert [c.status for c in take["worker"]] == ["played", "reused", "reused"]
    assert take["editor"].text == "NEW+B+A"


def test_the_same_section_again_is_the_same_take(led: Led) -> None:
    led.notebook["items"] = ["a", "b"]
    led.orchestrate(TEAM)
    assert led.played().id == led.played().id == "take1"


def test_a_dict_gives_its_values_and_a_part_hears_the_item_as_it_is(led: Led) -> None:
    heard: list[Any] = []
    led.notebook["items"] = {"north": {"city": "Oslo"}, "south": 3}
    led.orchestrate(
        {
            "worker": {
                "player": lambda reading: heard.append(reading.item) or "x",
                "each": "items",
                "enters": 0,
            }
        }
    )
    take = led.played(at_once=1)
    assert heard == [{"city": "Oslo"}, 3]
    assert '{"city": "Oslo"}' in take["worker"][0].reading.messages[1]["content"]


def test_a_table_gives_its_rows_and_the_frame_of_the_take_its_index(led: Led) -> None:
    pandas = pytest.importorskip("pandas")
    led.notebook["items"] = pandas.DataFrame({"name": ["a", "b"], "n": [1, 2]}, index=["x", "y"])
    led.orchestrate({"worker": {"player": lambda reading: reading.item["name"], "each": "items"}})
    take = led.played()
    assert [c.text for c in take["worker"]] == ["a", "b"]
    frame = take.to_frame()
    assert list(frame["item"]) == ["x", "y"]


def test_a_planner_gives_the_list_that_workers_play(led: Led) -> None:
    led.orchestrate(
        {
            "planner": {"player": says('Here:\n```json\n["a", "b"]\n```')},
            "worker": {"player": shout, "each": "part/planner"},
            "editor": {"player": join, "after": ["worker"]},
        }
    )
    take = led.played()
    assert take["editor"].text == "A+B"
    assert led.played().id == take.id


def test_a_form_gives_the_list_too(led: Led) -> None:
    led.notebook["Steps"] = {
        "type": "object",
        "properties": {"steps": {"type": "array", "items": {"type": "string"}}},
        "required": ["steps"],
    }
    led.orchestrate(
        {
            "planner": {"player": says(json.dumps({"steps": ["a", "b"]})), "returns": "Steps"},
            "worker": {"player": shout, "each": "part/planner"},
        }
    )
    take = led.played()
    assert take["planner"].data == {"steps": ["a", "b"]}
    assert [c.text for c in take["worker"]] == ["A", "B"]


def test_what_is_no_list_fails_the_section_and_not_the_planner(led: Led) -> None:
    led.orchestrate(
        {"planner": {"player": says("no list")}, "worker": {"player": shout, "each": "part/planner"}}
    )
    take = led.played()
    assert take["planner"].status == "played"
    with pytest.raises(NotPlayed, match="what planner played is no list: it holds no JSON list"):
        _ = take.contributions[1].text


def test_a_section_over_a_section_has_as_many_players(led: Led) -> None:
    led.notebook["items"] = ["a", "b"]
    led.orchestrate(
        {"first": {"player": shout, "each": "items"}, "second": {"player": shout, "each": "part/first"}}
    )
    take = led.played()
    assert [c.text for c in take["second"]] == ["A", "B"]


def test_a_section_keeps_to_at_once(led: Led) -> None:
    most, now = [0], [0]

    async def count(reading: Any) -> str:
        now[0] += 1
        most[0] = max(most[0], now[0])
        await led.clock.sleep(1)
        now[0] -= 1
        return reading.item

    led.notebook["items"] = [str(n) for n in range(10)]
    led.orchestrate({"worker": {"player": count, "each": "items"}})
    take = led.conduct(at_once=3)
    for _ in range(5):
        led.pass_(1)
    assert led.end(take).status == "finished"
    assert most[0] == 3


def test_thousands_of_items_are_played_in_order_and_recorded(led: Led) -> None:
    led.notebook |= {"items": [f"item {n}" for n in range(5000)], "lines": "Yes."}
    led.orchestrate({"worker": {"player": "script:lines", "each": "items"}})
    take = led.played(at_once=200)
    assert len(take["worker"]) == 5000
    assert all(c.text == "Yes." for c in take["worker"][::500])
    assert led.played().id == take.id
