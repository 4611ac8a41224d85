"""MCP servers that really run: started over stdio, and reached over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_asyncio

from score_kernel.errors import ConductError
from score_kernel.players import mcp as mcp_module
from score_kernel.players.mcp import McpTool, Servers, find_servers
from score_kernel.players.tools import PartToolbox, tools_of
from score_kernel.score.plan import Part

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

SECRET = "sesame-open-4711"

SERVER = '''
import asyncio, os, socket, sys

import anyio
from mcp.server.mcpserver import MCPServer
from mcp import MCPError
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ImageContent

server = MCPServer("files")


@server.tool()
def read(name: str, lines: int = 1) -> str:
    """Read a file."""
    return f"{name}: {lines}"


@server.tool(name="read.all", structured_output=True)
def read_all() -> dict[str, int]:
    """All of them."""
    return {"a": 1}


@server.tool()
def picture() -> list:
    return ["a picture:", ImageContent(type="image", data="AAAA", mime_type="image/png")]


@server.tool()
def fail(say: str) -> str:
    raise ToolError(say + os.environ.get("FILES_TOKEN", ""))


@server.tool()
def refuse() -> str:
    raise MCPError(code=-32602, message="no login session of that name")


@server.tool()
def pid() -> int:
    return os.getpid()


@server.tool()
def sign(file: str) -> None:
    with open(file, "a") as out:
        print(os.getpid(), file=out)


@server.tool()
def here() -> str:
    return os.getcwd()


@server.tool()
def variable(name: str) -> str:
    return os.environ.get(name, "none")


@server.tool()
def die() -> str:
    os._exit(3)


@server.tool()
async def wait(port: int) -> str:
    """Say that it has begun, and how it ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"began\\n")
    try:
        await asyncio.Event().wait()
    finally:
        writer.write(b"cancelled\\n")
        writer.close()
    return ""


if sys.argv[1:2] == ["http"]:
    import uvicorn

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[2])))
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(server.streamable_http_app(), log_level="critical")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))
else:
    server.run()
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "server.py").write_text(SERVER, "utf-8")
    return tmp_path


@pytest_asyncio.fixture
async def stdio(folder: Path) -> AsyncGenerator[Servers]:
    """`files`, started as it is wanted."""
    write(folder / "mcp.json", files=local())
    servers = Servers(folder)
    yield servers
    await servers.close()


@contextlib.contextmanager
def running(folder: Path, port: int = 0) -> Generator[str]:
    """The address of `files` while it runs on its own."""
    with subprocess.Popen(
        [sys.executable, "server.py", "http", str(port)], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/mcp"
        finally:
            process.kill()


@pytest.fixture
def address(folder: Path) -> Generator[str]:
    with running(folder) as address:
        yield address


@pytest_asyncio.fixture
async def http(folder: Path, address: str) -> AsyncGenerator[Servers]:
    """`files`, which runs already."""
    servers = Servers(folder, {"files": {"url": address}})
    yield servers
    await servers.close()


@pytest.fixture(params=["stdio", "http"])
def servers(request: pytest.FixtureRequest) -> Servers:
    """`files`, over either transport."""
    return request.getfixturevalue(request.param)


def local(**more: object) -> dict[str, object]:
    return {"command": sys.executable, "args": ["server.py"], **more}


def write(file: Path, **servers: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"mcpServers": servers}), "utf-8")


async def tool(servers: Servers, name: str) -> McpTool:
    return next(tool for tool in await servers.tools("files") if tool.tool == name)


async def call(servers: Servers, name: str, /, **arguments: object) -> str:
    return await (await tool(servers, name)).run(json.dumps(arguments))


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# Calling --------------------------------------------------------------------------------------


async def test_its_tools_are_listed_with_their_schemas(servers: Servers) -> None:
    read = await tool(servers, "read")
    assert (read.name, read.description) == ("read", "Read a file.")
    assert read.parameters["required"] == ["name"]
    assert read.parameters["properties"]["lines"]["type"] == "integer"
    assert json.loads(json.dumps(read.parameters)) == read.parameters


