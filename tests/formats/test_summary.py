from __future__ import annotations

import base64
import html
import re
from pathlib import Path

import pytest

from score_kernel.formats import figure, performance_svg, summary
from score_kernel.score.codec import from_lines
from score_kernel.score.state import fold

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.mark.parametrize(
    ("name", "take", "line"),
    [
        ("plain", "take1", "<Take draft: 5 of 5 parts, 0 failed>"),
        ("reused", "take2", "<Take draft: 5 of 5 parts, 0 failed>"),
        ("reused", "take1", "<Take: 5 of 5 parts, 0 failed>"),
        ("reused-excerpt", "take2", "<Take draft: 5 of 5 parts, 0 failed>"),
        ("failed", "take1", "<Take: 2 of 5 parts, 1 failed>"),
        ("stopped", "take1", "<Take: 1 of 5 parts, 0 failed, stopped>"),
        ("playing", "take1", "<Take draft: 1 of 5 parts, 0 failed, playing>"),
    ],
)
def test_a_take_in_one_line(name: str, take: str, line: str) -> None:
    state = fold(from_lines((FIXTURES / f"{name}.jsonl").read_bytes()))
    assert summary(state, take) == line


def test_the_label_can_be_given() -> None:
    state = fold(from_lines((FIXTURES / "reused.jsonl").read_bytes()))
    assert summary(state, "take1", name="first try") == "<Take first try: 5 of 5 parts, 0 failed>"
    assert summary(state, "take2", name="") == "<Take: 5 of 5 parts, 0 failed>"


def test_a_figure_carries_its_picture_and_escapes_what_is_said() -> None:
    state = fold(from_lines((FIXTURES / "scripted.jsonl").read_bytes()))
    svg = performance_svg(state, "take1")
    made = figure(svg, '"><script>alt</script>', "<b>caption</b> & more")
    found = re.fullmatch(
        r'<figure><img alt="([^"<>]*)" src="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)">'
        r"<figcaption>([^<>]*)</figcaption></figure>",
        made,
    )
    assert found
    assert html.unescape(found[1]) == '"><script>alt</script>'
    assert base64.b64decode(found[2]).decode() == svg
    assert html.unescape(found[3]) == "<b>caption</b> & more"
