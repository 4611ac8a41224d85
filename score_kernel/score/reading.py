"""What a part is given as it enters, and the digest it is known by.

`gather` picks the entries (from the state, the plan and the inputs that have been played),
`render` writes them as messages, `digest` is the SHA-256 of the canonical JSON of everything that
can change the answer: the part's words, its player, its parameters and the texts it reads. What
cannot (version numbers, our templates' wording, times, tempo, retries) is not in it. Canonical
JSON: keys sorted, no white space, UTF-8 (as RFC 8785 does, without its number rules).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from . import text as texts
from .events import Message, Read
from .plan import bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .plan import Part
    from .state import ContributionState, ScoreState, TakeState

TRANSPORT = frozenset(
    {
        "api_base",
        "base_url",
        "api_version",
        "timeout",
        "stream_timeout",
        "request_timeout",
        "num_retries",
        "max_retries",
        "organization",
    }
)
"""Parameters that say how a model is reached, and not what it is asked. Headers are others (`bare`)."""


NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Heard:
    """What a part played, as a function of the notebook gets it: one that reads it, or that judges it.

    `data` is the value of a part that `returns` something, `item` which of a section's it is (from 0).
    """

    part: str
    text: str
    data: Any = None
    item: int | None = None
    lap: int = 1
    reading: Reading | None = None
    """What it was given; to a predicate only."""

    @property
    def code(self) -> str:
        """The first fenced block of the text. Raises `LookupError` where there is none."""
        blocks = self.code_blocks
        if not blocks:
            raise LookupError(f"what {self.part} played has no fenced code block")
        return blocks[0]

    @property
    def code_blocks(self) -> tuple[str, ...]:
        """All fenced blocks of the text."""
        return texts.code_blocks(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Reading:
    """Exactly what a part was given as it entered.

    `entries` are (name, version, text) in the order read, `messages` what was sent as
    `{"role": ..., "content": ...}`, `digest` what it is known by.

    >>> reading["coder"].text           # what the part `coder` played    # doctest: +SKIP
    >>> reading.materials["spec"]       # the text of a material          # doctest: +SKIP
    """

    part: str
    reads: tuple[tuple[Read, str], ...]
    rendered: tuple[Message, ...]
    digest: str
    index: int | None = None
    """Which player of a section it is for, from 0."""
    own: Mapping[Read, str] = field(default_factory=dict)
    """What the part itself played before a note, where the messages refer to it."""
    value: Any = None
    """The item as it is in the notebook; out of a file it is its text alone."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """By entry (`part/coder`), the value of a contribution whose part `returns` something."""

    @property
    def entries(self) -> tuple[tuple[str, int, str], ...]:
        """(name, version, text) of all that was read, in order."""
        return tuple((read.entry, read.version, text) for read, text in self.reads)

    @cached_property
    def _by_read(self) -> dict[Read, str]:
        return {**dict(self.reads), **self.own}

    @cached_property
    def messages(self) -> tuple[dict[str, str], ...]:
        """The messages as they are sent."""
        return tuple(
            {
                "role": message.role,
                "content": "".join(
                    piece if isinstance(piece, str) else self._by_read[piece] for piece in message.content
                ),
            }
            for message in self.rendered
        )

    @property
    def item(self) -> Any:
        """The item that this player of a section is given, or `None`."""
        if self.value is not None:
            return self.value
        return next((text for read, text in self.reads if read.entry.startswith("item/")), None)

    def _under(self, prefix: str) -> dict[str, str]:
        return {read.entry[len(prefix) :]: text for read, text in self.reads if read.entry.startswith(prefix)}

    @property
    def intent(self) -> str:
        """The intent, or an empty string where this part does not read it."""
        return next((text for read, text in self.reads if read.entry == "intent"), "")

    @property
    def criteria(self) -> tuple[str, ...]:
        """The criteria, c1 first."""
        found = next((text for read, text in self.reads if read.entry == "criteria"), "")
        return split_criteria(found)

    @property
    def materials(self) -> Mapping[str, str]:
        """The materials by name."""
        return self._under("material/")

    @property
    def notes(self) -> tuple[str, ...]:
        """The conductor's notes to this part, in the order sent."""
        return tuple(self._under("note/").values())

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that this one heard."""
        return tuple(dict.fromkeys(_section_of(name)[0] for name in self._under("part/")))

    def __getitem__(self, part: str) -> Any:
        """What a part played, a `Heard`; of a section a list of them, in the order of its items."""
        found = [
            Heard(part, text, self.data.get(f"part/{name}"), item)
            for name, text in self._under("part/").items()
            for of, item in (_section_of(name),)
            if of == part
        ]
        if not found:
            known = ", ".join(self.parts) or "no part"
            raise KeyError(f"{self.part} heard nothing of {part!r}; it reads {known}")
        return found if found[0].item is not None else found[0]

    def __contains__(self, part: object) -> bool:
        return part in self.parts


def _section_of(name: str) -> tuple[str, int | None]:
    """`coder[3]` is player 3 of the section `coder`."""
    part, bracket, item = name.partition("[")
    return (part, int(item.removesuffix("]"))) if bracket else (part, None)


def split_criteria(text: str) -> tuple[str, ...]:
    """The criteria of the entry `criteria`, whose form is `c1: ...` paragraphs one after the other.

    >>> split_criteria("c1: fast\\nc2: small\\n   and light")
    ('fast', 'small\\n   and light')
    """
    found: list[str] = []
    for line in text.split("\n"):
        head = f"c{len(found) + 1}: "
        if line.startswith(head):
            found.append(line[len(head) :])
        elif found:
            found[-1] += f"\n{line}"
    return tuple(found)


def join_criteria(criteria: Iterable[str]) -> str:
    """The entry `criteria` of these; the inverse of `split_criteria`."""
    return "\n".join(f"c{number}: {text}" for number, text in enumerate(criteria, 1))


@dataclass(frozen=True)
class Context:
    """What every part reads unless it says otherwise: the composition, and the notes that stand.

    `quoted` are texts that are not (yet) in the score: a performance that is only foreseen reads them.
    """

    state: ScoreState
    composition: tuple[Read, ...]
    notes: tuple[tuple[str, Read], ...]
    quoted: Mapping[Read, str]

    @classmethod
    def of(
        cls,
        state: ScoreState,
        take: str | None = None,
        seq: int = 0,
        more: Iterable[tuple[str, str, str]] = (),
    ) -> Context:
        """The composition as it stands, with the notes that stand in `take` as of event `seq`.

        Without a take those are the notes sent before all takes.
        `more` are notes yet to be sent, as (name, to whom, text); one of a name that stands replaces it.
        """
        standing = {note.note: (note.to, note.read) for note in state.notes(take, seq).values()}
        quoted: dict[Read, str] = {}
        for name, to, text in more:
            read = Read(f"note/{name}", state.version_of(f"note/{name}", text))
            if standing.get(name) != (to, read):
                if name != "opening":
                    standing.pop(name, None)
                standing[name] = (to, read)
            quoted[read] = text
        return cls(state, state.composition(), tuple(standing.values()), quoted)

    def text(self, read: Read) -> str:
        """The text of an entry at a version."""
        return self.quoted[read] if read in self.quoted else self.state.text(read)


def heard(take: TakeState, part: Part, c: ContributionState | None = None) -> tuple[Read, ...]:
    """What `part` reads of a take beyond the composition: its item, and what others have played so far.

    In a further pass of a loop those are also the loop's contributions before it; the part that leads
    hears everybody. `c` is the contribution that is about to enter; by default the part's latest.
    """
    c = c or take.last(part.name)
    found: list[Read] = []
    if c is not None and c.item is not None and part.name in take.sections:
        found.append(take.sections[part.name].items[c.item])
    for name in heard_by(take, part, 1 if c is None else c.lap):
        voices = take.voices(name)
        if c is not None and name == part.name:  # its own, of the pass before
            voices = [b for b in earlier(take, c) if b.version][:1]
        elif c is not None and c.lap > 1:  # what is yet to play in this pass stands as it was in the last
            voices = [_before_it_waits(take, voice) for voice in voices]
        found += [Read(voice.entry, voice.version) for voice in voices if voice.version]
    return tuple(found)


def _before_it_waits(take: TakeState, c: ContributionState) -> ContributionState:
    if c.status != "waiting":
        return c
    return next((b for b in earlier(take, c) if b.version), c)


def earlier(take: TakeState, c: ContributionState) -> Iterator[ContributionState]:
    """The contributions of the same part and item before this one in its take, newest first."""
    while c.before:
        c = take.contributions[c.before]
        yield c


def heard_by(take: TakeState, part: Part, lap: int = 1) -> tuple[str, ...]:
    """The parts that this one hears in a take, in plan order; in a further pass of a loop more of them."""
    names = take.plan.names
    if take.tempo.lead == part.name:
        return names
    more = take.plan.loop_of(part.name) if lap > 1 else frozenset[str]()
    heard = frozenset(hears(names, part))
    return tuple(name for name in names if name in heard or name in more) if more else hears(names, part)


def hears(names: Iterable[str], part: Part) -> tuple[str, ...]:
    """The parts, among `names` and in their order, whose contributions this one reads."""
    if part.reads is None:
        return tuple(name for name in names if name in part.after)
    return tuple(name for name in names if f"part/{name}" in part.reads)


def gather(
    context: Context, part: Part, inputs: Iterable[Read], index: int | None = None
) -> tuple[Read, ...]:
    """The entries that a part reads if it enters now, in plan order, notes last in the order sent."""
    composition = context.composition
    if part.reads is not None:
        composition = tuple(read for read in composition if read.entry in part.reads)
    to_it = {"all", part.name} if index is None else {"all", part.name, f"{part.name}[{index}]"}
    notes = tuple(read for to, read in context.notes if to in to_it)
    return (*composition, *inputs, *notes)


def digest(
    part: Part,
    identity: Mapping[str, Any],
    entries: Iterable[tuple[str, str]],
    kit: Mapping[str, Any] = NOTHING,
) -> str:
    """What a contribution is known by: `sha256:` of the canonical JSON of all that shapes it.

    `identity` is the player's (`ports.Player.identity`), `entries` the (name, text) it reads, `kit` what
    more it works with, where there is any: its `tools` with `max_turns`, and what it `returns`.
    """
    known_by = {
        "part": part.name,
        "role": part.role,
        "goal": part.goal,
        "backstory": part.backstory,
        "task": part.task,
        "expects": part.expects,
        "player": dict(identity),
        "params": shaping(part.params),
        "entries": [[known_as(name, part.name), text] for name, text in entries],
        **kit,
    }
    canonical = json.dumps(known_by, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def shaping(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that shape an answer: those without headers and transport."""
    return {key: value for key, value in bare(params).items() if key not in TRANSPORT}


