"""What is written on a magic's line: words, options, verbs.

A verb's form is written once, as people read it (`reading PART [TAKE]`). The parser, the completion
and the help are made from it.
"""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from .errors import UnknownName, UsageError
from .notation.nearest import nearest

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Mapping


class Verb(NamedTuple):
    """How a verb is written, and what it does. Capitals stand for something, `[]` may be left out."""

    form: str
    does: str


CUES: dict[str, Verb] = {
    "note": Verb("[--now] PART TEXT", "tell a part something, or `all`; --now cuts what it plays"),
    "drop": Verb("N", "let note N no longer stand"),
    "pause": Verb("[--now]", "let nothing new enter; --now cuts what plays"),
    "resume": Verb("", "go on"),
    "stop": Verb("", "end the take here"),
    "enter": Verb("PART", "let a part in that waits for it"),
    "mute": Verb("PART", "let a part be silent; what needs it goes on without it"),
    "unmute": Verb("PART", "let a muted part play after all"),
    "release": Verb(
        "[--no] [--edit TEXT] [--back NOTE] PART", "answer a hold or a tool's question: yes, or otherwise"
    ),
    "beat": Verb("[N]", "with the conductor in the lead, let the next N entrances happen"),
    "tempo": Verb(
        "[--lead WHO] [--at-once N] [--rate RATE] [--deadline TIME] [--budget BUDGET]",
        "change the tempo; 0 lifts a limit",
    ),
}

SCORE: dict[str, Verb] = {
    "takes": Verb("", "all takes, and which branched from which"),
    "reading": Verb("PART [TAKE]", "what a part would read if it entered now, or did read in a take"),
    "replay": Verb("[TAKE] [--speed SPEED]", "watch a take again in time; nothing is called"),
    "splice": Verb("PART:TAKE,...", "a new take of chosen contributions; the rest plays"),
    "diff": Verb("TAKE TAKE [PART]", "what differs between two takes"),
    "insert": Verb("PART", "the code of what a part played, as a new cell below"),
    "save": Verb("FILE", "save everything: NAME.score.jsonl is a recording, NAME.html the view in one file"),
    "load": Verb("FILE", "open a recording, or a page that was saved, as a further score"),
    "new": Verb("[NAME]", "begin a further score"),
    "use": Verb("NAME", "make another score the current one; the first is main"),
    "status": Verb("", "where the score is kept, what plays, and what it waits for"),
    "forget": Verb("[--yes]", "delete the current score and its file; asks first"),
    "doctor": Verb("", "what is installed, and which keys are there, by name only"),
}

_PIECE = re.compile(r"\[(?P<option>--[\w-]+)(?: (?P<value>\w+))?\]|\[(?P<maybe>\w+)\]|(?P<must>[\w:,.]+)")


class Shape(NamedTuple):
    """A form taken apart: what stands in which place, and the options with the word that follows them."""

    places: tuple[str, ...]
    options: Mapping[str, str]


def shape(form: str) -> Shape:
    """Take a form apart.

    >>> shape("[TAKE] [--speed SPEED]")
    Shape(places=('TAKE',), options={'--speed': 'SPEED'})
    """
    pieces = list(_PIECE.finditer(form))
    places = tuple(p["maybe"] or p["must"] for p in pieces if not p["option"])
    return Shape(places, {p["option"]: p["value"] or "" for p in pieces if p["option"]})


class _Parser(ArgumentParser):
    """A parser that raises one line, and prints nothing."""

    def __init__(self, verb: str, form: str) -> None:
        super().__init__(prog=verb, add_help=False, allow_abbrev=False)
        self._form = f"{verb} {form}".rstrip()
        named: list[str] = []
        for piece in _PIECE.finditer(form):
            if piece["value"]:
                kind = float if piece["value"] == "SPEED" else str
                self.add_argument(piece["option"], metavar=piece["value"], type=kind, default=None)
            elif piece["option"]:
                self.add_argument(piece["option"], action="store_true")
            else:
                word = piece["maybe"] or piece["must"]
                named.append(re.sub(r"\W+", "_", word.lower()).strip("_"))
                name = named[-1] + (f"_{named.count(named[-1])}" if named.count(named[-1]) > 1 else "")
                if piece["maybe"]:
                    self.add_argument(name, metavar=word, nargs="?", default="")
                else:
                    self.add_argument(name, metavar=word)

    def error(self, message: str) -> NoReturn:
        message = message.replace("the following arguments are required:", "it wants")
        message = message.replace("unrecognized arguments:", "it takes no")
        raise UsageError(f"{self.prog}: {message}; write {self._form}")


def arguments(magic: str, verb: str, form: str, given: Iterable[str]) -> Namespace:
    """What was given to a verb. Raises `UsageError`, with the form.

    >>> arguments("score", "reading", "PART [TAKE]", ["coder"])
    Namespace(part='coder', take='')
    """
    return _Parser(f"%{magic} {verb}", form).parse_args(list(given))


def find_verb(magic: str, given: list[str], verbs: Iterable[str]) -> str:
    """The verb that a line begins with. Raises `UnknownName`, with the nearest one there is."""
    known = list(verbs)
    there = f"there is %{magic} {', '.join(known)}"
    if not given:
        raise UnknownName(f"%{magic} wants a verb; {there}")
    if given[0] in known:
        return given[0]
    near = nearest(given[0], known)
    meant = f"did you mean %{magic} {near}?" if near else there
    raise UnknownName(f"%{magic} has no {given[0]!r}; {meant}")


def usage(magic: str, verbs: Mapping[str, Verb]) -> str:
    """The verbs with their forms, a line each, for a magic's help."""
    forms = [f"%{magic} {name} {verb.form}".rstrip() for name, verb in verbs.items()]
    width = max(map(len, forms))
    return "\n".join(
        f"    {form:{width}}  {verb.does}" for form, verb in zip(forms, verbs.values(), strict=True)
    )


class NoteLine(NamedTuple):
    """What a line sends: to whom, whether at once, and the text, just as it was written."""

    part: str
    text: str
    now: bool


_NOTE = re.compile(r"\s*note(?!\S)\s*(?P<now>--now(?!\S))?\s*(?P<part>\S*)\s*(?P<text>.*?)\s*", re.DOTALL)


def note_line(line: str) -> NoteLine | None:
    """The note that a line sends, or `None` where it is another cue. Quotes and `;` of the text are text.

    >>> note_line('note --now coder say "$5"; --now')
    NoteLine(part='coder', text='say "$5"; --now', now=True)
    """
    found = _NOTE.fullmatch(line)
    return None if found is None else NoteLine(found["part"], found["text"], bool(found["now"]))


def silenced(line: str) -> tuple[str, bool]:
    """A line without its trailing `;`, and whether it had one."""
    stripped = line.rstrip()
    return stripped.removesuffix(";"), stripped.endswith(";")


def words(line: str) -> list[str]:
    """The words of a line; quotes group, and are removed."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"a quotation mark is missing its partner: {line.strip()}") from error


def listed(text: str | None) -> tuple[str, ...]:
    """The names of an option that takes several: `PART,PART`."""
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise UsageError(f"{text!r} lacks a name: write PART,PART without spaces")
    return names


def options_of(parser: Any) -> Mapping[str, str]:
    """The options of an argparse parser, each with the word for its value (empty: it takes none)."""
    return {
        option: "" if action.nargs == 0 else str(action.metavar or "")
        for action in parser._actions
        for option in action.option_strings
    }
