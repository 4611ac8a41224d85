"""Logs that can have happened, for Hypothesis.

A small model keeps what is playing and walks the two life tables; it knows nothing of how the state
folds. Everything is drawn, so that a failing log shrinks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from score_kernel.score import events as ev
from score_kernel.score.plan import Part, Plan, Tempo
from score_kernel.score.state import ANSWERED, CONTRIBUTION_LIFE, IN_THE_AIR, TAKE_LIFE

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("coder", "tester", "docs")


def whole(text: str) -> str:
    """A text whose surrogates, if any, are lone: two that meet are one character in JSON."""
    return re.sub("[\ud800-\udbff][\udc00-\udfff]", "\U0001d11e", text)


TEXTS = st.one_of(
    st.sampled_from(["", "a", "b\n", "\x00", "\ud83c", "\udfbb", "\U0001d11e", "c1: x"]),
    st.text(st.characters(exclude_categories=()), max_size=12).map(whole),
)
WORDS = st.sampled_from(["stop", "note", "crash", "error", "why"])
NUMBERS = st.integers(0, 10**6)
PLAYERS = st.builds(
    ev.PlayerRef, kind=st.sampled_from(["model", "python", "script"]), name=TEXTS, scripted=st.booleans()
)
PARAMS = st.dictionaries(
    st.sampled_from(["temperature", "seed", "stop", "api_base"]),
    st.one_of(
        st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS, st.lists(TEXTS, max_size=2)
    ),
    max_size=2,
)


@st.composite
def parts(draw: st.DrawFn, name: str, before: tuple[str, ...] = ()) -> Part:
    after = draw(st.lists(st.sampled_from(before), unique=True).map(tuple)) if before else ()
    return Part(
        name=name,
        role=draw(TEXTS),
        task=draw(TEXTS),
        params=draw(PARAMS),
        player=draw(st.sampled_from([None, "python:f", "script:s", "human"])),
        after=after,
        retries=draw(st.integers(0, 3)),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1).map(tuple))
    made = tuple(draw(parts(name, names[:at])) for at, name in enumerate(names))
    return Plan(
        parts=made,
        model=draw(st.sampled_from([None, "a/model"])),
        tempo=Tempo(at_once=draw(st.none() | NUMBERS)),
    )


@dataclass
class Playing:
    """What the model knows of a contribution."""

    c: int
    part: str
    item: int | None
    status: str = "waiting"
    text: str = ""
    version: int = 0
    given: bool = False

    @property
    def entry(self) -> str:
        return f"part/{self.part}" if self.item is None else f"part/{self.part}[{self.item}]"


@dataclass
class Performed:
    """What the model knows of a take."""

    id: str
    plan: Plan
    last_seq: int
    status: str = "playing"
    playing: dict[int, Playing] = field(default_factory=dict)


class Author:
    """Writes one event after the other, each of which may follow those before."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.events: list[ev.Event] = []
        self.entries: dict[str, dict[int, str]] = {}
        self.notes: set[str] = set()
        self.takes: list[Performed] = []

    def add(self, kind: Callable[..., Any], **values: Any) -> None:
        self.events.append(kind(seq=len(self.events) + 1, **values))

    def step(self) -> None:
        take = self.takes[-1] if self.takes and TAKE_LIFE[self.takes[-1].status] else None
        if take is None or self.draw(st.integers(0, 5)) == 0:
            self.beside()
        else:
            self.within(take)

    # Of the score, and the start of a take ------------------------------------------------

    def beside(self) -> None:
        over = not self.takes or not TAKE_LIFE[self.takes[-1].status]
        kind = self.draw(
            st.sampled_from(
                [
                    "entry",
                    "composed",
                    "orchestrated",
                    "noted",
                    "dropped",
                    "named",
                    *(["start"] * 6 if over else []),
                ]
            )
        )
        match kind:
            case "entry":
                self.write(self.draw(st.sampled_from(["intent", "criteria", "material/spec", "note/1"])))
            case "composed":
                self.composed()
            case "orchestrated":
                self.add(ev.Orchestrated, plan=self.draw(plans()))
            case "noted":
                note = self.draw(st.sampled_from(["1", "opening"]))
                version = self.write(f"note/{note}")
                self.add(ev.Noted, note=note, to=self.draw(st.sampled_from(["all", *NAMES])), version=version)
            case "dropped":
                self.add(ev.NoteDropped, note=self.draw(st.sampled_from(["1", "opening"])))
            case "named":
                if self.takes:
                    take = self.draw(st.sampled_from(self.takes)).id
                    self.add(ev.TakeNamed, take=take, at=0, name=self.draw(TEXTS))
            case _:
                self.start()

    def write(self, entry: str, text: str | None = None) -> int:
        text = self.draw(TEXTS) if text is None else text
        texts = self.entries.setdefault(entry, {})
        version = next((v for v, known in texts.items() if known == text), len(texts) + 1)
        if version not in texts:
            texts[version] = text
            self.add(ev.EntryWritten, entry=entry, version=version, text=text)
        return version

    def composed(self) -> None:
        def newest(entry: str) -> int:
            return max(self.entries.get(entry, {}), default=0)

        spec = newest("material/spec")
        self.add(
            ev.Composed,
            title=self.draw(TEXTS),
            intent=newest("intent"),
            criteria=newest("criteria"),
            materials=(ev.Read("material/spec", spec),) if spec else (),
        )

    def start(self) -> None:
        number = len(self.takes) + 1
        parent = self.draw(st.sampled_from([None, *self.takes]))
        plan = self.draw(plans())
        self.add(
            ev.TakeStarted,
            take=f"take{number}",
            at=0,
            number=number,
            parent=parent.id if parent else None,
            parent_seq=self.draw(st.integers(0, parent.last_seq)) if parent else 0,
            began="2026-03-01T10:00:00Z",
            plan=plan,
            tempo=plan.tempo,
        )
        self.takes.append(Performed(f"take{number}", plan, len(self.events)))

    # Of a take ----------------------------------------------------------------------------

    def within(self, take: Performed) -> None:
        at = self.draw(NUMBERS)

        def add(kind: Callable[..., Any], **values: Any) -> None:
            self.add(kind, take=take.id, at=at, **values)
            take.last_seq = len(self.events)

        if not take.playing or self.draw(st.integers(0, 4)) == 0:
            self.of_take(take, add)
        else:
            self.of_contribution(take, self.draw(st.sampled_from(list(take.playing.values()))), add)

    def of_take(self, take: Performed, add: Callable[..., None]) -> None:
        kinds = ["waiting"] * 6 + ["tempo", "noted", "dropped", *sorted(TAKE_LIFE[take.status])]
        kind = self.draw(st.sampled_from(kinds))
        if kind == "waiting":
            new = Playing(
                len(take.playing) + 1,
                self.draw(st.sampled_from(take.plan.names)),
                self.draw(st.sampled_from([None, None, 0])),
            )
            if new.item is not None:
                version = self.write(f"item/{new.part}[0]")
                add(ev.SectionOpened, part=new.part, items=(ev.Read(f"item/{new.part}[0]", version),))
            take.playing[new.c] = new
            add(ev.Waiting, c=new.c, part=new.part, item=new.item)
            return
        if kind == "noted":
            note = self.draw(st.sampled_from(["1", "opening"]))
            version = self.write(f"note/{note}")
            add(ev.Noted, note=note, to=self.draw(st.sampled_from(["all", *NAMES])), version=version)
            return
        if kind == "dropped":
            add(ev.NoteDropped, note=self.draw(st.sampled_from(["1", "opening"])))
            return
        if kind == "tempo":
            add(ev.TempoSet, tempo=Tempo(at_once=self.draw(st.none() | NUMBERS)))
            return
        if kind in ("finished", "failed", "stopped"):
            if any(c.status in IN_THE_AIR for c in take.playing.values()):
                return
            add(ev.TakeEnded, status=kind, why=self.draw(WORDS))
        elif kind == "paused":
            add(ev.Paused, by=self.draw(WORDS))
        elif kind == "held":
            add(ev.TakeHeld, waits_for=self.draw(TEXTS))
        else:
            add(ev.Resumed)
        take.status = kind

    def of_contribution(self, take: Performed, c: Playing, add: Callable[..., None]) -> None:
        kinds = [*sorted(CONTRIBUTION_LIFE[c.status]), "flag"]
        if c.status in IN_THE_AIR:
            kinds += ["text", "text", "text", "printed", "usage", "retried"]
        kind = self.draw(st.sampled_from(kinds))
        match kind:
            case "text":
                text = self.draw(TEXTS)
                c.text = whole_of(c.text, text)
                add(ev.TextPlayed, c=c.c, text=text)
            case "printed":
                add(ev.Printed, c=c.c, text=self.draw(TEXTS))
            case "usage":
                cost = self.draw(st.none() | st.floats(0, 9))
                add(
                    ev.UsageReported,
                    c=c.c,
                    tokens_in=self.draw(NUMBERS),
                    tokens_out=self.draw(NUMBERS),
                    cost=cost,
                    estimated=self.draw(st.booleans()),
                )
            case "retried":
                c.text = ""
                add(
                    ev.Retried,
                    c=c.c,
                    reason=self.draw(WORDS),
                    message=self.draw(TEXTS),
                    wait=self.draw(NUMBERS),
                )
            case "flag":
                evidence = ev.Evidence(self.draw(TEXTS), "intent", 1, 2)
                add(ev.Flagged, c=c.c, flag=self.draw(WORDS), evidence=evidence)
            case _:
                self.move(take, c, kind, add)

    def move(self, take: Performed, c: Playing, status: str, add: Callable[..., None]) -> None:
        match c.status, status:
            case "waiting", "playing":
                origin = self.draw(st.none() | st.builds(ev.Origin, WORDS, WORDS, NUMBERS, TEXTS))
                c.given = origin is not None
                add(ev.Entered, c=c.c, **self.reading(), origin=origin)
            case "waiting", "reused":
                known = [
                    (other.id, of.c, of.version)
                    for other in self.takes
                    for of in other.playing.values()
                    if of.status in ANSWERED and of.entry == c.entry
                ]
                if not known:
                    return
                of_take, of_c, c.version = self.draw(st.sampled_from(known))
                kept = self.draw(st.booleans())
                add(
                    ev.Reused,
                    c=c.c,
                    of_take=of_take,
                    of_c=of_c,
                    version=c.version,
                    kept=kept,
                    **self.reading(),
                )
            case "held", "playing":
                add(ev.Released, c=c.c, how=self.draw(WORDS))
            case "held", "played":
                edited = self.draw(st.booleans())
                if edited:
                    known = sorted(self.entries.get(c.entry, {}).values())
                    c.version = self.write(c.entry, self.draw(st.sampled_from(known)) if known else None)
                else:
                    c.version = self.next_version(c)
                add(ev.Released, c=c.c, how="edited" if edited else "approved", version=c.version)
            case _, "played":
                c.version = self.next_version(c)
                add(ev.Played, c=c.c, version=c.version, finish=self.draw(WORDS))
                status = "reused" if c.given else "played"
            case _, "held":
                add(ev.ContributionHeld, c=c.c, why=self.draw(WORDS))
            case _, "failed":
                add(ev.Failed, c=c.c, reason=self.draw(WORDS), message=self.draw(TEXTS))
            case _, "cut":
                add(ev.Cut, c=c.c, by=self.draw(WORDS))
            case _, "muted":
                add(ev.Muted, c=c.c)
            case _, "skipped":
                add(ev.Skipped, c=c.c, why=self.draw(WORDS))
            case _:
                add(ev.Blocked, c=c.c, by=self.draw(WORDS))
        c.status = status

    def next_version(self, c: Playing) -> int:
        texts = self.entries.setdefault(c.entry, {})
        version = next((v for v, known in texts.items() if known == c.text), len(texts) + 1)
        texts[version] = c.text
        return version

    def reading(self) -> dict[str, Any]:
        there = [ev.Read(entry, v) for entry, texts in self.entries.items() for v in texts]
        reads = self.draw(st.lists(st.sampled_from(there), max_size=3).map(tuple)) if there else ()
        return {
            "digest": self.draw(st.sampled_from(["sha256:a", "sha256:b", "sha256:c"])),
            "player": self.draw(PLAYERS),
            "reads": reads,
            "messages": (ev.Message("user", (self.draw(TEXTS), *reads)),),
        }


def whole_of(text: str, more: str) -> str:
    """`text` with `more` behind it, as UTF-16 has it: surrogates that meet there are one character."""
    return (text + more).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@st.composite
def logs(draw: st.DrawFn, max_steps: int = 60) -> list[ev.Event]:
    """A whole log that can have happened."""
    author = Author(draw)
    for _ in range(draw(st.integers(1, max_steps))):
        author.step()
    return author.events
