"""Everything that can happen, as one tagged union of frozen structs.

An event is a fact. The conductor alone stamps it (`seq`, `take`, `at`) and appends it; its
constructor reads no clock and draws no id. `Event` is the union that codecs decode to, told apart
by the JSON field `type`.

- `seq`   position in the log, from 1, without gaps
- `take`  the take it belongs to (`take2`), or `None` for what concerns the whole score
- `at`    milliseconds since that take began, or `None`

Texts are kept once. What a part played becomes the next version of the entry `part/NAME` through
`Played.version`, and a reading refers to entries by name and version: even the rendered messages
are lists of literal text and references, so a log grows with what was said and not with how often
it was read.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from .plan import Plan, Tempo


class Read(Struct, frozen=True, array_like=True):
    """An entry at a version, `["material/spec", 2]` in JSON. Versions count from 1."""

    entry: str
    version: int


class Message(Struct, frozen=True):
    """One message as it was sent: `content` joins literal text and the texts of entries."""

    role: Literal["system", "user", "assistant"]
    content: tuple[str | Read, ...]


class PlayerRef(Struct, frozen=True):
    """Who plays: `kind` is model, python, script or human; `name` a model id, a function, a script."""

    kind: str
    name: str
    scripted: bool = False


class Origin(Struct, frozen=True):
    """Where a contribution was played that is given again: contribution `c` of `take` of a recording.

    `recording` is the file's name, or empty for a take of this very score. `differs` says, where the
    contribution was recorded for another reading, in what that one differs, as a word diff.
    """

    recording: str
    take: str
    c: int
    differs: str = ""


class Evidence(Struct, frozen=True):
    """Why something was flagged: one line, and the entry with the version read and the newer one."""

    text: str
    entry: str = ""
    read: int = 0
    now: int = 0


class Call(Struct, frozen=True):
    """A player asks for a tool: the provider's `id` of the call, the tool's name, its arguments as JSON."""

    id: str
    name: str
    arguments: str


class Stamped(Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every event carries. The conductor fills it as it appends."""

    seq: int = 0
    take: str | None = None
    at: int | None = None


# The shared context ---------------------------------------------------------------------------


class EntryWritten(Stamped, frozen=True, kw_only=True, tag="entry"):
    """A named text got a new version."""

    entry: str
    version: int
    text: str


class Composed(Stamped, frozen=True, kw_only=True, tag="composed"):
    """The composition now is these entries. `criteria` is 0 where there are none."""

    title: str
    intent: int
    criteria: int
    materials: tuple[Read, ...]


class Orchestrated(Stamped, frozen=True, kw_only=True, tag="orchestrated"):
    """A new plan. The headers of its parts' requests are never in it (`plan.without_headers`)."""

    plan: Plan


class Noted(Stamped, frozen=True, kw_only=True, tag="noted"):
    """A note from the conductor stands: the entry `note/NOTE` at `version`, for a part or `all`.

    It stands in the take that it was sent in, or else in what follows the latest one, and in all
    takes that branch after it.
    """

    note: str
    to: str
    version: int


class NoteDropped(Stamped, frozen=True, kw_only=True, tag="note-dropped"):
    """The note no longer stands, in this take or what follows the latest one."""

    note: str


class Contributed(Stamped, frozen=True, kw_only=True, tag="contributed"):
    """The conductor played a part: as its turn comes, this is its text; in this take, or else in the next."""

    part: str
    version: int
    item: int | None = None


# A take's life --------------------------------------------------------------------------------


class TakeStarted(Stamped, frozen=True, kw_only=True, tag="take-started"):
    """A performance began, at wall time `began` (UTC, ISO 8601), branching from `parent` there.

    `parent_seq` is the last event that this take builds on. `plan` is played from.
    `title` is the composition's, then.
    """

    number: int
    parent: str | None
    parent_seq: int
    began: str
    plan: Plan
    tempo: Tempo
    title: str = ""


