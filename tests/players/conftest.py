"""Readings, and playing a player to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from score_kernel.players.model import close_connections

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@pytest_asyncio.fixture(autouse=True)
async def _connections_closed() -> AsyncGenerator[None]:
    """Each test has its own event loop, and litellm a pool of connections for each loop."""
    yield
    await close_connections()
