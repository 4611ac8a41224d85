"""Clean environments: what somebody gets who types `pip install score-kernel`.

Everything here is installed from this checkout, into environments made for it, with no Node to be
found on PATH.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
import urllib.request
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.clean import ROOT, copy_checkout, path_without_node

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytestmark = pytest.mark.install

EXTENSION = "share/jupyter/labextensions/score-kernel"


class Environment:
    """A virtual environment, and programs run in it with nothing of ours in the way."""

    def __init__(self, folder: Path, path: str) -> None:
        self.folder = folder
        self.home = folder / "home"
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        self.home.mkdir()
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))
        }
        self.variables = {
            **{name: value for name, value in kept.items() if name not in ("VIRTUAL_ENV", "NODE_PATH")},
            "PATH": f"{folder / 'bin'}{os.pathsep}{path}",
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "IPYTHONDIR": str(self.home / "ipython"),
        }

    def run(self, program: str, *arguments: str) -> str:
        """What a program of the environment prints; its standard error too. It has to succeed."""
        done = subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            cwd=self.home,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{program} {' '.join(arguments)}\n{done.stdout[-5000:]}"
        return done.stdout

    def python(self, code: str) -> str:
        """What a Python script prints. It is a file, so that its functions have a source."""
        script = self.home / "script.py"
        script.write_text(textwrap.dedent(code), "utf-8")
        return self.run("python", str(script))

    def install(self, *what: str) -> None:
        self.run("python", "-m", "pip", "install", "-qq", "--disable-pip-version-check", *what)


@pytest.fixture(scope="module")
def node_free(tmp_path_factory: pytest.TempPathFactory) -> str:
    return path_without_node(tmp_path_factory.mktemp("path") / "bin", os.environ["PATH"])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone would have: nothing that was built."""
    folder = tmp_path_factory.mktemp("checkout") / "score-kernel"
    copy_checkout(folder)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, checkout: Path, node_free: str) -> Environment:
    """`pip install .` and nothing else."""
    environment = Environment(tmp_path_factory.mktemp("plain") / "env", node_free)
    environment.install(str(checkout))
    return environment


@pytest.fixture(scope="module")
def lab(plain: Environment, checkout: Path) -> Environment:
    """The same environment once JupyterLab and Notebook are there."""
    plain.install(f"{checkout}[lab]", "notebook>=7,<8")
    return plain


def test_the_wheel_holds_the_bundle_and_the_extension(
    plain: Environment, checkout: Path, tmp_path: Path
) -> None:
    plain.run(
        "python",
        *("-m", "pip", "wheel", "-qq", "--disable-pip-version-check", "--no-deps"),
        *("--wheel-dir", str(tmp_path), str(checkout)),
    )
    (wheel,) = tmp_path.glob("score_kernel-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        package_json = next(name for name in names if name.endswith(f"data/{EXTENSION}/package.json"))
        told: dict[str, Any] = json.loads(archive.read(package_json))
    assert any(re.fullmatch(r"score_kernel/view/static/[\w.-]+\.m?js", name) for name in names)
    assert any(name.endswith(f"data/{EXTENSION}/{told['jupyterlab']['_build']['load']}") for name in names)
    assert any(name.endswith(f"data/{EXTENSION}/static/notebook.js") for name in names)
    assert "score_kernel/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "widgets/", "benchmarks/"))]


def test_loading_imports_nothing_heavy_opens_no_socket_and_prints_nothing(plain: Environment) -> None:
    printed = plain.python(
        """
        import socket
        import sys

        opened = []

        def hook(event, args):
            # an event loop wakes itself through a pair of local sockets: they reach nothing
            local = event == "socket.__new__" and args[1] == socket.AF_UNIX
            if event.startswith("socket.") and not local:
                opened.append((event, args[1:]))

        sys.addaudithook(hook)

        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        before = set(sys.modules)
        opened.clear()

        import score_kernel
        shell.run_line_magic("load_ext", "score_kernel")

        loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
        heavy = loaded & {"litellm", "openai", "anywidget", "ipywidgets", "pandas", "mcp", "aiohttp", "httpx"}
        assert not heavy, heavy
        assert not opened, opened
        assert {"compose", "orchestrate", "conduct"} <= set(shell.magics_manager.magics["cell"])
        """
    )
    assert printed == ""


def test_a_piece_plays_with_nothing_else_installed(plain: Environment) -> None:
    printed = plain.python(
        """
        from score_kernel import Score

        def greet(reading):
            return f"Hello, {reading.intent}"

        score = Score()
        score.compose("world")
        score.orchestrate({"parts": {"one": {"player": "python:greet"}}}, namespace=globals())
        print(score.conduct()["one"].text)
        """
    )
    assert printed == "Hello, world\n"


def test_jupyterlab_lists_the_extension_as_enabled(lab: Environment) -> None:
    listed = re.sub(r"\x1b\[\d+m", "", lab.run("jupyter", "labextension", "list"))
    (line,) = [line for line in listed.splitlines() if "score-kernel" in line]
    assert "enabled" in line, listed
    assert "OK" in line, listed


@contextmanager
def serving(environment: Environment, application: str) -> Generator[str]:
    """The address of a `jupyter APPLICATION`, on a port that is free."""
    server = subprocess.Popen(
        [
            *(str(environment.folder / "bin" / "jupyter"), application, "--no-browser", "--allow-root"),
            *("--ServerApp.port=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={environment.home}"),
        ],
        cwd=environment.home,
        env=environment.variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    told = environment.home / "runtime" / f"jpserver-{server.pid}.json"
    try:
        while not told.exists() or not told.read_text():
            assert server.poll() is None, f"jupyter {application} has ended"
            time.sleep(0.1)
        yield json.loads(told.read_text())["url"]
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.parametrize(("application", "page"), [("lab", "lab"), ("notebook", "tree")])
def test_the_page_loads_the_extension(lab: Environment, application: str, page: str) -> None:
    with serving(lab, application) as address:
        with urllib.request.urlopen(address + page) as answer:
            html = answer.read().decode()
        found = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', html, re.S)
        assert found
        extensions: list[dict[str, Any]] = json.loads(found[1])["federated_extensions"]
        (ours,) = [one for one in extensions if one["name"] == "score-kernel"]
        assert {ours["mimeExtension"], ours["extension"]} == {"./mimeExtension", "./extension"}
        for file in (ours["load"], "static/notebook.js"):
            with urllib.request.urlopen(f"{address}lab/extensions/score-kernel/{file}") as answer:
                assert answer.status == 200
                assert answer.read()


@pytest.mark.parametrize(
    ("version", "tests"),
    [("7.0", ""), ("7.3", ""), ("7.4", ""), ("6.30", "interrupt or tells_where_the_buttons_wait")],
)
def test_performances_can_be_steered_with_this_ipykernel(
    plain: Environment, tmp_path: Path, version: str, tests: str
) -> None:
    """`tests/kernel` again, in the environment, where no other `score_kernel` is in the way."""
    plain.install(f"ipykernel=={version}.*", "hypothesis", "pytest>=8.3", "pytest-asyncio")
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    kernel_tests = str(tmp_path / "tests" / "kernel")
    printed = plain.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", tests, kernel_tests)
    assert re.search(r"^\d+ passed\b", printed, re.M), printed
