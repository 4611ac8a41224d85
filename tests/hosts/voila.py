"""A real Voila server, for one folder of notebooks."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil

from .surroundings import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path


class Voila:
    """Serves the notebooks in `root`: each page that is opened runs its notebook anew."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "notebooks"
        self.root.mkdir()
        extension = ROOT / "score_kernel" / "view" / "static" / "labextension"
        # as it is built now, and not as it was when it was installed; Voila serves no links
        shutil.copytree(extension, folder / "path" / "labextensions" / "score-kernel")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "voila", "--no-browser", f"--port={_free_port()}"),
                # an extension of Notebook 7, which Voila cannot load and complains of
                "--VoilaConfiguration.extension_denylist=@jupyter-notebook/lab-extension",
                str(self.root),
            ],
            cwd=folder,
            env=environment(folder) | {"JUPYTER_PATH": str(folder / "path")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._told = ""
        self.url = self._wait_for_url()

    def _wait_for_url(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._told += line
            if found := re.fullmatch(r"(http://\S+/)\s*", line):
                return found[1]
        raise RuntimeError(f"Voila did not start:\n{self._told}")

    def page(self, notebook: str) -> str:
        """The address of a notebook."""
        return f"{self.url}voila/render/{notebook}"

    def close(self) -> None:
        """End the server and its kernels."""
        family = psutil.Process(self._process.pid).children(recursive=True)
        self._process.terminate()
        try:
            self._process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        _, alive = psutil.wait_procs(family, timeout=5)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, timeout=5)


def _free_port() -> int:
    """A port that is free now. Should it be taken meanwhile, Voila tries those beside it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
