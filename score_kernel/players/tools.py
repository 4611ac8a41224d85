"""Tools: functions of the notebook, and those of MCP servers, as a part is offered them."""

from __future__ import annotations

import functools
import inspect
import re
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import ConductError
from ..score.text import first_line, shortened
from .calling import call
from .python import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import ValidationError

    from ..score.plan import Part
    from ..score.ports import Tool, Toolbox
    from .mcp import Servers

MCP = "mcp:"

MOST_FAULTS = 5
"""Faults of a call's arguments that are told to the one who made it."""


class FunctionTool:
    """A function as a tool: its JSON schema from the typed signature, what it is for from its docstring.

    The schema is pydantic's, which also reads the arguments of a call: they arrive as the types that
    are written, and a parameter can be described with `Annotated[str, Field(description=...)]`. Raises
    `ConductError`, in one line, where a parameter cannot be said in JSON.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.description = inspect.getdoc(_inner(function)) or ""
        self._function = function
        self._adapter, self.parameters = _parameters_of(name, function)

    async def run(self, arguments: str) -> str:
        """Call it, and give what it returns as text. What it raises comes through.

        Raises `ValueError`, a line for each fault, where these are no arguments of it.
        """
        from pydantic import ValidationError

        try:
            args, kwargs = self._adapter.validate_json(arguments or "{}")
        except ValidationError as error:
            raise ValueError(_told(error)) from None
        return text_of(await call(self._function, *args, **kwargs))


def _parameters_of(name: str, function: Callable[..., Any]) -> tuple[Any, Mapping[str, Any]]:
    """What reads the arguments of a call, to `(args, kwargs)`, and their JSON schema."""
    from pydantic.errors import PydanticUserError

    known: list[inspect.Parameter] = []
    try:
        signature = inspect.signature(function, eval_str=True)
        known += signature.parameters.values()
        adapter, schema = _schema_of(signature)
    except PydanticUserError:
        wrong = next((one for one in known if not _is_known(one)), None)
        shown = "a parameter" if wrong is None else f"`{wrong.name}` of type {_type_name(wrong.annotation)}"
        raise ConductError(
            f"{shown} of the tool {name} cannot be told to a model: write a type that JSON has, "
            "as str, int, list or a pydantic model"
        ) from None
    except Exception as error:  # an annotation may be any expression
        raise ConductError(
            f"the parameters of the tool {name} cannot be read: {first_line(str(error))}"
        ) from None
    if schema.get("type") != "object":
        raise ConductError(
            f"the tool {name} is called by the names of its parameters: write them without / and *"
        )
    return adapter, schema


def _schema_of(signature: inspect.Signature) -> tuple[Any, Mapping[str, Any]]:
    """Of a stand-in with this signature: pydantic calls what it reads arguments for."""
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    class Quiet(GenerateJsonSchema):
        ignored_warning_kinds: ClassVar[Any] = {"skipped-choice", "non-serializable-default"}

    def given(*args: Any, **kwargs: Any) -> Any:
        return args, kwargs

    named = [one for one in signature.parameters.values() if one.annotation is not one.empty]
    given.__annotations__ = {one.name: one.annotation for one in named}
    stand_in: Any = given
    stand_in.__signature__ = signature
    adapter: Any = TypeAdapter(stand_in)
    return adapter, adapter.json_schema(schema_generator=Quiet)


def _is_known(parameter: inspect.Parameter) -> bool:
    from pydantic.errors import PydanticUserError

    try:
        _schema_of(inspect.Signature([parameter]))
    except PydanticUserError:
        return False
    return True


def _type_name(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else shortened(str(annotation))


def _told(error: ValidationError) -> str:
    """What is wrong with the arguments, as a model is told it."""
    lines = [
        f"{'.'.join(map(str, fault['loc'])) or 'the arguments'}: {fault['msg']}" for fault in error.errors()
    ]
    more = len(lines) - MOST_FAULTS
    return "\n".join([*lines[:MOST_FAULTS], *([f"and {more} more"] if more > 0 else [])])


def _inner(function: Any) -> Any:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def text_of(value: Any) -> str:
    """What a tool returned, as text: a text as it is, what can be said in JSON as JSON, and else its `str`.

    Models, dataclasses, dates and sets have a form in JSON too.
    """
    from pydantic_core import PydanticSerializationError, to_json

    if isinstance(value, str):
        return str.__str__(value)
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        return str(value)


class PartToolbox:
    """The `Toolbox` of a part: `functions` by name, and what the `servers` have (`mcp:SERVER/TOOL`)."""

    def __init__(
        self, part: Part, functions: Mapping[str, Callable[..., Any]], servers: Servers | None
    ) -> None:
        self._part, self._functions, self._servers = part, functions, servers
        self._opened: list[Tool] | None = None
        self._asked = {name for name in part.ask if not name.startswith(MCP)}
        self._found: set[str] = set()

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
            for written in self._part.ask:
                if written.startswith(MCP) and written not in self._found:
                    raise ConductError(f"{self._part.name}: `ask` names {written}, and there is no such tool")
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
            name = _free_name(tool.tool, server, taken)
            taken.add(name)
            chosen.append(tool.named(name))
            known_as = {f"{MCP}{server}", f"{MCP}{server}/{tool.tool}"}
            self._found |= known_as
            if not known_as.isdisjoint(self._part.ask):
                self._asked.add(name)
        return chosen

    def asks(self, name: str) -> bool:
        """Whether each call of the tool of that name waits for the conductor's yes."""
        return name in self._asked


def _free_name(tool: str, server: str, taken: set[str]) -> str:
    """What a model calls a server's tool by: letters, digits, _ and -, at most 64 of them."""
    for name in (tool, f"{server}_{tool}", *(f"{number}_{server}_{tool}" for number in range(2, 1000))):
        usable = re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64]
        if usable not in taken:
            return usable
    raise ConductError(f"{server} has too many tools that are called alike")


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
