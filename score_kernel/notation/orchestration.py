"""The orchestration: YAML, or a mapping, to a plan that has been checked to its last word.

Everything that can be known before anything plays is checked here. The tree is read once, faults
are gathered with their places, and the first in reading order is raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OrchestrationError
from ..score.plan import Part, Plan, Tempo
from . import conducting, dependencies, fields, keys, parts, tempo, yaml_reader
from .parts import EXAMPLE
from .tree import Faults, Node, Place, Scalar, Table, from_python

if TYPE_CHECKING:
    from collections.abc import Callable

    from .dependencies import Ties


def parse(
    source: str | Mapping[str, Any],
    lookup: Callable[[str], object],
    *,
    first_line: int = 2,
    folder: Path | None = None,
) -> Plan:
    """The plan that a cell's YAML, or a mapping of the same shape, describes.

    `lookup` gives the notebook's object of a name and raises `KeyError` where there is none.
    `first_line` is the line of the cell that the YAML starts in (the magic's own is line 1).
    Scripts that are files are looked for in `folder`, by default the working directory.

    Raises `OrchestrationError`, one line that tells what to write instead, with line and column
    where the source is text. In a mapping, a key whose value is `None` counts as not given.

    >>> plan = parse("parts: {coder: {task: Write it}, tester: {after: [coder]}}", {}.__getitem__)
    >>> plan["tester"].after
    ('coder',)
    """
    faults = Faults()
    if isinstance(source, str):
        root = yaml_reader.read(source, faults, first_line=first_line)
    elif isinstance(source, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        root = from_python(source, faults)
    else:
        raise OrchestrationError(
            f"a plan is YAML text or a mapping, not {type(source).__name__}: write for example {EXAMPLE}"
        )
    if root is None:
        raise OrchestrationError(f"the cell is empty: write for example `{EXAMPLE}`")
    plan = _plan(root, lookup, Path.cwd() if folder is None else folder, faults)
    faults.raise_first()
    return plan


def _plan(root: Node, lookup: Callable[[str], object], folder: Path, faults: Faults) -> Plan:
    if not isinstance(root, Table):
        faults.add(root.place, f"a plan is a mapping: write for example `{EXAMPLE}`")
        return Plan()
    given = dict(keys.given(root, keys.TOP, faults))
    ties = dependencies.Ties()
    found: dict[str, Any] = {}
    if "model" in given:
        found["model"] = fields.model(given["model"], "model", faults)
    if "checks" in given:
        found["checks"] = conducting.checks(given["checks"], lookup, faults)
    if "on_flag" in given:
        found["on_flag"] = conducting.on_flag(given["on_flag"], faults) or "show"
    found["parts"] = _parts(root, given.get("parts"), lookup, folder, ties, faults)
    if "tempo" in given:
        found["tempo"] = _tempo(given["tempo"], found["parts"], faults)
    plan = Plan(**found)
    dependencies.check(plan, ties, faults)
    return plan


def _parts(
    root: Table, node: Node | None, lookup: Callable[[str], object], folder: Path, ties: Ties, faults: Faults
) -> tuple[Part, ...]:
    if node is None:
        faults.add(
            Place(10**9, root.place.line, root.place.column),
            f"there are no parts: write for example `{EXAMPLE}`",
        )
        return ()
    if not isinstance(node, Table) or not node.entries:
        said = "`parts` is a mapping from names to parts"
        if isinstance(node, Table) or (isinstance(node, Scalar) and node.value is None):
            said = "`parts` is empty"
        faults.add(node.place, f"{said}: write for example `{EXAMPLE}`")
        return ()
    return parts.read(node, lookup, folder, ties, faults)


def _tempo(node: Node, among: tuple[Part, ...], faults: Faults) -> Tempo:
    if not isinstance(node, Table):
        faults.add(node.place, "`tempo` is a mapping: write for example `tempo: {at_once: 4}`")
        return Tempo()
    return tempo.tempo(keys.given(node, keys.TEMPO, faults), [part.name for part in among], faults)
