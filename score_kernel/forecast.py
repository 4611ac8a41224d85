"""The dry run: what a conduct would play and why, with a ceiling of tokens and cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from .engine.foresee import PLAYS
from .players.estimate import Ceiling, ceiling, tokens_of
from .score.reading import hears, read_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .engine.foresee import Foreseen
    from .score.known import Known
    from .score.plan import Part, Plan
    from .score.ports import Player
    from .score.reading import Context

N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Row:
    """One part: what happens to it, why, and the most it can use. `None`: not known.

    `tokens` counts what is sent and what may come back, `cost` is USD. A section has a row for each
    verdict that some of its players have.
    """

    part: str
    verdict: str
    why: str
    tokens: int | None
    cost: float | None
    of: str = ""
    """How many of a section's players it is about: `3 of 5`, `all 5`; else empty."""

    @property
    def name(self) -> str:
        """What it is about: `coder`, or of a section `coder[3 of 5]`."""
        return f"{self.part}[{self.of}]" if self.of else self.part


@dataclass(frozen=True)
class Forecast:
    """What conducting would do. Nothing was played, and the score is as before."""

    rows: tuple[Row, ...]

    @property
    def plays(self) -> tuple[str, ...]:
        """The parts that would play, or may."""
        return tuple(dict.fromkeys(row.part for row in self.rows if row.verdict in PLAYS))

    @property
    def refused(self) -> tuple[str, ...]:
        """The parts that would call a model although no model may be called (`offline`)."""
        return tuple(dict.fromkeys(row.part for row in self.rows if row.verdict == "unknown"))

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
        width = max((len(row.name) for row in self.rows), default=0)
        lines = [f"{row.name:{width}}  {row.verdict:8}  {row.why}{_ceiling(row)}" for row in self.rows]
        return "\n".join([*lines, self._sum()])

    def _repr_markdown_(self) -> str:
        table = [("part", "verdict", "why", "at most"), ("---",) * 4]
        for row in self.rows:
            table.append((row.name, row.verdict, row.why.replace("|", "\\|"), _ceiling(row).strip(" ()")))
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
        parts = len({row.part for row in self.rows})
        return f"{len(self.plays)} of {parts} parts would play.{limit}"


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
    has not played counts with that part's own ceiling. A loop counts with all its passes, a form (`returns`)
    and `on_flag: retake` with one turn more. What tools give, and whom a part that leads lets in, is not
    known, nor how long the list of another part is. Tries beyond the first are not counted.
    """
    parts: dict[str, list[Foreseen]] = {}
    for f in foreseen:
        parts.setdefault(f.part, []).append(f)
    limits = {
        name: ceiling(players[name].ref.name, plan[name].params)
        for name, voices in parts.items()
        if players[name].ref.kind == "model" and any(_costs(f) for f in voices)
    }
    said = {name: _total(_says(f, limits.get(name), known) for f in voices) for name, voices in parts.items()}
    rows: list[Row] = []
    for name, voices in parts.items():
        part = plan[name]
        uses = [
            _most(f, part, context, plan, players[name], limits.get(name), said)
            if name in limits and _costs(f)
            else (0, 0.0)
            for f in voices
        ]
        by_verdict: dict[str, list[int]] = {}
        for number, f in enumerate(voices):
            by_verdict.setdefault(f.verdict, []).append(number)
        for verdict, numbers in by_verdict.items():
            tokens = _total(uses[n][0] for n in numbers)
            cost = _total(uses[n][1] for n in numbers)
            why = _whys(voices[n].why for n in numbers)
            rows.append(Row(name, verdict, why, tokens, cost, _of(len(numbers), voices)))
    return Forecast(tuple(rows))


def _costs(f: Foreseen) -> bool:
    """Whether somebody else than the conductor would play it."""
    return f.verdict in PLAYS and not f.given


def _says(f: Foreseen, limit: Ceiling | None, known: Known) -> int | None:
    """The most tokens that its contribution has, or `None`: not known."""
    if f.verdict in PLAYS:
        return None if limit is None else limit.max_output
    return 0 if f.answer is None else tokens_of(known.text(f.answer))


def _most(
    f: Foreseen,
    part: Part,
    context: Context,
    plan: Plan,
    player: Player,
    limit: Ceiling | None,
    said: Mapping[str, int | None],
) -> tuple[int | None, float | None]:
    """The most tokens and USD that a model's contribution uses, all passes and turns together."""
    leads = plan.tempo.lead == part.name
    if limit is None or part.tools or leads or (f.reading is None and part.each is not None):
        return None, None
    reading = f.reading or read_part(context, part, (), player.identity)
    sent: int | None = sum(tokens_of(message["content"]) for message in reading.messages)
    if f.reading is None:
        sent = _total([sent, *(said.get(name, 0) for name in hears(plan.names, part))])
    retaken = bool(plan.checks_of(part)) and plan.on_flag_of(part) == "retake"
    turns = 1 + (part.returns is not None) + retaken
    passes = 1
    for end, loop in plan.loops().items():
        if part.name in loop:
            passes *= plan[end].repeat.at_most  # type: ignore[union-attr]
    # a further pass reads what the loop played before
    before = _total(said.get(name, 0) for name in plan.loop_of(part.name)) if passes > 1 else 0
    if sent is None or before is None:
        return None, None
    answered = limit.max_output
    # each turn is sent what the turns before it answered
    into = passes * (turns * sent + answered * turns * (turns - 1) // 2) + (passes - 1) * turns * before
    out = passes * turns * answered
    return into + out, into * limit.usd_per_input + out * limit.usd_per_output


def _of(number: int, voices: Sequence[Foreseen]) -> str:
    if voices[0].item is None:
        return ""
    return f"{number} of {len(voices)}" if number < len(voices) else f"all {number}"


def _whys(whys: Iterable[str]) -> str:
    """Why, in a few words: the reason that most have, and how many others there are."""
    (most, _), *others = Counter(whys).most_common()
    return f"{most}; {len(others)} other reason{'' if len(others) == 1 else 's'}" if others else most


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
