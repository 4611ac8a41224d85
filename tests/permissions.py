"""Tests where file permissions count, also when root runs them."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["folder_of_a_plain_user"]

NOBODY = 65534


@contextlib.contextmanager
def folder_of_a_plain_user() -> Generator[Path]:
    """A folder of its own, while this process is nobody to whom permissions do not apply."""
    if os.name != "posix":
        pytest.skip("permissions are POSIX's here")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    was = os.geteuid()
    if was == 0:
        os.chown(folder, NOBODY, -1)
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        os.seteuid(was)
        folder.chmod(0o755)
        shutil.rmtree(folder)
