from __future__ import annotations

import pytest

from score_kernel.notation.nearest import nearest, suggestion


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("taks", "task"),
        ("TASK", "task"),
        ("Task ", "task"),
        ("back-story", "backstory"),
        ("xyz", None),
        ("", None),
    ],
)
def test_the_nearest_word(word: str, found: str | None) -> None:
    assert nearest(word, ["role", "task", "backstory"]) == found


def test_a_synonym_goes_before_likeness() -> None:
    assert nearest("Depends-On", ["after", "expects"], {"depends_on": "after"}) == "after"


@pytest.mark.parametrize(
    ("words", "said"),
    [([], "there are none"), (["a"], "there is only a"), (["a", "b"], "there are a, b")],
)
def test_where_nothing_is_near_all_are_told(words: list[str], said: str) -> None:
    assert suggestion("zzzzzz", words) == said


def test_a_very_long_word_is_no_burden() -> None:
    assert nearest("x" * 1_000_000, ["task"]) is None
