"""Score Kernel: compose, orchestrate and conduct teams of AI agents in Jupyter.

A map of the package; imports point down this list and never back.

- `magics`, `verbs`     IPython: parse and delegate; `cells` and `completion` are what a cell becomes, and Tab
- `scores`, `lines`     the scores of one kernel; the words on a magic's line
- `display`, `shown`    what a notebook is shown; `doctor` tells what is installed
- `api`, `take`         `Score`, `Take`, `Contribution`; `forecast` is the dry run, `frame` the DataFrame
- `draft`               what a model proposes beside the intent
- `session`             the performance thread, and what a score is wired of
- `view`                the live view's widget, MIME bundle and saved page
- `formats`             pictures and text of a score
- `store`               the log: SQLite, memory, snapshots
- `players`             what performs a part: a model, a function, a script
- `engine`              all that is async: the conductor and its performances
- `notation`            text to plan: Markdown and YAML
- `materials`           files and notebook objects to text
- `score`               the pure core: events, the state they fold to, readings
- `errors`              what can go wrong
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .api import Composition, Score, View
from .contribution import Contribution, Flag, Usage
from .draft import Draft
from .errors import (
    CompositionError,
    ConductError,
    NotPlayed,
    OrchestrationError,
    PerformanceFailed,
    PerformancePaused,
    PermanentError,
    PlayerError,
    ScoreError,
    StoreError,
    StoreLocked,
    StoreUnreadable,
    StoreUnwritable,
    TransientError,
    UnknownName,
    UsageError,
)
from .forecast import Forecast
from .score.plan import Part, Plan, Tempo
from .score.reading import Reading
from .take import NoteSent, Take

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = [
    "Composition",
    "CompositionError",
    "ConductError",
    "Contribution",
    "Draft",
    "Flag",
    "Forecast",
    "NotPlayed",
    "NoteSent",
    "OrchestrationError",
    "Part",
    "PerformanceFailed",
    "PerformancePaused",
    "PermanentError",
    "Plan",
    "PlayerError",
    "Reading",
    "Score",
    "ScoreError",
    "StoreError",
    "StoreLocked",
    "StoreUnreadable",
    "StoreUnwritable",
    "Take",
    "Tempo",
    "TransientError",
    "UnknownName",
    "Usage",
    "UsageError",
    "View",
]
__version__ = "0.1.0"

# Python prints what no handler takes, and that would land in whichever cell ran last
logging.getLogger(__name__).addHandler(logging.NullHandler())


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Called by `%load_ext score_kernel`."""
    from .magics import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Called by `%unload_ext score_kernel`."""
    from .magics import unload

    unload(shell)
