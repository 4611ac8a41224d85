"""Data runs one way: which room may import which, and what may be in the repository."""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "score_kernel"

# A room is a module or a package right under score_kernel; what each may import, itself aside.
# Everybody may import `errors`.
BELOW_SESSION = frozenset({"score", "notation", "materials", "engine", "players", "store", "formats", "view"})
ROOMS: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "score": frozenset(),
    "notation": frozenset({"score"}),
    "materials": frozenset({"score"}),
    "engine": frozenset({"score"}),
    "players": frozenset({"score"}),
    "store": frozenset({"score"}),
    "formats": frozenset({"score"}),
    "view": frozenset({"score", "formats"}),
    # session and api: the composition root, and the public classes above it
    "session": BELOW_SESSION,
    "forecast": BELOW_SESSION | {"session"},
    "frame": frozenset(),
    "draft": frozenset({"score", "engine", "formats", "players"}),
    "waiting": BELOW_SESSION | {"session"},
    "contribution": BELOW_SESSION | {"session", "waiting"},
    "take": BELOW_SESSION | {"session", "frame", "waiting", "contribution"},
    "api": BELOW_SESSION | {"session", "draft", "forecast", "waiting", "take"},
    # display puts the view under a cell; magics and the verbs parse, and delegate to the api
    "display": frozenset({"score", "engine", "formats", "view", "session", "take", "forecast", "api"}),
    "cells": frozenset(),
    "lines": frozenset({"notation"}),
    "cue_verbs": frozenset({"api"}),
    "scores": frozenset({"notation", "store", "api"}),
    "shown": frozenset({"score", "engine", "formats", "players", "contribution", "take", "api"}),
    "doctor": frozenset(),
    "verbs": frozenset({"formats", "store", "take", "display", "doctor", "lines", "scores", "shown"}),
    "completion": frozenset({"notation", "store", "api", "lines", "scores"}),
    "magics": frozenset({"materials", "players", "store", "draft", "take", "forecast", "api", "display"})
    | {"cells", "completion", "cue_verbs", "lines", "scores", "shown", "verbs"},
    "testing": BELOW_SESSION | {"session", "forecast", "contribution", "take", "api", "display", "magics"},
    # score_kernel/__init__.py: the public names, and %load_ext
    "": frozenset({"score", "contribution", "draft", "take", "forecast", "api", "magics"}),
}

# Slow to load, so they are imported where they are first needed, inside a function.
HEAVY = frozenset(
    {
        "anywidget",
        "ipywidgets",
        "jsonschema",
        "litellm",
        "mcp",
        "pandas",
        "pydantic",
        "pydantic_core",
        "referencing",
    }
)
WIDGET = f"{PACKAGE}.view.widget"  # its class is one of anywidget's
# Ours that bring such a library along; `import score_kernel` alone needs no IPython.
LATE = frozenset({WIDGET, f"{PACKAGE}.magics"})

ONLY_IN = {
    "IPython": {"magics", "cells", "completion", "verbs", "display", "testing"},
    "litellm": {"players"},
    "anywidget": {"view"},
    "ipywidgets": {"view"},
    "jsonschema": {"players"},
    "mcp": {"players"},
    "pandas": {"frame"},
    "pydantic": {"players"},
    "pydantic_core": {"players"},
    "sqlite3": {"store"},
}

IMPURE = set(
    """asyncio datetime io logging multiprocessing os pathlib random secrets shutil socket sqlite3
    subprocess tempfile threading time urllib uuid""".split()  # noqa: SIM905  a list of 18 strings reads worse
)


@dataclass(frozen=True)
class Import:
    """`module`, on line `line` of `file`, imports `target`."""

    module: str
    target: str
    file: Path
    line: int
    in_function: bool
    for_types: bool

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.target}"


def room_of(module: str) -> str:
    """`score_kernel.view.widget` is in the room `view`."""
    return module.split(".")[1] if "." in module else ""


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_of(file): file for file in sorted((ROOT / PACKAGE).rglob("*.py"))}


class Finder(ast.NodeVisitor):
    """Collects the imports of one module, with where they stand."""

    def __init__(self, module: str, file: Path) -> None:
        self.module, self.file = module, file
        self.found: list[Import] = []
        self._functions = self._typing = 0

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._functions += 1
        self.generic_visit(node)
        self._functions -= 1

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_If(self, node: ast.If) -> None:
        for_types = "TYPE_CHECKING" in ast.unparse(node.test)
        self._typing += for_types
        for child in node.body:
            self.visit(child)
        self._typing -= for_types
        for child in node.orelse:
            self.visit(child)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name, node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            package = self.module.split(".")
            if self.file.name != "__init__.py":
                package = package[:-1]
            package = package[: len(package) - node.level + 1]
            base = ".".join([*package, base] if base else package)
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            self._add(inner if inner in modules() else base, node.lineno)

    def visit_Call(self, node: ast.Call) -> None:
        if ast.unparse(node.func) in ("__import__", "import_module", "importlib.import_module"):
            name = node.args[0] if node.args else None
            told = isinstance(name, ast.Constant) and isinstance(name.value, str)
            self._add(name.value if told else "<a name made at run time>", node.lineno)  # type: ignore[union-attr]
        self.generic_visit(node)

    def _add(self, target: str, line: int) -> None:
        self.found.append(
            Import(self.module, target, self.file, line, self._functions > 0, self._typing > 0),
        )


def imports_in(source: str, module: str, file: Path) -> list[Import]:
    finder = Finder(module, file)
    finder.visit(ast.parse(source))
    return finder.found


