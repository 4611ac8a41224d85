from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.formats import graph_svg, ink
from score_kernel.score.plan import Part, Plan

from .drawing import SVG, boxes, contrast, is_opaque, letter_colours, overlapping, parse, size, texts

TEAM = Plan(
    model="ollama/llama3.2",
    parts=(
        Part("coder", role="Implementer"),
        Part("tester", role="Tester"),
        Part("docs", understudy="script:lines"),
        Part("checker", player="python:run_tests", after=("coder", "tester")),
        Part("editor", player="human", after=("coder", "docs", "checker")),
    ),
)


def some_plan(parts: int, seed: int = 1) -> Plan:
    draw = random.Random(seed)
    made: list[Part] = []
    for number in range(parts):
        after = draw.sample([p.name for p in made[-9:]], min(len(made), draw.choice([0, 1, 1, 2, 3])))
        made.append(Part(f"part_{number}", role="Role", after=tuple(after)))
    return Plan(parts=tuple(made), model="a/model")


def test_each_part_says_its_name_its_role_and_who_plays() -> None:
    said = texts(graph_svg(TEAM))
    for word in ("coder", "Implementer", "ollama/llama3.2", "checker", "python:run_tests", "editor", "human"):
        assert word in said


def test_an_understudy_is_shown_where_no_model_is_set_and_only_there() -> None:
    part = Part("docs", understudy="script:lines")
    assert "scripted (lines)" in texts(graph_svg(Plan(parts=(part,))))
    assert "a/model" in texts(graph_svg(Plan(parts=(part,), model="a/model")))
    assert "no model set" in texts(graph_svg(Plan(parts=(Part("docs"),))))
    assert "scripted (lines)" in texts(
        graph_svg(Plan(parts=(Part("docs", player="script:lines"),), model="m"))
    )


def test_what_is_known_of_a_part_stands_in_its_box() -> None:
    said = texts(graph_svg(TEAM, standing={"coder": "reused", "nobody": "played"}))
    assert "reused" in said
    assert "played" not in said


def test_each_wait_is_an_arrow_with_a_head() -> None:
    drawn = parse(graph_svg(TEAM))
    lines, heads = (group.findall(f"{SVG}path") for group in drawn.findall(f"{SVG}g")[:2])
    assert len(lines) == len(heads) == sum(len(part.after) for part in TEAM)


def test_an_arrow_runs_from_left_to_right() -> None:
    svg = graph_svg(TEAM)
    left = dict(zip(TEAM.names, (box[0] for box in boxes(svg)), strict=True))
    for part in TEAM:
        assert all(left[before] < left[part.name] for before in part.after)


@pytest.mark.parametrize("parts", [0, 1, 3, 5, 12, 40])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_boxes_lie_apart_and_within_the_picture(parts: int, seed: int) -> None:
    svg = graph_svg(some_plan(parts, seed))
    assert len(boxes(svg)) == parts
    assert not overlapping(svg)
    width, height = size(svg)
    assert all(
        x0 >= 10 and y0 >= 10 and x1 <= width - 10 and y1 <= height - 10 for x0, y0, x1, y1 in boxes(svg)
    )
    assert width <= 1800


def test_a_long_chain_goes_on_below() -> None:
    chain = Plan(parts=tuple(Part(f"p{n}", after=(f"p{n - 1}",) if n else ()) for n in range(40)))
    width, height = size(graph_svg(chain))
    assert width <= 1800
    assert height <= 900
    assert not overlapping(graph_svg(chain))


def test_parts_of_the_same_place_stand_in_one_frame_with_one_arrow() -> None:
    many = tuple(Part(f"w{n}") for n in range(39))
    svg = graph_svg(Plan(parts=(*many, Part("sum", after=tuple(part.name for part in many)))))
    lines = parse(svg).findall(f"{SVG}g")[0].findall(f"{SVG}path")
    assert len(lines) == 1
    assert len(boxes(svg)) == 40
    assert not overlapping(svg)
    assert max(size(svg)) <= 1200


def test_the_same_plan_is_the_same_text() -> None:
    assert graph_svg(some_plan(40)) == graph_svg(some_plan(40))


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_text(role: str, model: str) -> None:
    part = Part("a", role=role, model=model or None)
    parse(graph_svg(Plan(parts=(part,)), standing={"a": role}))


def test_markup_is_text_and_long_names_are_cut() -> None:
    svg = graph_svg(Plan(parts=(Part("n" * 90, role='<script>alert("x")</script> & more', player="human"),)))
    assert "<script" not in svg
    assert any(text.endswith("…") and text.startswith("nnn") for text in texts(svg))
    for text in texts(svg):
        assert ink.width(text, 14, bold=True) < 230


def test_it_brings_its_paper_and_can_be_read_on_it() -> None:
    svg = graph_svg(TEAM, standing={"coder": "played"})
    assert is_opaque(svg)
    for colour in letter_colours(svg):
        assert contrast(colour, ink.PAPER) >= 4.5
        assert contrast(colour, ink.CARD) >= 4.5


def test_lines_and_outlines_are_seen_on_paper() -> None:
    for colour in (ink.LINE, ink.MUTED, ink.INK):
        assert contrast(colour, ink.PAPER) >= 3
        assert contrast(colour, ink.CARD) >= 3


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="cycle"):
        graph_svg(Plan(parts=(Part("a", after=("b",)), Part("b", after=("a",)))))
