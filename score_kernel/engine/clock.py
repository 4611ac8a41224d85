"""The system's clock."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """The `Clock` port over the system's monotonic clock and time of day."""

    def now(self) -> float:
        """Seconds, monotonic."""
        return time.monotonic()

    def wall(self) -> str:
        """UTC, ISO 8601, to the second."""
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(seconds)
