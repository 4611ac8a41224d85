"""`Score`: everything that can be done with a score, from Python. The magics call this and nothing else."""

from __future__ import annotations

import asyncio
import keyword
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from typing import cast as as_type

from msgspec import structs

from .draft import Draft, propose, read_composition
from .engine.conductor import Start
from .engine.foresee import PLAYS
from .engine.wish import Wish
from .errors import ConductError, PerformancePaused, StoreError, StoreUnwritable, UnknownName, UsageError
from .forecast import Forecast, estimate
from .formats.difference import TakeDiff
from .formats.quiet import quiet_markdown
from .formats.takes import TakeTree
from .materials import Material, to_text
from .notation import composition, orchestration
from .notation.tempo import read as read_tempo
from .players.estimate import ceiling, tokens_of
from .players.mcp import Servers
from .score.cues import Drop, Note, Play
from .score.moments import find_take
from .score.plan import Plan, Tempo, without_headers
from .score.reading import Context, heard, read_part
from .session import cast_all, close_conductor, close_servers, open_conductor, stage
from .store.embedded import embedded
from .store.files import write_whole
from .store.recording import PAGE, SUFFIX, read, to_lines, write
from .take import Take, part_and_item
from .view.page import Cover, page
from .waiting import refuse_here

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable, Sequence

    from .engine.cast import Cast
    from .engine.conductor import Conductor, Sent
    from .score.events import Event
    from .score.ports import Clock, Player
    from .score.reading import Reading
    from .score.state import ScoreState

HEARTBEAT = 0.05
"""Seconds. An awaiting cell hears the stop button only when its own loop wakes."""

SAVED = f"NAME{SUFFIX} (a recording) or NAME{PAGE} (the view in one file)"
"""What a score can be saved as."""

TEMPO = ("lead", "at_once", "rate", "deadline", "budget")
"""Options of a conduct that are its tempo."""


@dataclass(frozen=True)
class Composition:
    """What composing did: the composition as it stands, what changed, and who read what is now old.

    `cut` names the materials that were too long and were cut.
    """

    title: str
    criteria: int
    materials: tuple[str, ...]
    changes: tuple[str, ...]
    stale: tuple[str, ...]
    cut: tuple[str, ...]

    def __repr__(self) -> str:
        title = f" {self.title!r}" if self.title else ""
        criteria = f"{self.criteria} criteria" if self.criteria != 1 else "1 criterion"
        materials = f", with {', '.join(self.materials)}" if self.materials else ""
        return f"<Composition{title}: {criteria}{materials}>"

    def _repr_markdown_(self) -> str:
        lines = [quiet_markdown(repr(self)[1:-1])]
        if self.changes:
            lines.append(f"- {'; '.join(self.changes)}")
        if self.stale:
            lines.append(
                f"- {', '.join(self.stale)} read what is now old: `%conduct` plays what that changes"
            )
        lines += [
            f"- {name} was too long and is cut: `%config ScoreMagics.max_material_chars`" for name in self.cut
        ]
        return "\n\n".join([lines[0], "\n".join(lines[1:])]).rstrip()


@dataclass(frozen=True, repr=False, eq=False)
class View:
    """Everything so far, to be looked at: as the value of a cell it is the view of all takes.

    `take` is the one that it begins with.
    """

    take: Take

    def __repr__(self) -> str:
        return repr(self.take)


class Starting:
    """A take that is about to start: its players load what they need.

    Called off meanwhile it does not start; called off just as it has, it is paused.
    """

    def __init__(self, conductor: Conductor, begin: Callable[[], Coroutine[Any, Any, str]]) -> None:
        self._conductor = conductor
        self._begun: str | None = None
        self._take_id = stage().submit(self._begin(begin))

    async def _begin(self, begin: Callable[[], Coroutine[Any, Any, str]]) -> str:
        self._begun = await begin()
        return self._begun

    def _call_off(self) -> None:
        self._take_id.cancel()
        if stage().ask(lambda: self._begun) is not None:
            Take(self._conductor, self._begun or "").interrupt()

    def wait(self) -> Take:
        """The take, once it has started."""
        try:
            return Take(self._conductor, self._take_id.result())
        except KeyboardInterrupt:
            self._call_off()
            raise

    def __await__(self) -> Generator[Any, None, Take]:
        try:
            take_id = yield from asyncio.wrap_future(self._take_id).__await__()
        except asyncio.CancelledError:
            self._call_off()
            raise
        return Take(self._conductor, take_id)


