"""What a take may take over from those before it."""

from __future__ import annotations

from typing import Any

from score_kernel.score import events as ev
from score_kernel.score.known import Answer, Known, last_in_lineage
from score_kernel.score.plan import Part, Plan, Tempo
from score_kernel.score.state import ScoreState

PLAN = Plan(parts=(Part("a"), Part("b")))
PLAYER = ev.PlayerRef("model", "m")


class Score:
    """A score in the making: takes in which contributions are played."""

    def __init__(self) -> None:
        self.state = ScoreState()

    def add(self, kind: Any, take: str, **values: Any) -> None:
        self.state.apply(kind(seq=self.state.seq + 1, take=take, at=0, **values))

    def take(self, parent: str | None = None, seq: int | None = None) -> str:
        number = len(self.state.takes) + 1
        self.add(
            ev.TakeStarted,
            f"take{number}",
            number=number,
            parent=parent,
            parent_seq=self.state.seq if seq is None else seq,
            began="",
            plan=PLAN,
            tempo=Tempo(),
        )
        return f"take{number}"

    def play(self, take: str, digest: str, end: str = "played", part: str = "a") -> int:
        """A contribution with this digest that ends so; the event that ended it."""
        c = len(self.state.takes[take].contributions) + 1
        self.add(ev.Waiting, take, c=c, part=part)
        reading: dict[str, Any] = {"digest": digest, "player": PLAYER, "reads": (), "messages": ()}
        if end in ("reused", "kept"):
            of: dict[str, Any] = {"of_take": "take1", "of_c": 1, "version": 1}
            self.add(ev.Reused, take, c=c, **of, **reading, kept=end == "kept")
            return self.state.seq
        self.add(ev.Entered, take, c=c, **reading)
        match end:
            case "played":
                self.add(ev.Played, take, c=c, version=1)
            case "failed":
                self.add(ev.Failed, take, c=c, reason="", message="")
            case "cut":
                self.add(ev.Cut, take, c=c, by="stop")
            case "held":
                self.add(ev.ContributionHeld, take, c=c, why="hold")
            case _:
                pass
        return self.state.seq

    def known(self, take: str | None, seq: int | None = None) -> Known:
        return Known(self.state, take, self.state.seq if seq is None else seq)


def test_nothing_is_known_before_the_first_take() -> None:
    assert Known(ScoreState(), None, 0).take_over("x") is None


def test_what_was_played_is_known_by_its_digest_alone() -> None:
    score = Score()
    take = score.take()
    score.play(take, "x")
    known = score.known(take)
    assert "x" in known
    assert "y" not in known
    assert known.take_over("x") == Answer(take, 1)
    assert known.take_over("y") is None


def test_what_did_not_come_to_its_end_is_never_known() -> None:
    score = Score()
    take = score.take()
    for end in ("failed", "cut", "held", "playing"):
        score.play(take, end, end=end)
    known = score.known(take)
    assert not any(end in known for end in ("failed", "cut", "held", "playing"))


def test_equal_digests_are_matched_first_to_first_and_the_last_serves_again() -> None:
    score = Score()
    take = score.take()
    for digest in ("x", "y", "x"):
        score.play(take, digest)
    known = score.known(take)
    assert [known.take_over("x") for _ in range(4)] == [Answer(take, c) for c in (1, 3, 3, 3)]
    assert known.take_over("y") == Answer(take, 2)


def test_the_nearest_take_answers_first_and_alone() -> None:
    score = Score()
    first = score.take()
    for _ in range(3):
        score.play(first, "x")
    score.play(first, "y")
    second = score.take(first)
    score.play(second, "x")
    known = score.known(second)
    assert [known.take_over("x") for _ in range(2)] == [Answer(second, 1)] * 2
    assert known.take_over("y") == Answer(first, 4)


def test_only_the_lineage_counts() -> None:
    score = Score()
    first = score.take()
    score.play(first, "x")
    aside = score.take(first)
    score.play(aside, "aside")
    third = score.take(first)
    score.play(third, "y")
    known = score.known(third)
    assert "x" in known
    assert "y" in known
    assert "aside" not in known


def test_what_came_after_the_moment_is_not_known() -> None:
    score = Score()
    take = score.take()
    x = score.play(take, "x")
    y = score.play(take, "y")
    assert "x" in score.known(take, x)
    assert "x" not in score.known(take, x - 1)
    assert "y" not in score.known(take, y - 1)
    assert "y" in score.known(take, y)


def test_the_moment_that_a_parent_branched_at_counts_too() -> None:
    score = Score()
    first = score.take()
    x = score.play(first, "x")
    score.play(first, "y")
    second = score.take(first, seq=x)
    known = score.known(second)
    assert "x" in known
    assert "y" not in known


def test_what_was_reused_is_known_and_what_was_only_kept_is_not() -> None:
    score = Score()
    first = score.take()
    score.play(first, "x")
    second = score.take()
    score.play(second, "x", end="reused")
    score.play(second, "y", end="kept")
    known = score.known(second)
    assert known.take_over("x") == Answer(second, 1)
    assert "y" not in known


def test_the_last_answer_of_a_part_is_found_in_its_lineage() -> None:
    score = Score()
    first = score.take()
    x = score.play(first, "x", part="b")
    score.play(first, "y", part="a")
    second = score.take(first)
    score.play(second, "z", part="b", end="failed")
    found = last_in_lineage(score.state, second, score.state.seq, "b")
    assert found is not None
    assert (found[0], found[1].digest) == (first, "x")
    assert last_in_lineage(score.state, first, x - 1, "b") is None
    assert last_in_lineage(score.state, None, 0, "b") is None
