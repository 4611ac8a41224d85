"""What is installed, and what this kernel can see of it. Nothing is imported, called or revealed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXTENSION = Path("labextensions", "score-kernel", "package.json")
"""Where JupyterLab and Notebook look for the extension, below a Jupyter data folder."""

PACKAGES = ("ipython", "ipykernel", "jupyterlab", "anywidget", "ipywidgets", "msgspec")

_KEY = re.compile(
    r"(?!JUPYTER|JPY).*(_API_KEY|_API_TOKEN)|(HF|HUGGINGFACE|REPLICATE)\w*_TOKEN|HUGGINGFACE\w*_KEY"
    r"|AWS_(ACCESS_KEY_ID|BEARER_TOKEN_BEDROCK|PROFILE)|GOOGLE_APPLICATION_CREDENTIALS"
)


def examine(namespace: Mapping[str, object], kernel: bool, model: str | None) -> Iterator[str]:
    """What a doctor would tell of this kernel, a line each.

    `namespace` is the notebook's, `kernel` whether there is one at all (else it is a terminal),
    `model` the one of parts that name none.
    """
    yield f"score-kernel {version('score-kernel') or 'from a folder, not installed'}"
    yield f"Python {platform.python_version()} on {platform.system()}"
    yield f"front end: {front_end(os.environ, namespace, kernel)}"
    folder = next((f for f in data_folders(os.environ) if (f / EXTENSION).is_file()), None)
    if folder is not None:
        yield f"extension: found in {folder}"
    else:
        yield (
            "extension: not found beside this kernel; a saved notebook shows pictures only, unless it is "
            "where the server runs: pip install score-kernel there, and reload the page"
        )
    yield ", ".join(f"{name} {version(name) or 'not installed'}" for name in PACKAGES)
    litellm = version("litellm")
    if litellm and importlib.util.find_spec("litellm"):
        yield f"litellm {litellm}, loaded with the first part that a model plays"
    else:
        yield "litellm is not installed: no model can play; run %pip install 'litellm[mcp]'"
    unset = "none; set SCORE_MODEL, or write model: in %%orchestrate"
    yield f"default model: {model or unset}"
    yield f"keys in the environment, by name only: {', '.join(keys(os.environ)) or 'none'}"


def version(package: str) -> str | None:
    """The version of an installed package, or `None`. Does not import it."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def front_end(environ: Mapping[str, str], namespace: Mapping[str, object], kernel: bool) -> str:
    """What shows this notebook, as far as it says so."""
    if not kernel:
        return "a terminal (IPython): no view, everything in words"
    if "__vsc_ipynb_file__" in namespace:
        return "Visual Studio Code"
    if "google.colab" in sys.modules:
        return "Google Colab"
    if environ.get("JPY_SESSION_NAME"):
        return "a Jupyter server's (JupyterLab, Notebook or a console)"
    return "it does not say what it is (nbclient, papermill, a console, ...)"


def data_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    """Where Jupyter keeps its data: `JUPYTER_PATH`, the user's folder, the environment's, the system's.

    As `jupyter_core.paths.jupyter_path` has it.
    """
    yield from (Path(folder) for folder in environ.get("JUPYTER_PATH", "").split(os.pathsep) if folder)
    if environ.get("JUPYTER_DATA_DIR"):
        yield Path(environ["JUPYTER_DATA_DIR"])
    elif sys.platform == "darwin":
        yield Path.home() / "Library" / "Jupyter"
    elif sys.platform == "win32":
        yield Path(environ.get("APPDATA", Path.home())) / "jupyter"
    else:
        yield Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "jupyter"
    for prefix in (sys.prefix, "/usr/local", "/usr"):
        yield Path(prefix) / "share" / "jupyter"


def keys(environ: Mapping[str, str]) -> list[str]:
    """The names of the keys for models that are set; never what they are.

    >>> keys({"OPENAI_API_KEY": "sk-123", "HOME": "/"})
    ['OPENAI_API_KEY']
    """
    return sorted(name for name, value in environ.items() if value and _KEY.fullmatch(name))