class Score:
    """The shared context of a team: what it is about, who plays, and everything that was played.

    `path` is the file it lives in (made where it is not there, opened by one process at a time);
    without one it lives in memory. Raises `StoreLocked`, `StoreUnwritable` or `StoreUnreadable`.

    >>> score = Score()
    >>> score.compose("Say hello, in one line.")
    <Composition: 0 criteria>
    >>> plan = score.orchestrate({"parts": {"greeter": {"player": "script:lines"}}},
    ...                          namespace={"lines": "Hello!"})
    >>> score.conduct()["greeter"].text
    'Hello!'
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, clock: Clock | None = None) -> None:
        if path is not None and str(path).endswith(SUFFIX):
            raise UsageError(f"{Path(path).name} is a recording: Score.load({Path(path).name!r}) opens it")
        self._prepare(None if path is None else Path(path))
        self._opened = open_conductor(self.path, clock)

    @classmethod
    def later(cls, path: Path | None, told: Callable[[StoreError], None]) -> Score:
        """A score that is opened when it is first used.

        Where its file cannot be opened, `told` hears why, and the score is in memory. (The magics'
        score is such a one: loading them opens no file and starts no thread.)
        """
        score = cls.__new__(cls)
        score._prepare(path)
        score._told = told
        return score

    def _prepare(self, path: Path | None) -> None:
        self._opened: Conductor | None = None
        self._told: Callable[[StoreError], None] | None = None
        self.path = path
        self._closed = False
        self._written: Plan | None = None
        self._latest: Take | None = None
        self._drafts: dict[str, Draft] = {}
        self.namespace: Mapping[str, object] = {}
        self.folder = Path()
        self.default_model: str | None = None
        self.max_material_chars = 20_000
        self.servers = Servers(self.folder)

    @property
    def _conductor(self) -> Conductor:
        if self._closed:
            raise UsageError("this score was closed; open its file again with Score(PATH)")
        if self._opened is None:
            try:
                self._opened = open_conductor(self.path)
            except StoreError as error:
                if self._told is not None:
                    self._told(error)
                self.path = None
                self._opened = open_conductor(None)
        return self._opened

    @classmethod
    def load(
        cls,
        recording: str | os.PathLike[str],
        path: str | os.PathLike[str] | None = None,
        *,
        clock: Clock | None = None,
    ) -> Score:
        """The score of a recording, as a further score: in memory, or going on in the file `path`.

        A page that was saved (`NAME.html`) holds one, and is read like it.

        Loading is reading: nothing runs. Raises `StoreUnreadable`, with the line at fault, where the
        recording is broken or was changed.

        >>> score = Score.load("piece.score.jsonl")         # doctest: +SKIP
        """
        recorded = read(Path(recording))
        score = cls.__new__(cls)
        score._prepare(None if path is None else Path(path))
        score._opened = open_conductor(score.path, clock, recorded.events)
        return score

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save everything so far to a file, by its suffix. Gives its path.

        `NAME.score.jsonl` is a recording. `NAME.html` is the view in one file, for any browser, with the
        recording in it: `load` takes both. Raises `UsageError` for another suffix, or a page where nothing
        was conducted, and `StoreUnwritable` where the file cannot be written.
        """
        target = self.folder / path
        suffix = next((suffix for suffix in (SUFFIX, PAGE) if target.name.endswith(suffix)), "")
        if not suffix or target.name == suffix:
            raise UsageError(f"{target.name}: a score is saved as {SAVED}")

        shown = self._seen().id if suffix == PAGE else None

        def everything() -> tuple[list[Event], str, Cover | None]:
            self._conductor.flush()
            state = self._state()
            return self._conductor.events(), state.title, Cover.of(state, shown) if shown else None

        events, title, cover = stage().ask(everything)
        if cover is None:
            write(target, events, title)
        else:
            write_whole(target, [page(cover, embedded(to_lines(events, title)), target.name)])
        return target

    @property
    def opened(self) -> bool:
        """Whether its file is open. (That of the magics' score is opened as it is first used.)"""
        return self._opened is not None and not self._closed

    def forget(self) -> None:
        """Close the score, and delete its file. Raises `StoreUnwritable` where that cannot be done."""
        _ = self._conductor  # what another kernel has open is not ours to delete
        self.close()
        if self.path is None:
            return
        for file in (self.path, *(Path(f"{self.path}{more}") for more in ("-wal", "-shm"))):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise StoreUnwritable(
                    f"{file.name} cannot be deleted ({error.strerror}); delete it by hand"
                ) from error

    def close(self) -> None:
        """Stop what plays, and let go of the file. The score cannot be used afterwards."""
        if self._opened is not None and not self._closed:
            close_conductor(self._opened)
        self.use_servers({})
        self._closed = True

    def use_servers(self, given: Mapping[str, Any]) -> None:
        """MCP servers by name, from the next conduct on, beside those of the file `mcp.json`.

        >>> score.use_servers({"files": {"command": "python", "args": ["server.py"]}})  # doctest: +SKIP
        """
        before, self.servers = self.servers, Servers(self.folder, given)
        close_servers(before)

    def __enter__(self) -> Score:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        def text() -> str:
            state = self._conductor.state
            parts = 0 if state.plan is None else len(state.plan.parts)
            title = f" {state.title!r}" if state.title else ""
            return f"<Score{title}: {_count(parts, 'part')}, {_count(len(state.takes), 'take')}>"

        return stage().ask(text)

    # Composing and orchestrating ----------------------------------------------------------

    def compose(
        self, text: str, title: str = "", use: Mapping[str, object] | Iterable[Material] = ()
    ) -> Composition:
        """Say what the piece is about. `text` is Markdown, `use` the materials by name.

        Composing the same again changes nothing; an edit makes a new version of what changed.
        Raises `CompositionError`, and leaves the score as it was.
        """
        text, title = str.__str__(text), str.__str__(title)  # a subclass could not be written down
        parsed = composition.parse(text)
        if isinstance(use, Mapping):
            named = as_type("Mapping[str, object]", use)
            use = [to_text(name, value, limit=self.max_material_chars) for name, value in named.items()]
        materials = {material.name: material for material in use}
        changes, stale = stage().ask(
            lambda: self._conductor.compose(
                title, parsed.text, parsed.criteria, {name: m.text for name, m in materials.items()}
            )
        )
        cut = tuple(name for name, material in materials.items() if material.cut)
        return Composition(title, len(parsed.criteria), tuple(materials), tuple(changes), tuple(stale), cut)

    def draft(self, model: str) -> Draft:
        """What a model proposes beside the intent: criteria, risks and open questions.

        None of it is on the score. It is asked once for each composition; asked again, the same draft is
        given. Raises `UsageError` where nothing is composed, or there is no answer: the composition stands.

        >>> score.draft("openai/gpt-4o").criteria               # doctest: +SKIP
        ('an unknown code changes nothing', 'a code is not case-sensitive')
        """
        refuse_here("ask for a draft")
        reading = stage().ask(lambda: read_composition(self._state(), model))
        if reading.digest not in self._drafts:
            asked = stage().submit(propose(reading, model, self._conductor.clock))
            try:
                self._drafts[reading.digest] = asked.result()
            finally:
                asked.cancel()  # the wait was interrupted; of what has ended nothing is cancelled
        return self._drafts[reading.digest]

    def orchestrate(
        self,
        source: str | Mapping[str, Any],
        namespace: Mapping[str, object] | None = None,
        *,
        first_line: int = 1,
    ) -> Plan:
        """Say who plays what. `source` is YAML text or the same as a mapping.

        `namespace` is where `python:NAME` and `script:NAME` are looked up, now and when conducting
        starts; `globals()` of a notebook. `first_line` is the line of a cell that the text begins at.
        Raises `OrchestrationError`, and leaves the score as it was.

        Headers among `params` are sent with requests and kept on no score: the plan that this gives
        is without them, and after a restart they are there when it is orchestrated again.
        """
        if namespace is not None:
            self.namespace = namespace
        written = orchestration.parse(source, self._lookup, first_line=first_line, folder=self.folder)
        plan = stage().ask(lambda: self._conductor.orchestrate(written, lambda: self._cast(written)))
        self._written = written
        return plan

    def _lookup(self, name: str) -> object:
        return self.namespace[name]

    # Conducting -----------------------------------------------------------------------------

    def conduct(
        self,
        note: str = "",
        name: str | None = None,
        *,
        start: str | Take | None = None,
        only: Iterable[str] = (),
        fresh: Iterable[str] = (),
        fresh_all: bool = False,
        offline: bool = False,
        nearest: bool = False,
        recording: str | os.PathLike[str] | None = None,
        dry_run: bool = False,
        background: bool = False,
        **tempo: object,
    ) -> Take | Forecast:
        """Perform the plan: what is known is taken over, the rest plays.

        - `note` is the opening note to everybody; an empty one leaves the one that stands
        - `name` is a label for the take
        - `start` is the moment to branch from (`take2`, `take2:coder`, `take2@12.5s`, `take2#41`), or a
          take, whose end it is; without one that is the latest take as it stands
        - `only` plays these parts, and keeps every other part's contribution
        - `fresh` plays these parts again and what depends on them, `fresh_all` everything
        - `offline` calls no model: what a model would play must be known, from this score or a
          recording; `nearest` then gives what answered the nearest other reading
        - `recording` is a file: what it knows is known, its notes and models included
        - `dry_run` plays nothing and gives a `Forecast`
        - `background` returns the playing take at once; else this waits for its end
        - `tempo` is this take's own: `lead` (free, conductor, clock or a part's name), `at_once` (how many
          parts play at the same time), `rate` (requests a minute, or "1/s"), `deadline` (seconds, or "10m"),
          `budget` (USD, or "20k tokens")

        Raises `ConductError` where it cannot start (the score is as before), `PerformanceFailed`
        when the take failed, `PerformancePaused` when waiting was interrupted.
        """
        refuse_here("conduct")
        wish = Wish(_names(only), _names(fresh), fresh_all, offline, nearest)
        started = self._begin(note, name, start, wish, recording, dry_run, tempo)
        if isinstance(started, Starting):
            started = started.wait()
        if isinstance(started, Forecast) or background:
            return started
        return self.attend(started)

    async def aconduct(
        self,
        note: str = "",
        name: str | None = None,
        *,
        start: str | Take | None = None,
        only: Iterable[str] = (),
        fresh: Iterable[str] = (),
        fresh_all: bool = False,
        offline: bool = False,
        nearest: bool = False,
        recording: str | os.PathLike[str] | None = None,
        dry_run: bool = False,
        background: bool = False,
        **tempo: object,
    ) -> Take | Forecast:
        """`conduct`, for a running event loop, which stays free meanwhile."""
        wish = Wish(_names(only), _names(fresh), fresh_all, offline, nearest)
        started = self._begin(note, name, start, wish, recording, dry_run, tempo)
        if isinstance(started, Starting):
            started = await started
        if isinstance(started, Forecast) or background:
            return started
        try:
            return await self.aattend(started)
        except asyncio.CancelledError:
            self.interrupted(started)
            raise

    def attend(self, take: Take) -> Take:
        """Wait for a take as a cell does: an interrupt pauses it, a failure is raised."""
        try:
            take.wait_to_end()
        except KeyboardInterrupt:
            raise self.interrupted(take) from None
        return take.check()

    async def aattend(self, take: Take) -> Take:
        """`attend`, for a running event loop. Cancelled, it leaves the take as it is."""
        while not take.moved_on:  # noqa: ASYNC110 - an Event would not wake this loop for the stop button
            await asyncio.sleep(HEARTBEAT)
        return take.check()

    def interrupted(self, take: Take) -> PerformancePaused:
        """Pause a take because its cell was interrupted; if it is paused for that already, cut what plays.

        Gives the error to raise.
        """
        take.interrupt()
        if take.status in ("finished", "failed"):
            return PerformancePaused(f"{take.id} has {take.status}: there was nothing to pause", take)
        air = [c.part for c in take.contributions if c.status == "playing"]
        plays = "still plays to its end" if len(air) == 1 else "still play to their end"
        ending = f"; {', '.join(air)} {plays}" if air else ""
        return PerformancePaused(f"{take.id} is paused{ending}: %cue resume goes on, %cue stop ends it", take)

    def _begin(
        self,
        note: str,
        name: str | None,
        start: str | Take | None,
        wish: Wish,
        recording: str | os.PathLike[str] | None,
        dry_run: bool,
        tempo: Mapping[str, object],
    ) -> Take | Forecast | Starting:
        _refuse_options(name, wish, tempo)
        conductor = self._conductor
        if not dry_run:
            stage().ask(conductor.refuse_if_playing)
        plan = stage().ask(conductor.plan)
        led = _tempo(plan, tempo)
        if isinstance(start, Take) and start.conductor is not conductor:
            raise UsageError(f"{start.id} is a take of another score: a take branches from one of its own")
        moment = start.id if isinstance(start, Take) else start
        after = None if moment is None else stage().ask(lambda: conductor.branch(moment))
        recordings = () if recording is None else (read(self.folder / recording),)
        known = stage().ask(lambda: conductor.known(wish, after, recordings))
        models = stage().ask(lambda: {part.name: known.models(part.name) for part in plan})
        cast = self._cast(plan, models.__getitem__)
        note = note.strip("\n") if note.strip() else ""
        beginning = Start(plan, cast, wish, note, after, recordings, led)
        prospect = stage().ask(lambda: conductor.foresee(beginning))
        if dry_run:
            context = stage().ask(lambda: conductor.context(beginning))
            return estimate(prospect.foreseen, context, structs.replace(plan, tempo=led), cast.players, known)

        def same() -> str | None:
            conductor.refuse_unknown(prospect.foreseen)
            found = conductor.same_as_before(prospect, wish)
            if found is not None:
                conductor.stop_what_waits()
                if note and after is None:  # the opening of a branch is that branch's own
                    conductor.send([("opening", "all", note)], None)
                conductor.name_take(found, name or "")
            return found

        found = stage().ask(same)
        if found is not None:
            conductor.forms = {**conductor.forms, **cast.forms}
            self._latest = Take(conductor, found, new=False)
            return self._latest
        # what a recording may yet answer wants no key now
        sure = PLAYS if known.lineage_only else {"plays"}
        parts = dict.fromkeys(f.part for f in prospect.foreseen if f.verdict in sure and not f.given)
        playing = [cast.players[part] for part in parts]
        if wish.offline:
            playing = [player for player in playing if player.ref.kind != "model"]
        if led.budget is not None:
            _refuse_unpriced(playing, plan)
        boxes = [cast.toolboxes[part] for part in parts if part in cast.toolboxes]

        async def begin() -> str:
            conductor.refuse_if_playing()
            await conductor.prepare(playing, boxes)
            self._latest = Take(conductor, conductor.start(beginning, name or "").take.id)
            return self._latest.id

        return Starting(conductor, begin)

    @property
    def model(self) -> str | None:
        """The model of parts that name none: the plan's, else SCORE_MODEL, else `default_model`."""
        plan = self.plan
        named = plan.model if plan is not None else None
        return named or os.environ.get("SCORE_MODEL") or self.default_model or None

    def _cast(self, plan: Plan, recorded: Callable[[str], Sequence[str]] = lambda _: ()) -> Cast:
        if self._written is not None and without_headers(self._written) == plan:
            plan = self._written
        clock = self._conductor.clock
        return cast_all(plan, self.model, self._lookup, self.folder, clock, recorded, self.servers)

    # Looking ----------------------------------------------------------------------------------

    def _state(self) -> ScoreState:
        return self._conductor.state

    @property
    def take(self) -> Take:
        """The take that the latest conduct gave. Raises `UnknownName` before there is one.

        That may be an earlier one than `head`, where conducting found that all of it was known.
        """
        if self._latest is not None:
            return self._latest
        if (head := self.head) is None:
            raise UnknownName("nothing has been conducted yet")
        return head

    @property
    def head(self) -> Take | None:
        """The take that the next conduct branches from, or `None`."""
        head = stage().ask(lambda: self._state().head)
        return None if head is None else Take(self._conductor, head)

    def view(self) -> View:
        """The view of everything so far, for a cell to show. Raises `UsageError` before there is a take.

        >>> score.view()                                        # doctest: +SKIP
        <Take draft: 5 of 5 parts, 0 failed>
        """
        return View(self._seen())

    def _seen(self) -> Take:
        """The latest take, where there is one to look at."""
        if (head := self.head) is None:
            raise UsageError("nothing has been conducted yet, so there is nothing to see: %conduct first")
        return head

    @property
    def takes(self) -> tuple[Take, ...]:
        """All takes, oldest first."""
        names = stage().ask(lambda: tuple(self._state().takes))
        return tuple(Take(self._conductor, name) for name in names)

    @property
    def tree(self) -> TakeTree:
        """All takes as the tree that they form: shows as a table."""
        return stage().ask(lambda: TakeTree.of(self._state()))

    def __getitem__(self, name: str) -> Take:
        """The take of that id or label. Raises `UnknownName`."""
        return Take(self._conductor, stage().ask(lambda: find_take(self._state(), name)))

    def __contains__(self, take: Take) -> bool:
        """Whether a take is of this score."""
        return self.opened and take.conductor is self._opened

    @property
    def plan(self) -> Plan | None:
        """The plan that the next conduct plays, or `None`. It is as on the score: without headers."""
        return stage().ask(lambda: self._state().plan)

    @property
    def title(self) -> str:
        """The title of the composition."""
        return stage().ask(lambda: self._state().title)

    @property
    def intent(self) -> str:
        """The intent as it stands, or an empty string."""
        return stage().ask(lambda: next((t for e, t in self._standing() if e == "intent"), ""))

    @property
    def composition(self) -> dict[str, str]:
        """The entries that every part reads, by name: intent, criteria, materials."""
        return stage().ask(lambda: dict(self._standing()))

    def _standing(self) -> list[tuple[str, str]]:
        state = self._state()
        return [(read.entry, state.text(read)) for read in state.composition()]

    @property
    def entries(self) -> dict[str, tuple[str, ...]]:
        """Every entry with all its texts, version 1 first."""
        return stage().ask(
            lambda: {name: tuple(texts.values()) for name, texts in self._state().entries.items()}
        )

    @property
    def notes(self) -> dict[str, str]:
        """The notes that stand, by name (`opening`, `1`, `2`, ...), in the order sent."""

        def standing() -> dict[str, str]:
            state = self._state()
            return {name: state.text(note.read) for name, note in state.notes(state.head, state.seq).items()}

        return stage().ask(standing)

    def note(self, part: str, text: str, now: bool = False) -> Sent:
        """Tell a part something, or `all`: now if a take plays, else with the next one.

        A part that plays enters again with the note as it ends or, with `now`, at once; one that has
        played plays again with it. The note stands until it is dropped, in this take and in those that
        branch after it. Raises `UnknownName` for a part that is not in the plan, `UsageError` for an
        empty text.

        >>> score.note("writer", "at most sixty words")          # doctest: +SKIP
        <Note 1 to writer: writer plays again with it>
        """
        return stage().ask(lambda: self._conductor.note(Note(part, text, now)))

    def play(self, part: str, text: str) -> Take | None:
        """Play a part yourself: this text is its contribution, in the take that plays or else in the next.

        What you play becomes the known answer to what that part reads as its turn comes. Gives the take that
        it counts in, or `None`: the next one. Raises `UnknownName` for a part that is not in the plan.

        >>> score.play("critic", "Too long by half.")           # doctest: +SKIP
        """
        name, item = part_and_item(part)
        if self._latest is not None and self._latest.played_by_hand(part, text):
            return self._latest
        take = stage().ask(lambda: self._conductor.play(Play(name, text, item)))
        return Take(self._conductor, take) if take else None

    def splice(self, *, name: str | None = None, **chosen: str | Take) -> Take:
        """A new take of chosen contributions, by part: a take, its id or its label. The rest plays.

        What would read otherwise now is flagged `stale`; it is known from now on as the answer to what it
        would read. Raises `UnknownName`, and as `conduct`.

        >>> score.splice(coder="take1", tester=score.takes[2])  # doctest: +SKIP
        """
        refuse_here("splice")
        if not chosen:
            raise UsageError("splice what? Choose takes by part: splice(coder='take1', tester='take3')")
        takes = {part: (take if isinstance(take, Take) else self[take]) for part, take in chosen.items()}
        for part, take in takes.items():
            if take.conductor is not self._conductor:
                raise UsageError(f"{take.id} is a take of another score: choose from one of its own")
            stage().ask(lambda take=take, part=part: _refuse_unplayed(take, part))
        wish = Wish(chosen={part: take.id for part, take in takes.items()})
        started = self._begin("", name, None, wish, None, False, {})
        if isinstance(started, Starting):
            started = started.wait()
        assert isinstance(started, Take)
        return started

    def diff(self, first: str | Take, second: str | Take, part: str | None = None) -> TakeDiff:
        """What differs between two takes, part by part: who played, what was read, and the texts as a
        word diff. Raises `UnknownName`.

        >>> score.diff("take1", "take2", "coder")               # doctest: +SKIP
        """
        one, two = (take if isinstance(take, Take) else self[take] for take in (first, second))
        return stage().ask(lambda: TakeDiff.of(self._state(), one.id, two.id, part))

    def drop(self, note: int | str) -> None:
        """Let a note no longer stand. Raises `UnknownName` where none of that number does."""
        stage().ask(lambda: self._conductor.drop(Drop(str(note))))

    def reading(self, part: str) -> Reading:
        """What a part would be given if it entered now, after the latest take."""
        plan = stage().ask(self._conductor.plan)
        if part not in plan:
            raise UnknownName(f"there is no part {part!r}; the parts are {', '.join(plan.names)}")
        cast = self._cast(plan)

        def now() -> Reading:
            state = self._state()
            inputs = heard(state.takes[state.head], plan[part]) if state.head else ()
            context = Context.of(state, state.head, state.seq)
            return read_part(
                context, plan[part], inputs, cast.players[part].identity, kit=cast.kit(plan[part])
            )

        return stage().ask(now)

    def estimate(self, reading: Reading) -> tuple[int, float | None]:
        """About how many tokens a reading is, and what sending it costs in USD, as its part plays now.

        The price is 0 where no model plays the part, and `None` where it is not known. For a model it
        imports litellm, which takes seconds the first time.
        """
        plan = stage().ask(self._conductor.plan)
        tokens = sum(tokens_of(message["content"]) for message in reading.messages)
        player = self._cast(plan).players[reading.part].ref
        if player.kind != "model":
            return tokens, 0.0
        price = ceiling(player.name, plan[reading.part].params)
        return tokens, None if price is None else tokens * price.usd_per_input


