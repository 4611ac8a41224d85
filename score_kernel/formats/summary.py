"""A take in one line, and a picture as HTML."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING

from ..score.state import ANSWERED

if TYPE_CHECKING:
    from ..score.state import ScoreState


def summary(state: ScoreState, take_id: str, *, name: str | None = None) -> str:
    """A take in one line that is the same on every run: no times, no automatic names.

    `name` is its label; `None` is the label that stands on it now, if any. What was reused counts as
    played; the parts are those of the take's plan.

    >>> summary(state, "take1")                                 # doctest: +SKIP
    '<Take draft: 5 of 5 parts, 0 failed>'
    """
    label = state.name_of(take_id) if name is None else name
    return f"<Take{' ' + label if label else ''}: {tally(state, take_id)}>"


def tally(state: ScoreState, take_id: str) -> str:
    """How far a take came: `5 of 5 parts, 0 failed`, `2 of 5 parts, 0 failed, stopped`."""
    take = state.takes[take_id]
    tallies = [take.tally.get(name, {}) for name in take.plan.names]
    played = sum(bool(tally) and tally.keys() <= ANSWERED for tally in tallies)
    played += sum(not section.items for section in take.sections.values())
    failed = sum("failed" in tally for tally in tallies)
    ended = take.status in ("finished", "failed")
    return f"{played} of {len(take.plan.names)} parts, {failed} failed{'' if ended else f', {take.status}'}"


def figure(svg: str, alt: str, caption: str) -> str:
    """A drawing as HTML that survives where inline SVG does not: in a notebook that is not trusted."""
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    return (
        f'<figure><img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{data}">'
        f"<figcaption>{html.escape(caption, quote=False)}</figcaption></figure>"
    )
