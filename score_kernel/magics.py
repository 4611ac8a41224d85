"""The magics: parse, delegate, done.

Each magic is one call on `Score`; the verbs of `%score` are in `verbs`. Line text is never
interpolated. A cell that is nothing but `%%conduct` becomes a top-level `await` before it runs
(`cells.Awaiting`), so that the kernel goes on hearing the stop button, and a reloaded page gets its
view back; everywhere else (under `%%time`, in a function, as `x = %conduct`) the waiting form runs.
"""

# pyright: reportUntypedFunctionDecorator=false
# IPython's decorators for magics carry no types

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as ShellUsageError
from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    no_var_expand,
)
from IPython.core.magic_arguments import argument, kwds, magic_arguments
from IPython.display import display
from traitlets import Dict, Int, Unicode, observe

from .api import TEMPO
from .cells import MAGICS, Awaiting, NoteCue
from .completion import Completion, options_of_magics
from .cue_verbs import conduct_with, release_cell
from .display import CompositionShown, Desk, Orchestration
from .errors import UsageError
from .lines import (
    CUES,
    SCORE,
    arguments,
    find_verb,
    listed,
    note_line,
    silenced,
    usage,
    words,
)
from .materials import gather
from .scores import Scores
from .shown import told
from .store.default import default_path, notebook_name
from .take import Take
from .verbs import Verbs

if TYPE_CHECKING:
    from types import SimpleNamespace

    from IPython.core.interactiveshell import InteractiveShell

    from .api import Score
    from .draft import Draft
    from .errors import StoreError
    from .forecast import Forecast