async def test_a_call_gives_its_text(servers: Servers) -> None:
    assert await call(servers, "read", name="a.txt", lines=2) == "a.txt: 2"
    assert await (await tool(servers, "pid")).run("") != ""
    assert json.loads(await call(servers, "read.all")) == {"a": 1}


async def test_what_is_no_text_is_named(servers: Servers) -> None:
    assert await call(servers, "picture") == "a picture:\n[image, left out]"


async def test_calls_run_beside_each_other(servers: Servers) -> None:
    read = await tool(servers, "read")
    said = await asyncio.gather(*(read.run(json.dumps({"name": f"{n}"})) for n in range(20)))
    assert said == [f"{n}: 1" for n in range(20)]


async def test_what_a_tool_raises_is_raised_with_its_text(servers: Servers) -> None:
    with pytest.raises(RuntimeError, match="no such file: x"):
        await call(servers, "fail", say="no such file: x")
    with pytest.raises(RuntimeError, match="name"):
        await call(servers, "read")
    assert await call(servers, "read", name="still there") == "still there: 1"


async def test_a_tool_that_complains_of_a_session_leaves_the_connection_as_it_is(servers: Servers) -> None:
    before = await call(servers, "pid")
    refuse, read = await tool(servers, "refuse"), await tool(servers, "read")
    waiting = await tool(servers, "wait")
    async with listening() as listener:
        waits = asyncio.ensure_future(waiting.run(json.dumps({"port": listener.port})))
        await listener.hear()
        with pytest.raises(RuntimeError, match=r"^no login session of that name"):
            await refuse.run("{}")
        assert await read.run('{"name": "x"}') == "x: 1"
        assert not waits.done()
        waits.cancel()
        await asyncio.wait([waits])
    assert await call(servers, "pid") == before


async def test_a_server_that_ends_in_a_call_is_started_again_for_the_next(stdio: Servers) -> None:
    read, die, pid = (await tool(stdio, "read"), await tool(stdio, "die"), await tool(stdio, "pid"))
    first = int(await pid.run("{}"))
    with pytest.raises(RuntimeError) as ended:
        await die.run("{}")
    assert str(ended.value) == (
        "the MCP server files ended in the middle of a call of die; the next call starts it again"
    )
    assert await read.run('{"name": "again"}') == "again: 1"
    assert int(await pid.run("{}")) != first
    assert not runs(first)


async def test_when_it_ends_every_call_is_told_and_one_server_is_started(stdio: Servers) -> None:
    die, read = await tool(stdio, "die"), await tool(stdio, "read")
    async with listening() as listener:
        waiting = asyncio.ensure_future(call(stdio, "wait", port=listener.port))
        await listener.hear()
        ended = await asyncio.gather(die.run("{}"), waiting, return_exceptions=True)
        assert ["ended in the middle" in str(error) for error in ended] == [True, True]
    pids = await asyncio.gather(*(call(stdio, "pid") for _ in range(5)))
    assert len(set(pids)) == 1
    assert await read.run('{"name": "x"}') == "x: 1"


async def test_one_that_ended_between_two_calls_is_not_missed(stdio: Servers) -> None:
    pid = int(await call(stdio, "pid"))
    connected = [task for task in asyncio.all_tasks() if task.get_name() == "mcp: files"]
    os.kill(pid, signal.SIGKILL)
    await asyncio.wait(connected, timeout=10)
    assert not runs(pid)
    assert int(await call(stdio, "pid")) != pid


async def test_one_that_was_started_anew_at_its_address_is_found_again(folder: Path) -> None:
    with running(folder) as address:
        servers = Servers(folder, {"files": {"url": address}})
        read = await tool(servers, "read")
        assert await read.run('{"name": "x"}') == "x: 1"
    with pytest.raises(RuntimeError) as gone:
        await read.run('{"name": "x"}')
    assert "\n" not in str(gone.value)
    with running(folder, int(address.split(":")[2].removesuffix("/mcp"))):
        assert await read.run('{"name": "y"}') == "y: 1"
        await servers.close()


