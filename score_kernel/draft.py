"""A draft: what a model proposes to say beside the intent. The composer decides; none of it is on the score.

A model is asked as the player of a part would be, in one request, with what the composition says and
nothing else. Its answer is asked for as JSON and read as it comes: JSON in a fence or among other
words, else bullets under headings.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import aclosing
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from .engine.turns import BACKOFF
from .errors import ConductError, PlayerError, TransientError, UsageError
from .formats.proposal import proposal_html
from .players.model import ModelPlayer
from .score.plan import Part
from .score.reading import Context, model_identity, read_part
from .score.text import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .score.ports import Clock
    from .score.reading import Reading
    from .score.state import ScoreState

PART = Part(
    "draft",
    role="a reviewer of briefs",
    task=(
        "Before the work begins, propose to the composer what this brief may lack: criteria that the result "
        "can be checked against, risks, and questions that only the composer can answer. At most five of "
        "each, the most useful first, each one short sentence in the language of the intent. Propose nothing "
        "that is said already, and do not do the work itself."
    ),
    expects='JSON alone, of this form: {"criteria": ["..."], "risks": ["..."], "questions": ["..."]}',
)
"""What a model is asked for."""

_HERE = {
    "; a server of your own that needs none is `params: {api_base: ...}` of the part": "",
    ", or lower `at_once`": "",
    "conduct again": "run the cell again",
}
"""What players advise for a performance, and what that is for a draft."""

_HEADINGS = {"criteria": "Criteria", "risks": "Risks", "questions": "Open questions"}
_STEMS = {"criteri": "criteria", "risk": "risks", "question": "questions"}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BULLET = re.compile(r"\s*(?:[-*+\u2022]|\d{1,3}[.)])\s+(?P<line>.*)")
_HEADING = re.compile(r"\s{0,3}(?P<marks>#{1,6}(?=\s)|\*\*|__)?(?P<words>[^\n]{1,60}?)(?P<end>[\s:*_#]*)$")
_LABEL = re.compile(r"(?:\[[ xX]\]|[cC]\d+:)\s+")


@dataclass(frozen=True)
class Draft:
    """What `model` proposes: criteria, risks and open questions, each a line of plain text.

    In a page each line has a `Copy`, which puts it on the clipboard as a bullet for the cell.

    >>> print(Draft("openai/gpt-4o", ("an unknown code changes nothing",)))
    Proposed by openai/gpt-4o; none of it is on the score:
    Criteria
    - an unknown code changes nothing
    """

    model: str
    criteria: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def _proposed(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for kind, heading in _HEADINGS.items():
            if lines := getattr(self, kind):
                yield heading, lines

    def __repr__(self) -> str:
        text = [f"Proposed by {self.model}; none of it is on the score:"]
        for heading, lines in self._proposed:
            text += [heading, *(f"- {line}" for line in lines)]
        return "\n".join(text)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        said = f"Proposed by {self.model}; none of it is on the score. Copy what you want into the cell."
        return {"text/plain": repr(self), "text/html": proposal_html(said, self._proposed)}


# Asking -------------------------------------------------------------------------------------------


def read_composition(state: ScoreState, model: str) -> Reading:
    """What a model is given for a draft: the composition as it stands.

    Raises `UsageError` where there is none.
    """
    context = Context(state, state.composition(), (), {})
    if not context.composition:
        raise UsageError("nothing is composed yet: write and run a %%compose cell first")
    return read_part(context, PART, (), model_identity(model))


async def propose(reading: Reading, model: str, clock: Clock) -> Draft:
    """Ask a model, once, trying again where that may help as a performance does.

    Raises `UsageError` in one line where there is no answer, or nothing in it that can be read.
    """
    player = ModelPlayer(model, PART)
    try:
        async with asyncio.timeout(PART.timeout):
            await player.prepare()
            answer = await _tried(player, reading, clock)
    except (ConductError, PlayerError) as error:
        said = str(error)
        for theirs, ours in _HERE.items():
            said = said.replace(theirs, ours)
        raise _no_draft(said) from None
    except TimeoutError:
        raise _no_draft(f"{model} did not end within {PART.timeout:g} s: run the cell again") from None
    draft = Draft(model, **read_answer(answer))
    if not any(getattr(draft, field.name) for field in fields(draft)[1:]):
        said = f"it said {shortened(answer)!r}" if answer.strip() else "it said nothing"
        raise _no_draft(
            f"{model} proposed nothing that can be read ({said}): run the cell again, or ask another model"
        )
    return draft


def _no_draft(why: str) -> UsageError:
    return UsageError(f"the composition stands, without a draft: {why}")


async def _tried(player: ModelPlayer, reading: Reading, clock: Clock) -> str:
    tries = 0
    while True:
        try:
            return await _listen(player, reading)
        except TransientError as error:
            wait = BACKOFF[tries] if error.retry_after is None else error.retry_after
            if tries >= PART.retries or wait >= PART.timeout:
                raise
            tries += 1
            await clock.sleep(wait)


async def _listen(player: ModelPlayer, reading: Reading) -> str:
    """All that a model says."""
    heard: list[str] = []
    now = asyncio.get_running_loop().time
    patience = asyncio.timeout(PART.stall)
    try:
        async with patience, aclosing(player.play(PART, reading)) as sounds:
            async for sound in sounds:
                patience.reschedule(now() + PART.stall)
                if isinstance(sound, str):
                    heard.append(sound)
    except TimeoutError:
        raise TransientError(
            f"{player.model}: nothing came for {PART.stall:g} s: conduct again", "stall"
        ) from None
    return "".join(heard)


# Reading ------------------------------------------------------------------------------------------


def read_answer(answer: str) -> dict[str, tuple[str, ...]]:
    """The lines of an answer, by kind: `criteria`, `risks` and `questions`; none where it has none.

    >>> read_answer('Sure! ```json\\n{"criteria": ["fast"], "Open questions": "Since when?"}\\n```')
    {'criteria': ('fast',), 'risks': (), 'questions': ('Since when?',)}
    >>> read_answer("## Risks\\n1. It rains.\\n")
    {'criteria': (), 'risks': ('It rains.',), 'questions': ()}
    """
    for found in _objects(answer):
        lines = [
            (kind, line) for name, value in found.items() for kind in _kinds(name) for line in _lines(value)
        ]
        if lines:
            return _by_kind(lines)
    return _by_kind(_bullets(answer))


def _by_kind(lines: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    clean = [(kind, _plain(line)) for kind, line in lines]
    return {
        kind: tuple(dict.fromkeys(line for of, line in clean if of == kind and line)) for kind in _HEADINGS
    }


def _plain(line: str) -> str:
    """In one line, without a bullet or a label in front, and with nothing in it that a terminal obeys."""
    line = " ".join(_CONTROL.sub("\ufffd", line).split())
    if bullet := _BULLET.fullmatch(line):
        line = bullet["line"]
    return _LABEL.sub("", line, count=1) if _LABEL.match(line) else line


def _kinds(name: str) -> Iterator[str]:
    """The kind that a key or heading names, if any."""
    yield from (kind for stem, kind in _STEMS.items() if stem in name.casefold())


def _objects(text: str) -> Iterator[Mapping[str, object]]:
    """The JSON objects in a text, outermost first."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        end = at + 1
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            pass
        else:
            yield cast("Mapping[str, object]", found)
        at = text.find("{", end)


def _lines(value: object) -> Iterator[str]:
    """The lines of a value: a list of texts as it was asked for, else what comes near to one."""
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            if isinstance(item, dict):
                told = [word for word in cast("dict[str, object]", item).values() if isinstance(word, str)]
                yield ": ".join(told)
            else:
                yield item if isinstance(item, str) else ""


def _bullets(text: str) -> Iterator[tuple[str, str]]:
    """The bullets under headings of ours, with their kind."""
    kind: str | None = None
    for line in text.splitlines():
        if bullet := _BULLET.fullmatch(line):
            if kind is not None:
                yield kind, bullet["line"]
        elif (heading := _HEADING.fullmatch(line)) and (heading["marks"] or len(line.split()) <= 3):
            kind = next(_kinds(heading["words"]), None)
