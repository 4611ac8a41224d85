"""A program at a terminal: typed to as somebody types, and read as it is read on the screen."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pexpect
import psutil

from .gate import HANG
from .surroundings import environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

IPYTHON = ("IPython", "--no-banner", "--colors=nocolor")
CONSOLE = ("jupyter_console", "--ZMQTerminalInteractiveShell.banner=")

_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07|[=>])|\r")


class Terminal:
    """A program with an IPython prompt, ready for its first cell."""

    def __init__(self, program: Sequence[str], folder: Path) -> None:
        self.program = program
        self._child = pexpect.spawn(
            sys.executable,
            ["-m", *program],
            cwd=str(folder),
            # a terminal without escapes: nothing is drawn over
            env=environment(folder) | {"TERM": "dumb", "PROMPT_TOOLKIT_NO_CPR": "1"},
            encoding="utf-8",
            timeout=HANG,
            dimensions=(50, 200),
        )
        self._child.delaybeforesend = None
        self._cells = 0
        self.answer()

    def answer(self) -> str:
        """What is shown until the next cell is asked for."""
        self._cells += 1
        self._child.expect(rf"In \[{self._cells}\]:")
        return _ESCAPES.sub("", str(self._child.before)).rstrip()

    def until(self, text: str) -> None:
        """Wait until this is shown."""
        self._child.expect_exact(text)

    def enter(self, *lines: str) -> None:
        """Type a cell, line by line, and run it. A cell magic ends with two blank lines."""
        blank = ["", ""] if lines[0].startswith("%%") else []
        for line in [*lines, *blank]:
            self._child.send(f"{line}\r")

    def paste(self, cell: str) -> None:
        """Paste a cell, and run it."""
        self._child.send(f"\x1b[200~{cell}\x1b[201~")
        self._child.send("\r\r\r" if cell.startswith("%%") else "\r\r")

    def run(self, cell: str) -> str:
        """Run a cell, and give what it shows."""
        if "\n" in cell:
            self.paste(cell)
        else:
            self.enter(cell)
        return self.answer()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._child.sendintr()

    def close(self) -> None:
        """Leave as one does; whatever is left then is killed."""
        family = psutil.Process(self._child.pid).children(recursive=True) if self._child.isalive() else []
        try:
            self.enter("exit")
            self._child.expect(pexpect.EOF)
        except (pexpect.ExceptionPexpect, OSError):
            pass
        finally:
            self._child.close(force=True)
            _, alive = psutil.wait_procs(family, timeout=5)
            for process in alive:
                process.kill()
            psutil.wait_procs(alive, timeout=5)
