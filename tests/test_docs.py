"""The documentation tells what is there: links lead somewhere, examples compile, names are explained."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import score_kernel

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page
    for folder in (".", "docs", "benchmarks", "binder")
    for page in (ROOT / folder).glob("*.md")
    if page.is_file()
)
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)>\s]+)")
PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken: list[str] = []
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors_of(target)):
            broken.append(link)
    assert not broken, ", ".join(broken)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_examples_compile(page: Path) -> None:
    for block in PYTHON.findall(page.read_text("utf-8")):
        compile(block, str(page), "exec")


def test_the_example_of_the_readme_plays(tmp_path: Path) -> None:
    (example,) = PYTHON.findall((ROOT / "README.md").read_text("utf-8"))
    script = tmp_path / "example.py"
    script.write_text(example, "utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.returncode) == ("2 lines were written.\n", 0), done.stderr


def test_every_public_name_is_there_and_explained() -> None:
    unexplained: list[str] = []
    for name in score_kernel.__all__:
        value = getattr(score_kernel, name)
        if (inspect.isclass(value) or callable(value)) and not (value.__doc__ or "").strip():
            unexplained.append(name)
    assert not unexplained, ", ".join(unexplained)


@pytest.mark.parametrize("name", ["Score", "Take", "Contribution"])
def test_every_public_method_is_explained(name: str) -> None:
    public = getattr(score_kernel, name)
    unexplained = [
        member
        for member, value in vars(public).items()
        if not member.startswith("_")
        and (callable(value) or isinstance(value, property | classmethod | staticmethod))
        and not (inspect.getdoc(value) or "").strip()
    ]
    assert not unexplained, f"{name}: {', '.join(unexplained)}"
