"""The tempo, wherever it is written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.errors import OrchestrationError, UsageError
from score_kernel.notation.orchestration import parse
from score_kernel.notation.tempo import read
from score_kernel.score.plan import Tempo


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, {}),
        ({"lead": None, "rate": None}, {}),
        ({"lead": "conductor"}, {"lead": "conductor"}),
        ({"lead": " coder "}, {"lead": "coder"}),
        ({"at_once": 4}, {"at_once": 4}),
        ({"at_once": "10000"}, {"at_once": 10_000}),
        ({"rate": 60}, {"rate": 60.0}),
        ({"rate": "60/min"}, {"rate": 60.0}),
        ({"rate": "1,000 / m"}, {"rate": 1000.0}),
        ({"rate": "2/s"}, {"rate": 120.0}),
        ({"rate": "90/hour"}, {"rate": 1.5}),
        ({"rate": ".5/second"}, {"rate": 30.0}),
        ({"deadline": 90}, {"deadline": 90.0}),
        ({"deadline": "1.5"}, {"deadline": 1.5}),
        ({"deadline": "500ms"}, {"deadline": 0.5}),
        ({"deadline": "10m"}, {"deadline": 600.0}),
        ({"deadline": "10 min"}, {"deadline": 600.0}),
        ({"deadline": "2h"}, {"deadline": 7200.0}),
        ({"budget": 0.5}, {"budget": 0.5, "tokens": None}),
        ({"budget": "$0.50"}, {"budget": 0.5, "tokens": None}),
        ({"budget": "0.50 USD"}, {"budget": 0.5, "tokens": None}),
        ({"budget": "1_000$"}, {"budget": 1000.0, "tokens": None}),
        ({"budget": "1 token"}, {"tokens": 1, "budget": None}),
        ({"budget": "20k tokens"}, {"tokens": 20_000, "budget": None}),
        ({"budget": "1.5M tokens"}, {"tokens": 1_500_000, "budget": None}),
        ({"budget": "20,000 tokens"}, {"tokens": 20_000, "budget": None}),
        ({"budget": "20_000 tokens"}, {"tokens": 20_000, "budget": None}),
        ({"budget": "1,234,567.5"}, {"budget": 1_234_567.5, "tokens": None}),
        ({"rate": "3600/h"}, {"rate": 60.0}),
        ({"rate": "1/s", "at_once": 2}, {"rate": 60.0, "at_once": 2}),
    ],
)
def test_each_word_of_it_is_a_number_or_a_text(given: dict[str, Any], found: dict[str, Any]) -> None:
    assert read(**given) == found
    Tempo(**found)


@pytest.mark.parametrize("none", [0, 0.0, "0", "none", "off", "Unlimited"])
def test_nothing_lifts_a_limit(none: object) -> None:
    assert read(rate=none, at_once=none, deadline=none) == {"rate": None, "at_once": None, "deadline": None}
    assert read(budget=none) == {"budget": None, "tokens": None}


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"rat": 1}, "`rat` is no tempo: did you mean `rate`?"),
        ({"lead": 3}, "`lead` is free, conductor, clock, or the part that leads: write `lead: free`"),
        ({"lead": " "}, "`lead` is free, conductor, clock, or the part that leads: write `lead: free`"),
        ({"at_once": 10_001}, '`at_once` is how many parts play at the same time, from 1 to 10,000, not "10001"'),
        ({"at_once": 2.0}, '`at_once` is how many parts play at the same time, from 1 to 10,000, not "2.0"'),
        ({"at_once": True}, '`at_once` is how many parts play at the same time, from 1 to 10,000, not "True"'),
        ({"rate": -1}, '`rate` is requests a minute, above 0, not "-1": write 60/min or 1/s'),
        ({"rate": False}, '`rate` is requests a minute, above 0, not "False": write 60/min or 1/s'),
        ({"rate": "60/day"}, '`rate` is requests a minute, above 0, not "60/day": write 60/min or 1/s'),
        ({"rate": float("inf")}, '`rate` is requests a minute, above 0, not "inf": write 60/min or 1/s'),
        ({"rate": 10**400}, f'`rate` is requests a minute, above 0, not "1{"0" * 38}…": write 60/min or 1/s'),
        (
            {"deadline": "8d"},
            '`deadline` is a time in seconds, above 0 and at most a week, not "8d": write 90 or 10m',
        ),
        (
            {"deadline": "169h"},
            '`deadline` is a time in seconds, above 0 and at most a week, not "169h": write 90 or 10m',
        ),
        ({"budget": -0.5}, '`budget` is in USD or in tokens, above 0, not "-0.5": write 0.50 or 20k tokens'),
        ({"budget": "5 EUR"}, '`budget` is in USD or in tokens, above 0, not "5 EUR": write 0.50 or 20k tokens'),
        (
            {"budget": "0.2 tokens"},
            '`budget` is in USD or in tokens, above 0, not "0.2 tokens": write 0.50 or 20k tokens',
        ),
        # fifty dollars to one reader, half a dollar to another
        ({"budget": "0,50"}, '`budget` is in USD or in tokens, above 0, not "0,50": write 0.50 or 20k tokens'),
        ({"budget": "0,500"}, '`budget` is in USD or in tokens, above 0, not "0,500": write 0.50 or 20k tokens'),
        ({"budget": "1,5k tokens"}, '`budget` is in USD or in tokens, above 0, not "1,5k tokens": write 0.50 or 20k tokens'),
        ({"rate": "1,5/s"}, '`rate` is requests a minute, above 0, not "1,5/s": write 60/min or 1/s'),
        ({"rate": "1__0"}, '`rate` is requests a minute, above 0, not "1__0": write 60/min or 1/s'),
        ({"budget": "$0.0"}, '`budget` is in USD or in tokens, above 0, not "$0.0": write 0.50 or 20k tokens'),
    ],
)  # fmt: skip
def test_what_is_no_tempo_is_one_line(given: dict[str, Any], line: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(**given)
    assert str(refused.value) == line


@given(
    st.sampled_from(["lead", "at_once", "rate", "deadline", "budget"]),
    st.text() | st.integers() | st.floats() | st.booleans() | st.lists(st.text()) | st.binary(),
)
def test_whatever_is_given_it_is_a_tempo_or_a_line(key: str, value: Any) -> None:
    line, found = "", dict[str, Any]()
    try:
        found = read(**{key: value})
    except UsageError as error:
        line = str(error)
    assert line.isprintable()
    assert len(line) < 200
    assert set(found) <= {"lead", "at_once", "rate", "deadline", "budget", "tokens"}
    assert all(0 < limit < float("inf") for limit in found.values() if isinstance(limit, int | float))


def test_in_a_plan_a_part_or_the_clock_leads() -> None:
    assert parse("parts: {a: {}}\ntempo: {lead: a}", {}.__getitem__).tempo == Tempo(lead="a")
    clock = parse("parts: {a: {}}\ntempo: {lead: clock, deadline: 5m}", {}.__getitem__).tempo
    assert clock == Tempo(lead="clock", deadline=300.0)


@pytest.mark.parametrize("budget", ["20k tokens", "$0.50", "0.50 USD"])
def test_a_budget_is_written_the_same_way_in_a_plan(budget: str) -> None:
    tempo = parse(f"parts: {{a: {{}}}}\ntempo: {{budget: {budget}}}", {}.__getitem__).tempo
    assert {"budget": tempo.budget, "tokens": tempo.tokens} == read(budget=budget)


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("lead: codr", 'line 3, column 15: "codr" cannot lead: did you mean `coder`?'),
        ("lead: Clock", 'line 3, column 15: "Clock" cannot lead: did you mean `clock`?'),
        ("rate: 0", 'line 3, column 15: `rate` is requests a minute, above 0, not "0": write 60/min or 1/s'),
        ("at_once: [2]", "line 3, column 18: `at_once` is one value: write for example `at_once: 4`"),
        ("lead: clock, deadline: soon", 'line 3, column 32: `deadline` is a time in seconds, above 0 and at most a week, not "soon": write 90 or 10m'),
    ],
)  # fmt: skip
def test_in_a_plan_a_fault_has_its_place(written: str, line: str) -> None:
    with pytest.raises(OrchestrationError) as refused:
        parse(f"parts: {{coder: {{}}}}\ntempo: {{{written}}}", {}.__getitem__)
    assert str(refused.value) == line


def test_in_a_mapping_a_tempo_is_text_or_numbers() -> None:
    given = {"lead": None, "rate": 30, "budget": "1.5M tokens", "deadline": "10m"}
    tempo = parse({"parts": {"a": {}}, "tempo": given}, {}.__getitem__).tempo
    assert tempo == Tempo(rate=30.0, deadline=600.0, tokens=1_500_000)


def test_a_limit_that_cannot_be_is_no_limit_in_a_plan_either() -> None:
    with pytest.raises(OrchestrationError, match="`at_once` is how many parts play at the same time, from 1"):
        parse("parts: {a: {}}\ntempo: {at_once: none}", {}.__getitem__)
