"""The magics: parse, delegate, done.

Each magic is one call on `Score`. Line text is never interpolated. A cell that is nothing but
`%%conduct` becomes a top-level `await` before it runs (`Awaiting`), so that the kernel goes on
hearing the stop button, and a reloaded page gets its view back; everywhere else (under `%%time`, in
a function, as `x = %conduct`) the waiting form runs.
"""

# pyright: reportUntypedFunctionDecorator=false
# IPython's decorators for magics carry no types

from __future__ import annotations

import asyncio
import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as ShellUsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, kwds, magic_arguments
from traitlets import Int, Unicode, observe

from .api import NEXT, Score
from .display import CompositionShown, Desk, Orchestration
from .errors import StoreError, UnknownName, UsageError
from .materials import gather
from .score.cues import Cue, Pause, Resume, Stop
from .store.default import default_path, notebook_name
from .take import Take

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from IPython.core.interactiveshell import InteractiveShell

    from .forecast import Forecast

_OURS = re.compile(r"%%(?P<name>compose|orchestrate|conduct)(?![\w?])(?P<line>[^\n]*)")
_SILENCED = re.compile(r"^%(compose|orchestrate|conduct|score);")
_CONDUCT_LINE = re.compile(r"%conduct(?![\w?])(?P<line>[^\n]*)")


