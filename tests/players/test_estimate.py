"""Ceilings for a dry run."""

from __future__ import annotations

from score_kernel.players.estimate import ceiling, tokens_of


def test_a_ceiling_is_the_models_own_limit_or_a_lower_one_asked_for() -> None:
    own = ceiling("openai/gpt-4o", {})
    asked = ceiling("openai/gpt-4o", {"max_tokens": 100})
    assert own is not None
    assert asked is not None
    assert own.max_output > 1000
    assert asked.max_output == 100
    assert 0 < asked.usd_per_input < asked.usd_per_output < 1


def test_an_unknown_model_has_no_ceiling() -> None:
    assert ceiling("openai/no-such-model-anywhere", {"max_tokens": 5}) is None


def test_tokens_are_a_quarter_of_the_characters_rounded_up() -> None:
    assert [tokens_of(text) for text in ("", "a", "abcd", "abcde")] == [0, 1, 1, 2]
