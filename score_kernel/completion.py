"""Completion of the magics' lines, and of what stands in an `%%orchestrate` cell.

Of lines: verbs, options, parts, takes and moments, scores, recordings. Of cells: see
`notation.completion`.

A matcher of IPython's second matcher API (`IPython.core.completer`), there since IPython 8.6; a
kernel's `complete_request` goes through it too. What a word can be is read from the forms of the
verbs (`lines`) and the options of the magics, by the word that stands for it there: `PART`, `TAKE`,
`MOMENT`, `NAME`, `FILE`.
"""

# pyright: reportUntypedFunctionDecorator=false
# IPython's decorator for matchers carries no types

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from IPython.core.completer import SimpleCompletion, context_matcher

from .lines import CUES, SCORE, options_of, shape
from .notation import completion as orchestration
from .store.recording import PAGE, SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

    from .api import Score
    from .lines import Verb
    from .scores import Scores

_LINE = re.compile(
    r"\s*(?:[^\W\d]\w*\s*=\s*)?%%?(compose|orchestrate|conduct|cue|score|play)\s(.*)", re.DOTALL
)
_CELL = re.compile(r"\s*%%orchestrate\b[^\n]*\n")
MATCHER = "ScoreMagics.completion"


class Found(NamedTuple):
    """What a fragment before the cursor can become, and what kind of thing that is."""

    fragment: str
    candidates: tuple[str, ...]
    kind: str