class Awaiting:
    """An input transformer. IPython calls it with the lines of a cell before anything else.

    A cell magic of ours may stand below comments and blank lines, and may have no body (which
    IPython refuses on its own). A cell that is nothing but `%%conduct` or `%conduct` becomes an
    `await`, unless another cell is just running: then this text is a part of it (`%%time`,
    `%%capture`, `%run`), where an await cannot be.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._running = 0
        shell.events.register("pre_execute", self._enter)
        shell.events.register("post_execute", self._leave)

    def _enter(self) -> None:
        self._running += 1

    def _leave(self) -> None:
        self._running = max(0, self._running - 1)

    def forget(self) -> None:
        """Take the hooks out again."""
        self._shell.events.unregister("pre_execute", self._enter)
        self._shell.events.unregister("post_execute", self._leave)

    def __call__(self, lines: list[str]) -> list[str]:
        """The lines that IPython should go on with."""
        first = next((n for n, line in enumerate(lines) if not _skippable(line)), None)
        if first is None:
            return lines
        below = lines[first + 1 :]
        can_await = not self._running and getattr(self._shell, "autoawait", False)
        if ours := _OURS.match(lines[first]):
            awaited = can_await and ours["name"] == "conduct"
            return [_call(ours["name"], ours["line"], "".join(below), awaited)]
        lines[first] = _SILENCED.sub(r"%\1 ;", lines[first])
        alone = _CONDUCT_LINE.match(lines[first])
        if alone and can_await and all(_skippable(line) for line in below):
            return [_call("conduct", alone["line"], "", awaited=True)]
        return lines


def _call(magic: str, line: str, body: str, awaited: bool) -> str:
    call = f"get_ipython().magics_manager.registry[{ScoreMagics.__name__!r}]"
    arguments = f"({line.strip()!r}, {body!r})"
    return f"await {call}.a{magic}{arguments}\n" if awaited else f"{call}.{magic}{arguments}\n"


def _skippable(line: str) -> bool:
    text = line.strip()
    return not text or text.startswith("#")


def _silenced(line: str) -> tuple[str, bool]:
    """A line without its trailing `;`, and whether it had one."""
    stripped = line.rstrip()
    return stripped.removesuffix(";"), stripped.endswith(";")


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"a quotation mark is missing its partner: {line.strip()}") from error


def _listed(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise UsageError(f"{text!r} lacks a name: write PART,PART without spaces")
    return names


@magics_class
class ScoreMagics(Magics):
    """The magics of one kernel, and its scores."""

    store = Unicode("", help="File of the score, ':memory:', or empty: beside the notebook.").tag(config=True)
    model = Unicode("", help="The model of parts that name none.").tag(config=True)
    max_material_chars = Int(20_000, min=100, help="Longer materials are cut.").tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._bound: dict[str, object] = {}
        self._warned: set[str] = set()
        self.desk = Desk(shell)
        self.awaiting = Awaiting(shell)
        self.score = self._open()
        self.bind("score", self.score)

    # The score --------------------------------------------------------------------------------

    def _open(self) -> Score:
        def told(error: StoreError) -> None:
            print(f"{error}; this score is in memory")  # noqa: T201 - the one line of the contract

        try:
            path = self._path()
        except StoreError as error:
            told(error)
            path = None
        return self._ready(Score.later(path, told))

    def _path(self) -> Path | None:
        """Where the score is kept, or `None`: in memory."""
        if self.store:
            return None if self.store == ":memory:" else Path(self.store)
        return default_path(notebook_name(os.environ, self._namespace()), Path())

    def _ready(self, score: Score) -> Score:
        score.namespace = self._namespace()
        score.max_material_chars = self.max_material_chars
        score.default_model = self.model or None
        return score

    def _namespace(self) -> dict[str, object]:
        return self._shell.user_ns

    @observe("store")
    def _store_changed(self, _: object) -> None:
        if hasattr(self, "score"):
            self.score.close()
            self.score = self._open()
            self.bind("score", self.score)

    @observe("model", "max_material_chars")
    def _settings_changed(self, _: object) -> None:
        if hasattr(self, "score"):
            self._ready(self.score)

    def bind(self, name: str, value: object) -> None:
        """Bind a name of ours in the user's namespace; a foreign object of that name stays."""
        namespace = self._namespace()
        mine = name not in namespace or namespace[name] is self._bound.get(name)
        if mine or isinstance(namespace[name], Take):
            namespace[name] = self._bound[name] = value
        elif name not in self._warned:
            self._warned.add(name)
            print(f"{name} is yours and stays as it is; the magics do not need it")  # noqa: T201

    def close(self) -> None:
        """Let go of the shell and of the score's file."""
        self.awaiting.forget()
        self.desk.close()
        if self._namespace().get("score") is self.score:
            del self._namespace()["score"]
        self.score.close()

    # compose ----------------------------------------------------------------------------------

    @no_var_expand
    @line_cell_magic
    @magic_arguments()
    @argument("title", nargs="*", help="A title for the piece.")
    @argument("-u", "--use", metavar="NAME,NAME", help="Materials: notebook variables or files.")
    @kwds(
        epilog="""Say what the piece is about, in Markdown; bullets under `## Criteria` become c1, c2, ...

    %%compose Discount codes -u spec
    A function that applies a discount code to a price.

    ## Criteria
    - an unknown code changes nothing

%compose shows the composition."""
    )
    def compose(self, line: str, cell: str | None = None) -> Any:
        """Say what the piece is about: the intent that every part reads."""
        args, quiet = self._parse(self.compose, line)
        if cell is None:
            return None if quiet else CompositionShown(self.score)
        use = [
            gather(
                name, self._namespace().__getitem__, folder=self.score.folder, limit=self.max_material_chars
            )
            for name in _listed(args.use)
        ]
        done = self.score.compose(cell, " ".join(args.title), use)
        return None if quiet else done

    # orchestrate ------------------------------------------------------------------------------

    @no_var_expand
    @line_cell_magic
    @magic_arguments()
    @argument("-f", "--file", default="", metavar="FILE", help="Read the YAML from a file.")
    @kwds(
        epilog="""Say who plays what, in YAML.

    %%orchestrate
    model: ollama/llama3.2
    parts:
      coder:  {task: Write the function}
      tester: {task: Write its tests}
      editor: {task: Sum up, after: [coder, tester]}

%orchestrate shows the orchestration."""
    )
    def orchestrate(self, line: str, cell: str | None = None) -> Any:
        """Say who plays what, and what waits for what."""
        args, quiet = self._parse(self.orchestrate, line)
        if args.file:
            self.score.orchestrate(_file(args.file), self._namespace())
        elif cell is not None:
            self.score.orchestrate(cell, self._namespace(), first_line=2)
        return None if quiet else Orchestration(self.score)

    # conduct ----------------------------------------------------------------------------------

    @no_var_expand
    @line_cell_magic
    @magic_arguments()
    @argument("name", nargs="?", default="", help="A label for the take; it is bound in the notebook too.")
    @argument("--only", metavar="PART,PART", help="Play these; the others keep what they played.")
    @argument("--fresh", metavar="PART,PART", help="Play these again, and what depends on them.")
    @argument("--fresh-all", action="store_true", help="Play everything again.")
    @argument("-n", "--dry-run", action="store_true", help="Play nothing: list what would play, and why.")
    @argument("--at-once", type=int, default=None, metavar="N", help="How many parts play at the same time.")
    @argument("-b", "--background", action="store_true", help="Return at once; the kernel stays free.")
    @kwds(
        epilog="""Perform the plan. What is known already is not played again.

    %%conduct draft --at-once 2
    Keep it small: it is the first draft.

The cell, if any, is the opening note to everybody. %conduct is the same without a note."""
    )
    def conduct(self, line: str, cell: str | None = None) -> Any:
        """Lead a performance, and watch it."""
        args, quiet = self._parse(self.conduct, line)
        started = self._bound_to(args, self.score.conduct(cell or "", **_wishes(args)))
        if isinstance(started, Take):
            try:
                self.desk.show(started, background=args.background)
                if not args.background:
                    self.score.attend(started)
            except KeyboardInterrupt:
                raise self.score.interrupted(started) from None
            finally:
                self.desk.settle(started)
        return None if quiet else started

    async def aconduct(self, line: str, cell: str) -> Any:
        """`conduct`, awaited."""
        args, quiet = self._parse(self.conduct, line)
        with self.desk.loading():
            conducted = await self.score.aconduct(cell, **_wishes(args))
        started = self._bound_to(args, conducted)
        if isinstance(started, Take):
            try:
                self.desk.show(started, background=args.background)
                if not args.background:
                    async with self.desk.keeping(started):
                        await self.score.aattend(started)
            except (asyncio.CancelledError, KeyboardInterrupt):  # both are the stop button
                raise self.score.interrupted(started) from None
            finally:
                self.desk.settle(started)
        return None if quiet else started

    def _bound_to(self, args: SimpleNamespace, started: Take | Forecast) -> Take | Forecast:
        """Bind the names of a take that has started."""
        if isinstance(started, Take):
            self.bind("take", started)
            if args.name:
                self.bind(args.name, started)
            if not started.new:
                print(f"Nothing is new: this is {started.id}. --fresh-all plays everything again.")  # noqa: T201
        return started

    # cue and score ----------------------------------------------------------------------------

    @no_var_expand
    @line_magic
    def cue(self, line: str) -> None:
        """Conduct the take that plays: %cue pause, %cue pause --now, %cue resume, %cue stop.

        Pause lets nothing new enter; what plays goes on to its end, or with --now is cut. An
        example: interrupt a %%conduct cell, look around, then

            %cue resume
        """
        words = _words(_silenced(line)[0])
        verbs: dict[str, Callable[[], Cue]] = {
            "pause": lambda: Pause(now="--now" in words),
            "resume": Resume,
            "stop": Stop,
        }
        if not words or words[0] not in verbs:
            raise UnknownName(_unknown_verb("cue", words, verbs, _LATER_CUES))
        if unknown := [word for word in words[1:] if (words[0], word) != ("pause", "--now")]:
            raise UsageError(f"%cue {words[0]} takes no {unknown[0]!r}")
        self.score.take.cue(verbs[words[0]]())

    @no_var_expand
    @line_magic("score")
    def score_magic(self, line: str) -> Any:
        """%score shows the score: the view of the latest take."""
        line, quiet = _silenced(line)
        if words := _words(line):
            raise UnknownName(_unknown_verb("score", words, {}, _LATER_SCORE))
        return None if quiet else self.score.take

    # Parsing ----------------------------------------------------------------------------------

    def _parse(self, magic: Any, line: str) -> tuple[SimpleNamespace, bool]:
        """The arguments of a magic's line, and whether a trailing `;` asks for no result."""
        line, quiet = _silenced(line)
        words = _words(line)
        for word in words:
            option = word.removeprefix("--").partition("=")[0].replace("-", "_")
            if word.startswith("--") and option in _LATER_OPTIONS:
                raise UsageError(f"--{option.replace('_', '-')} is not there yet")
        try:
            return magic.parser.parse_args(words), quiet
        except ShellUsageError as error:
            raise UsageError(f"{error}; %{magic.__name__}? shows its options") from None