class TakeNamed(Stamped, frozen=True, kw_only=True, tag="take-named"):
    """The label moved to this take."""

    name: str


class Paused(Stamped, frozen=True, kw_only=True, tag="paused"):
    """Nothing new enters. `by` is who asked: `conductor` or `interrupt`."""

    by: str = "conductor"


class Resumed(Stamped, frozen=True, kw_only=True, tag="resumed"):
    """It goes on."""


class TakeHeld(Stamped, frozen=True, kw_only=True, tag="take-held"):
    """Only the conductor can move the piece; `waits_for` says for what, in one line."""

    waits_for: str


class TempoSet(Stamped, frozen=True, kw_only=True, tag="tempo"):
    """The tempo changed in the middle of a take."""

    tempo: Tempo


class Beat(Stamped, frozen=True, kw_only=True, tag="beat"):
    """With the conductor in the lead, the next `n` entrances may happen."""

    n: int


class PlanChanged(Stamped, frozen=True, kw_only=True, tag="plan-changed"):
    """The take goes on with another plan."""

    plan: Plan


class SectionOpened(Stamped, frozen=True, kw_only=True, tag="section"):
    """A part is played by one player for each of these items, which are the entries `item/PART[i]`.

    `labels` are what the items are called where they were (a table's index, the keys of a dict).
    """

    part: str
    items: tuple[Read, ...]
    labels: tuple[str | int | float, ...] = ()
    lap: int = 1


class TakeEnded(Stamped, frozen=True, kw_only=True, tag="take-ended"):
    """The take is over and never changes again."""

    status: Literal["finished", "failed", "stopped"]
    why: str = ""


# A contribution's life ------------------------------------------------------------------------


class Waiting(Stamped, frozen=True, kw_only=True, tag="waiting", omit_defaults=True):
    """Contribution `c` (from 1 in its take) of `part`, for a section its `item`, waits for its turn.

    `lap` is which pass of its loop it is.
    """

    c: int
    part: str
    item: int | None = None
    lap: int = 1


class CuedIn(Stamped, frozen=True, kw_only=True, tag="cued-in"):
    """It may enter as soon as its inputs are there, whoever leads. `by`: conductor, or a part that leads."""

    c: int
    by: str = "conductor"


class Entered(Stamped, frozen=True, kw_only=True, tag="entered", omit_defaults=True):
    """The part enters, given exactly this reading.

    With an `origin` nobody is asked: what a recording holds is given again at its own pace, and as
    it ends it is reused.
    """

    c: int
    digest: str
    player: PlayerRef
    reads: tuple[Read, ...]
    messages: tuple[Message, ...]
    origin: Origin | None = None


class TextPlayed(Stamped, frozen=True, kw_only=True, tag="text"):
    """More text, as it came: at most 50 ms of it."""

    c: int
    text: str


class Printed(Stamped, frozen=True, kw_only=True, tag="printed"):
    """What the player printed; it belongs to the contribution, not to a cell."""

    c: int
    text: str


class UsageReported(Stamped, frozen=True, kw_only=True, tag="usage"):
    """Tokens and price (USD, `None`: unknown) of one request, or what more of them was told later.

    `estimated`: not the provider's word.
    """

    c: int
    tokens_in: int
    tokens_out: int
    cost: float | None
    estimated: bool
    model: str = ""


class Retried(Stamped, frozen=True, kw_only=True, tag="retried"):
    """A try failed and another follows in `wait` ms. The text of the failed try is kept, and not read."""

    c: int
    reason: str
    message: str
    wait: int


class ToolsCalled(Stamped, frozen=True, kw_only=True, tag="tools-called"):
    """A turn ended with calls of tools. Its text belongs to the turn, and not to what is played."""

    c: int
    calls: tuple[Call, ...]


class ToolReturned(Stamped, frozen=True, kw_only=True, tag="tool-returned"):
    """A tool was run for `call` (its id), or not: what the player is told. `arguments`: if others counted."""

    c: int
    call: str
    result: str
    failed: bool = False
    arguments: str = ""


