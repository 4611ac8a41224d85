"""MCP servers: where they are told of, and their tools.

A server is started, or connected to, as the first tool of it is wanted, and stays open until the
session ends. Each lives in a task of its own, because what the `mcp` package opens has to be closed
in the task that opened it. (Model Context Protocol, https://modelcontextprotocol.io; the package is
`mcp`, version 2.)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit

from ..errors import ConductError
from ..score.text import first_line, shortened
from .failures import without_keys, without_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

FILES = ("mcp.json", ".mcp.json")
"""Beside the notebook, of the form `{"mcpServers": {NAME: {"command": ..., "args": [...]}}}`."""

PATIENCE = 30.0
"""Seconds in which a server has to answer as it is opened."""

SHORTEST_HIDDEN = 6
"""Characters of a value of `env` or `headers` that is kept out of messages; what is shorter is any word."""

_MOST_PAGES = 100

_FORM = (
    'write {"mcpServers": {"NAME": {"command": "python", "args": ["server.py"]}}}, '
    'or "url" for a server that runs'
)


def find_servers(folder: Path, given: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """The servers there are, by name: those `given`, then those of a file in `folder`, then of the settings.

    `given` has either form, with `mcpServers` around it or without. What a server is started with is the
    kernel's environment without the keys in it, and its own `env`. Raises `ConductError`, in one line,
    where a file cannot be read.
    """
    found: dict[str, dict[str, Any]] = {}
    for file in _places(folder):
        for name, server in _read(file, ours=file.parent == folder).items():
            found[name] = _checked(name, server, file.name)
    if given:
        servers = cast("Mapping[str, Any]", given.get("mcpServers", given))
        for name, server in servers.items():
            found[name] = _checked(name, server, "mcp_servers")
    return found


def _places(folder: Path) -> list[Path]:
    """What is told last counts."""
    home = Path(os.environ.get("JUPYTER_CONFIG_DIR") or Path.home() / ".jupyter")
    return [home / "mcp_settings.json", *(folder / name for name in reversed(FILES))]


def _read(file: Path, *, ours: bool) -> Mapping[str, Any]:
    """The servers of a file. One that is not `ours` may be of another form, and is then left alone."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is no UTF-8"
        raise ConductError(f"{file.name} cannot be read: {said}") from None
    try:
        written = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConductError(f"{file.name}, line {error.lineno}: {error.msg}; {_FORM}") from None
    servers: Any = written.get("mcpServers") if isinstance(written, dict) else None
    if not isinstance(servers, dict):
        if not ours:
            return {}
        raise ConductError(f"{file.name} names no servers: {_FORM}")
    return cast("dict[str, Any]", servers)


def _checked(name: str, server: Any, source: str) -> dict[str, Any]:
    told = cast("dict[str, Any]", server) if isinstance(server, dict) else {}
    command, url, shown = told.get("command"), told.get("url"), shortened(name)
    if isinstance(command, str) == isinstance(url, str):
        raise ConductError(f"{source}: the server {shown} has either a command or a url: {_FORM}")
    if url is not None and not str(url).startswith(("http://", "https://")):
        raise ConductError(f"{source}: the url of the server {shown} starts with http:// or https://")
    for key, kind, word in (("args", list, "list"), ("env", dict, "mapping"), ("headers", dict, "mapping")):
        if not isinstance(told.get(key), kind | None):
            raise ConductError(f"{source}: `{key}` of the server {shown} is a {word}: {_FORM}")
    return told


