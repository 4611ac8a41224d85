"""YAML 1.2 into a tree, safely.

PyYAML's `compose` gives nodes with marks and builds no objects. On top of it: scalars by the core
schema of YAML 1.2.2 (section 10.3.2), so that `yes`, `no`, `on` and `off` are texts; line breaks as
1.2 has them (5.4: NEL, LS and PS are ordinary characters); duplicate keys refused (3.2.1.3); and a
budget for size, depth and what aliases expand to, counted before anything is expanded.
"""

from __future__ import annotations

import math
import re
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner, ScannerError

from ..errors import OrchestrationError
from ..score.text import shortened
from . import yaml_faults
from .tree import (
    MAX_DEPTH,
    MAX_NODES,
    Faults,
    Listing,
    Node,
    Place,
    Scalar,
    Table,
    as_block,
    quoted,
)

MAX_CHARACTERS = 1_000_000
"""Longest YAML text, and most characters that the texts in it may expand to."""

_CORE = "tag:yaml.org,2002:"
_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?(?:\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN)\Z"
)
_WHITE = "\0 \t\n"
_OUTDATED = {
    "\x85": re.compile("\x85"),
    "\u2028": re.compile("\u2028"),
    "\u2029": re.compile("\u2029"),
    "?": re.compile(r"(?<=[^\s\[{,])\?|\?(?=\S)"),
}


def read(text: str, faults: Faults, *, first_line: int = 1) -> Node | None:
    """The tree of one YAML document, or `None` where there is only white space and comments.

    Its first line is line `first_line` in every place. Texts that a comment cuts silently, duplicate
    keys and tags go to `faults`; what cannot be read at all raises `OrchestrationError`.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_CHARACTERS:
        raise OrchestrationError(
            f"this YAML is longer than {MAX_CHARACTERS:,} characters: bring long texts in with %%compose -u"
        )
    text += "" if text.endswith("\n") else "\n"  # 1.2 has the last line end, where a block counts them
    source, restore = _disguised(text)
    try:
        root = _Composer(source, first_line).get_single_node()
    except yaml.YAMLError as error:
        raise yaml_faults.explained(error, text, first_line) from None
    except (ValueError, OverflowError):  # an escape or a version beyond what there is
        raise OrchestrationError(
            "this YAML has a number or an escape that is too large: make it smaller"
        ) from None
    if root is None:
        return None
    built = _Builder(text.split("\n"), restore, faults, first_line).node(root)
    return None if isinstance(built, Scalar) and built.value is None else built


def _disguised(text: str) -> tuple[str, dict[int, str]]:
    """A text in which private characters stand for those that PyYAML reads as 1.1 does, and what they are.

    These are the line breaks that 1.2 has no more, and the `?` of words, which ends a text in braces
    in 1.1.
    """
    free = (chr(code) for code in range(0xF0000, 0xFFFFE) if chr(code) not in text)
    restore: dict[int, str] = {}
    for char, pattern in _OUTDATED.items():
        stand_in = next(free)
        disguised = pattern.sub(stand_in, text)
        if disguised != text:
            text, restore[ord(stand_in)] = disguised, char
    return text, restore


class _Composer(Reader, Scanner, Parser, Composer, BaseResolver):
    """PyYAML's composer, with the core schema, that stops where a text is too deep or too large."""

    def __init__(self, text: str, first_line: int) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._first_line = first_line
        self._depth = self._count = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_NODES:
            mark = self.peek_event().start_mark
            what = (
                f"nested deeper than {MAX_DEPTH}"
                if self._depth > MAX_DEPTH
                else f"more than {MAX_NODES:,} values"
            )
            raise OrchestrationError(
                f"this YAML is {what}: make it smaller", mark.line + self._first_line, mark.column + 1
            )
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def compose_scalar_node(self, anchor: Any) -> Any:
        is_text = self.peek_event().tag == "!"
        node = super().compose_scalar_node(anchor)
        if is_text and node.value:
            node.tag = _CORE + "str"
        return node

    def scan_anchor(self, TokenClass: Any) -> Any:  # noqa: N803
        """Anchors with more than letters, digits, `-` and `_` are refused, and not cut in two."""
        at = 1
        while (char := self.peek(at)) not in _WHITE + ",[]{}":
            if not (char.isalnum() or char in "-_"):
                mark = self.get_mark()
                raise ScannerError("while scanning an anchor", mark, f"found {char!r}", mark)
            at += 1
        return super().scan_anchor(TokenClass)


for _tag, _pattern in (("null", _NULL), ("bool", _BOOL), ("int", _INT), ("float", _FLOAT)):
    _Composer.add_implicit_resolver(_CORE + _tag, _pattern, None)