def known_as(entry: str, part: str = "") -> str:
    """An entry's name in the digest of a reading of `part`.

    Of a note its number says only when it was sent; of a section's item, its place only where it stood.
    """
    if entry.startswith("note/") and entry != "note/opening":
        return "note"
    if entry.startswith("item/"):
        return "item"
    return f"part/{part}" if part and entry.startswith(f"part/{part}[") else entry


def model_identity(model: str) -> dict[str, Any]:
    """What tells a model from any other player: its id. Its parameters are in a digest on their own."""
    return {"kind": "model", "model": model}


def render(
    part: Part, reads: Iterable[Read], kit: Mapping[str, Any] = NOTHING, told: str = ""
) -> tuple[Message, ...]:
    """The messages for a part: who it is, then what it reads, then what it is asked for.

    `told` is what it is told beside the score and is in no digest: the time that is left, who can enter.
    """
    role = part.role or part.name
    system = [f"You are {role}, one of several agents who work from the same score."]
    if part.goal:
        system.append(f"Your goal: {part.goal}")
    if part.backstory:
        system.append(part.backstory)
    system.append("Play your own part only, and keep to the intent that all of you share.")
    content: list[str | Read] = []
    for read in reads:
        kind, _, name = read.entry.partition("/")
        own = read.entry == f"part/{part.name}" or read.entry.startswith(f"part/{part.name}[")
        content += [_OWN if own else _HEADINGS[kind].format(name=name), read, "\n\n"]
    if part.task:
        content.append(f"# Your part\n\n{part.task}\n\n")
    if part.expects:
        content.append(f"# The form of your contribution\n\n{part.expects}\n\n")
    if "returns" in kit:
        schema = json.dumps(kit["returns"], ensure_ascii=False)
        content.append(f"# Answer with JSON alone\n\nIt has to be valid against this schema: {schema}\n\n")
    if told:
        content.append(f"{told}\n\n")
    if not content:
        content.append(f"Play your part, {role}.")
    if isinstance(content[-1], str):
        content[-1] = content[-1].rstrip("\n")
    return (
        Message("system", ("\n\n".join(system),)),
        Message("user", tuple(piece for piece in content if piece != "")),
    )