class McpTool:
    """A tool of a server: `tool` is what the server calls it, `name` what a model does."""

    def __init__(self, server: Server, listed: Any, name: str = "") -> None:
        self._server, self._listed = server, listed
        self.tool: str = listed.name
        self.name = name or self.tool

    def named(self, name: str) -> McpTool:
        """The same under another name."""
        return McpTool(self._server, self._listed, name)

    @property
    def description(self) -> str:
        """What the server says that it does."""
        return self._listed.description or ""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Its JSON schema."""
        return self._listed.input_schema

    async def run(self, arguments: str) -> str:
        """Call it. An error that the server tells is raised, with its text."""
        result = await self._server.call(self.tool, json.loads(arguments or "{}"))
        text = "\n".join(_text(block) for block in result.content)
        if result.is_error:
            raise RuntimeError(self._server.hide(text) or f"{self.tool} failed")
        if not result.content and result.structured_content is not None:
            return json.dumps(result.structured_content, ensure_ascii=False)
        return text


def _text(block: Any) -> str:
    if block.type == "text":
        return block.text
    if block.type == "resource" and getattr(block.resource, "text", None) is not None:
        return block.resource.text
    if block.type == "resource_link":
        return str(block.uri)
    return f"[{block.type}, left out]"


class _Connection:
    """An open server. It lives in a task of its own, until it is told to close or cannot be had."""

    def __init__(self, server: Server) -> None:
        self.loop = asyncio.get_running_loop()
        self.client: Any = None
        self.closing = asyncio.Event()
        self.opened: asyncio.Future[list[Any]] = self.loop.create_future()
        self.task = self.loop.create_task(server.live(self), name=f"mcp: {server.name}")

    async def close(self) -> None:
        """Close it, and wait until what it started has ended."""
        self.closing.set()
        if self.loop is not asyncio.get_running_loop():
            return  # that loop is gone, and its tasks with it
        if not self.opened.done():
            self.task.cancel()
        await asyncio.wait([self.task])


class Server:
    """One server, as it is told of in a file. `folder` is where its command runs."""

    def __init__(self, name: str, config: Mapping[str, Any], folder: Path) -> None:
        self.name = name
        self._config, self._folder = config, folder
        self._connection: _Connection | None = None

    async def tools(self) -> list[McpTool]:
        """Its tools. Opens it first. Raises `ConductError`, in one line."""
        connection = self._connected()
        return [McpTool(self, tool) for tool in await asyncio.shield(connection.opened)]

    async def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        """Call a tool. A server that is gone raises, and is opened anew for the next call."""
        from mcp import MCPError

        connection = self._connected()
        await asyncio.shield(connection.opened)
        try:
            return await connection.client.call_tool(tool, arguments)
        except MCPError as error:
            if _is_gone(error):
                await self._drop(connection)
                raise RuntimeError(
                    f"the MCP server {self.name} ended in the middle of a call of {tool}; "
                    "the next call starts it again"
                ) from None
            raise RuntimeError(self.hide(str(error))) from None
        except Exception as error:
            raise RuntimeError(
                self.hide(f"{tool}: {first_line(str(error)) or type(error).__name__}")
            ) from None

    def _connected(self) -> _Connection:
        """The connection, opened or opening. One that ended is replaced."""
        now = self._connection
        if (
            now is None
            or now.task.done()
            or now.closing.is_set()
            or now.loop is not asyncio.get_running_loop()
        ):
            now = self._connection = _Connection(self)
        return now

    async def _drop(self, connection: _Connection) -> None:
        if self._connection is connection:
            self._connection = None
        await connection.close()

    async def live(self, connection: _Connection) -> None:
        """Open it, list its tools, and keep it open until it is to close. For the connection's own task."""
        opened = connection.opened
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            try:
                async with contextlib.AsyncExitStack() as stack:
                    async with asyncio.timeout(PATIENCE):
                        connection.client = await self._opened(stack, said, connection.closing)
                        tools = await _all_tools(connection.client)
                    if not opened.done():
                        opened.set_result(tools)
                    await connection.closing.wait()
            except BaseException as error:
                if not opened.done():
                    opened.set_exception(ConductError(self._why(error, said)))
                    opened.exception()  # whoever opened it may be gone
                if not isinstance(error, Exception):
                    raise

    async def _opened(self, stack: contextlib.AsyncExitStack, said: Any, ended: asyncio.Event) -> Any:
        from mcp import Client, StdioServerParameters
        from mcp.client.sse import sse_client
        from mcp.client.stdio import stdio_client
        from mcp.client.streamable_http import streamable_http_client

        # It logs what a server says amiss, and what nobody listens to would be shown in a cell.
        logging.getLogger("mcp").addHandler(logging.NullHandler())
        config = self._config
        if "command" in config:
            parameters = StdioServerParameters(
                command=config["command"],
                args=[str(arg) for arg in config.get("args") or ()],
                env=without_secrets(os.environ)
                | {key: str(value) for key, value in (config.get("env") or {}).items()},
                cwd=self._folder / (config.get("cwd") or ""),
            )
            transport = _watched(stdio_client(parameters, errlog=said), ended)
            return await stack.enter_async_context(Client(cast("Any", transport)))
        headers = {key: str(value) for key, value in (config.get("headers") or {}).items()}
        if config.get("type") == "sse" or urlsplit(config["url"]).path.rstrip("/").endswith("/sse"):
            return await stack.enter_async_context(Client(sse_client(config["url"], headers=headers)))
        if not headers:
            return await stack.enter_async_context(Client(config["url"]))
        # Not promised by mcp; a client of one's own is the way to give headers.
        from mcp.shared._httpx_utils import create_mcp_http_client

        http = await stack.enter_async_context(create_mcp_http_client(headers=headers))
        return await stack.enter_async_context(
            Client(streamable_http_client(config["url"], http_client=http))
        )

    def _why(self, error: BaseException, said: Any) -> str:
        while isinstance(error, BaseExceptionGroup) and error.exceptions:
            error = cast("BaseException", error.exceptions[0])
        said.seek(0)
        lines = [line.strip() for line in said.read().splitlines() if line.strip()]
        if isinstance(error, TimeoutError):
            why = f"it did not answer within {PATIENCE:g} s"
        elif isinstance(error, OSError) and error.filename:
            why = f"{error.strerror}: {error.filename}"
        else:
            why = first_line(str(error)) or type(error).__name__
        last = f"; it said: {shortened(lines[-1], 200)}" if lines else ""
        return f"the MCP server {self.name} cannot be had: {self.hide(why + last)}"

    def hide(self, text: str) -> str:
        """The text without what is secret here: values of `env`, of `headers` and of the URL, and keys."""
        for value in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(value, "[hidden]")
        return without_keys(text)

    def _secrets(self) -> set[str]:
        told = [str(value) for key in ("env", "headers") for value in (self._config.get(key) or {}).values()]
        url = urlsplit(str(self._config.get("url") or ""))
        told += [url.password or "", *(value for _, value in parse_qsl(url.query))]
        words = [word for value in told for word in (value, *value.split())]
        return {word for word in words if len(word) >= SHORTEST_HIDDEN}

    async def close(self) -> None:
        """End it; what it started ends too. It is opened anew where it is wanted again."""
        if self._connection is not None:
            await self._drop(self._connection)