class _Builder:
    def __init__(self, lines: list[str], restore: dict[int, str], faults: Faults, first_line: int) -> None:
        self._lines, self._restore, self._faults, self._first_line = lines, restore, faults, first_line
        self._known: dict[int, tuple[Node, int, int]] = {}  # by id of PyYAML's node: tree, nodes, characters
        self._open: set[int] = set()
        self._order = self._nodes = self._characters = 0

    def node(self, node: yaml.Node, key: str = "", key_column: int = -1, flow: bool = False) -> Node:
        """The tree of a node. `key` and `key_column`: whose value it is."""
        place = self._place(node)
        if id(node) in self._open:
            raise OrchestrationError("an alias here contains itself: write it out", place.line, place.column)
        if id(node) in self._known:
            found, nodes, characters = self._known[id(node)]
            self._spend(nodes, characters, place)
            return found
        self._open.add(id(node))
        before = self._nodes, self._characters
        self._spend(1, 0, place)
        built = self._build(node, place, key, key_column, flow)
        self._open.discard(id(node))
        self._known[id(node)] = (built, self._nodes - before[0], self._characters - before[1])
        return built

    def _build(self, node: yaml.Node, place: Place, key: str, key_column: int, flow: bool) -> Node:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place, key, key_column, flow)
        kind = "map" if isinstance(node, yaml.MappingNode) else "seq"
        if node.tag != _CORE + kind:
            self._faults.add(place, f"the tag `{_shown_tag(node.tag)}` has no meaning here: delete it")
        if isinstance(node, yaml.MappingNode):
            return Table(place, self._entries(node, flow or bool(node.flow_style)), self._source(node))
        assert isinstance(node, yaml.SequenceNode)
        inside = flow or bool(node.flow_style)
        return Listing(place, tuple(self.node(item, flow=inside) for item in node.value), self._source(node))

    def _entries(self, node: yaml.MappingNode, flow: bool) -> dict[str, tuple[Scalar, Node]]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key_node, value_node in node.value:
            key = self.node(key_node, flow=flow)
            name = key.source if isinstance(key, Scalar) else ""
            column = key_node.start_mark.column
            value = self.node(value_node, name, -1 if flow else column, flow)
            if not isinstance(key, Scalar):
                hint = f": write {quoted(key.source)}" if key.source else ""
                self._faults.add(key.place, f"a key is one word, and this is a list or a mapping{hint}")
            elif name == "<<" and not key_node.style:
                self._faults.add(key.place, "`<<` merges nothing in YAML 1.2: write the keys out")
            elif name in entries:
                first = entries[name][0].place.line
                self._faults.add(
                    key.place, f"`{shortened(name)}` is there already, in line {first}: delete one of them"
                )
            else:
                entries[name] = key, value
        return entries

    def _scalar(self, node: yaml.ScalarNode, place: Place, key: str, key_column: int, flow: bool) -> Scalar:
        text = _joined_surrogates(str(node.value).translate(self._restore))
        self._spend(0, len(text), place)
        value = self._value(node.tag, text, place)
        cut = False
        if node.style is None and (value is None or isinstance(value, str)):
            rest = self._cut_off(node, key_column)
            if rest is not None:
                cut = True
                whole = f"{text} {rest}".strip()
                mended = f"write {quoted(shortened(whole.rstrip(' ]}') if flow else whole))}"
                if key and not flow:
                    mended = as_block(key, whole)
                self._faults.add(place, f"the `#` starts a comment and cuts this text: {mended}")
        return Scalar(place, value, text, cut)

    def _value(self, tag: str, text: str, place: Place) -> str | int | float | bool | None:
        kind = tag.removeprefix(_CORE)
        if kind == "str":
            return text
        if kind == "null" and _NULL.match(text):
            return None
        if kind == "bool" and _BOOL.match(text):
            return text[0] in "tT"
        if (kind == "int" and _INT.match(text)) or (kind == "float" and _FLOAT.match(text)):
            number = _number(kind, text)
            if number is None:
                self._faults.add(place, f"{shortened(text, 30)} is too large for a number: put it in quotes")
            return number
        if kind in ("null", "bool", "int", "float"):
            self._faults.add(place, f"{quoted(shortened(text))} is no `!!{kind}`: delete the tag")
        else:
            shown = _shown_tag(tag)
            self._faults.add(
                place,
                f"the tag `{shown}` has no meaning here: delete it, "
                f"or write {quoted(shortened(f'{shown} {text}'))}",
            )
        return text

    def _cut_off(self, node: yaml.ScalarNode, key_column: int) -> str | None:
        """What a comment took from a plain text: on its line, or on a line that goes on with it."""
        end = node.end_mark
        assert end is not None
        rest = self._lines[end.line][end.column :]
        if found := re.match(r"[ \t]+(#[^ \t].*)$", rest):
            return found[1].rstrip()
        following = self._lines[end.line + 1] if end.line + 1 < len(self._lines) else ""
        found = re.match(r"([ \t]+)(#[^ \t].*)$", following)
        if found and 0 <= key_column < len(found[1]) and not rest.strip() and node.value:
            return found[2].rstrip()
        return None

    def _source(self, node: yaml.Node) -> str:
        start, end = node.start_mark, node.end_mark
        if start is None or end is None or start.line != end.line:
            return ""
        return self._lines[start.line][start.column : end.column]

    def _place(self, node: yaml.Node) -> Place:
        self._order += 1
        mark = node.start_mark
        assert mark is not None
        return Place(self._order, mark.line + self._first_line, mark.column + 1)

    def _spend(self, nodes: int, characters: int, place: Place) -> None:
        self._nodes += nodes
        self._characters += characters
        if self._nodes > MAX_NODES or self._characters > MAX_CHARACTERS:
            raise OrchestrationError(
                "the aliases here expand to more than anybody can play: write out what is needed",
                place.line,
                place.column,
            )


def _number(kind: str, text: str) -> int | float | None:
    """The number that a scalar of the core schema stands for, if 64 bits hold it."""
    if kind == "int":
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        if len(text) > 70:
            return None
        number = int(text[2:] if base != 10 else text, base)
        return number if -(2**63) <= number < 2**64 else None
    lowered = text.lower()
    if lowered.endswith((".inf", ".nan")):
        return float(lowered.replace(".", ""))
    parsed = float(text)
    return None if math.isinf(parsed) else parsed


def _joined_surrogates(text: str) -> str:
    """`"\\ud83d\\ude00"`, as JSON writes what is beyond the first plane, is one character."""
    if not re.search("[\ud800-\udbff][\udc00-\udfff]", text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _shown_tag(tag: str) -> str:
    return shortened(tag.replace(_CORE, "!!"))
