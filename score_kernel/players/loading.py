"""litellm, imported when it is first needed: it takes seconds and 180 MB."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import importlib
import logging
import os
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

_lock = threading.Lock()
_once = contextvars.ContextVar("score_kernel_asking_once", default=False)


@contextlib.contextmanager
def asking_once() -> Generator[None]:
    """In this block one call of litellm is at most one request."""
    mark = _once.set(True)
    try:
        yield
    finally:
        _once.reset(mark)


def load() -> Any:
    """litellm, made quiet. The first call imports it and may take several seconds.

    Where the user has imported litellm already, their settings stay as they are.
    """
    with _lock:
        first = "litellm" not in sys.modules
        # Without it the import resolves and asks a host for the list of prices.
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        import litellm as module

        litellm: Any = module

        # It prints advice to whichever cell ran last.
        litellm.suppress_debug_info = True
        # pydantic's remark on a type of litellm's, made at its first request, would show in a cell.
        warnings.filterwarnings("ignore", message="Item '.*' on TypedDict class")
        _hold_back_second_requests()
        if first:
            litellm.telemetry = False
            litellm.turn_off_message_logging = True
            for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        return litellm


@functools.cache
def load_for_tools() -> None:
    """Import what litellm imports as it is first given tools: two seconds, in which its loop would stand.

    Not promised by litellm, so guarded: without it the first request with tools takes that long.
    """
    load()
    with contextlib.suppress(ImportError):
        importlib.import_module("litellm.responses.mcp.chat_completions_handler")
        importlib.import_module("litellm.responses.mcp.litellm_proxy_mcp_handler")


def _hold_back_second_requests() -> None:
    """Let litellm's own HTTP client not ask again where we count the requests.

    Whatever `num_retries` and `max_retries` say, it sends a request that met a connection reset once
    more, on a new connection, from within its `except` (`AsyncHTTPHandler.post`): the provider may
    have taken both. Outside of `asking_once` it goes on to do so. Not promised by litellm, so
    guarded; a test counts the requests.
    """
    handler: Any = importlib.import_module("litellm.llms.custom_httpx.http_handler")
    client: Any = getattr(handler, "AsyncHTTPHandler", None)
    again: Any = getattr(client, "single_connection_post_request", None)
    if again is None or hasattr(again, "__wrapped__"):
        return

    @functools.wraps(again)
    async def held_back(*args: Any, **kwargs: Any) -> Any:
        failed = sys.exc_info()[1]
        if _once.get() and failed is not None:
            raise failed
        return await again(*args, **kwargs)

    client.single_connection_post_request = held_back
