"""A real JupyterLab with everything of its own, and a notebook that is open in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import nbformat
import psutil

import score_kernel
from score_kernel.view.mime import WIDGET_VIEW_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import ConsoleMessage, Error, Locator, Page

PACKAGE = Path(score_kernel.__file__).parent
TOKEN = "score"

READY = 120  # seconds until JupyterLab or a kernel must be there
PATIENCE = 60_000  # ms until anything else must be

# What JupyterLab and Notebook themselves complain of, on any notebook.
_NOISE = (
    "ResizeObserver loop",
    "/api/kernels/",  # a kernel that is no longer there
    "/api/sessions",  # nor its session, or its kernelspec never was
    "Command 'filebrowser:open-path' not registered",
    "Cannot read properties of undefined (reading 'schema')",
    "create_subshell_request",  # a page that is reloaded lets go of its kernel connection
)


class Server(Protocol):
    """What a `Notebook` has to know of the server that it is open in."""

    root: Path

    def page(self, path: str, *, app: str = "lab") -> str:
        """The address of a notebook under the root folder."""
        ...


class Jupyter:
    """A JupyterLab server with its own folders, whose kernels run this Python."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "notebooks"
        self.root.mkdir(parents=True)
        self._runtime = folder / "runtime"
        self._log = folder / "jupyter.log"
        env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))}
        env |= {
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._runtime),
            "JUPYTER_PATH": str(folder / "path"),
            "IPYTHONDIR": str(folder / "ipython"),
            # the kernels import what the tests import
            "PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGE.parent), env.get("PYTHONPATH")])),
        }
        _answer_news(folder / "config")
        _install_kernel(folder / "path")
        _install_extension(folder / "path")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"),
                    f"--ServerApp.root_dir={self.root}",
                    f"--IdentityProvider.token={TOKEN}",
                    "--ServerApp.open_browser=False",
                    # the application object, so that the tests need not click through its menus
                    "--LabApp.expose_app_in_browser=True",
                    "--JupyterNotebookApp.expose_app_in_browser=True",
                    # ask nobody on the network
                    "--LabApp.news_url=None",
                    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                    "--LabApp.extension_manager=readonly",
                ],
                env=env,
                cwd=folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self.url = self._wait_for_url()
        except BaseException:
            self.close()
            raise

    def _wait_for_url(self) -> str:
        deadline = time.monotonic() + READY
        while time.monotonic() < deadline and self._process.poll() is None:
            for file in self._runtime.glob("jpserver-*.json"):
                try:
                    return str(json.loads(file.read_text("utf-8"))["url"])
                except ValueError:
                    pass  # being written
            try:
                self._process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
        raise RuntimeError(f"JupyterLab did not start:\n{self.log()}")

    def log(self) -> str:
        """What the server printed."""
        return self._log.read_text("utf-8", errors="replace")

    @property
    def origin(self) -> str:
        """What a browser keeps this server's data under."""
        return self.url.rstrip("/")

    def page(self, path: str, *, app: str = "lab") -> str:
        """The address of a notebook under the root folder, in `lab` or (Notebook 7) `notebooks`."""
        quoted = urllib.parse.quote(path)
        if app == "lab":
            # a workspace of its own, so that nothing opens that an earlier test had open
            return f"{self.url}lab/workspaces/{_word(path)}/tree/{quoted}?reset&token={TOKEN}"
        return f"{self.url}notebooks/{quoted}?token={TOKEN}"

    def write(self, path: str, cells: Sequence[str | dict[str, Any]], **metadata: Any) -> Path:
        """A notebook with these cells: code as text, or a cell whole (its outputs too)."""
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL, **metadata})
        notebook.cells = [
            nbformat.v4.new_code_cell(cell) if isinstance(cell, str) else nbformat.from_dict(cell)
            for cell in cells
        ]
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, file)
        return file

    def close(self) -> None:
        """End the server, its kernels and whatever they started."""
        family: list[psutil.Process] = []
        if self._process.poll() is None:
            family = psutil.Process(self._process.pid).children(recursive=True)
            self._process.send_signal(signal.SIGTERM)  # it shuts its kernels down
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _, alive = psutil.wait_procs(family, timeout=5)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, timeout=5)


