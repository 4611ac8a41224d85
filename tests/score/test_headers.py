"""Headers of requests are put on no score, and nothing is known by them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.score.plan import Part, Plan, bare, without_headers
from score_kernel.score.reading import digest

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
NAMES = st.sampled_from(["headers", "extra_headers", "Default-Headers", "properties", "url", "seed", "tools"])
PARAMS = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
    ),
    max_size=4,
)


@pytest.mark.parametrize(
    ("params", "kept"),
    [
        ({"temperature": 0, "extra_headers": {"X-Team": "a"}}, {"temperature": 0}),
        ({"headers": {"X": "a"}, "default_headers": {"Y": "b"}, "Extra-Header": "c"}, {}),
        (
            {"tools": [{"type": "mcp", "url": "u", "headers": {"X": "a"}}]},
            {"tools": [{"type": "mcp", "url": "u"}]},
        ),
        ({"extra_body": {"route": {"extra_headers": {"X": "a"}}}}, {"extra_body": {"route": {}}}),
    ],
)
def test_headers_are_left_out_at_whatever_depth(params: dict[str, Any], kept: dict[str, Any]) -> None:
    assert bare(params) == kept


def test_what_a_json_schema_calls_its_properties_is_no_header() -> None:
    schema = {"type": "object", "properties": {"headers": {"type": "string"}, "rows": {"type": "array"}}}
    params = {"response_format": {"type": "json_schema", "json_schema": {"name": "t", "schema": schema}}}
    assert bare(params) == params


def test_the_plan_is_the_same_but_for_them() -> None:
    coder = Part("coder", task="Write it", params={"seed": 1, "headers": {"X": "a"}})
    tester = Part("tester", after=("coder",), params={"seed": 2})
    plan = without_headers(Plan(parts=(coder, tester), model="openai/gpt-4o"))
    assert plan == Plan(
        parts=(Part("coder", task="Write it", params={"seed": 1}), tester), model="openai/gpt-4o"
    )


@given(PARAMS)
def test_a_part_is_known_by_the_same_digest_with_its_headers_and_without(params: dict[str, Any]) -> None:
    full = Part("coder", params=params)
    (logged,) = without_headers(Plan(parts=(full,)))
    assert bare(logged.params) == logged.params
    assert digest(full, {"model": "m"}, []) == digest(logged, {"model": "m"}, [])


def test_another_parameter_is_another_digest() -> None:
    digests = {
        digest(Part("coder", params=params), {"model": "m"}, [])
        for params in ({}, {"seed": 1}, {"seed": 2}, {"tools": [{"url": "u"}]}, {"tools": [{"url": "v"}]})
    }
    assert len(digests) == 5