@magics_class
class ScoreMagics(Magics):
    """The magics of one kernel, and its scores."""

    store = Unicode("", help="File of the score, ':memory:', or empty: beside the notebook.").tag(config=True)
    model = Unicode("", help="The model of parts that name none.").tag(config=True)
    mcp_servers = Dict(help="MCP servers by name, as in mcp.json beside the notebook.").tag(config=True)
    max_material_chars = Int(20_000, min=100, help="Longer materials are cut.").tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._bound: dict[str, object] = {}
        self._warned: set[str] = set()
        self.desk = Desk(shell)
        self.awaiting = Awaiting(shell)
        self.scores = Scores(self._place, self._ready, self._told)
        self.verbs = Verbs(self.scores, self.desk, shell, self._bind_score, self._splice)
        self.desk.branch = self._branch
        magics = {"compose": self.compose, "orchestrate": self.orchestrate, "conduct": self.conduct}
        self.completion = Completion(self.scores, options_of_magics(magics), self._own_names)
        self._bind_score()

    # The scores -------------------------------------------------------------------------------

    @property
    def score(self) -> Score:
        """The current score."""
        return self.scores.current

    def _bind_score(self) -> None:
        self.bind("score", self.score)

    def _told(self, error: StoreError) -> None:
        print(f"{error}; this score is in memory")  # noqa: T201 - the one line of the contract

    def _place(self) -> Path | None:
        """Where the first score is kept, or `None`: in memory."""
        if self.store:
            return None if self.store == ":memory:" else Path(self.store)
        return default_path(notebook_name(os.environ, self._namespace()), Path())

    def _ready(self, score: Score) -> None:
        score.namespace = self._namespace()
        score.max_material_chars = self.max_material_chars
        score.default_model = self.model or None
        if score.servers.given != self.mcp_servers:  # else those that are open stay so
            score.use_servers(self.mcp_servers)

    def _namespace(self) -> dict[str, object]:
        return self._shell.user_ns

    def _own_names(self) -> dict[str, object]:
        """What is the user's own, without what IPython put there (`In`, `Out`, ...)."""
        hidden: dict[str, object] = self._shell.user_ns_hidden
        return {name: value for name, value in self._namespace().items() if name not in hidden}

    @observe("store")
    def _store_changed(self, _: object) -> None:
        if hasattr(self, "scores"):
            self.scores.move_first()
            self._bind_score()

    @observe("model", "max_material_chars", "mcp_servers")
    def _settings_changed(self, _: object) -> None:
        if hasattr(self, "scores"):
            for score in self.scores:
                self._ready(score)

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
        """Let go of the shell and of the scores' files."""
        self.awaiting.forget()
        self.desk.close()
        if self._namespace().get("score") is self.score:
            del self._namespace()["score"]
        self.scores.close()

    # compose ----------------------------------------------------------------------------------

    @no_var_expand
    @line_cell_magic
    @magic_arguments()
    @argument("title", nargs="*", help="A title for the piece.")
    @argument("-u", "--use", metavar="NAME,NAME", help="Materials: notebook variables or files.")
    @argument("--draft", metavar="MODEL", help="Let this model propose criteria, risks and open questions.")
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
            shown = None if quiet else CompositionShown(self.score)
            return shown if args.draft is None else self._draft(args.draft, shown, quiet)
        use = [
            gather(
                name, self._namespace().__getitem__, folder=self.score.folder, limit=self.max_material_chars
            )
            for name in listed(args.use)
        ]
        done = self.score.compose(cell, " ".join(args.title), use)
        if args.draft is not None:
            return self._draft(args.draft, done, quiet)
        return None if quiet else done

    def _draft(self, model: str, composed: object, quiet: bool) -> Draft | None:
        """Ask a model for its draft. What is composed is shown before: it stands, whatever comes of that."""
        if not quiet:
            display(composed)
        try:
            draft = self.score.draft(model)
        except KeyboardInterrupt:
            raise UsageError("the composition stands, without a draft: the cell was interrupted") from None
        return None if quiet else draft

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
    @argument("--from", dest="start", metavar="MOMENT", help="Branch there: take1, take1:coder, take1@2.5s.")
    @argument("--offline", action="store_true", help="Call no model: what it would play must be known.")
    @argument("--nearest", action="store_true", help="Offline, play what answered the nearest reading.")
    @argument("-r", "--recording", metavar="FILE", help="Know what this recording knows.")
    @argument("-n", "--dry-run", action="store_true", help="Play nothing: list what would play, and why.")
    @argument("--lead", metavar="WHO", help="Who leads: free, conductor, clock, or a part.")
    @argument("--at-once", metavar="N", help="How many parts play at the same time.")
    @argument("--rate", metavar="RATE", help="Requests a minute: 60, 60/min, 1/s.")
    @argument("--deadline", metavar="TIME", help="Seconds, or 10m.")
    @argument("--budget", metavar="BUDGET", help='USD, or "20k tokens".')
    @argument("-b", "--background", action="store_true", help="Return at once; the kernel stays free.")
    @kwds(
        epilog="""Perform the plan. What is known already is not played again.

    %%conduct draft --at-once 2
    Keep it small: it is the first draft.

    %conduct --from take1:editor
    %conduct -r piece.score.jsonl --offline

The cell, if any, is the opening note to everybody. %conduct is the same without a note."""
    )
    def conduct(self, line: str, cell: str | None = None) -> Any:
        """Lead a performance, and watch it."""
        args, quiet = self._parse(self.conduct, line)
        started = self._bound_to(args, self.score.conduct(cell or "", **_wishes(args)))
        if isinstance(started, Take):
            self._attend(started, background=args.background)
        return None if quiet else started

    def _attend(self, take: Take, *, background: bool = False) -> None:
        """Show a take that has started, and wait for it."""
        try:
            self.desk.show(take, background=background)
            if not background:
                self.score.attend(take)
        except KeyboardInterrupt:
            raise self.score.interrupted(take) from None
        finally:
            self.desk.settle(take)

    def _splice(self, chosen: dict[str, str]) -> Take:
        """Start a spliced take, and wait for it."""
        take = self.score.splice(**chosen)
        self.bind("take", take)
        self._attend(take)
        return take

    def _branch(self, of: Take, moment: str) -> Take:
        """Conduct from a moment, because somebody pressed a button under a take."""
        score = next(score for score in self.scores if of in score)
        take = score.conduct(start=moment, background=True)
        assert isinstance(take, Take)
        self.bind("take", take)
        return take

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
        return started

    # cue and score ----------------------------------------------------------------------------

    @no_var_expand
    @line_cell_magic
    def cue(self, line: str, cell: str | None = None) -> None:
        """Conduct the take that plays, or the next one."""
        note = note_line(line if cell is None else silenced(line)[0])
        if cell is not None and (released := release_cell(line, cell)) is not None:
            self.score.take.release(*released)
            return
        if cell is not None:
            if note is None or not note.part or note.text:
                raise UsageError(
                    "a %%cue cell is a note or an answer: %%cue note PART, %%cue release --edit PART"
                )
            note = note._replace(text=cell)
        if note is not None:
            if not note.part or not note.text.strip():
                raise UsageError("a note wants a part and a text: %cue note PART TEXT")
            print(told(self.score.note(*note)))  # noqa: T201 - what the note does
            return
        line, quiet = silenced(line)
        given = words(line)
        verb = find_verb("cue", given, CUES)
        args = arguments("cue", verb, CUES[verb].form, given[1:])
        did = conduct_with(self.score, verb, args)
        if did and not quiet:
            print(did)  # noqa: T201 - what the cue did

    cue.__doc__ = f"""{cue.__doc__}

{usage("cue", CUES)}

A note's PART may be `all`, its TEXT is the rest of the line, just as it is. Elsewhere `coder[3]` is player 3
of a section, and quotes group a text. What is long is a cell:

    %%cue note coder
    Keep to the standard library.

    %%cue release --edit coder
    The text that counts. With --back it is a note, and coder plays again.

An example: interrupt a %%conduct cell, look around, then

    %cue note coder Use Decimal, and no floats.
    %cue resume
"""

    @no_var_expand
    @line_magic("score")
    def score_magic(self, line: str) -> Any:
        """Look at the score, keep it, and open others. %score alone shows the view of everything so far."""
        shown = self.verbs.run(line)
        if isinstance(shown, str):
            print(shown)  # noqa: T201 - a line that says what was done
            return None
        return shown

    score_magic.__doc__ = f"""{score_magic.__doc__}

{usage("score", SCORE)}

An example:

    %score save piece.score.jsonl
    %score load piece.score.jsonl
    %score replay take1 --speed 4
"""

    @no_var_expand
    @line_cell_magic
    def play(self, line: str, cell: str | None = None) -> None:
        """Play a part yourself: the cell is its contribution.

            %%play critic
            Too long by half, and the joke in the middle is not one.

        In a take that goes on it counts as the part's turn comes, in place of what it plays; else in the next
        take. `%%play coder[3]` is for player 3 of a section.
        """
        line, quiet = silenced(line)
        given = words(line)
        if cell is None or len(given) != 1:
            raise UsageError("a part is played in a cell: %%play PART, and its contribution below")
        if not cell.strip():
            raise UsageError(f"the cell is empty: write below %%play {given[0]} what it contributes")
        take = self.score.play(given[0], cell.strip("\n"))
        if not quiet:
            when = f"in {take.id}" if take is not None else "in the next take: %conduct"
            print(f"You play {given[0]} {when}.")  # noqa: T201 - what the cell did

    # Parsing ----------------------------------------------------------------------------------

    def _parse(self, magic: Any, line: str) -> tuple[SimpleNamespace, bool]:
        """The arguments of a magic's line, and whether a trailing `;` asks for no result."""
        line, quiet = silenced(line)
        given = words(line)
        for word in given:
            option = word.removeprefix("--").partition("=")[0].replace("-", "_")
            if word.startswith("--") and option == "from_crew":
                raise UsageError("--from-crew is not there yet")
        try:
            return magic.parser.parse_args(given), quiet
        except ShellUsageError as error:
            raise UsageError(f"{error}; %{magic.__name__}? shows its options") from None


