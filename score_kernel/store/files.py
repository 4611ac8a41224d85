"""Writing a file whole or not at all, and telling what is wrong with one."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreUnwritable
from ..score.text import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file: whole, or not at all. Raises `StoreUnwritable`.

    What was there before stays until the new file is whole on the disk.
    """
    try:
        target = Path(os.path.realpath(path))
        if there := target.exists():
            target.open("r+b").close()  # what is protected is not replaced either
        temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            with temporary.open("xb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            if there:
                with contextlib.suppress(OSError):  # not every disk knows modes
                    temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            temporary.replace(target)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    except FileNotFoundError as error:
        raise _unwritable(path, "there is no such folder") from error
    except IsADirectoryError as error:
        raise _unwritable(path, "it is a folder") from error
    except (OSError, ValueError) as error:  # ValueError: no name for a file on this machine
        raise _unwritable(path, reason(error)) from error


def named(path: Path) -> str:
    """A file's name within one line of a message."""
    name = path.name or str(path)
    return name if name.isprintable() else shortened(name, 255)


def reason(error: OSError | ValueError) -> str:
    """Why the system could not, in its own words."""
    return (isinstance(error, OSError) and error.strerror) or shortened(str(error), 200)


def _unwritable(path: Path, why: str) -> StoreUnwritable:
    return StoreUnwritable(f"{named(path)} cannot be written: {why}; choose another place")
