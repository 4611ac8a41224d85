"""Word diffs: short, readable, and quick whatever the texts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.score.words import LONGEST, MOST, ROOM, word_diff


@pytest.mark.parametrize(
    ("old", "new", "diff"),
    [
        ("a small discount code", "a small coupon code", "a small [-discount-]{+coupon+} code"),
        ("", "all of it", "{+all of it+}"),
        ("all of it", "", "[-all of it-]"),
        ("one\ntwo\nthree\n", "one\nTWO\nthree\n", "one\n[-two-]{+TWO+}\nthree"),
    ],
)
def test_a_diff_marks_what_is_gone_and_what_is_new(old: str, new: str, diff: str) -> None:
    assert word_diff(old, new) == diff


def test_what_is_the_same_is_left_out_but_for_a_few_words() -> None:
    words = [f"w{n}" for n in range(60)]
    diff = word_diff(" ".join(words), " ".join(["x" if word == "w30" else word for word in words]))
    assert diff == "… w24 w25 w26 w27 w28 w29 [-w30-]{+x+} w31 w32 w33 w34 w35 w36 …"


def test_long_changes_are_shortened_and_quick() -> None:
    """Twenty thousand characters of code whose arguments changed places: word by word it took half a minute."""
    old = "\n".join("    return x, y, (1, 2), [3, 4]" for _ in range(600))
    new = "\n".join("    return y, x, (1, 2), [3, 4]" for _ in range(600))
    assert len(word_diff(old, new)) <= ROOM + 2
    one = " ".join("word" for _ in range(2 * MOST))
    assert len(word_diff(one, "")) <= LONGEST + 20


@given(st.text("ab \n.", max_size=60), st.text("ab \n.", max_size=60))
def test_a_diff_holds_both_texts(old: str, new: str) -> None:
    diff = word_diff(old, new)
    if "…" not in diff:
        gone = re.sub(r"\{\+.*?\+\}", "", diff, flags=re.S).replace("[-", "").replace("-]", "")
        come = re.sub(r"\[-.*?-\]", "", diff, flags=re.S).replace("{+", "").replace("+}", "")
        assert gone.split() == old.split() or gone.replace(" ", "").strip() == old.replace(" ", "").strip()
        assert come.replace(" ", "").strip() == new.replace(" ", "").strip()
