"""Where the events of a score are kept.

- `memory`    `MemoryLog`: as long as the process lives
- `sqlite`    `SqliteLog`: one file, one connection, opened for itself alone
- `snapshot`  `load`: the state of a log, from its newest usable snapshot and what follows it
- `recording` a score saved to one file of JSON Lines, and read again
- `embedded`  a recording within a web page
- `files`     writing a file whole or not at all
- `default`   which file a notebook's score is kept in

All logs are the `Log` port of `score_kernel.score.ports`, and are used from one thread only.
"""

from __future__ import annotations

from .default import default_path, notebook_name
from .memory import MemoryLog
from .snapshot import load
from .sqlite import SqliteLog

__all__ = ["MemoryLog", "SqliteLog", "default_path", "load", "notebook_name"]