class Completion:
    """Completes lines of the magics. `options` are each magic's, with the word for their value."""

    def __init__(
        self,
        scores: Scores,
        options: Mapping[str, Mapping[str, str]],
        namespace: Callable[[], Mapping[str, object]],
    ) -> None:
        self._scores, self._options, self._namespace = scores, options, namespace
        self._kinds: dict[str, Callable[[str], Iterable[str]]] = {
            "PART": self._parts,
            "PART,PART": self._parts,
            "PART:TAKE,...": self._choices,
            "WHO": self._leads,
            "TAKE": self._takes,
            "MOMENT": self._moments,
            "NAME": self._names,
            "FILE": self._recordings,
        }

    def register(self, shell: InteractiveShell) -> None:
        """Let a shell complete with this."""
        completer: Any = shell.Completer
        completer.custom_matchers.append(self.matcher)

    def forget(self, shell: InteractiveShell) -> None:
        """Take it out again."""
        completer: Any = shell.Completer
        completer.custom_matchers.remove(self.matcher)

    # before the completion of Python, which knows nothing of these lines
    @context_matcher(identifier=MATCHER, priority=200)
    def matcher(self, context: CompletionContext) -> SimpleMatcherResult:
        """What IPython calls, with where the cursor is."""
        lines = context.full_text.split("\n")
        line, rest = context.line_with_cursor, context.cursor_position
        above, below = lines[: context.cursor_line], lines[context.cursor_line + 1 :]
        found = self.complete(line[:rest])
        if found is None:
            found = self.complete_cell("\n".join([*above, line[:rest]]), "\n".join([line[rest:], *below]))
        if found is None:
            return {"completions": []}
        return {
            "completions": [SimpleCompletion(text, type=found.kind) for text in found.candidates],
            "matched_fragment": found.fragment,
            "ordered": True,
            "suppress": True,
        }

    def complete(self, line: str) -> Found | None:
        """What the end of a line can become, or `None` where the line or the place is not ours.

        >>> completion.complete("%conduct --only coder,te")         # doctest: +SKIP
        Found(fragment='te', candidates=('tester',), kind='part')
        """
        ours = _LINE.fullmatch(line)
        if ours is None:
            return None
        magic, given = ours[1], ours[2].split(" ")
        *before, fragment = (word for word in given if word or word is given[-1])
        if magic == "play":
            return self._argument({}, ("PART",), before, fragment)
        if magic in _VERBS:
            return self._after_verb(_VERBS[magic], before, fragment)
        if magic == "orchestrate" and (fragment[:1] != "-" or before[-1:] in (["-f"], ["--file"])):
            return None  # files of any kind: IPython completes those
        return self._argument(self._options[magic], (), before, fragment)

    def complete_cell(self, text: str, after: str = "") -> Found | None:
        """What the end of a text can become within an `%%orchestrate` cell, of which `after` is the rest.

        >>> completion.complete_cell("%%orchestrate\\nparts:\\n  coder: {pla")    # doctest: +SKIP
        Found(fragment='pla', candidates=('player:',), kind='orchestration')
        """
        cell = _CELL.match(text)
        if cell is None:
            return None
        names = orchestration.Names(self._functions, self._texts, self._lists, self._models)
        fragment, candidates = orchestration.complete(text[cell.end() :], after, names)
        return Found(fragment, tuple(candidates), "orchestration")

    def _after_verb(self, verbs: Mapping[str, Verb], before: list[str], fragment: str) -> Found | None:
        if not before:
            return _found(fragment, verbs, "verb")
        if before[0] not in verbs:
            return None
        places, options = shape(verbs[before[0]].form)
        found = self._argument(options, places, before[1:], fragment)
        if found is not None and before[0] == "note" and found.kind == "part":
            return _found(fragment, [*found.candidates, "all"], "part")
        return found

    def _argument(
        self, options: Mapping[str, str], places: tuple[str, ...], before: list[str], fragment: str
    ) -> Found | None:
        """Complete an option, the value of one, or what stands in the next place."""
        option, equals, value = fragment.partition("=")
        if equals and option in options:
            return self._thing(options[option], value)
        if before and options.get(before[-1]):
            return self._thing(options[before[-1]], fragment)
        if fragment.startswith("-"):
            return _found(fragment, (o for o in options if o.startswith("--") and o not in before), "option")
        stand = [
            word
            for number, word in enumerate(before)
            if not word.startswith("-") and not (number and options.get(before[number - 1]))
        ]
        if len(stand) >= len(places):
            return None
        return self._thing(places[len(stand)], fragment)

    def _thing(self, word: str, fragment: str) -> Found | None:
        kind = self._kinds.get(word)
        if kind is None:
            return None
        if word in ("PART,PART", "PART:TAKE,..."):
            fragment = fragment.rpartition(",")[2]
        return _found(fragment, kind(fragment), re.split(r"[,:]", word)[0].lower())

    # What there is --------------------------------------------------------------------------

    @property
    def _score(self) -> Score | None:
        """The current score; one whose file is not open yet is not opened by completing."""
        return self._scores.current if self._scores.current.opened else None

    def _parts(self, _: str) -> Iterable[str]:
        plan = self._score.plan if self._score else None
        return plan.names if plan else ()

    def _leads(self, _: str) -> Iterable[str]:
        return ["free", "conductor", "clock", *self._parts("")]

    def _choices(self, fragment: str) -> Iterable[str]:
        part, colon, _ = fragment.partition(":")
        return [f"{part}:{take}" for take in self._takes("")] if colon else self._parts("")

    def _takes(self, _: str) -> Iterable[str]:
        rows = self._score.tree if self._score else ()
        return [*(row.label for row in rows if row.label), *(row.take for row in rows)]

    def _moments(self, fragment: str) -> Iterable[str]:
        take, colon, _ = fragment.partition(":")
        if not colon or self._score is None or take not in self._takes(""):
            return self._takes("")
        parts = dict.fromkeys(c.part for c in self._score[take].contributions if c.started is not None)
        return [f"{take}:{part}" for part in parts]

    def _names(self, _: str) -> Iterable[str]:
        return self._scores.names

    def _named(self, fits: Callable[[object], bool]) -> Iterable[str]:
        """What of the notebook's own has a name that is not private."""
        return [name for name, value in self._namespace().items() if name[:1] != "_" and fits(value)]

    def _functions(self) -> Iterable[str]:
        return self._named(lambda value: isinstance(value, FunctionType))

    def _texts(self) -> Iterable[str]:
        return self._named(lambda value: isinstance(value, str | list | dict))

    def _lists(self) -> Iterable[str]:
        return self._named(lambda value: isinstance(value, list | dict) or hasattr(value, "iterrows"))

    def _models(self) -> Iterable[str]:
        """The one that is set, those of the plan, and what litellm knows, if it is there already."""
        plan = self._score.plan if self._score else None
        used = [os.environ.get("SCORE_MODEL", ""), *(part.model or "" for part in (plan or ()))]
        litellm = sys.modules.get("litellm")
        return dict.fromkeys(filter(None, [*used, *getattr(litellm, "model_list", ())]))

    def _recordings(self, fragment: str) -> Iterable[str]:
        """Recordings, pages, and folders that may hold some, where the fragment points to."""
        folder, slash, _ = fragment.rpartition("/")
        try:
            there = sorted(Path(f"{folder}{slash}" or ".").expanduser().iterdir())
        except OSError:
            return []
        shown = [path for path in there if not path.name.startswith(".") and " " not in path.name]
        recordings = [f"{folder}{slash}{path.name}" for path in shown if path.name.endswith((SUFFIX, PAGE))]
        return recordings + [f"{folder}{slash}{path.name}/" for path in shown if path.is_dir()]


_VERBS: dict[str, Mapping[str, Verb]] = {"cue": CUES, "score": SCORE}


def _found(fragment: str, candidates: Iterable[str], kind: str) -> Found:
    return Found(fragment, tuple(c for c in candidates if c.startswith(fragment)), kind)


def options_of_magics(magics: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """The options of magics that are made with `magic_arguments`."""
    return {name: options_of(magic.parser) for name, magic in magics.items()}