@contextlib.asynccontextmanager
async def _watched(transport: Any, ended: asyncio.Event) -> AsyncGenerator[tuple[Any, Any]]:
    """The same transport, and `ended` is set as nothing more can come: the next call opens a new one."""
    async with transport as (read, write):
        yield _Watched(read, ended), write


class _Watched:
    """What a server says, as it is read."""

    def __init__(self, read: Any, ended: asyncio.Event) -> None:
        self._read, self._ended = read, ended

    async def __aenter__(self) -> _Watched:
        await self._read.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._read.__aexit__(*error)

    def __aiter__(self) -> _Watched:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._read.__anext__()
        except StopAsyncIteration:
            self._ended.set()
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._read, name)


_NO_SESSION = -32001
"""What servers of the TypeScript SDK answer to a session that they do not know."""


def _is_gone(error: Any) -> bool:
    """Whether the connection is no more, so that any further call would fail as this one did.

    A server that was started anew does not know the session: servers word that differently, and use one
    of these codes. A tool that complains of a session uses another one.
    """
    from mcp.types import CONNECTION_CLOSED, INVALID_REQUEST

    code, message = error.error.code, error.error.message.lower()
    return code == CONNECTION_CLOSED or (code in (INVALID_REQUEST, _NO_SESSION) and "session" in message)


async def _all_tools(client: Any) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


class Servers:
    """The MCP servers of a score. They are looked for as the first is wanted, and opened as they are."""

    def __init__(self, folder: Path, given: Mapping[str, Any] | None = None) -> None:
        self._folder, self.given = folder, given or {}
        self._open: dict[str, Server] = {}

    @property
    def opened(self) -> bool:
        """Whether any was opened, and not closed since."""
        return bool(self._open)

    async def tools(self, name: str) -> Sequence[McpTool]:
        """The tools of a server. Raises `ConductError`, in one line."""
        if name not in self._open:
            known = find_servers(self._folder, self.given)
            if name not in known:
                there = (
                    f"there are {', '.join(known)}"
                    if known
                    else f"there are none: write {FILES[0]} beside the notebook"
                )
                raise ConductError(f"there is no MCP server {name!r}; {there}")
            self._open[name] = Server(name, known[name], self._folder)
        return await self._open[name].tools()

    async def close(self) -> None:
        """End all that were opened."""
        servers = list(self._open.values())
        self._open.clear()
        await asyncio.gather(*(server.close() for server in servers))