KERNEL = {"name": "score-tests", "display_name": "Python of the tests", "language": "python"}


def _answer_news(config: Path) -> None:
    """Its question about news lies over the notebook; all other settings stay as they come."""
    folder = config / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    (folder / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}', "utf-8")


def _install_kernel(path: Path) -> None:
    folder = path / "kernels" / KERNEL["name"]
    folder.mkdir(parents=True)
    spec = {
        "argv": [
            sys.executable,
            "-Xfrozen_modules=off",
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
        ],
        "display_name": KERNEL["display_name"],
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {"supported_features": ["kernel subshells"]},
    }
    (folder / "kernel.json").write_text(json.dumps(spec), "utf-8")


def _install_extension(path: Path) -> None:
    """In a checkout, the extension as it is built now, and not as it was when it was installed."""
    built = PACKAGE / "view" / "static" / "labextension"
    if built.is_dir():
        folder = path / "labextensions"
        folder.mkdir(parents=True)
        (folder / "score-kernel").symlink_to(built)


def _word(path: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in path)


class Notebook:
    """A notebook in a browser's page. Everything here waits until it is so."""

    def __init__(self, page: Page, jupyter: Server, path: str, *, app: str = "lab") -> None:
        self.page = page
        self.path = path
        self.file = jupyter.root / path
        self._url = jupyter.page(path, app=app)
        self._app = app
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", self._broke)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            told = f"{message.text} ({message.location.get('url', '')})"
            if not any(noise in told for noise in _NOISE):
                self.complaints.append(told)

    def _broke(self, error: Error) -> None:
        if not any(noise in error.message for noise in _NOISE):
            self.complaints.append(f"uncaught: {error.message}\n{error.stack}")

    # The page -----------------------------------------------------------------------------

    def open(self, *, kernel: bool = True) -> Notebook:
        """Go there, until the cells are shown and (`kernel`) the kernel is idle."""
        self.page.goto(self._url)
        self._arrive(kernel)
        return self

    def reload(self, *, kernel: bool = True) -> None:
        """As the browser's button does."""
        self.page.reload()
        self._arrive(kernel)

    def _arrive(self, kernel: bool) -> None:
        self.page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=READY * 1000)
        self.page.wait_for_function(f"() => {PANEL}?.content?.widgets?.length && {PANEL}.context.isReady")
        if kernel:
            self.wait_connected()

    def wait_connected(self) -> None:
        """Until the kernel of the notebook in front is there."""
        self.page.wait_for_function(
            f"() => {CONTEXT}.session?.kernel?.connectionStatus === 'connected'", timeout=READY * 1000
        )

    def dismiss_dialogs(self) -> None:
        """Answer what the application asks (for a kernel, say) with its `No`."""
        reject = self.page.locator(".jp-Dialog button.jp-mod-reject")
        reject.first.wait_for()
        while reject.count():
            reject.last.click()

    def theme(self, name: str) -> None:
        """`JupyterLab Light` or `JupyterLab Dark`."""
        # changed while JupyterLab's splash fades, it takes the splash away twice, and complains
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.command("apputils:change-theme", {"theme": name})
        light = str(name.endswith("Light")).lower()
        self.page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")

    def shot(self, name: str, of: Locator | None = None) -> None:
        """A picture of the page, or of a part of it, in the folder `$SCORE_SHOTS`, if that is set."""
        folder = os.environ.get("SCORE_SHOTS")
        if folder:
            (of or self.page).screenshot(path=Path(folder) / f"{name}.png")

    # Cells --------------------------------------------------------------------------------

    def cell(self, n: int) -> Locator:
        """The cell, counted from 0."""
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{n}"]')

    def reveal(self, n: int) -> None:
        """Scroll to the cell: JupyterLab takes those out of the page that are far from sight."""
        self.page.evaluate(f"n => {PANEL}.content.scrollToItem(n, 'start')", n)
        self.cell(n).wait_for()

    def output(self, n: int) -> Locator:
        """What stands under the cell."""
        return self.cell(n).locator(".jp-Cell-outputArea")

    def trusted(self, n: int) -> bool:
        """Whether the cell's outputs are trusted."""
        return bool(self.page.evaluate(f"n => {PANEL}.content.widgets[n].model.trusted", n))

    def activate(self, n: int) -> None:
        """Make it the active cell."""
        self.page.evaluate(f"n => {{ const panel = {PANEL}; panel.content.activeCellIndex = n; }}", n)

    def start(self, n: int) -> None:
        """Run the cell, and do not wait for it."""
        self.activate(n)
        self.command("notebook:run-cell", wait=False)

    def run(self, n: int, timeout: float = PATIENCE) -> None:
        """Run the cell to its end."""
        self.start(n)
        self.wait_idle(timeout)

    def start_all(self) -> None:
        """Run all cells, and do not wait for them."""
        self.command("notebook:run-all-cells", wait=False)

    def run_all(self, timeout: float = PATIENCE) -> None:
        """Run all cells to the end of the last."""
        self.start_all()
        self.wait_idle(timeout)

    def wait_busy(self, timeout: float = PATIENCE) -> None:
        """Until a cell is being run."""
        self.page.wait_for_function(f"() => {WAITING}.length > 0", timeout=timeout)

    def wait_idle(self, timeout: float = PATIENCE) -> None:
        """Until no cell is being run any more."""
        self.page.wait_for_function(
            f"() => {WAITING}.length === 0 && {CONTEXT}.session?.kernel?.status === 'idle'", timeout=timeout
        )

    # The kernel and the file --------------------------------------------------------------

    def interrupt(self) -> None:
        """As the stop button does."""
        self.command("notebook:interrupt-kernel")

    def restart_kernel(self) -> None:
        """Without asking."""
        self.page.evaluate(f"() => {CONTEXT}.session.kernel.restart()")

    def shut_kernel(self) -> None:
        """Shut the kernel down; the notebook stays open."""
        self.page.evaluate(f"() => {CONTEXT}.shutdown()")
        self.page.wait_for_function(f"() => !{CONTEXT}.session?.kernel")

    def save(self) -> nbformat.NotebookNode:
        """Save it, and give what is in the file then."""
        self.command("docmanager:save")
        # a kernel that is just starting still writes its language into the notebook
        self.page.wait_for_function(
            f"async () => {{ const c = {PANEL}.context; if (c.model.dirty) await c.save(); return !c.model.dirty; }}"
        )
        return nbformat.read(self.file, as_version=4)

    def kept(self, index: int) -> nbformat.NotebookNode:
        """What the file keeps of a view once its performance has ended: the page hears of the end
        a moment after the last bar, and the live view gives way to what is kept."""
        limit = time.monotonic() + PATIENCE / 1000
        while WIDGET_VIEW_TYPE in (data := self.save().cells[index].outputs[0].data):
            assert time.monotonic() < limit, f"cell {index} still keeps a live view: {data['text/plain']}"
            self.page.wait_for_timeout(100)
        return data

    def close(self) -> None:
        """Shut the kernel and close the page."""
        if not self.page.is_closed():
            self.page.evaluate(f"async () => {{ const c = {CONTEXT}; if (c?.session) await c.shutdown(); }}")
            self.page.close()

    def command(self, name: str, args: dict[str, Any] | None = None, *, wait: bool = True) -> None:
        """One of the application's commands."""
        call = f"({{name, args}}) => {{ const done = {APP}.commands.execute(name, args);"
        call += " return done.then(() => {}); }" if wait else " done.catch(() => {}); }"
        self.page.evaluate(call, {"name": name, "args": args or {}})


APP = "window.jupyterapp"
PANEL = f"{APP}?.shell?.currentWidget"
CONTEXT = f"{PANEL}?.context?.sessionContext"
WAITING = (
    "[...document.querySelectorAll('.jp-InputPrompt')].filter(found => found.textContent.includes('[*]'))"
)


def outputs_of(notebook: nbformat.NotebookNode) -> Iterator[nbformat.NotebookNode]:
    """All outputs of a notebook's code cells."""
    for cell in notebook.cells:
        yield from cell.get("outputs", ())
