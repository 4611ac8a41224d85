"""A real IPython shell in the test's own process."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult


class TestShell:
    """An IPython shell with the extension loaded, its score in memory.

    >>> with TestShell() as shell:
    ...     shell.run("%%compose\\nSay hello.")
    <Composition: 0 criteria>

    `run` raises what the cell raised; `out` is what the last cell printed.
    """

    __test__ = False  # pytest: this is no test

    def __init__(self, **names: object) -> None:
        self.out = ""
        InteractiveShell.clear_instance()
        config = Config(HistoryManager={"enabled": False}, ScoreMagics={"store": ":memory:"})
        self.shell = InteractiveShell.instance(config=config)
        self.shell.user_ns.update(names)

    def __enter__(self) -> TestShell:
        self.run("%load_ext score_kernel")
        return self

    def __exit__(self, *_: object) -> None:
        self.run("%unload_ext score_kernel")
        InteractiveShell.clear_instance()
        # it would stay to the end of the process, with all that its cells ever made
        atexit.unregister(self.shell.atexit_operations)

    def __getitem__(self, name: str) -> Any:
        """An object of the user's namespace."""
        return self.shell.user_ns[name]

    def cell(self, source: str) -> ExecutionResult:
        """Run a cell, and give IPython's result with whatever it raised."""
        with capture_output() as captured:
            result = self.shell.run_cell(source)
        self.out = captured.stdout
        return result

    def run(self, source: str) -> Any:
        """Run a cell, and give its value or raise its error."""
        result = self.cell(source)
        result.raise_error()
        return result.result
