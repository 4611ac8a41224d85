"""Which file a notebook's score is kept in: `.score/NOTEBOOK.score` beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreUnwritable

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = ".score"


def notebook_name(environ: Mapping[str, str], namespace: Mapping[str, object]) -> str | None:
    """The notebook's name or path, where its server or editor tells it, else `None`.

    VS Code puts the path into the kernel's namespace (`__vsc_ipynb_file__`); Jupyter's servers put
    it into the kernel's environment (`JPY_SESSION_NAME`,
    `jupyter_server.services.sessions.SessionManager.get_kernel_env`). A console has a session name
    too, without a suffix: it is no notebook.

    >>> notebook_name({"JPY_SESSION_NAME": "/srv/ada/piece.ipynb"}, {})
    '/srv/ada/piece.ipynb'
    >>> notebook_name({"JPY_SESSION_NAME": "console-1-5f2c"}, {})
    """
    told = namespace.get("__vsc_ipynb_file__")
    if isinstance(told, str) and told:
        return told
    session = environ.get("JPY_SESSION_NAME", "")
    return session if Path(session).suffix else None


def default_path(notebook: str | None, folder: Path) -> Path | None:
    """The file for a notebook's score, or `None` where the notebook is not known.

    The folder `.score` is made beside the notebook, with a `.gitignore` that keeps all of it out of
    the repository. Beside it is the folder of its path where that is absolute and there, else
    `folder`. Raises `StoreUnwritable` where the folder cannot be made.

    >>> default_path("piece.ipynb", Path("/srv/ada"))      # doctest: +SKIP
    PosixPath('/srv/ada/.score/piece.score')
    """
    stem = Path(notebook).stem if notebook else ""
    if not notebook or not stem:
        return None
    beside = Path(notebook).parent
    home = (beside if beside.is_absolute() and beside.is_dir() else folder) / FOLDER
    try:
        home.mkdir(exist_ok=True)
        ignore = home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise StoreUnwritable(f"the folder {home} cannot be made ({error.strerror})") from error
    return home / f"{stem}.score"
