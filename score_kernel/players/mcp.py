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
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import ConductError
from ..score.text import first_line, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILES = ("mcp.json", ".mcp.json")
"""Beside the notebook, of the form `{"mcpServers": {NAME: {"command": ..., "args": [...]}}}`."""

PATIENCE = 30.0
"""Seconds in which a server has to answer as it is opened."""

_FORM = 'write {"mcpServers": {"NAME": {"command": "python", "args": ["server.py"]}}}, or "url" for a server that runs'


def find_servers(folder: Path, given: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """The servers there are, by name: those `given`, then those of a file in `folder`, then of the settings.

    `given` has either form, with `mcpServers` around it or without. Raises `ConductError`, in one line,
    where a file cannot be read.
    """
    found: dict[str, dict[str, Any]] = {}
    for source, servers in ((where, _read(where)) for where in _places(folder)):
        for name, server in servers.items():
            found[name] = _checked(name, server, source.name)
    if given:
        servers = cast("Mapping[str, Any]", given.get("mcpServers", given))
        for name, server in servers.items():
            found[name] = _checked(name, server, "mcp_servers")
    return found


def _places(folder: Path) -> list[Path]:
    """What is told last counts."""
    home = Path(os.environ.get("JUPYTER_CONFIG_DIR") or Path.home() / ".jupyter")
    return [home / "mcp_settings.json", *(folder / name for name in reversed(FILES))]


def _read(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is no UTF-8"
        raise ConductError(f"{file.name} cannot be read: {said}") from None
    try:
        servers = json.loads(text)["mcpServers"]
    except json.JSONDecodeError as error:
        raise ConductError(f"{file.name}, line {error.lineno}: {error.msg}; {_FORM}") from None
    except (KeyError, TypeError):
        raise ConductError(f"{file.name} names no servers: {_FORM}") from None
    if not isinstance(servers, dict):
        raise ConductError(f"{file.name} names no servers: {_FORM}")
    return cast("dict[str, Any]", servers)


def _checked(name: str, server: Any, source: str) -> dict[str, Any]:
    told = cast("dict[str, Any]", server) if isinstance(server, dict) else {}
    command, url = told.get("command"), told.get("url")
    if isinstance(command, str) == isinstance(url, str):
        raise ConductError(f"{source}: the server {shortened(name)} has either a command or a url: {_FORM}")
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
            raise RuntimeError(text or f"{self.tool} failed")
        return text


def _text(block: Any) -> str:
    if block.type == "text":
        return block.text
    if block.type == "resource" and getattr(block.resource, "text", None) is not None:
        return block.resource.text
    return f"[{block.type}, left out]"


class Server:
    """One server, open in a task of its own."""

    def __init__(self, name: str, config: Mapping[str, Any], folder: Path) -> None:
        self.name = name
        self._config, self._folder = config, folder
        self._client: Any = None
        self._task: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[None] | None = None
        self._closing: asyncio.Event | None = None
        self._tools: list[McpTool] | None = None

    @property
    def _lives(self) -> bool:
        return self._task is not None and not self._task.done()

    async def tools(self) -> list[McpTool]:
        """Its tools. Opens it first. Raises `ConductError`, in one line."""
        await self._open()
        if self._tools is None:
            self._tools = [McpTool(self, tool) for tool in (await self._client.list_tools()).tools]
        return self._tools

    async def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        """Call a tool. A server that is gone raises, and is opened anew for the next call."""
        await self._open()
        task = self._task
        assert task is not None
        calling = asyncio.ensure_future(self._client.call_tool(tool, arguments))
        try:
            await asyncio.wait({calling, task}, return_when=asyncio.FIRST_COMPLETED)
            if calling.done():
                return calling.result()
            raise RuntimeError(f"the MCP server {self.name} ended in the middle of a call of {tool}")
        except Exception as error:
            if "closed" in str(error).lower() or type(error).__name__ in (
                "ClosedResourceError",
                "BrokenResourceError",
            ):
                await self.close()
                raise RuntimeError(f"the MCP server {self.name} is gone: {first_line(str(error))}") from None
            raise
        finally:
            if not calling.done():
                calling.cancel()
                with contextlib.suppress(BaseException):
                    await calling

    async def _open(self) -> None:
        if self._lives and self._opened is not None:
            await asyncio.shield(self._opened)
            return
        loop = asyncio.get_running_loop()
        self._opened, self._closing, self._tools = loop.create_future(), asyncio.Event(), None
        self._task = loop.create_task(self._live(self._opened, self._closing), name=f"mcp: {self.name}")
        await asyncio.shield(self._opened)

    async def _live(self, opened: asyncio.Future[None], closing: asyncio.Event) -> None:
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            try:
                async with asyncio.timeout(PATIENCE) as patience:
                    client = await self._connected(said)
                    async with client as self._client:
                        patience.reschedule(None)
                        if not opened.done():
                            opened.set_result(None)
                        await closing.wait()
            except BaseException as error:
                if not opened.done():
                    opened.set_exception(ConductError(self._why(error, said)))
                    opened.exception()  # whoever opened it may be gone
                if isinstance(error, asyncio.CancelledError):
                    raise

    async def _connected(self, said: Any) -> Any:
        from mcp import Client, StdioServerParameters
        from mcp.client.stdio import stdio_client

        config = self._config
        if "command" in config:
            parameters = StdioServerParameters(
                command=config["command"],
                args=[str(arg) for arg in config.get("args", ())],
                env={**os.environ, **{key: str(value) for key, value in (config.get("env") or {}).items()}},
                cwd=config.get("cwd") or self._folder,
            )
            return Client(stdio_client(parameters, errlog=said))
        headers = {key: str(value) for key, value in (config.get("headers") or {}).items()}
        if config.get("type") == "sse" or str(config["url"]).rstrip("/").endswith("/sse"):
            from mcp.client.sse import sse_client

            return Client(sse_client(config["url"], headers=headers))
        if headers:
            from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

            return Client(
                streamable_http_client(config["url"], http_client=create_mcp_http_client(headers=headers))
            )
        return Client(config["url"])

    def _why(self, error: BaseException, said: Any) -> str:
        while isinstance(error, BaseExceptionGroup) and error.exceptions:
            error = cast("BaseException", error.exceptions[0])
        said.seek(0)
        lines = [line.strip() for line in said.read().splitlines() if line.strip()]
        why = f"it did not answer within {PATIENCE:g} s" if isinstance(error, TimeoutError) else str(error)
        last = f"; it said: {shortened(lines[-1], 200)}" if lines else ""
        return f"the MCP server {self.name} cannot be had: {first_line(why) or type(error).__name__}{last}"

    async def close(self) -> None:
        """End it; what it started ends too."""
        if self._closing is not None:
            self._closing.set()
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await asyncio.wait_for(self._task, 5)
        self._task = self._opened = self._tools = None


class Servers:
    """The MCP servers of a score. They are looked for as the first is wanted, and opened as they are."""

    def __init__(self, folder: Path, given: Mapping[str, Any] | None = None) -> None:
        self._folder, self._given = folder, given
        self._open: dict[str, Server] = {}

    async def tools(self, name: str) -> Sequence[McpTool]:
        """The tools of a server. Raises `ConductError`, in one line."""
        if name not in self._open:
            known = find_servers(self._folder, self._given)
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
        for server in self._open.values():
            await server.close()
        self._open.clear()
