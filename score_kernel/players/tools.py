"""Tools: functions of the notebook, and those of MCP servers, as a part is offered them."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any

from ..errors import ConductError
from .calling import call
from .python import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..score.plan import Part
    from ..score.ports import Tool, Toolbox
    from .mcp import Servers

MCP = "mcp:"


class FunctionTool:
    """A function as a tool: its JSON schema from the typed signature, what it is for from its docstring.

    Both are pydantic's (`TypeAdapter` of a function), which also checks the arguments of a call: a
    parameter can be described with `Annotated[str, Field(description=...)]`. Raises `ConductError`
    where a parameter cannot be said in JSON.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        from pydantic import ConfigDict, TypeAdapter
        from pydantic.errors import PydanticUserError

        self.name = name
        self.description = inspect.getdoc(function) or ""
        self._function = function
        try:
            self._adapter: Any = TypeAdapter(function, config=ConfigDict(arbitrary_types_allowed=False))
            self.parameters: Mapping[str, Any] = self._adapter.json_schema()
        except (PydanticUserError, NameError, TypeError) as error:
            line = str(error).splitlines()[0]
            raise ConductError(
                f"the parameters of {name} cannot be told to a model: {line}; write types that JSON knows"
            ) from None

    async def run(self, arguments: str) -> str:
        """Call it. What it raises comes through; so does what is wrong with the arguments."""
        from pydantic_core import ArgsKwargs

        given = json.loads(arguments or "{}")
        return text_of(await call(self._adapter.validate_python, ArgsKwargs((), given)))


def text_of(value: Any) -> str:
    """What a tool returned, as text: a text as it is, what JSON can say as JSON, and else its `str`."""
    if isinstance(value, str):
        return str.__str__(value)
    if hasattr(value, "model_dump_json"):
        return value.model_dump_json()
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)


class PartToolbox:
    """The `Toolbox` of a part: `functions` by name, and the `servers` of `mcp:SERVER` and `mcp:SERVER/TOOL`."""

    def __init__(
        self, part: Part, functions: Mapping[str, Callable[..., Any]], servers: Servers | None
    ) -> None:
        self._part, self._functions, self._servers = part, functions, servers
        self._opened: list[Tool] | None = None
        self._asked = {name for name in part.ask if not name.startswith(MCP)}

    @property
    def identity(self) -> Mapping[str, Any]:
        """The names as they are written, with the source of a function."""
        functions = {name: source_of(function) for name, function in self._functions.items()}
        return {name: functions.get(name, "") for name in sorted(self._part.tools)}

    async def open(self) -> Sequence[Tool]:
        """The tools. Connects to servers; raises `ConductError` where one cannot be had."""
        if self._opened is None:
            tools: list[Tool] = [FunctionTool(name, function) for name, function in self._functions.items()]
            for written in self._part.tools:
                if written.startswith(MCP):
                    tools += await self._of_server(written, {tool.name for tool in tools})
            self._opened = tools
        return self._opened

    async def _of_server(self, written: str, taken: set[str]) -> list[Tool]:
        server, _, wanted = written.removeprefix(MCP).partition("/")
        if self._servers is None:
            raise ConductError(f"{self._part.name}: no MCP servers are known here, so not {server} either")
        found = await self._servers.tools(server)
        if wanted and wanted not in {tool.tool for tool in found}:
            there = ", ".join(tool.tool for tool in found) or "none"
            raise ConductError(f"{self._part.name}: {server} has no tool {wanted!r}; it has {there}")
        chosen: list[Tool] = []
        for tool in found:
            if wanted and tool.tool != wanted:
                continue
            name = tool.tool if tool.tool not in taken else f"{server}_{tool.tool}"
            named = tool.named(re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64])
            taken.add(named.name)
            chosen.append(named)
            if {f"{MCP}{server}", f"{MCP}{server}/{tool.tool}"} & set(self._part.ask):
                self._asked.add(named.name)
        return chosen

    def asks(self, name: str) -> bool:
        """Whether each call of the tool of that name waits for the conductor's yes."""
        return name in self._asked


def tools_of(part: Part, lookup: Callable[[str], object], servers: Servers | None) -> Toolbox | None:
    """The tools of a part, or `None` where it has none. `lookup` gives the notebook's object of a name.

    Raises `ConductError`, in one line, where a function is not there.
    """
    if not part.tools:
        return None
    functions: dict[str, Callable[..., Any]] = {}
    for name in part.tools:
        if name.startswith(MCP):
            continue
        try:
            function = lookup(name)
        except LookupError:
            raise ConductError(f"{part.name}: this notebook has no tool {name}; define it first") from None
        if not callable(function):
            raise ConductError(f"{part.name}: {name} is no function, it is of type {type(function).__name__}")
        functions[name] = function
    return PartToolbox(part, functions, servers)