def _refuse_unplayed(take: Take, part: str) -> None:
    """Only what was played can be chosen. Raises `UnknownName`."""
    found = take.conductor.state.takes[take.id]
    if not any(c.version for c in found.voices(part)):
        there = ", ".join(dict.fromkeys(c.part for c in found.standing() if c.version)) or "nothing"
        raise UnknownName(f"{part} has not played in {take.id}; there is {there}")


def _tempo(plan: Plan, given: Mapping[str, object]) -> Tempo:
    """The tempo of a take: the plan's, with what was given for this take. Raises `UsageError`."""
    tempo = structs.replace(plan.tempo, **read_tempo(**given))
    if tempo.lead not in ("free", "conductor", "clock", *plan.names):
        raise UsageError(
            f"{tempo.lead!r} cannot lead: free, conductor, clock or a part: {', '.join(plan.names)}"
        )
    if tempo.lead == "clock" and tempo.deadline is None:
        raise UsageError("the clock leads to a deadline: conduct --lead clock --deadline 10m")
    return tempo


def _refuse_unpriced(players: Iterable[Player], plan: Plan) -> None:
    """A budget in USD cannot be kept where a price is not known. Raises `ConductError`."""
    for player in players:
        if player.ref.kind == "model" and ceiling(player.ref.name, {}) is None:
            raise ConductError(
                f"the price of {player.ref.name} is not known, so a budget in USD cannot be kept: "
                "give it in tokens, for example 20k tokens"
            )


def _refuse_options(name: str | None, wish: Wish, tempo: Mapping[str, object]) -> None:
    """Raise `UsageError` where the options of a conduct cannot be."""
    for option in tempo:
        if option not in TEMPO:
            raise UsageError(f"conduct has no option {option!r}")
    if name is not None and (
        not name.isidentifier() or keyword.iskeyword(name) or re.fullmatch(r"score|take\d*", name)
    ):
        raise UsageError(f"{name!r} cannot name a take: use a plain word, such as draft")
    if wish.only and wish.fresh - wish.only:
        both = ",".join([*sorted(wish.only), *sorted(wish.fresh - wish.only)])
        raise UsageError(
            f"only keeps what fresh asks for: conduct --only {both} --fresh {','.join(sorted(wish.fresh))}"
        )
    if wish.nearest and not wish.offline:
        raise UsageError("nearest goes with offline: conduct --offline --nearest")


def _names(given: Iterable[str]) -> frozenset[str]:
    return frozenset((given,) if isinstance(given, str) else given)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
