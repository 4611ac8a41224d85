"""What is wrong with YAML that cannot be read, and the line that mends it.

Most of what YAML refuses in practice is a text that looks like something else: it holds `: `, or it
starts with a quote, a bracket, `*`, `&`, `@` or a backtick. A literal block takes all of them, so
that is what is proposed, with the words of the line at fault.
"""

from __future__ import annotations

import re

import yaml
from yaml.reader import ReaderError

from ..errors import OrchestrationError
from ..score.text import shortened
from .tree import as_block, quoted

_ENTRY = re.compile(r"(?P<lead>[ ]*(?:- +)*)(?P<key>[A-Za-z_][\w-]*):[ \t]+(?P<rest>\S.*)")
_FLOW_KEY = re.compile(r"([A-Za-z_][\w-]*):[ \t]+")
_CUT = re.compile(r"[ \t]#[^ \t]")
_PLAYERS = frozenset({"player", "understudy"})


def explained(error: yaml.YAMLError, text: str, first_line: int) -> OrchestrationError:
    """PyYAML's error as one line that says what to do."""
    if isinstance(error, ReaderError):
        return _bad_character(error, text, first_line)
    if not isinstance(error, yaml.MarkedYAMLError):
        return OrchestrationError(f"this is no YAML: {shortened(str(error), 120)}")
    context = error.context or ""
    problem = error.problem or context or "it cannot be read"
    mark = error.problem_mark or error.context_mark
    start = error.context_mark or mark
    if mark is None or start is None:
        return OrchestrationError(f"this is no YAML: {problem}")
    lines = text.split("\n")
    line, column = mark.line, mark.column
    if ("quoted scalar" in context and "end of stream" in problem) or "could not find expected" in problem:
        line, column = start.line, start.column
    elif "<stream end>" in problem and "flow" in context:
        line, column = _where_it_opens(lines, start.line, start.column)
    where = lines[line] if line < len(lines) else ""
    message = (
        _about_structure(problem, context, where, column)
        or _about_text(problem, context, lines, start.line, line, column)
        or _about_layout(problem, context, where, column)
    )
    return OrchestrationError(message, line + first_line, column + 1)


def _where_it_opens(lines: list[str], line: int, column: int) -> tuple[int, int]:
    """Where the bracket is that nothing closes, or the comment that took what closes it."""
    for at, text in enumerate(lines[line:], line):
        if found := _CUT.search(text):
            return at, found.start() + 1
    while line > 0 and not lines[line].strip():
        line, column = line - 1, max(0, len(lines[line - 1].rstrip()) - 1)
    return line, column


def _bad_character(error: ReaderError, text: str, first_line: int) -> OrchestrationError:
    before = text[: error.position]
    code = error.character if isinstance(error.character, int) else ord(str(error.character))
    escape = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    return OrchestrationError(
        f'YAML takes no U+{code:04X} as it is: delete it, or write "{escape}" in double quotes',
        before.count("\n") + first_line,
        len(before) - before.rfind("\n"),
    )


def _about_structure(problem: str, context: str, where: str, column: int) -> str | None:
    if problem.startswith(("but found another document", "expected '<document start>'")):
        if re.match(r"(---|\.\.\.)(\s|$)", where):
            return f"one cell is one YAML document: delete the `{where[:3]}`"
    elif context.startswith("found duplicate anchor"):
        return "this anchor is there already: give it another name"
    elif "'\\t'" in problem and not where[:column].strip(" "):
        return "YAML is indented with spaces: replace the tab"
    return None


def _about_text(
    problem: str, context: str, lines: list[str], start: int, line: int, column: int
) -> str | None:
    """A text that YAML takes for something else, with the corrected line."""
    candidates = [line] if line < len(lines) else []
    if start != line and ("scanning" in context or _CUT.search(lines[start])):
        candidates.append(start)
    for at in candidates:
        until = column if at == line else len(lines[at])
        entry = _ENTRY.match(lines[at].rstrip())
        if entry is None or entry["rest"][0] in "{[":
            closed = entry is not None and "<block end>" in problem
            if closed and entry is not None:
                return f"{_why(entry['rest'])}: {as_block(entry['key'], entry['rest'])}"
            if mended := _in_flow(lines[at], until):
                return f"{_why(mended[1])}: write `{mended[0]}: {quoted(shortened(mended[1]))}`"
        elif until >= entry.start("rest"):
            key, rest = entry["key"], entry["rest"]
            if key in _PLAYERS and (player := re.fullmatch(r"(\w+):[ \t]+(\S+)", rest)):
                return f"write `{key}: {player[1]}:{player[2]}`, without a space after the second colon"
            if "flow" in context:  # no block can stand in braces
                return f"{_why(rest)}: write `{key}: {quoted(shortened(rest.rstrip(' ]},')))}`"
            return f"{_why(rest)}: {as_block(key, _without_marks(rest))}"
    return None


def _why(text: str) -> str:
    if _CUT.search(text):
        return "the `#` starts a comment and cuts this text"
    if text[0] in "'\"":
        return "this text does not end where its quotes do"
    if re.match(r"[|>]", text):
        return f"a text after `{text[0]}` starts on the next line"
    if re.match(r"[^\w(]", text):
        return f"a text cannot start with `{text[0]}`"
    if ": " in text or text.endswith(":"):
        return "the `: ` makes a mapping of this text"
    return "YAML takes this text for something else"


def _in_flow(line: str, column: int) -> tuple[str, str] | None:
    """The innermost `key: text` before a column of a line in braces."""
    keys = [found for found in _FLOW_KEY.finditer(line) if found.end(1) < column]
    if not keys or "{" not in line[: keys[-1].start()]:
        return None
    text = re.split(r"[,\]}]", line[keys[-1].end() :], maxsplit=1)[0].strip().strip("\"'")
    return (keys[-1][1], text) if text and text[0] not in "{[" and _needs_quotes(text) else None


def _needs_quotes(text: str) -> bool:
    return bool(re.search(r": |[ \t]#|^[^\w(]|[\"']", text))


def _without_marks(rest: str) -> str:
    """A text without the quotes around it, or the `|` or `>` that was put before it."""
    rest = re.sub(r"^[|>][-+0-9]*[ \t]+", "", rest)
    if rest[:1] in ("'", '"'):
        quote = rest[0]
        rest = rest[1:-1] if len(rest) > 1 and rest.endswith(quote) else rest
    return rest


def _about_layout(problem: str, context: str, where: str, column: int) -> str:
    if "could not find expected ':'" in problem:
        return "this has no `key:`: for a text of several lines write `task: |` and indent them below it"
    if "mapping values are not allowed" in problem:
        return "this line is indented under a value: indent it as its neighbours are"
    if "<block end>" in problem or "<document start>" in problem:
        return "this line fits nothing above it: indent it as its neighbours are"
    if "expected the node content" in problem and "<stream end>" in problem:
        return "this list or mapping is not closed: write what is missing at its end"
    if problem.startswith("expected ',' or"):
        closing = problem.split("'")[3]
        return f"this list or mapping is not closed: write `{closing}` at its end"
    if "undefined alias" in problem:
        name = re.match(r"\*\S+", where[column:])
        return f"there is no anchor for `{name[0] if name else '*'}`: put the text in quotes"
    if "cannot start any token" in problem:
        return f"no value starts with `{where[column : column + 1]}`: put the text in quotes"
    if "sequence entries are not allowed" in problem:
        return "a list does not start here: put its `- ` on the next line"
    said = shortened(f"{context} {problem}", 100)
    return f"this is no YAML ({said}): put texts in quotes, and indent with spaces"
