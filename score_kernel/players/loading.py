"""litellm, imported when it is first needed: it takes seconds and 180 MB."""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from typing import Any

_lock = threading.Lock()


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
        if first:
            litellm.telemetry = False
            litellm.turn_off_message_logging = True
            for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        return litellm
