"""What `%score` shows of a score: a part's reading, and how things stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import NotPlayed
from .formats.quiet import quiet_markdown
from .players.estimate import tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .api import Score
    from .contribution import Contribution
    from .engine.conductor import Sent
    from .score.reading import Reading


class Lines:
    """Some lines, shown as they are."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines

    def __repr__(self) -> str:
        return "\n".join(self.lines)


class ReadingShown:
    """What a part is given: the entries with their versions, and the messages as they are sent."""

    def __init__(self, reading: Reading, heading: str, size: str) -> None:
        self.reading, self._heading, self._size = reading, heading, size

    def __repr__(self) -> str:
        lines = [f"{self._heading}; {self._size}", *(f"- {entry}" for entry in self._entries())]
        for message in self.reading.messages:
            lines += ["", f"[{message['role']}]", message["content"]]
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        lines = [f"**{self._heading}**; {self._size}", "", *(f"- {entry}" for entry in self._entries())]
        for message in self.reading.messages:
            quoted = "\n".join(f"> {line}" for line in quiet_markdown(message["content"]).split("\n"))
            lines += ["", f"**{message['role']}**", "", quoted]
        return "\n".join(lines)

    def _entries(self) -> Iterator[str]:
        for entry, version, text in self.reading.entries:
            yield f"{entry}, version {version}, {len(text):,} character{'' if len(text) == 1 else 's'}"


def reading_now(score: Score, part: str) -> ReadingShown:
    """What a part would read if it entered now. Raises `UnknownName`."""
    reading = score.reading(part)
    tokens, cost = score.estimate(reading)
    price = "no model is called" if cost == 0 else "its price is not known" if cost is None else _usd(cost)
    return ReadingShown(
        reading, f"{part} would read this if it entered now", f"about {tokens:,} tokens, {price}"
    )


def reading_then(score: Score, part: str, take_name: str) -> ReadingShown:
    """What a part did read in a take, the last time it entered. Raises `UnknownName` or `NotPlayed`."""
    take = score[take_name]
    own = [c for c in take.contributions if c.part == part]
    read = [c for c in own if c.started is not None]
    if not own:
        _ = take[part]  # which says that there is no such part
    if not read:
        raise NotPlayed(f"{part} has not entered in {take.id}", own[-1].status, "it has not entered")
    return ReadingShown(read[-1].reading, f"{part} read this in {take.id}", _used(read[-1]))


def _used(contribution: Contribution) -> str:
    """What a contribution used, as its provider counted; where nobody did, the size of its reading."""
    usage, cost = contribution.usage, contribution.cost
    if not usage.tokens_in:
        tokens = sum(tokens_of(message["content"]) for message in contribution.reading.messages)
        return f"about {tokens:,} tokens"
    about = "about " if usage.estimated else ""
    price = "its price is not known" if cost is None else _usd(cost)
    return f"{about}{usage.tokens_in:,} tokens in, {usage.tokens_out:,} out, {price}"


def _usd(cost: float) -> str:
    return f"${cost:.4f}"


def status(score: Score, name: str, names: tuple[str, ...]) -> Lines:
    """Where a score is kept, how large it is, what plays, and what it waits for."""
    takes = score.takes
    count = f"{len(takes)} take{'' if len(takes) == 1 else 's'}"
    others = [other for other in names if other != name]
    lines = [f"{name}: {score.title or 'no title'}, {count}", f"kept {_kept(score)}", _playing(score)]
    if others:
        lines.append(f"other scores here: {', '.join(others)} (%score use NAME)")
    return Lines(*lines)


def told(sent: Sent) -> str:
    """What a note does, in one line."""
    effects = sent.effects
    if not effects:
        return f"Note {sent.note} to {sent.to} stands already."
    if len(effects) > 1 and len(set(effects.values())) == 1:
        return f"Note {sent.note}: every part {next(iter(effects.values()))}."
    return f"Note {sent.note}: {'; '.join(f'{part} {effect}' for part, effect in effects.items())}."


def _kept(score: Score) -> str:
    if score.path is None:
        return "in memory: %score save NAME.score.jsonl keeps it"
    size = sum(
        file.stat().st_size
        for file in (score.path, score.path.with_name(f"{score.path.name}-wal"))
        if file.exists()
    )
    return f"in {score.path}, {size / 1000:,.0f} kB"


def _playing(score: Score) -> str:
    take = score.head
    if take is None:
        return "nothing has been conducted yet"
    parts = {
        status: [c.part for c in take.contributions if c.status == status] for status in ("playing", "held")
    }
    air = f", {', '.join(parts['playing'])} playing" if parts["playing"] else ""
    match take.status:
        case "playing":
            return f"{take.id} is playing{air}"
        case "paused":
            return f"{take.id} is paused{air}: it waits for %cue resume"
        case "held":
            return f"{take.id} is held: it waits for {take.waits_for}"
        case status:
            return f"{take.id} {'was stopped' if status == 'stopped' else f'has {status}'}; nothing plays"