def _wishes(args: SimpleNamespace) -> dict[str, Any]:
    """What a line asks of `Score.conduct`. The magic itself does the waiting, so that it can show."""
    return {
        "name": args.name or None,
        "only": listed(args.only),
        "fresh": listed(args.fresh),
        "fresh_all": args.fresh_all,
        "start": args.start,
        "offline": args.offline,
        "nearest": args.nearest,
        "recording": Path(args.recording).expanduser() if args.recording else None,
        "dry_run": args.dry_run,
        "background": True,
        **{name: given for name in TEMPO if (given := getattr(args, name)) is not None},
    }


def _file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def load(shell: InteractiveShell) -> None:
    """Register the magics: what `%load_ext score_kernel` does."""
    if MAGICS in shell.magics_manager.registry:
        return
    magics = ScoreMagics(shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(magics.awaiting)
    shell.input_transformer_manager.token_transformers.append(NoteCue)
    magics.completion.register(shell)


def unload(shell: InteractiveShell) -> None:
    """Take the magics out again: what `%unload_ext score_kernel` does."""
    magics = shell.magics_manager.registry.pop(MAGICS, None)
    if not isinstance(magics, ScoreMagics):
        return
    shell.input_transformers_cleanup.remove(magics.awaiting)
    shell.input_transformer_manager.token_transformers.remove(NoteCue)
    magics.completion.forget(shell)
    magics.close()
    for kind in ("line", "cell"):
        for name in ("compose", "orchestrate", "conduct", "cue", "score", "play"):
            shell.magics_manager.magics[kind].pop(name, None)
