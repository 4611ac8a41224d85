"""The word that was probably meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def nearest(word: str, words: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str | None:
    """The one of `words` that `word` most likely stands for, or `None` where nothing is near.

    Upper and lower case, `-` and `_` are the same here. `synonyms` maps words of other languages
    to ours. Likeness is Ratcliff and Obershelp's (`difflib`), at least 0.6.

    >>> nearest("Taks", ["role", "task"])
    'task'
    """
    folded = word.strip()[:80].lower().replace("-", "_")
    by_folded = {candidate.lower().replace("-", "_"): candidate for candidate in words}
    if synonyms and synonyms.get(folded) in by_folded.values():
        return synonyms[folded]
    found = difflib.get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def suggestion(word: str, words: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str:
    """`did you mean X?`, or all there is to choose from.

    >>> suggestion("codr", ["coder", "docs"])
    'did you mean `coder`?'
    >>> suggestion("x", ["coder", "docs"])
    'there are coder, docs'
    """
    known = list(words)
    found = nearest(word, known, synonyms)
    if found is not None:
        return f"did you mean `{found}`?"
    shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
    return f"there are {shown}" if len(known) > 1 else f"there is only {shown}" if known else "there are none"