_HEADINGS = {
    "intent": "# The intent\n\n",
    "criteria": "# The criteria\n\n",
    "material": "# Material: {name}\n\n",
    "part": "# What {name} played\n\n",
    "item": "# Your item\n\n",
    "note": "# A note from the conductor\n\n",
}
_OWN = "# What you played before\n\n"


def read_part(
    context: Context,
    part: Part,
    inputs: Iterable[Read],
    identity: Mapping[str, Any],
    before: ContributionState | None = None,
    *,
    kit: Mapping[str, Any] = NOTHING,
    index: int | None = None,
    value: Any = None,
    data: Mapping[str, Any] = NOTHING,
    told: str = "",
) -> Reading:
    """What `part` would be given if it entered now, having heard `inputs`.

    `before` is what it played earlier in the same take, if a note lets it enter again: that is put
    before it as its own message, and then the new notes. It is no part of the digest. `kit` is in
    `digest`, `told` in `render`; `index`, `value` and `data` are the reading's.
    """
    reads = tuple((read, context.text(read)) for read in gather(context, part, inputs, index))
    entries = tuple(read for read, _ in reads)
    rendered = _render_again(part, entries, before, kit, told) if before is not None else None
    if rendered is None:
        rendered = render(part, entries, kit, told)
    return Reading(
        part=part.name,
        reads=reads,
        rendered=rendered,
        digest=digest(part, identity, ((read.entry, text) for read, text in reads), kit),
        index=index,
        own=_own(context.state, rendered),
        value=value,
        data=data,
    )


