"""What clean environments are made of: a checkout with nothing built, and a PATH with no Node."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def copy_checkout(folder: Path) -> None:
    """Put there what a clone would have: nothing that was built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def path_without_node(links: Path, path: str) -> str:
    """A PATH, as links in a new folder, with everything that is on the one given, but no Node."""
    links.mkdir()
    for directory in path.split(os.pathsep):
        for program in sorted(Path(directory).glob("*")) if Path(directory).is_dir() else ():
            link = links / program.name
            if not re.match(r"(node|nodejs|npm|npx|corepack)$", program.name) and not os.path.lexists(link):
                link.symlink_to(program)
    assert shutil.which("node", path=str(links)) is None
    return str(links)
