"""The recorded provider streams, served on the loopback interface."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import threading
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.cases import CASES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

CHAT = ("/chat/completions", "/v1/messages")


@functools.cache
def tools() -> Any:
    """The module that serves and reads the recordings. It lies beside the cases."""
    assert CASES is not None
    spec = importlib.util.spec_from_file_location("recorded_provider", CASES.parent / "tools" / "provider.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def exchanges() -> dict[str, Any]:
    """Every recorded exchange by its id."""
    assert CASES is not None
    return {name: case for name, case in tools().load(CASES / "http").items() if isinstance(case, dict)}


def streams(wanted: Callable[[list[str], str, str | None], bool]) -> dict[str, str]:
    """Recorded streams in OpenAI's or Anthropic's form, as id to form: those for which `wanted` of
    (tags, text, finish)."""
    found: dict[str, str] = {}
    for name, case in exchanges().items():
        path = case["request"]["path"].partition("?")[0].partition("#")[0]
        if "sse" in case["tags"] and path.endswith(CHAT):
            text, _, _, finish = tools().expected(case)
            if wanted(case["tags"], text, finish):
                found[name] = "anthropic" if path.endswith("/messages") else "openai"
    return found


def expected(name: str) -> str:
    """The text of a recorded stream, read without any client library."""
    return tools().expected(exchanges()[name])[0]


@contextlib.asynccontextmanager
async def served(
    cases: dict[str, Any] | None = None, seen: list[dict[str, Any]] | None = None
) -> AsyncGenerator[str]:
    """The recorded provider's address. The bodies of the requests that come are put into `seen`."""
    application = tools().application(exchanges() if cases is None else cases, 0)

    @web.middleware
    async def look(request: web.Request, handler: Any) -> web.StreamResponse:
        if seen is not None:
            seen.append(await request.json())
        return await handler(request)

    application.middlewares.append(look)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.contextmanager
def beside() -> Generator[str]:
    """The same on a thread of its own: the performance thread must not serve itself."""
    loop = asyncio.new_event_loop()
    server = served()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def end() -> None:
        await server.__aexit__(None, None, None)
        stalled = asyncio.all_tasks() - {asyncio.current_task()}
        for task in stalled:  # their clients have gone, and nobody told them
            task.cancel()
        await asyncio.gather(*stalled, return_exceptions=True)

    try:
        yield asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(30)
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
