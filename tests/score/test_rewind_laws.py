"""Any score can be rewound to any moment: what was known and what stood then is told by the whole log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from score_kernel.score.known import Answer, Known, last_in_lineage
from score_kernel.score.moments import resolve
from score_kernel.score.state import ScoreState, fold

from .strategies import NAMES, logs

if TYPE_CHECKING:
    from score_kernel.score import events as ev

DIGESTS = ("sha256:a", "sha256:b", "sha256:c")


def known(state: ScoreState, take: str, seq: int) -> dict[str, list[Answer | None]]:
    """What is answered as of an event, asked often enough to hear every answer."""
    found = Known(state, take, seq)
    return {digest: [found.take_over(digest) for _ in range(6)] for digest in DIGESTS}


@settings(max_examples=500)
@given(logs(max_steps=40))
def test_a_score_rewound_to_any_event_is_what_it_was_then(events: list[ev.Event]) -> None:
    whole, then = fold(events), ScoreState()
    for event in events:
        then.apply(event)
        for take in then.takes:
            assert known(whole, take, then.seq) == known(then, take, then.seq)
            assert whole.notes(take, then.seq) == then.notes(take, then.seq)
            for part in NAMES:
                answered = last_in_lineage(whole, take, then.seq, part)
                assert (answered and (answered[0], answered[1].c)) == (
                    (before := last_in_lineage(then, take, then.seq, part)) and (before[0], before[1].c)
                )


@settings(max_examples=200)
@given(logs(max_steps=40))
def test_every_event_of_a_take_is_a_moment_to_branch_from(events: list[ev.Event]) -> None:
    state = fold(events)

    def of_take(take: str) -> list[ev.Event]:
        return [event for event in events if event.take == take]

    for take in state.takes.values():
        for event in of_take(take.id):
            if take.first_seq <= event.seq <= take.last_seq:  # a name may come after its end
                assert resolve(state, f"{take.id}#{event.seq}", of_take) == (take.id, event.seq)
        assert resolve(state, take.id, of_take) == (take.id, take.last_seq)
