"""The dry run: what a conduct would play and why, with a ceiling of tokens and cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from .engine.foresee import PLAYS
from .players.estimate import Ceiling, ceiling, tokens_of
from .score.reading import hears, read_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .engine.foresee import Foreseen
    from .score.known import Known
    from .score.plan import Plan
    from .score.ports import Player
    from .score.reading import Context

N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Row:
    """One part: what happens to it, why, and the most it can use. `None`: not known.

    `tokens` counts what is sent and what may come back, `cost` is USD.
    """

    part: str
    verdict: str
    why: str
    tokens: int | None
    cost: float | None
    of: str = ""
    """How many of a section's players it is about: `3 of 5`."""


@dataclass(frozen=True)
class Forecast:
    """What conducting would do. Nothing was played, and the score is as before."""

    rows: tuple[Row, ...]

    @property
    def plays(self) -> tuple[str, ...]:
        """The parts that would play, or may."""
        return tuple(row.part for row in self.rows if row.verdict in PLAYS)

    @property
    def refused(self) -> tuple[str, ...]:
        """The parts that would call a model although no model may be called (`offline`)."""
        return tuple(row.part for row in self.rows if row.verdict == "unknown")

    @property
    def tokens(self) -> int | None:
        """The most tokens that all parts together can use, or `None` where one is not known."""
        return _total(row.tokens for row in self.rows)

    @property
    def cost(self) -> float | None:
        """The most that it can cost in USD, or `None` where a price or a limit is not known."""
        return _total(row.cost for row in self.rows)

    def __repr__(self) -> str:
        if self.refused:
            return f"<Dry run: refused, as {', '.join(self.refused)} would call a model>"
        would = ", ".join(self.plays) if self.plays else "nothing (--fresh-all plays everything again)"
        return f"<Dry run: would play {would}>"

    def __str__(self) -> str:
        width = max((len(row.part) for row in self.rows), default=0)
        lines = [f"{row.part:{width}}  {row.verdict:8}  {row.why}{_ceiling(row)}" for row in self.rows]
        return "\n".join([*lines, self._sum()])

    def _repr_markdown_(self) -> str:
        table = [("part", "verdict", "why", "at most"), ("---",) * 4]
        for row in self.rows:
            table.append((row.part, row.verdict, row.why.replace("|", "\\|"), _ceiling(row).strip(" ()")))
        columns = 4 if any(most for *_, most in table[2:]) else 3
        lines = [f"| {' | '.join(cells[:columns])} |" for cells in table]
        return "\n".join([*lines, "", self._sum()])

    def _sum(self) -> str:
        if self.refused:
            return f"Offline this would be refused: {', '.join(self.refused)} would call a model."
        if not self.plays:
            return "Nothing would play. --fresh-all plays everything again."
        tokens = "unknown" if self.tokens is None else f"{self.tokens:,}"
        cost = "unknown" if self.cost is None else f"${self.cost:.4f}"
        limit = f" At most {tokens} tokens, {cost}." if self.tokens != 0 else " No model is called."
        return f"{len(self.plays)} of {len(self.rows)} parts would play.{limit}"


def estimate(
    foreseen: Iterable[Foreseen],
    context: Context,
    plan: Plan,
    players: Mapping[str, Player],
    known: Known,
) -> Forecast:
    """A forecast of what was foreseen, given what is `known`.

    The ceiling of a model's part is what it is sent, counted as four characters a token, and all
    that it may answer (`max_tokens`, else the model's own limit); what it will hear of a part that
    has not played counts with that part's own ceiling.
    """
    answers: dict[str, int | None] = {}
    rows: list[Row] = []
    for f in foreseen:
        part = plan[f.part]
        player = players[f.part]
        if f.verdict not in PLAYS or player.ref.kind != "model":
            answers[f.part] = None if f.verdict in PLAYS else _heard(f, known)
            rows.append(Row(f.part, f.verdict, f.why, 0, 0.0))
            continue
        limit: Ceiling | None = ceiling(player.ref.name, part.params)
        reading = f.reading or read_part(context, part, (), player.identity)
        sent: int | None = sum(tokens_of(message["content"]) for message in reading.messages)
        if f.reading is None:
            for name in hears(plan.names, part):
                heard = answers.get(name, 0)
                sent = None if sent is None or heard is None else sent + heard
        if limit is None or sent is None:
            answers[f.part] = None if limit is None else limit.max_output
            rows.append(Row(f.part, f.verdict, f.why, None, None))
            continue
        answers[f.part] = limit.max_output
        cost = sent * limit.usd_per_input + limit.max_output * limit.usd_per_output
        rows.append(Row(f.part, f.verdict, f.why, sent + limit.max_output, cost))
    return Forecast(tuple(rows))


def _heard(f: Foreseen, known: Known) -> int:
    return 0 if f.answer is None else tokens_of(known.text(f.answer))


def _total(values: Iterable[N | None]) -> N | None:
    total: Any = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _ceiling(row: Row) -> str:
    if row.verdict not in PLAYS or row.tokens == 0:
        return ""  # nothing plays, or no model does
    tokens = "unknown" if row.tokens is None else f"{row.tokens:,} tokens"
    return f" (at most {tokens}{'' if row.cost is None else f', ${row.cost:.4f}'})"
