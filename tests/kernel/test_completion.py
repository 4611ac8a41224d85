"""A real ipykernel: what Tab gives in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .kernel import HANG

if TYPE_CHECKING:
    from .kernel import Kernel


def tab(kernel: Kernel, code: str) -> list[str]:
    """The cells that a cell can become by pressing Tab at its end."""
    request = kernel.client.complete(code)
    reply: dict[str, Any] = {}
    while reply.get("parent_header", {}).get("msg_id") != request:
        reply = kernel.client.get_shell_msg(timeout=HANG)
    found = reply["content"]
    start, end = found["cursor_start"], found["cursor_end"]
    return [code[:start] + match + code[end:] for match in found["matches"]]


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("%score sta", ["%score status"]),
        ("%conduct --only first,se", ["%conduct --only first,second"]),
        ("%cue note f", ["%cue note first"]),
    ],
)
def test_tab_completes_the_magics_lines(kernel: Kernel, code: str, cells: list[str]) -> None:
    assert tab(kernel, code) == cells


def test_tab_completes_moments_once_there_is_a_take(kernel: Kernel) -> None:
    kernel.run("go.set()")
    assert kernel.run("%conduct draft")["status"] == "ok"
    assert tab(kernel, "%conduct --from ") == ["%conduct --from draft", "%conduct --from take1"]
    assert tab(kernel, "%conduct --from draft:s") == ["%conduct --from draft:second"]
