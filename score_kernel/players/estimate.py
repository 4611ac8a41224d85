"""How much a request uses: tokens where no provider counted them, and ceilings for a dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from .loading import load

if TYPE_CHECKING:
    from collections.abc import Mapping

CHARACTERS_PER_TOKEN = 4
"""OpenAI's rule of thumb for English ("What are tokens and how to count them"). Code and other
languages need more tokens for the same characters, by up to about two times."""


class Ceiling(Struct, frozen=True):
    """The most a model may answer (tokens), and its prices (USD for one token)."""

    max_output: int
    usd_per_input: float
    usd_per_output: float


def tokens_of(text: str) -> int:
    """About how many tokens a text has, by the rule of thumb above.

    >>> tokens_of("Write the function")
    5
    """
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def ceiling(model: str, params: Mapping[str, Any]) -> Ceiling | None:
    """What an answer of this model can cost at most, or `None` where litellm does not know the model.

    `params` are the part's: `max_tokens` or `max_completion_tokens` lower the model's own limit. It
    imports litellm, which takes seconds the first time.
    """
    litellm = load()
    try:
        info = litellm.get_model_info(model)
    except Exception:  # it raises a bare one for a model that it has no entry for
        return None
    asked = params.get("max_completion_tokens", params.get("max_tokens"))
    limits = [
        n for n in (asked, info.get("max_output_tokens") or info.get("max_tokens")) if isinstance(n, int)
    ]
    paid_in, paid_out = info.get("input_cost_per_token"), info.get("output_cost_per_token")
    if not limits or paid_in is None or paid_out is None:
        return None
    return Ceiling(min(limits), float(paid_in), float(paid_out))