def _render_again(
    part: Part, reads: tuple[Read, ...], before: ContributionState, kit: Mapping[str, Any], told: str
) -> tuple[Message, ...] | None:
    """The messages for a part that played before a note came, or `None` where it has nothing of its own."""
    own: str | Read = Read(before.entry, before.version) if before.version else before.streamed
    new = [read for read in reads if read.entry.startswith("note/") and read not in before.reads]
    if not new or not own:
        return None
    ask: list[str | Read] = []
    for read in new:
        ask += [_HEADINGS["note"], read, "\n\n"]
    ask.append("# Your part\n\nPlay it again, whole, with what the note says.")
    return (
        *render(part, (read for read in reads if read not in new), kit, told),
        Message("assistant", (own,)),
        Message("user", tuple(ask)),
    )


def reading_of(state: ScoreState, contribution: ContributionState) -> Reading:
    """What a contribution was given as it entered."""
    return Reading(
        part=contribution.part,
        reads=tuple((read, state.text(read)) for read in contribution.reads),
        rendered=contribution.messages,
        digest=contribution.digest,
        index=contribution.item,
        own=_own(state, contribution.messages),
    )


def _own(state: ScoreState, messages: Iterable[Message]) -> dict[Read, str]:
    """The texts that assistant messages refer to: what the part played before."""
    return {
        piece: state.text(piece)
        for message in messages
        if message.role == "assistant"
        for piece in message.content
        if isinstance(piece, Read)
    }