@cache
def all_imports() -> tuple[Import, ...]:
    return tuple(
        found
        for module, file in modules().items()
        for found in imports_in(file.read_text("utf-8"), module, file)
    )


def is_ours(found: Import) -> bool:
    return found.target == PACKAGE or found.target.startswith(f"{PACKAGE}.")


def is_heavy(found: Import) -> bool:
    return found.target.split(".")[0] in HEAVY or found.target in LATE


def breaks_direction(found: Import) -> bool:
    if not is_ours(found):
        return False
    here, there = room_of(found.module), room_of(found.target)
    return here != there and there != "errors" and there not in ROOMS.get(here, frozenset())


def breaks_loading(found: Import) -> bool:
    """Imports stand at the top of their module, but for the heavy ones, which never do."""
    if found.for_types:
        return False
    if found.in_function:
        return not is_heavy(found)
    return is_heavy(found) and found.module != WIDGET


def told(found: list[Import]) -> str:
    return "\n".join(str(one) for one in found)


def test_every_module_is_in_a_room_of_the_plan() -> None:
    strangers = {room_of(module) for module in modules()} - ROOMS.keys()
    assert not strangers, f"not in the plan: {', '.join(sorted(strangers))}"


def test_the_plan_of_the_rooms_has_no_cycle() -> None:
    list(TopologicalSorter(ROOMS).static_order())


def test_imports_point_down_and_never_back() -> None:
    wrong = [found for found in all_imports() if breaks_direction(found)]
    assert not wrong, told(wrong)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Within a room a part may name its whole as a type; what is run goes one way."""
    graph = {module: set[str]() for module in modules()}
    for found in all_imports():
        if found.target in graph and found.target != found.module and not found.for_types:
            graph[found.module].add(found.target)
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(reversed(error.args[1]))}", pytrace=False)


def test_only_heavy_modules_are_imported_inside_functions_and_only_there() -> None:
    wrong = [found for found in all_imports() if breaks_loading(found)]
    assert not wrong, told(wrong)


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_with_one_boundary_is_imported_only_there(library: str) -> None:
    wrong = [
        found
        for found in all_imports()
        if found.target.split(".")[0] == library
        and not found.for_types
        and room_of(found.module) not in ONLY_IN[library]
    ]
    assert not wrong, told(wrong)


def test_the_core_has_no_await_no_clock_no_randomness_and_no_input_or_output() -> None:
    wrong = [
        str(f) for f in all_imports() if room_of(f.module) == "score" and f.target.split(".")[0] in IMPURE
    ]
    for module, file in modules().items():
        if room_of(module) != "score":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            waits = isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)
            opens = isinstance(node, ast.Call) and ast.unparse(node.func) in ("open", "print", "input")
            if waits or opens:
                wrong.append(f"{file.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}")  # type: ignore[attr-defined]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("score_kernel.engine.tempo", "from ..score.plan import Part", False),
        ("score_kernel.engine.tempo", "from ..errors import ConductError", False),
        ("score_kernel.engine.tempo", "from ..store.log import Log", True),
        ("score_kernel.score.plan", "from ..engine import clock", True),
        ("score_kernel.score.plan", "from .. import api", True),
        ("score_kernel.errors", "import score_kernel.score.plan", True),
        ("score_kernel.api", "if TYPE_CHECKING:\n    from .magics import ScoreMagics", True),
        ("score_kernel.magics", "from .session import Session", True),
    ],
)
def test_the_direction_is_seen_however_an_import_is_written(module: str, source: str, wrong: bool) -> None:
    file = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    assert any(breaks_direction(found) for found in imports_in(source, module, file)) is wrong


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("def play():\n    import litellm", False),
        ("import litellm", True),
        ("def play():\n    import json", True),
        ("class A:\n    async def b(self):\n        from . import script", True),
        ("def play():\n    importlib.import_module('json')", True),
        ("if TYPE_CHECKING:\n    import litellm", False),
    ],
)
def test_what_is_heavy_is_loaded_late_and_nothing_else_is(source: str, wrong: bool) -> None:
    file = ROOT / PACKAGE / "players" / "model.py"
    found = imports_in(source, f"{PACKAGE}.players.model", file)
    assert any(breaks_loading(one) for one in found) is wrong


# What may be in the repository -----------------------------------------------------------------

MACHINE = re.compile(r"(?<![\w.~$}\])])(?:/(?:work|farm|root|home|Users)/[A-Za-z]|[A-Z]:\\Users\\)")
REGISTRY = re.compile(
    r"registry\.npmjs|registry\.yarnpkg|files\.pythonhosted|pypi\.org/simple"
    r"|(?:extra-)?index-url\s*[=:]|find-links\s*[=:]|_authToken\s*=|\"resolved\":\s*\"http"
)
LARGEST = 1_000_000


@cache
def tracked() -> tuple[Path, ...]:
    """What git holds or would add."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(file for name in listed.split("\0") if name and (file := ROOT / name).is_file())


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    wrong: list[str] = []
    for file in tracked():
        data = file.read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if found := pattern.search(line):
                wrong.append(f"{file.relative_to(ROOT)}:{number} {line[found.start() :][:80]}")
    return wrong


def test_no_path_of_a_machine_is_in_the_repository() -> None:
    wrong = lines_that_match(MACHINE)
    assert not wrong, "\n".join(wrong)


def test_no_host_of_a_package_registry_is_in_the_repository() -> None:
    wrong = lines_that_match(REGISTRY)
    assert not wrong, "\n".join(wrong)


def test_no_file_in_the_repository_is_larger_than_a_megabyte() -> None:
    large = [str(file.relative_to(ROOT)) for file in tracked() if file.stat().st_size > LARGEST]
    assert not large, ", ".join(large)