_LATER_OPTIONS = (NEXT - {"start"}) | {"from", "draft", "from_crew"}
_LATER_CUES = frozenset({"note", "drop", "enter", "mute", "unmute", "release", "beat", "tempo"})
_LATER_SCORE = frozenset(
    {"reading", "save", "load", "replay", "splice", "diff", "takes", "insert", "status"}
    | {"new", "use", "forget", "doctor"}
)


def _wishes(args: SimpleNamespace) -> dict[str, Any]:
    """What a line asks of `Score.conduct`. The magic itself does the waiting, so that it can show."""
    return {
        "name": args.name or None,
        "only": _listed(args.only),
        "fresh": _listed(args.fresh),
        "fresh_all": args.fresh_all,
        "dry_run": args.dry_run,
        "at_once": args.at_once,
        "background": True,
    }


def _file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _unknown_verb(magic: str, words: list[str], verbs: dict[str, Any], later: frozenset[str]) -> str:
    known = f"; there is {', '.join(f'%{magic} {verb}' for verb in verbs)}" if verbs else ""
    if not words:
        return f"%{magic} wants a verb{known}"
    if words[0] in later:
        return f"%{magic} {words[0]} is not there yet{known}"
    return f"%{magic} has no {words[0]!r}{known}"


def load(shell: InteractiveShell) -> None:
    """Register the magics: what `%load_ext score_kernel` does."""
    if ScoreMagics.__name__ in shell.magics_manager.registry:
        return
    magics = ScoreMagics(shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(magics.awaiting)


def unload(shell: InteractiveShell) -> None:
    """Take the magics out again: what `%unload_ext score_kernel` does."""
    magics = shell.magics_manager.registry.pop(ScoreMagics.__name__, None)
    if not isinstance(magics, ScoreMagics):
        return
    shell.input_transformers_cleanup.remove(magics.awaiting)
    magics.close()
    for kind in ("line", "cell"):
        for name in ("compose", "orchestrate", "conduct", "cue", "score"):
            shell.magics_manager.magics[kind].pop(name, None)
