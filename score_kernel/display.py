"""What a notebook is shown: the live view under a cell, and results as pictures and text."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import uuid
from typing import TYPE_CHECKING, Any

from IPython.display import clear_output, display, update_display
from msgspec import structs

from .api import View
from .errors import ConductError, ScoreError, UsageError
from .formats.graph import graph_svg
from .formats.picture import performance_svg
from .formats.quiet import quiet_markdown
from .formats.summary import figure, summary
from .formats.telling import telling
from .score.cues import Pause
from .score.excerpt import Everything, Excerpt, Upto
from .session import stage
from .take import Take
from .view.live import LiveView
from .view.mime import bundle, recording_data

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
    from types import FrameType

    from IPython.core.interactiveshell import InteractiveShell

    from .api import Score
    from .engine.conductor import Conductor
    from .score.cues import Cue
    from .score.events import Event
    from .score.state import ScoreState


Reader = Excerpt | Upto | Everything
"""Who is given events: of a take alone, of it and those before it, or all."""

_log = logging.getLogger("score_kernel")

KEPT_PER_SECOND = 50_000
"""Bytes of a running take that are put into its output in a second, at most, for a save in mid-run."""

MOST_KEPT = 1_000_000
"""Bytes of a recording in an output, at most."""

MOST_KEPT_BEFORE = 250_000
"""The same where a take's output has those before it too, which stand in outputs of their own already."""

MOST_BEFORE = 10_000
"""So many events before a take are looked through, at most, to show the takes before it as well."""

KEPT_SHOWINGS = 8
"""Views of takes that are over which still reach the kernel, to branch from there."""

PATIENCE = 0.7
"""Seconds after which a cell says why nothing is to be seen yet."""


class Orchestration:
    """The plan as it stands, shown as a graph."""

    def __init__(self, score: Score) -> None:
        plan = score.plan
        if plan is None:
            raise ConductError("there are no parts yet: write and run an %%orchestrate cell first")
        self.plan = structs.replace(plan, model=score.model)

    def __repr__(self) -> str:
        count = len(self.plan.parts)
        return f"<Orchestration: {count} part{'' if count == 1 else 's'}: {', '.join(self.plan.names)}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        text = repr(self)
        return {"text/plain": text, "text/html": figure(graph_svg(self.plan), text.strip("<>"), "")}


class CompositionShown:
    """The composition as it stands, shown as Markdown."""

    def __init__(self, score: Score) -> None:
        self._title, self._entries = score.title, score.composition
        if not self._entries:
            raise UsageError("nothing is composed yet: write and run a %%compose cell first")

    def __repr__(self) -> str:
        return f"<Composition: {', '.join(self._entries)}>"

    def _repr_markdown_(self) -> str:
        title = [f"# {self._title}"] if self._title else []
        texts = [
            text if entry == "intent" else f"**{entry}**\n\n{text}" for entry, text in self._entries.items()
        ]
        return quiet_markdown("\n\n".join([*title, *texts]))