async def test_a_cancelled_call_is_cancelled_at_the_server_too(servers: Servers) -> None:
    async with listening() as listener:
        calling = asyncio.ensure_future(call(servers, "wait", port=listener.port))
        assert await listener.hear() == "began"
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        assert await listener.hear() == "cancelled"
    assert await call(servers, "read", name="x") == "x: 1"


class Listener(NamedTuple):
    port: int
    lines: asyncio.Queue[str]

    async def hear(self) -> str:
        async with asyncio.timeout(10):
            return await self.lines.get()


@contextlib.asynccontextmanager
async def listening() -> AsyncGenerator[Listener]:
    lines = asyncio.Queue[str]()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for line in reader:
            lines.put_nowait(line.decode().strip())
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield Listener(server.sockets[0].getsockname()[1], lines)


# Opening and closing --------------------------------------------------------------------------


async def test_closed_no_process_is_left_and_wanted_again_it_starts(stdio: Servers) -> None:
    assert not stdio.opened
    pid = int(await call(stdio, "pid"))
    assert stdio.opened
    assert runs(pid)
    await stdio.close()
    assert not stdio.opened
    assert not runs(pid)
    assert int(await call(stdio, "pid")) != pid


async def test_it_is_opened_once_however_many_want_it(stdio: Servers) -> None:
    pids = await asyncio.gather(*(call(stdio, "pid") for _ in range(5)))
    assert len(set(pids)) == 1


