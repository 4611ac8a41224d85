"""The composition: a cell of Markdown, kept word for word, and the criteria found in it.

Blocks are told apart as CommonMark does (headings, lists, fenced code, comments), as far as it
takes to find the bullets under a heading `Criteria`, `Acceptance criteria` or `Must`. Nothing in
the text is ever interpolated or rewritten.
"""

from __future__ import annotations

import re

from msgspec import Struct

from ..errors import CompositionError

CRITERIA_HEADINGS = frozenset({"criteria", "acceptance criteria", "must"})

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
_BULLET = re.compile(r"( {0,3})([-+*]|(\d{1,9})[.)])(?:([ \t]+)(.*)|)$")
_TASK_BOX = re.compile(r"\[[ xX]\][ \t]+")


class Composition(Struct, frozen=True):
    """What the piece is about: `text` as written (line ends `\\n`), and its criteria, c1 first."""

    text: str
    criteria: tuple[str, ...] = ()


def parse(cell: str) -> Composition:
    """The composition of a cell.

    The text is the cell's, word for word, with `\\n` line ends and without trailing blank lines.
    Each bullet under a criteria heading is one criterion; further lines of it, nested bullets
    included, stay with it, indented by two spaces.

    Raises `CompositionError` for a cell with nothing in it.

    >>> parse("Build {it}.\\n\\n## Criteria\\n- fast\\n- small\\n  and light\\n").criteria
    ('fast', 'small\\n  and light')
    """
    lines = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip(" \t"):
        lines.pop()
    text = "\n".join(lines)
    if not text.strip():
        raise CompositionError("the cell is empty: write what the piece is about below the magic")
    return Composition(text, _Criteria(lines).found)


class _Criteria:
    """One pass over the lines of a Markdown text, gathering the bullets of criteria sections."""

    def __init__(self, lines: list[str]) -> None:
        self._section = 0  # the level of the criteria heading that we are under; 0: none
        self._paragraph: list[str] = []  # the open paragraph outside of any bullet
        self._bullet: list[str] | None = None  # the lines of the open bullet
        self._indent = 0  # the column where that bullet's own text starts
        self._bullets: list[list[str]] = []
        self._until: re.Pattern[str] | None = None  # what ends the open fence or comment
        for line in lines:
            self._take(line)

    @property
    def found(self) -> tuple[str, ...]:
        texts = (_joined(bullet) for bullet in self._bullets)
        return tuple(text for text in texts if text)

    def _take(self, line: str) -> None:
        if self._until is not None:
            if self._until.match(line):
                self._until = None
            return
        words = line.lstrip(" \t")
        wide = line[: len(line) - len(words)].expandtabs(4) + words
        indent = len(wide) - len(words)
        if not words:
            self._paragraph.clear()
            if self._bullet is not None:
                self._bullet.append("")
        elif self._bullet is not None and indent >= self._indent:
            self._bullet.append(wide[self._indent :])
        elif not self._opens_block(line, wide):
            self._text(line, wide)

    def _opens_block(self, line: str, wide: str) -> bool:
        if found := _ATX.match(line):
            self._heading(len(found[1]), re.sub(r"(^|[ \t])#+[ \t]*$", "", found[2] or ""))
        elif self._paragraph and (found := _SETEXT.match(line)):
            title = self._paragraph[0] if len(self._paragraph) == 1 else ""
            self._heading(1 if found[1][0] == "=" else 2, title)
        elif _RULE.match(line):
            self._close()
        elif (found := _FENCE.match(line)) and not ("`" in found[2] and found[1][0] == "`"):
            self._close()
            self._until = re.compile(rf" {{0,3}}{re.escape(found[1])}{re.escape(found[1][0])}*[ \t]*$")
        elif re.match(r" {0,3}<!--", line):
            self._close()
            self._until = None if "-->" in line else re.compile(r".*-->")
        elif found := self._bullet_start(wide):
            self._close()
            # text five or more columns on is indented code in the bullet: its marker takes one space
            gap = len(found[4] or " ")
            self._indent = len(found[1]) + len(found[2]) + (gap if gap < 5 and found[5] else 1)
            self._bullet = [_TASK_BOX.sub("", found[5] or "", count=1)]
            if self._section:
                self._bullets.append(self._bullet)
        else:
            return False
        return True

    def _bullet_start(self, wide: str) -> re.Match[str] | None:
        found = _BULLET.match(wide)
        if found and self._paragraph and (not found[5] or found[3] not in (None, "1")):
            return None  # these do not interrupt a paragraph: "it was made in\n2024. Later ..."
        return found

    def _text(self, line: str, wide: str) -> None:
        if self._bullet is None:
            if self._paragraph or not wide.startswith("    "):  # else indented code
                self._paragraph.append(line)
        elif self._bullet[-1] == "" or wide.lstrip().startswith(">"):
            self._close()
            self._paragraph.append(line)
        else:
            self._bullet.append(wide.lstrip())

    def _heading(self, level: int, title: str) -> None:
        self._close()
        name = " ".join(title.strip(" \t*_").removesuffix(":").strip(" \t*_").casefold().split())
        if name in CRITERIA_HEADINGS:
            self._section = level
        elif level <= self._section:
            self._section = 0

    def _close(self) -> None:
        self._paragraph.clear()
        self._bullet = None


def _joined(bullet: list[str]) -> str:
    """A bullet's lines as one text. Further lines are indented, so that none looks like a new one."""
    text = "\n".join(bullet).strip("\n")
    return "\n".join(f"  {line}" if at and line else line for at, line in enumerate(text.split("\n"))).strip()