class Desk:
    """Where performances are shown in one shell: at most one live view a take."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._showings: dict[tuple[Conductor, str], Showing] = {}
        """By score and take: takes of two scores can have the same id."""
        self._told: set[str] = set()
        self.branch: Callable[[Take, str], Take] | None = None
        """Conducts from a moment, for whoever asks a view to."""
        self._just_shown: tuple[int, Conductor, str] | None = None
        self._in_background = False
        self._kernel: Any = getattr(shell, "kernel", None)
        self._formatter: Any = shell.display_formatter
        self._formatter.ipython_display_formatter.for_type(Take, self._as_value)
        self._formatter.ipython_display_formatter.for_type(View, self._as_whole)
        self._going_on: list[Showing] = []
        """What was left under a cell while its take still had to go on: held, paused, in the background."""
        shell.events.register("post_execute", self._refresh)
        self._listen_for_stop()

    def close(self) -> None:
        """Leave the shell as it was."""
        self._formatter.ipython_display_formatter.pop(Take, None)
        self._formatter.ipython_display_formatter.pop(View, None)
        self._shell.events.unregister("post_execute", self._refresh)
        for showing in self._showings.values():
            showing.leave()

    def show(self, take: Take, *, background: bool = False, whole: bool = False) -> None:
        """Show a take under the running cell, live while it plays. `whole`: with all the other takes."""
        self._just_shown = (self._shell.execution_count, take.conductor, take.id)
        self._in_background = background
        if self._kernel is None:
            return
        self._let_go_of_what_is_over()
        showing = Showing(take, plan_alone=background, branch=self.branch, whole=whole)
        try:
            showing.open()
        except Exception as error:  # the piece goes on, whatever the view cannot do
            print(f"The live view cannot be shown: {error}")  # noqa: T201
            _log.debug("showing %s", take.id, exc_info=True)
        else:
            self._showings[take.conductor, take.id] = showing
            if not background and not showing.over:
                self._tell_if_buttons_wait()

    def replay(self, take: Take, speed: float = 1.0) -> None:
        """Show a take again under the running cell: from its start, at `speed` times its pace (0.25 to 16).

        Nothing is called, and nothing is conducted from there: what has been played by now is given again.
        """
        self._just_shown = (self._shell.execution_count, take.conductor, take.id)
        if self._kernel is not None:
            Showing(take, plan_alone=False).replay(speed)
            return
        conductor = take.conductor
        lines = stage().ask(lambda: telling(conductor.state, take.id, conductor.events(take.id)))
        print("\n".join([*lines, repr(take)]))  # noqa: T201 - a terminal has no view

    def _tell_if_buttons_wait(self) -> None:
        """Without subshells, which came with ipykernel 7, a page is heard only between cells."""
        features = getattr(self._kernel, "kernel_info", {}).get("supported_features", ())
        line = "The view's buttons wait for the cell to end; with ipykernel 7 they would not."
        if line not in self._told and "kernel subshells" not in features:
            self._told.add(line)
            print(line)  # noqa: T201

    def _let_go_of_what_is_over(self) -> None:
        """A page that was just being reloaded can still ask for the last ones, and branch from them."""
        for shown, showing in list(self._showings.items())[:-KEPT_SHOWINGS]:
            if showing.over:
                showing.leave()
                del self._showings[shown]

    @contextlib.contextmanager
    def loading(self) -> Generator[None]:
        """While a take is about to start: if that is not at once, say what it is waiting for."""
        if self._kernel is None:
            yield
            return
        told = False

        def tell() -> None:
            nonlocal told
            told = True
            display({"text/plain": "Loading the library of models, once in a kernel ..."}, raw=True)

        later = asyncio.get_running_loop().call_later(PATIENCE, tell)
        try:
            yield
        finally:
            later.cancel()
            if told:
                clear_output(wait=True)

    @contextlib.asynccontextmanager
    async def keeping(self, take: Take) -> AsyncGenerator[None]:
        """While a cell waits for a take: keep its output fresh, for a notebook that is saved meanwhile."""
        showing = self._showings.get((take.conductor, take.id))
        if showing is None:
            yield
            return
        keeper = asyncio.create_task(showing.keep())
        try:
            yield
        finally:
            keeper.cancel()

    def settle(self, take: Take) -> None:
        """The cell ends: leave under it what a saved notebook can show."""
        lost = take.conductor.lost
        if lost and lost not in self._told:
            self._told.add(lost)
            print(lost)  # noqa: T201
        showing = self._showings.get((take.conductor, take.id))
        if showing is not None:
            showing.settle()
            if not showing.over:
                self._going_on.append(showing)
        if self._kernel is None or showing is None:  # a terminal has no view
            print(_plan_line(take) if self._in_background else repr(take))  # noqa: T201
        elif showing.unseen and self._at_a_console():
            print(repr(take))  # noqa: T201
        if not take.new and (self._kernel is None or self._at_a_console()):
            print(nothing_new(take))  # noqa: T201

    def _refresh(self) -> None:
        """Show what has ended since, wherever it stands: a saved notebook tells how it came out."""
        for showing in [showing for showing in self._going_on if showing.over]:
            self._going_on.remove(showing)
            showing.settle()

    def _at_a_console(self) -> bool:
        """Whether somebody is at a Jupyter console, which never shows that an output has changed.

        A front end does not say what it is. But notebooks have a name, and what runs them headless
        takes no input.
        """
        named = os.environ.get("JPY_SESSION_NAME") or "__vsc_ipynb_file__" in self._shell.user_ns
        request: dict[str, Any] = getattr(self._shell, "parent_header", {})
        return not named and bool(request.get("content", {}).get("allow_stdin"))

    def _as_value(self, take: Take) -> None:
        """Show a take that is the value of a cell, unless that very cell has shown it already."""
        if self._just_shown == (self._shell.execution_count, take.conductor, take.id):
            return
        self.show(take)
        self.settle(take)

    def _as_whole(self, view: View) -> None:
        """Show all of a score that is the value of a cell."""
        self.show(view.take, whole=True)
        self.settle(view.take)

    def _listen_for_stop(self) -> None:
        """Hear the stop button while no cell runs: after an interrupt it cuts what still plays.

        ipykernel ignores SIGINT between cells, and sets what it finds in `saved_sigint_handler`
        when a cell ends.
        """
        if hasattr(self._kernel, "saved_sigint_handler"):
            self._kernel.saved_sigint_handler = self._stop_pressed

    def _stop_pressed(self, _: int, __: FrameType | None) -> None:
        for showing in list(self._showings.values()):
            showing.cut_if_interrupted()


class Showing:
    """One take under one cell, with those before it; `whole`, with all the other takes of its score."""

    def __init__(
        self,
        take: Take,
        *,
        plan_alone: bool,
        branch: Callable[[Take, str], Take] | None = None,
        whole: bool = False,
    ) -> None:
        self._take = take
        self._branch = branch
        self._conductor: Conductor = take.conductor
        self._key = uuid.uuid4().hex
        self._plan_alone = plan_alone
        self._whole = whole
        self._live: LiveView | None = None
        self._widget_view: dict[str, Any] | None = None
        self._size = 0
        self._reader: Reader | None = None
        self._alone = False
        """Whether more than the take was too long to be kept once: it only grows."""
        self._end_listening: Callable[[], None] | None = None
        self._told = nothing_new(take)

    def open(self) -> None:
        """Display what there is, and go live if the take is not over."""
        if not self.over:
            on_branch = self._on_branch if self._branch is not None else None
            self._live = LiveView(self._key, hello=self._hello, cue=self._cue, on_branch=on_branch)
            self._widget_view = self._live.widget_view
        display(self._bundle(self._widget_view), raw=True, display_id=self._key)

    def replay(self, speed: float) -> None:
        """Display what there is, playing from its start at `speed`.

        Only now: the output is replaced at once by one that does not say so, or a notebook that is
        opened later would begin to play by itself.
        """
        display(self._bundle(None, replay=speed), raw=True, display_id=self._key)
        self.settle()

    async def keep(self) -> None:
        """Now and then put what was played so far into the output, the larger it is the more seldom."""
        while not self.over:
            await asyncio.sleep(max(1.0, self._size / KEPT_PER_SECOND))
            if not self.over:  # else the cell itself leaves what is to stay
                update_display(self._bundle(self._widget_view), raw=True, display_id=self._key)

    def settle(self) -> None:
        """Replace what is displayed by what needs no widget."""
        with contextlib.suppress(Exception):
            update_display(self._bundle(None), raw=True, display_id=self._key)

    @property
    def over(self) -> bool:
        """Whether the take has ended."""
        return bool(stage().ask(lambda: self._state_of_take().over))

    @property
    def unseen(self) -> bool:
        """Whether it was to be watched to its end, and no page took it up."""
        return self._live is not None and not self._live.heard and not self._plan_alone

    def leave(self) -> None:
        """Let the live view go."""
        stage().ask(self._leave)

    def cut_if_interrupted(self) -> None:
        """Cut what still plays of a take whose cell was interrupted."""
        stage().tell(self._cut_if_interrupted)

    # On the performance thread ----------------------------------------------------------------

    def _state(self) -> ScoreState:
        return self._conductor.state

    def _state_of_take(self) -> Any:
        return self._state().takes[self._take.id]

    def _cut_if_interrupted(self) -> None:
        if self._state_of_take().paused_by == "interrupt":
            with contextlib.suppress(UsageError):
                self._conductor.cue(Pause(now=True, by="interrupt"), self._take.id)

    def _hello(self) -> None:
        stage().tell(self._snapshot)

    def _cue(self, cue: Cue) -> None:
        stage().tell(self._do, cue)

    def _do(self, cue: Cue) -> None:
        try:
            self._conductor.cue(cue, self._take.id)
        except ScoreError as refused:
            if self._live is not None:
                self._live.refused(str(refused))

    def _on_branch(self, moment: str) -> None:
        threading.Thread(target=self._go_there, args=(moment,), name="score-kernel branch").start()

    def _go_there(self, moment: str) -> None:
        """Conduct from a moment, and show that from now on: on a thread that may wait."""
        assert self._branch is not None
        try:
            take = self._branch(self._take, moment)
        except ScoreError as refused:
            if self._live is not None:
                self._live.refused(str(refused))
            return
        stage().tell(self._show_now, take)

    def _show_now(self, take: Take) -> None:
        self._take, self._told, self._alone = take, nothing_new(take), False
        self._snapshot()
        if self._live is not None and self._state_of_take().over:
            self._live.final(self._data(), html=self._figure(), plain=self._line())

    def _snapshot(self) -> None:
        """A page says hello: give it everything, and from then on what is new."""
        if self._live is None:
            return
        self._conductor.flush()
        if self._end_listening is None:
            self._end_listening = self._conductor.listen(self._on_events)
        self._conductor.tell()
        self._reader, _ = next(self._readers())
        self._live.snapshot(self._events(self._reader), self._take.id, live=not self._state_of_take().over)

    def _on_events(self, batch: Sequence[Event]) -> None:
        if self._live is None or self._reader is None:
            return
        events = self._reader.feed(batch)
        if events:
            self._live.feed(events)
        if self._state_of_take().over:
            self._live.final(self._data(), html=self._figure(), plain=self._line())

    def _leave(self) -> None:
        if self._end_listening is not None:
            self._end_listening()
            self._end_listening = None
        if self._live is not None:
            self._live.close()
            self._live = None

    def _readers(self) -> Iterator[tuple[Reader, int]]:
        """Who is given the take, beginning with who sees most, and how many bytes of that are kept."""
        state, take = self._state(), self._take.id
        if self._whole:
            yield Everything(), MOST_KEPT
        elif state.takes[take].number > 1 and state.takes[take].first_seq <= MOST_BEFORE:
            yield Upto(state, take), MOST_KEPT_BEFORE
        yield Excerpt(state, take), MOST_KEPT

    def _events(self, reader: Reader) -> list[Event]:
        """All that a reader needs of what has happened."""
        take = None if isinstance(reader, Everything) else self._take.id
        return reader.feed(self._conductor.events(take, before=isinstance(reader, Upto)))

    def _data(self, replay: float | None = None) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for reader, limit in self._readers():  # all of it may be too long to be kept, and the take alone not
            if self._alone and not isinstance(reader, Excerpt):
                continue
            data = recording_data(
                self._events(reader),
                key=self._key,
                take=self._take.id,
                live=not self._state_of_take().over,
                file=self._conductor.file,
                limit=limit,
                replay=replay,
                told=self._told,
            )
            if "events" in data:
                break
            self._alone = True
        self._size = len(data.get("events", ""))
        return data

    def _line(self) -> str:
        tell = planned if self._plan_alone else summary
        return tell(self._state(), self._take.id)

    def _figure(self) -> str:
        picture = performance_svg(self._state(), self._take.id)
        return figure(picture, self._line().strip("<>"), self._told)

    def _bundle(self, widget_view: dict[str, Any] | None, replay: float | None = None) -> dict[str, Any]:
        def make() -> dict[str, Any]:
            self._conductor.flush()
            data = self._data(replay)
            return bundle(data, html=self._figure(), plain=self._line(), widget_view=widget_view)

        return stage().ask(make)


def nothing_new(take: Take) -> str:
    """What is said where all was known, and conducting gave an earlier take.

    The view says it, and so does the picture. What a cell prints must be the same on every run.
    """
    return "" if take.new else f"Nothing is new: this is {take.id}. --fresh-all plays everything again."


def planned(state: ScoreState, take: str) -> str:
    """The line of a take that plays in the background: its plan alone, the same on every run."""
    names = state.takes[take].plan.names
    label = state.name_of(take)
    return f"<Take{f' {label}' if label else ''}: {', '.join(names)}>"


def _plan_line(take: Take) -> str:
    return stage().ask(lambda: planned(take.conductor.state, take.id))