class SentToRepair(Stamped, frozen=True, kw_only=True, tag="sent-to-repair"):
    """What it answered is not of the form asked for; it is told so (`say`) and answers once more."""

    c: int
    say: str


class Judged(Stamped, frozen=True, kw_only=True, tag="judged"):
    """A predicate of the notebook was asked about a contribution. No fold ever asks it again.

    `about`: when, until or check. `why` is the reason that it gave for a no. `digest` is that of the
    reading it was about, and `source` tells the predicate from any other of its name.
    """

    c: int
    about: Literal["when", "until", "check"]
    predicate: str
    ok: bool
    why: str = ""
    criterion: str = ""
    digest: str = ""
    source: str = ""


class Played(Stamped, frozen=True, kw_only=True, tag="played"):
    """Played to its end: its text is `part/NAME` at `version`. `finish` is the provider's word why."""

    c: int
    version: int
    finish: str = ""


class Reused(Stamped, frozen=True, kw_only=True, tag="reused"):
    """What was known is taken over: contribution `of_c` of `of_take`, the entry `part/NAME` at `version`.

    `kept`: taken over because the conductor asked for other parts only, or chose it (a splice),
    whatever it read. A chosen one is then known as the answer to the present reading (`answers`, a digest).
    """

    c: int
    of_take: str
    of_c: int
    version: int
    digest: str
    player: PlayerRef
    reads: tuple[Read, ...]
    messages: tuple[Message, ...]
    kept: bool = False
    answers: str = ""


class ContributionHeld(Stamped, frozen=True, kw_only=True, tag="held"):
    """It waits for the conductor, `why` in one line.

    `asks`: a release of what was played (`hold`), a yes to the tool `call` (`tool`), somebody's
    contribution (`contribution`), or more to spend (`budget`).
    """

    c: int
    why: str
    asks: Literal["hold", "tool", "contribution", "budget"] = "hold"
    call: str = ""


class Released(Stamped, frozen=True, kw_only=True, tag="released"):
    """The conductor answered: it counts as `version`, or (`version` 0) it plays on."""

    c: int
    how: str
    version: int = 0


class Failed(Stamped, frozen=True, kw_only=True, tag="failed"):
    """It could not be played. `message` is one line for people, `detail` more (a traceback)."""

    c: int
    reason: str
    message: str
    detail: str = ""


class Cut(Stamped, frozen=True, kw_only=True, tag="cut"):
    """It was ended before its end, by `stop`, `pause`, `note`, `mute`, `plan`, `play` or `crash`; or it was
    held, and sent `back` or `refused`."""

    c: int
    by: str


class Muted(Stamped, frozen=True, kw_only=True, tag="muted"):
    """The part is silent in this take."""

    c: int


class Skipped(Stamped, frozen=True, kw_only=True, tag="skipped"):
    """The part does not play in this take."""

    c: int
    why: str


class Blocked(Stamped, frozen=True, kw_only=True, tag="blocked"):
    """It needs a part that failed."""

    c: int
    by: str


class Flagged(Stamped, frozen=True, kw_only=True, tag="flagged"):
    """Something is off-key."""

    c: int
    flag: str
    evidence: Evidence


Event = (
    EntryWritten
    | Composed
    | Orchestrated
    | Noted
    | NoteDropped
    | Contributed
    | TakeStarted
    | TakeNamed
    | Paused
    | Resumed
    | TakeHeld
    | TempoSet
    | Beat
    | PlanChanged
    | SectionOpened
    | TakeEnded
    | Waiting
    | CuedIn
    | Entered
    | TextPlayed
    | Printed
    | UsageReported
    | Retried
    | ToolsCalled
    | ToolReturned
    | SentToRepair
    | Judged
    | Played
    | Reused
    | ContributionHeld
    | Released
    | Failed
    | Cut
    | Muted
    | Skipped
    | Blocked
    | Flagged
)

JSON = Any
