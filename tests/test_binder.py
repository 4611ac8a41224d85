"""Binder: what a visitor gets from `binder/` and nothing but the repository.

The steps are those of repo2docker (`buildpacks/base.py` and `buildpacks/conda`), and the server is
started as BinderHub starts it (`helm-chart/binderhub/values.yaml`): root makes an environment and
gives it to a user who is not root; this user has the repository as home, runs `binder/postBuild`
there, and later the `jupyter-lab` that is first on PATH.

What differs here: the environment is a venv and not conda's, its Python is the one of
`binder/runtime.txt` only where this machine has it for everybody, and there is no container around
it. What a visitor cannot count on is taken away: Node, keys, and in the kernel the network.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import chromium
from tests.browser.jupyter import READY, Notebook
from tests.clean import ROOT, copy_checkout, path_without_node

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

pytestmark = pytest.mark.install

# The notebooks that Binder is to play. Each has run before: its outputs tell what is to be seen.
NOTEBOOKS = ["01-first-score", "02-recorded"]

# What Binder's environments have already, of what we and JupyterLab build on: repo2docker's
# `environment.py-3.12-linux-64.lock`, the same versions for 3.11 to 3.14.
BASE = [
    "anyio==4.11.0",
    "httpx==0.28.1",
    "ipykernel==7.0.1",
    "ipython==9.6.0",
    "ipywidgets==8.1.7",
    "jsonschema==4.25.1",
    "jupyter-client==8.6.3",
    "jupyter-lsp==2.3.0",
    "jupyter-offlinenotebook==0.3.2",
    "jupyter-resource-usage==1.2.0",
    "jupyter-server==2.17.0",
    "jupyterhub==5.4.0",
    "jupyterlab==4.4.9",
    "jupyterlab-server==2.27.3",
    "nbclient==0.10.2",
    "notebook==7.4.7",
    "packaging==25.0",
    "pip==25.2",
    "psutil==7.1.0",
    "pydantic==2.12.2",
    "pyyaml==6.0.3",
    "pyzmq==27.1.0",
    "requests==2.32.5",
    "tornado==6.5.2",
    "traitlets==5.14.3",
    "typing-extensions==4.15.0",
]

VIEW = "application/vnd.score-kernel+json"

# How this machine reaches the package registries: for the build, and not for the visitor.
REGISTRIES = re.compile(r"(PIP|NPM_CONFIG|SSL_CERT)_.*|.*_CA_(BUNDLE|CERTS)|(HTTPS?|NO|ALL)_PROXY", re.I)
REGISTRY_FILES = (".config/pip/pip.conf", ".pip/pip.conf", ".npmrc")

# Run by IPython as the kernel starts. ZeroMQ is not asked: it reaches the server on this machine.
NO_NETWORK = """
import sys


def _refuse(event, args):
    if event == "socket.connect":
        host = args[1][0] if isinstance(args[1], tuple) else ""
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
    else:
        return
    if host not in (None, "", "localhost", "127.0.0.1", "::1"):
        with open(REACHED, "a") as file:
            print(host, file=file)
        raise OSError(f"no network: {host}")