async def test_who_gives_up_waiting_leaves_it_to_the_others(stdio: Servers) -> None:
    first, second = (asyncio.ensure_future(call(stdio, "pid")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert runs(int(await second))


async def test_another_event_loop_opens_one_of_its_own(stdio: Servers) -> None:
    pid = await call(stdio, "pid")

    async def elsewhere() -> str:
        other = await call(stdio, "pid")
        await stdio.close()
        return other

    assert await asyncio.to_thread(asyncio.run, elsewhere()) != pid
    await stdio.close()


async def test_it_runs_beside_the_notebook_or_where_it_is_told(folder: Path) -> None:
    (folder / "sub").mkdir()
    given = {"files": local(), "sub": local(args=[str(folder / "server.py")], cwd="sub")}
    servers = Servers(folder, given)
    try:
        for name, where in (("files", folder), ("sub", folder / "sub")):
            here = next(tool for tool in await servers.tools(name) if tool.tool == "here")
            assert await here.run("{}") == str(where.resolve())
    finally:
        await servers.close()


# Refused --------------------------------------------------------------------------------------


async def refusal(servers: Servers, name: str = "files") -> str:
    with pytest.raises(ConductError) as refused:
        await servers.tools(name)
    await servers.close()
    assert "\n" not in str(refused.value)
    return str(refused.value)


async def test_a_server_that_nobody_told_of_is_one_line(tmp_path: Path) -> None:
    assert await refusal(Servers(tmp_path), "web") == (
        "there is no MCP server 'web'; there are none: write mcp.json beside the notebook"
    )
    write(tmp_path / "mcp.json", files=local(), docs=local())
    assert await refusal(Servers(tmp_path), "web") == "there is no MCP server 'web'; there are files, docs"


async def test_a_command_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    servers = Servers(tmp_path, {"files": {"command": "no-such-command"}})
    assert await refusal(servers) == (
        "the MCP server files cannot be had: No such file or directory: no-such-command"
    )


async def test_a_server_that_fails_says_its_last_words(tmp_path: Path) -> None:
    given = {"files": {"command": sys.executable, "args": ["-c", "raise SystemExit('no disk here')"]}}
    assert await refusal(Servers(tmp_path, given)) == (
        "the MCP server files cannot be had: Connection closed; it said: no disk here"
    )


async def test_one_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_module, "PATIENCE", 0.2)
    given = {"files": {"command": sys.executable, "args": ["-c", "import sys; sys.stdin.read()"]}}
    assert await refusal(Servers(tmp_path, given)) == (
        "the MCP server files cannot be had: it did not answer within 0.2 s"
    )


async def test_nobody_at_the_address_is_one_line(tmp_path: Path) -> None:
    async with listening() as listener:
        port = listener.port
    line = await refusal(Servers(tmp_path, {"files": {"url": f"http://127.0.0.1:{port}/mcp"}}))
    assert line.startswith("the MCP server files cannot be had: ")


async def test_what_is_refused_once_may_be_had_the_next_time(folder: Path) -> None:
    servers = Servers(folder, {"files": local()})
    (folder / "server.py").rename(folder / "away.py")
    with pytest.raises(ConductError):
        await servers.tools("files")
    (folder / "away.py").rename(folder / "server.py")
    assert await call(servers, "read", name="x") == "x: 1"
    await servers.close()


async def test_what_is_secret_is_in_no_message(folder: Path) -> None:
    words = f"import os; raise SystemExit('bad token: {SECRET} ' + os.environ['FILES_TOKEN'])"
    env = {"FILES_TOKEN": SECRET}
    started = {"command": sys.executable, "args": ["-c", words], "env": env}
    assert await refusal(Servers(folder, {"files": started})) == (
        "the MCP server files cannot be had: Connection closed; it said: bad token: [hidden] [hidden]"
    )
    servers = Servers(folder, {"files": local(env=env)})
    with pytest.raises(RuntimeError) as raised:
        await call(servers, "fail", say="used ")
    assert str(raised.value).endswith("used [hidden]")
    await servers.close()
    async with listening() as listener:
        port = listener.port
    for url in (f"http://me:{SECRET}@127.0.0.1:{port}/mcp", f"http://127.0.0.1:{port}/mcp?key={SECRET}"):
        headers = {"Authorization": f"Bearer {SECRET}"}
        assert SECRET not in await refusal(Servers(folder, {"files": {"url": url, "headers": headers}}))


async def test_a_server_is_given_what_it_is_told_and_none_of_our_keys(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("SOME_FOLDER", "here")
    servers = Servers(folder, {"files": local(env={"FILES_TOKEN": "told", "LEVEL": 3})})
    seen = {
        name: await call(servers, "variable", name=name)
        for name in ("OPENAI_API_KEY", "SOME_FOLDER", "FILES_TOKEN", "LEVEL")
    }
    await servers.close()
    assert seen == {"OPENAI_API_KEY": "none", "SOME_FOLDER": "here", "FILES_TOKEN": "told", "LEVEL": "3"}


async def test_closed_while_it_opens_it_is_gone_at_once(tmp_path: Path) -> None:
    async with listening() as listener:
        words = (
            "import os, socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1])));"
            "s.sendall(f'{os.getpid()}\\n'.encode()); sys.stdin.read()"
        )
        given = {"files": {"command": sys.executable, "args": ["-c", words, listener.port]}}
        servers = Servers(tmp_path, given)
        opening = asyncio.ensure_future(servers.tools("files"))
        pid = int(await listener.hear())
        await servers.close()
        assert not runs(pid)
        with pytest.raises(ConductError):
            await opening


async def test_headers_are_sent(folder: Path, address: str) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    servers = Servers(folder, {"files": {"url": address, "headers": headers}})
    assert await call(servers, "read", name="x") == "x: 1"
    await servers.close()


# Where servers are told of --------------------------------------------------------------------


def where(**more: Any) -> dict[str, Any]:
    return {"command": "python", **more}


def test_what_is_given_goes_before_the_notebooks_file_and_that_before_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    beside = tmp_path / "beside"
    write(tmp_path / "config" / "mcp_settings.json", a=where(cwd="settings"), b=where(cwd="settings"))
    write(beside / ".mcp.json", b=where(cwd="hidden"), c=where(cwd="hidden"), d=where(cwd="hidden"))
    write(beside / "mcp.json", c=where(cwd="file"), d=where(cwd="file"))
    found = find_servers(beside, {"d": where(cwd="given")})
    assert {name: server["cwd"] for name, server in found.items()} == {
        "a": "settings",
        "b": "hidden",
        "c": "file",
        "d": "given",
    }
    assert find_servers(beside, {"mcpServers": {"d": where(cwd="given")}}) == found


def test_settings_of_another_form_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "mcp_settings.json").write_text('{"mcp_servers": []}', "utf-8")
    assert find_servers(tmp_path, {"a": where()}) == {"a": where()}


def test_without_any_file_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert find_servers(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "mcp.json, line 1: Expecting property name enclosed in double quotes; write"),
        ("[]", "mcp.json names no servers: write"),
        ("{}", "mcp.json names no servers: write"),
        ('{"mcpServers": []}', "mcp.json names no servers: write"),
        ('{"mcpServers": {"a": 3}}', "mcp.json: the server a has either a command or a url: write"),
        ('{"mcpServers": {"a": {}}}', "mcp.json: the server a has either a command or a url: write"),
        ('{"mcpServers": {"a": {"command": "x", "url": "y"}}}', "mcp.json: the server a has either"),
        ('{"mcpServers": {"a": {"command": "x", "args": "y"}}}', "mcp.json: `args` of the server a is a list: write"),
        ('{"mcpServers": {"a": {"command": "x", "env": []}}}', "mcp.json: `env` of the server a is a mapping: write"),
        ('{"mcpServers": {"a": {"url": "localhost"}}}', "mcp.json: the url of the server a starts with http"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: str
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    (tmp_path / "mcp.json").write_text(text, "utf-8")
    with pytest.raises(ConductError) as refused:
        find_servers(tmp_path)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ConductError, match=r"^mcp\.json cannot be read: it is no UTF-8$"):
        find_servers(tmp_path)
    (tmp_path / "mcp.json").unlink()
    (tmp_path / "mcp.json").mkdir()
    with pytest.raises(ConductError, match=r"^mcp\.json cannot be read: Is a directory$"):
        find_servers(tmp_path)


def test_what_is_given_is_checked_too(tmp_path: Path) -> None:
    with pytest.raises(ConductError, match="mcp_servers: the server a has either a command or a url"):
        find_servers(tmp_path, {"a": {"cmd": "x"}})


# As the tools of a part -----------------------------------------------------------------------


def box(servers: Servers, *tools: str, ask: tuple[str, ...] = ()) -> PartToolbox:
    def pid() -> str:
        """One of the notebook's."""
        return "mine"

    found = tools_of(Part("coder", tools=tools, ask=ask), {"pid": pid}.__getitem__, servers)
    assert isinstance(found, PartToolbox)
    return found


async def names(toolbox: PartToolbox) -> list[str]:
    return [tool.name for tool in await toolbox.open()]


async def test_a_part_is_offered_all_tools_of_a_server_or_the_one_it_names(stdio: Servers) -> None:
    assert await names(box(stdio, "mcp:files/read")) == ["read"]
    all_of_them = await names(box(stdio, "mcp:files"))
    assert len(all_of_them) == 11
    assert "read_all" in all_of_them


async def test_names_that_are_taken_are_told_apart(stdio: Servers) -> None:
    toolbox = box(stdio, "pid", "mcp:files/pid", "mcp:files/read", "mcp:files/read")
    tools = {tool.name: tool for tool in await toolbox.open()}
    assert list(tools) == ["pid", "files_pid", "read", "files_read"]
    assert await tools["pid"].run("{}") == "mine"
    assert (await tools["files_pid"].run("{}")).isdigit()


async def test_asking_goes_by_the_server_or_by_the_tool(stdio: Servers) -> None:
    whole = box(stdio, "pid", "mcp:files", ask=("mcp:files",))
    one = box(stdio, "pid", "mcp:files", ask=("mcp:files/pid",))
    assert {name for name in await names(whole) if not whole.asks(name)} == {"pid"}
    assert [name for name in await names(one) if one.asks(name)] == ["files_pid"]


async def test_a_tool_that_a_server_has_not_is_one_line(stdio: Servers) -> None:
    with pytest.raises(
        ConductError, match=r"^coder: files has no tool 'write'; it has read, read\.all, picture,"
    ):
        await box(stdio, "mcp:files/write").open()
    with pytest.raises(
        ConductError, match=r"^coder: `ask` names mcp:files/write, and there is no such tool$"
    ):
        await box(stdio, "mcp:files", ask=("mcp:files/write",)).open()
