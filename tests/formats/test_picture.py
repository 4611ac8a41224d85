from __future__ import annotations

import re
from pathlib import Path

import pytest

from score_kernel.formats import ink, performance_svg
from score_kernel.score import events as ev
from score_kernel.score.codec import from_lines
from score_kernel.score.plan import Part, Plan, Tempo
from score_kernel.score.state import ScoreState, fold

from .drawing import SVG, contrast, is_opaque, letter_colours, parse, size, texts

FIXTURES = Path(__file__).parents[1] / "fixtures"
NAMES = ["plain", "playing", "reused", "reused-excerpt", "failed", "stopped", "scripted"]


def state_of(name: str) -> ScoreState:
    return fold(from_lines((FIXTURES / f"{name}.jsonl").read_bytes()))


def picture(name: str) -> str:
    state = state_of(name)
    assert state.head
    return performance_svg(state, state.head)


def big(parts: int, passes: int, title: str = "") -> ScoreState:
    plan = Plan(
        parts=tuple(Part(f"part_{n}", after=(f"part_{n - 1}",) if n else ()) for n in range(parts)), model="m"
    )
    start = ev.TakeStarted(
        seq=1, take="take1", at=0, number=1, parent=None, parent_seq=0, began="", plan=plan, tempo=Tempo()
    )
    composed = ev.Composed(seq=2, title=title, intent=0, criteria=0, materials=())
    state = fold([start, composed])

    def add(kind: type, at: int, **values: object) -> None:
        state.apply(kind(seq=state.seq + 1, take="take1", at=at, **values))

    at = c = 0
    for turn in range(1, passes + 1):
        for number in range(parts):
            c += 1
            reads = (ev.Read(f"part/part_{number - 1}", turn),) if number else ()
            player = ev.PlayerRef("model", "m")
            add(ev.Waiting, at, c=c, part=f"part_{number}")
            add(ev.Entered, at, c=c, digest=str(c), player=player, reads=reads, messages=())
            at += 40 + c * 7919 % 400
            add(ev.TextPlayed, at, c=c, text=str(c))
            add(ev.Flagged, at, c=c, flag="stale", evidence=ev.Evidence("<old & stale>"))
            add(ev.Played, at, c=c, version=turn)
    add(ev.TakeEnded, at, status="finished")
    return state


@pytest.mark.parametrize("name", NAMES)
def test_it_names_every_part_and_tells_how_far_the_take_came(name: str) -> None:
    state = state_of(name)
    said = texts(picture(name))
    assert state.head
    for part in state.takes[state.head].plan.names:
        assert part in said
    assert any(" of 5 parts, " in text for text in said)
    assert any(text.endswith(" s") for text in said)


@pytest.mark.parametrize("name", NAMES)
def test_it_brings_its_paper_and_can_be_read_on_it(name: str) -> None:
    svg = picture(name)
    assert is_opaque(svg)
    assert letter_colours(svg) <= {ink.INK, ink.MUTED}
    assert all(contrast(colour, ink.PAPER) >= 4.5 for colour in letter_colours(svg))


def words(name: str) -> str:
    return " | ".join(texts(picture(name)))


def test_statuses_are_told_in_words_and_not_by_colour_alone() -> None:
    assert "failed: incomplete · 2 retries" in words("failed")
    assert "blocked: needs coder" in words("failed")
    assert "cut: stop" in words("stopped")
    assert "never entered" in words("stopped")
    assert "reused" in words("reused")
    assert "scripted · stale" in words("scripted")
    assert "skipped: when: false" in words("scripted")
    assert "muted" in words("scripted")
    assert "waiting" in words("playing")
    assert "playing" in words("playing")


def test_what_failed_is_hatched_and_what_is_reused_is_an_outline_wide_enough_to_see() -> None:
    assert 'fill="url(#failed)"' in picture("failed")
    assert 'fill="url(#failed)"' not in picture("plain")
    outlines = [
        path.get("d", "")
        for path in parse(picture("reused")).iter(f"{SVG}path")
        if path.get("fill") == ink.PAPER and path.get("stroke-width") == "2"
    ]
    wide = [found for d in outlines if (found := re.match(r"M([\d.]+) [\d.]+H([\d.]+)V", d))]
    assert len(wide) == 3
    assert all(float(found[2]) - float(found[1]) >= 16 for found in wide)


def test_a_hand_off_leads_to_each_bar_that_read_what_was_played() -> None:
    filled = [p for p in parse(picture("plain")).iter(f"{SVG}path") if p.get("fill") == ink.INK]
    tips = "".join(path.get("d", "") for path in filled)
    assert tips.count("z") == 4  # two into checker; into editor two from afar that share a tip, and checker's
    alone = big(1, 1)
    assert "l-8-4v8z" not in performance_svg(alone, "take1")


def test_the_picture_is_at_most_40_kb_and_says_what_it_left_out() -> None:
    for parts, passes in ((40, 1), (46, 1), (100, 40), (3, 2000), (300, 2)):
        svg = performance_svg(big(parts, passes, title="<&>" * 5000), "take1")
        assert len(svg.encode()) <= 40_000
        assert size(svg)[1] < 1200
        said = " | ".join(texts(svg))
        if parts > 24:
            assert "more parts: " in said
        if passes > 40:
            assert " before" in said
    assert "and 23 more parts: 23 played" in texts(performance_svg(big(46, 1), "take1"))


def test_odd_text_stays_text() -> None:
    state = state_of("failed")
    take = state.takes["take1"]
    take.contributions[1].why = '<script>\x00\ud800 & "'
    state.title = "\ud800</title><script>"
    parse(performance_svg(state, "take1"))
    assert "<script" not in performance_svg(state, "take1")


def test_a_take_that_has_only_started_can_be_drawn() -> None:
    assert "waiting" in texts(performance_svg(big(3, 0), "take1"))


def test_the_same_take_is_the_same_picture() -> None:
    assert picture("plain") == picture("plain")