sys.addaudithook(_refuse)
"""


class Binder:
    """A user who is not root, with the repository as home, and an environment of their own."""

    root: Path
    """What the server serves: the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "home"
        self.environment = folder / "environment"
        self.reached = self.root / "reached.txt"
        self.url = ""
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.uid, gid = nobody.pw_uid, nobody.pw_gid
            self._user: dict[str, Any] = {"user": self.uid, "group": gid, "extra_groups": []}
        else:
            self.uid, gid, self._user = os.geteuid(), os.getegid(), {}
        path = [self.root / ".local" / "bin", self.environment / "bin"]
        path.append(Path(path_without_node(folder / "bin", "/usr/local/bin:/usr/bin:/bin")))
        self._variables = {
            "HOME": str(self.root),
            "USER": "jovyan",
            "SHELL": "/bin/bash",
            "LC_ALL": "C.UTF-8",
            "PATH": os.pathsep.join(map(str, path)),
        }
        folder.chmod(0o755)
        subprocess.run(
            [self._python(), "-m", "venv", "--without-pip", str(self.environment)], check=True, cwd="/"
        )
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "--python", str(self.environment / "bin" / "python")),
                *("install", "-qq", "--disable-pip-version-check", "--root-user-action=ignore", *BASE),
            ],
            check=True,
        )
        copy_checkout(self.root)
        startup = self.root / ".ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "00-no-network.py").write_text(NO_NETWORK.replace("REACHED", repr(str(self.reached))))
        registries = [name for name in REGISTRY_FILES if (Path.home() / name).is_file()]
        for name in registries:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path.home() / name, self.root / name)
        for place in (folder, *folder.rglob("*")):
            os.chown(place, self.uid, gid, follow_symlinks=False)
        try:
            reach = {name: value for name, value in os.environ.items() if REGISTRIES.fullmatch(name)}
            self.run("./binder/postBuild", variables=reach)
        finally:
            for name in registries:
                (self.root / name).unlink()

    def _python(self) -> str:
        """The Python of `runtime.txt`, else of these tests, else any that the user may run too."""
        wanted = (ROOT / "binder" / "runtime.txt").read_text().strip().replace("-", "")
        found = (shutil.which(wanted), getattr(sys, "_base_executable", None), shutil.which("python3"))
        for python in filter(None, (*found, "/usr/bin/python3")):
            # with `env`, a program that the user may not run is an exit code like any other
            new_enough = ["env", python, "-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))"]
            if not subprocess.run(new_enough, env=self._variables, cwd="/", **self._user).returncode:
                return python
        pytest.fail("no Python 3.11 or newer that a user who is not root may run")

    def run(self, *command: str, variables: dict[str, str] | None = None) -> str:
        """What a program of the user's prints in the repository; its errors too. It has to succeed."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env={**self._variables, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self._user,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-5000:]}"
        return done.stdout

    @contextmanager
    def serving(self) -> Generator[None]:
        """The server that a visitor comes to. In the end it is sent away, as when a visitor is gone."""
        log = self.folder / "jupyter.log"
        with log.open("wb") as file:
            server = subprocess.Popen(
                [
                    *(shutil.which("jupyter-lab", path=self._variables["PATH"]) or "", "--port=0"),
                    *("--ip=127.0.0.1", "--ServerApp.base_url=/user/visitor/"),
                    *("--IdentityProvider.token=binder", "--no-browser"),
                    "--LabApp.expose_app_in_browser=True",
                ],
                cwd=self.root,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                **self._user,
            )
        told = self.root / ".local" / "share" / "jupyter" / "runtime" / f"jpserver-{server.pid}.json"
        deadline = time.monotonic() + READY
        try:
            while not told.exists() or not told.read_text().endswith("}"):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            self.url = str(json.loads(told.read_text())["url"])
            yield
        finally:
            server.terminate()
            server.wait(READY)

    def page(self, path: str, *, app: str = "lab") -> str:
        """Where a link to Binder ends that asks for `lab/tree/PATH`."""
        return f"{self.url}{app}/tree/{path}?reset&token=binder"

    def processes(self) -> list[psutil.Process]:
        """The user's processes that are still there."""
        found: list[psutil.Process] = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("HOME") == str(self.root):
                    found.append(process)
            except (psutil.AccessDenied, psutil.NoSuchProcess):
                continue
        return found


@pytest.fixture(scope="module")
def binder() -> Iterator[Binder]:
    # not pytest's own folder: only its owner may look into that
    with tempfile.TemporaryDirectory(prefix="score-kernel-binder-") as folder:
        yield Binder(Path(folder))


def test_binder_builds_as_a_user_who_is_not_root_and_what_starts_then_is_ours(binder: Binder) -> None:
    assert binder.uid != 0
    assert binder.run("python", "-m", "pip", "check").strip() == "No broken requirements found."
    told: dict[str, str] = json.loads(
        binder.run(
            "python",
            "-c",
            "import json; from importlib.metadata import version;"
            "print(json.dumps({name: version(name) for name in ('jupyterlab', 'score-kernel')}))",
        )
    )
    assert tuple(map(int, told["jupyterlab"].split("."))) >= (4, 6, 2)
    assert binder.run("jupyter", "lab", "--version").strip() == told["jupyterlab"]
    listed = re.sub(r"\x1b\[\d+m", "", binder.run("jupyter", "labextension", "list"))
    (line,) = [line for line in listed.splitlines() if line.strip().startswith("score-kernel")]
    assert "enabled" in line, listed
    assert "OK" in line, listed


@pytest.mark.browser
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_visitor_plays_the_notebook_with_no_key_and_no_network(binder: Binder, name: str) -> None:
    path = f"notebooks/{name}.ipynb"
    before = shown(nbformat.read(binder.root / path, as_version=4))
    assert before, "the notebook as it is stored shows no take"

    with binder.serving(), chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        notebook = Notebook(page, binder, path).open()
        notebook.run_all(timeout=180_000)
        for n in before:
            notebook.reveal(n)
            bars = notebook.output(n).get_by_role("listbox", name="Contributions").get_by_role("option")
            expect(bars).not_to_have_count(0)
            notebook.shot(f"binder-{name}-{n}")
        saved = notebook.save()
        notebook.close()

    assert not [out for cell in saved.cells for out in cell.get("outputs", ()) if out.output_type == "error"]
    assert shown(saved) == before
    scores = list((binder.root / "notebooks" / ".score").glob(f"{name}*.score"))
    assert scores
    assert {score.stat().st_uid for score in scores} == {binder.uid}
    assert not binder.reached.exists(), f"the kernel tried to reach {binder.reached.read_text().split()}"
    assert not notebook.complaints, "the page complained:\n" + "\n".join(notebook.complaints)
    assert not binder.processes()


def shown(notebook: nbformat.NotebookNode) -> dict[int, list[str]]:
    """By the number of the cell, the takes that stand under it with their views, in words."""
    found: dict[int, list[str]] = {}
    for n, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if VIEW in output.get("data", {}):
                found.setdefault(n, []).append("".join(output.data["text/plain"]))
    return found
