"""What a cell of ours becomes before IPython runs it."""

from __future__ import annotations

import re
import tokenize
from typing import TYPE_CHECKING

from IPython.core.inputtransformer2 import EscapedCommand

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

MAGICS = "ScoreMagics"
"""The class of the magics, as IPython's registry names it."""

_OURS = re.compile(r"%%(?P<name>compose|orchestrate|conduct|cue|play)(?![\w?])(?P<line>[^\n]*)")
_SILENCED = re.compile(r"^%(compose|orchestrate|conduct|cue|score|play);")
_CONDUCT_LINE = re.compile(r"%conduct(?![\w?])(?P<line>[^\n]*)")


class Awaiting:
    """An input transformer. IPython calls it with the lines of a cell before anything else.

    A cell magic of ours may stand below comments and blank lines, and may have no body (which
    IPython refuses on its own). A cell that is nothing but `%%conduct` or `%conduct` becomes an
    `await`, unless another cell is just running: then this text is a part of it (`%%time`,
    `%%capture`, `%run`), where an await cannot be. Nor does a terminal's shell await: there Ctrl-C
    would end the shell's event loop, and not the cell.
    """

    has_side_effects = True
    """IPython leaves such ones out as it asks whether what is typed is a whole cell: to a terminal, a
    magic that still waits for its body would look complete."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._hears_stop = getattr(shell, "kernel", None) is not None
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
        can_await = self._hears_stop and not self._running and getattr(self._shell, "autoawait", False)
        if ours := _OURS.match(lines[first]):
            awaited = can_await and ours["name"] == "conduct"
            return [_call(ours["name"], ours["line"], "".join(below), awaited)]
        lines[first] = _SILENCED.sub(r"%\1 ;", lines[first])
        alone = _CONDUCT_LINE.match(lines[first])
        if alone and can_await and all(_skippable(line) for line in below):
            return [_call("conduct", alone["line"], "", awaited=True)]
        return lines


class NoteCue(EscapedCommand):
    """A token transformer for `%cue note PART TEXT`: a text that ends in a question is no call for help."""

    priority = 0
    """Before IPython's own `HelpEnd` (5)."""

    @classmethod
    def find(cls, tokens_by_line: list[list[tokenize.TokenInfo]]) -> NoteCue | None:
        """The first such line of a cell."""
        for line in tokens_by_line:
            tokens = [token for token in line if token.type not in (tokenize.INDENT, tokenize.DEDENT)]
            written = [token.string for token in tokens[:4]]
            if written[:3] == ["%", "cue", "note"] and written[3:] != ["?"]:
                return cls(tokens[0].start)
        return None


def _call(magic: str, line: str, body: str, awaited: bool) -> str:
    call = f"get_ipython().magics_manager.registry[{MAGICS!r}]"
    arguments = f"({line.strip()!r}, {body!r})"
    return f"await {call}.a{magic}{arguments}\n" if awaited else f"{call}.{magic}{arguments}\n"


def _skippable(line: str) -> bool:
    text = line.strip()
    return not text or text.startswith("#")
