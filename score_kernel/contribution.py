"""What a part plays, in the user's hands: a handle that asks the conductor's state on its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .errors import NotPlayed
from .formats.quiet import quiet_markdown
from .score.known import Answer
from .score.reading import Reading, reading_of
from .score.state import CONTRIBUTION_LIFE
from .score.text import code_blocks
from .session import stage
from .waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from .engine.conductor import Conductor
    from .score.state import ContributionState, TakeState

T = TypeVar("T")


class Usage(NamedTuple):
    """Tokens in and out. `estimated`: by us, because the provider did not say."""

    tokens_in: int
    tokens_out: int
    estimated: bool = False


class Flag(NamedTuple):
    """Something off-key: which flag, and its evidence in one line."""

    flag: str
    evidence: str


class Contribution:
    """What a part plays, from entering to its end."""

    def __init__(self, conductor: Conductor, take_id: str, c: int) -> None:
        self._conductor, self._take, self._c = conductor, take_id, c

    def _look(self, question: Callable[[ContributionState], T]) -> T:
        def answer() -> T:
            return question(self._conductor.state.takes[self._take].contributions[self._c])

        return stage().ask(answer)

    @property
    def part(self) -> str:
        """Whose contribution it is."""
        return self._look(lambda c: c.part)

    @property
    def item(self) -> int | None:
        """Which player of a section it is, from 0; `None` where the part is none."""
        return self._look(lambda c: c.item)

    @property
    def label(self) -> str | int | float | None:
        """What its item is called where a section's items are from: an index, a key, else its number."""

        def called() -> str | int | float | None:
            take = self._conductor.state.takes[self._take]
            c = take.contributions[self._c]
            section = take.sections.get(c.part)
            if section is None or c.item is None or c.item >= len(section.labels):
                return c.item
            return section.labels[c.item]

        return stage().ask(called)

    @property
    def status(self) -> str:
        """waiting, playing, held, played, reused, muted, skipped, blocked, failed or cut."""
        return self._look(lambda c: c.status)

    @property
    def text(self) -> str:
        """What was played. Waits while the take plays.

        Raises `NotPlayed`, with status and reason, where there is none to be had.
        """
        if not stage().here:
            wait_until(
                self._conductor, self._take, lambda take: take.status != "playing" or self._final(take)
            )
        return stage().ask(self._text)

    def _final(self, take: TakeState) -> bool:
        return not CONTRIBUTION_LIFE[take.contributions[self._c].status]

    def _text(self) -> str:
        take = self._conductor.state.takes[self._take]
        c = take.contributions[self._c]
        if c.version:
            return self._conductor.state.text_of(self._take, c)
        raise NotPlayed(why_not(take, c), c.status, c.message or c.why)

    def text_or(self, default: str) -> str:
        """What was played, or `default` where there is none. Does not wait."""
        return self._look(lambda c: self._conductor.state.text_of(self._take, c) if c.version else default)

    @property
    def data(self) -> Any:
        """The value of the text, where its part `returns` something, as that: an instance of the model, or
        what the JSON says. Waits, and raises `NotPlayed`, as `text`; and where the part returns nothing."""
        form = self._conductor.forms.get(self.part)
        if form is None:
            line = f"{self.part} returns no data: write `returns: NAME` in its part"
            raise NotPlayed(line, self.status, "it returns none")
        return form.read(self.text)

    @property
    def code(self) -> str:
        """The first fenced code block of the text. Raises `NotPlayed` where there is none."""
        blocks = self.code_blocks
        if not blocks:
            raise NotPlayed(f"what {self.part} played has no fenced code block", self.status, "no code")
        return blocks[0]

    @property
    def code_blocks(self) -> tuple[str, ...]:
        """All fenced code blocks of the text."""
        return code_blocks(self.text)

    @property
    def model(self) -> str:
        """Who played it: a model's id, `python:NAME` or `script:NAME`; empty before it enters."""

        def who(c: ContributionState) -> str:
            if c.player is None:
                return ""
            name = c.player.name
            return c.model or name if c.player.kind == "model" else f"{c.player.kind}:{name}"

        return self._look(who)

    @property
    def scripted(self) -> bool:
        """Whether a script played it."""
        return self._look(lambda c: bool(c.player and c.player.scripted))

    @property
    def usage(self) -> Usage:
        """Tokens of all its tries."""
        return self._look(lambda c: Usage(c.tokens_in, c.tokens_out, c.estimated))

    @property
    def cost(self) -> float | None:
        """USD, `None` where the price is unknown; what is reused or needs no model costs nothing."""
        return self._look(lambda c: c.cost if c.tokens_in or c.tokens_out else 0.0)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What is off-key about it, with the evidence."""
        return self._look(lambda c: tuple(Flag(f.flag, f.evidence.text) for f in c.flags))

    @property
    def started(self) -> float | None:
        """Seconds from the take's beginning to entering; `None` before."""
        return self._look(lambda c: None if c.entered is None else c.entered / 1000)

    @property
    def ended(self) -> float | None:
        """Seconds from the take's beginning to its end; `None` before."""
        return self._look(lambda c: None if c.ended is None else c.ended / 1000)

    @property
    def attempts(self) -> int:
        """How often it was tried: 1 where the first try did, 0 where it was never tried here."""
        return self._look(lambda c: c.attempts)

    @property
    def reused_from(self) -> str | None:
        """The take that this was taken over from: `take1`, or `take1 of piece.score.jsonl`."""

        def source(c: ContributionState) -> str | None:
            if c.origin is not None:
                return str(Answer(c.origin.take, c.origin.c, c.origin.recording))
            return c.of_take or None

        return self._look(source)

    @property
    def differs(self) -> str:
        """Where it was recorded for another reading (`nearest`): in what that one differs, as a word diff."""
        return self._look(lambda c: c.origin.differs if c.origin else "")

    @property
    def printed(self) -> str:
        """What the player printed while it played."""
        return self._look(lambda c: "".join(c.printed))

    @property
    def reading(self) -> Reading:
        """Exactly what the part was given as it entered. Raises `NotPlayed` before it has."""

        def given(c: ContributionState) -> Reading:
            if not c.digest:
                take = self._conductor.state.takes[self._take]
                raise NotPlayed(why_not(take, c), c.status, "it has not entered")
            return reading_of(self._conductor.state, c)

        return self._look(given)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self._look(lambda c: f"<Contribution of {c.name}: {c.status}>")

    def _repr_markdown_(self) -> str | None:
        """The text as Markdown that fetches nothing and has no mathematics in it."""
        text = self.text_or("")
        return quiet_markdown(text) if text else None


def why_not(take: TakeState, c: ContributionState) -> str:
    """Why a contribution has no text, and what to do, in one line."""
    where = f"{c.name} in {take.id}"
    match c.status:
        case "failed":
            return f"{where} failed: {c.message}"
        case "blocked":
            return f"{where} was blocked: it needs {c.why}, which failed"
        case "skipped" | "muted":
            return f"{where} was {c.status}" + (f": {c.why}" if c.why else "")
        case "cut" if c.why == "refused":
            return f"{where} was refused: %conduct plays it again"
        case "held" if not take.over:
            return f"{where} waits for you: {c.why}"
        case "cut":
            return f"{where} was cut ({c.why}): %conduct plays it again"
        case _:
            pass
    match take.status:
        case "paused":
            return f"{where} is {c.status} and the take is paused: %cue resume goes on"
        case "held":
            return f"{where} is {c.status}; the take waits for {take.waits_for}"
        case "stopped":
            return f"{where} did not play, because the take was stopped: %conduct plays it"
        case _:
            return f"{where} is {c.status}"
