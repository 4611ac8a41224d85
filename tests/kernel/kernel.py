"""A real ipykernel, driven as a notebook drives it, and what a page knows of a performance in it."""

from __future__ import annotations

import json
import time
from typing import Any

from jupyter_client.manager import KernelManager

HANG = 60  # seconds: generous, only against a test that would hang


class Kernel:
    """A kernel, driven as a notebook drives it."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=HANG)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def start(self, code: str) -> str:
        """Send a cell, and go on."""
        # a kernel aborts what it is asked just after a cell that failed, unless told not to
        return self.client.execute(code, stop_on_error=False)

    def finish(self, cell: str) -> dict[str, Any]:
        """Wait for a cell's end, and give its reply."""
        deadline = time.monotonic() + HANG
        while time.monotonic() < deadline:
            reply = self.client.get_shell_msg(timeout=HANG)
            if reply["parent_header"].get("msg_id") == cell:
                return reply["content"]
        raise TimeoutError(cell)

    def run(self, code: str) -> dict[str, Any]:
        return self.finish(self.start(code))

    def value(self, expression: str) -> Any:
        """The value of an expression, asked between cells."""
        cell = self.client.execute("", user_expressions={"it": expression}, silent=True)
        return eval(self.finish(cell)["user_expressions"]["it"]["data"]["text/plain"])

    def rest(self) -> None:
        """Wait until no cell is being run: a reply comes a little before the kernel is done with its cell."""
        cell = self.client.execute("", silent=True)
        self.finish(cell)
        ended = False
        while not ended:
            message = self.client.get_iopub_msg(timeout=HANG)
            ours = message["parent_header"].get("msg_id") == cell
            ended = ours and message["content"].get("execution_state") == "idle"

    def until(self, expression: str) -> None:
        """Wait until an expression is true: a state, not a time."""
        deadline = time.monotonic() + HANG
        while not self.value(expression):
            assert time.monotonic() < deadline, expression


class Page:
    """A page that shows the performance of the cell that is running, and its buttons.

    What it sends goes through a subshell, as it does from JupyterLab.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._client = kernel.client
        self._comm = ""
        while not self._comm:
            message = self._client.get_iopub_msg(timeout=HANG)
            if message["msg_type"] == "display_data":
                view = message["content"]["data"]["application/vnd.jupyter.widget-view+json"]
                self._comm = view["model_id"]
        self._client.control_channel.send(self._client.session.msg("create_subshell_request"))
        self._subshell = self._client.get_control_msg(timeout=HANG)["content"]["subshell_id"]
        self._send({"type": "hello"})
        self._heard("snapshot")

    def cue(self, cue: str, **more: str) -> None:
        """Press a button."""
        self._send({"type": "cue", "cue": {"type": cue, **more}})

    def shown(self) -> str:
        """Wait until a take is shown from its beginning, and give its id."""
        return self._next("snapshot")["content"]["data"]["content"]["take"]

    def refused(self) -> str:
        """Wait until a cue is refused, and give the line that says why."""
        return self._next("refused")["content"]["data"]["content"]["text"]

    def until(self, event: str) -> None:
        """Wait until an event of this kind is there."""
        while event not in {json.loads(line)["type"] for line in self._heard("events").splitlines()}:
            pass

    def _send(self, content: dict[str, Any]) -> None:
        data = {"method": "custom", "content": content}
        message = self._client.session.msg("comm_msg", {"comm_id": self._comm, "data": data})
        message["header"]["subshell_id"] = self._subshell
        self._client.shell_channel.send(message)

    def _heard(self, kind: str) -> bytes:
        """The buffer of the next message of this kind."""
        return bytes(self._next(kind)["buffers"][0])

    def _next(self, kind: str) -> dict[str, Any]:
        """The next message of this kind."""
        while True:
            message = self._client.get_iopub_msg(timeout=HANG)
            content = message["content"]
            ours = message["msg_type"] == "comm_msg" and content["comm_id"] == self._comm
            if ours and content["data"].get("content", {}).get("type") == kind:
                return message
