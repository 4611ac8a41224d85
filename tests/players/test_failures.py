"""Every foreign error becomes one clear line."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from score_kernel.errors import PermanentError, PlayerError, TransientError
from score_kernel.players.failures import clip, redact, to_player_error
from score_kernel.players.loading import load

MODEL = "openai/gpt-4o"
KEY = "sk-proj-abcDEF1234567890abcDEF1234567890"

EXPECTED = {
    "APIConnectionError": "connection",
    "APIError": "provider",
    "APIResponseValidationError": "provider",
    "AuthenticationError": "key",
    "BadGatewayError": "provider",
    "BadRequestError": "request",
    "BlockedPiiEntityError": "refusal",
    "BudgetExceededError": "budget",
    "ContentPolicyViolationError": "refusal",
    "ContextWindowExceededError": "context",
    "GuardrailInterventionNormalStringError": "refusal",
    "GuardrailRaisedException": "refusal",
    "ImageFetchError": "request",
    "InternalServerError": "provider",
    "InvalidRequestError": "request",
    "JSONSchemaValidationError": "provider",
    "LiteLLMUnknownProvider": "request",
    "MidStreamFallbackError": "provider",
    "MockException": "provider",
    "ModelNotMappedError": "request",
    "ModifyResponseException": "refusal",
    "NotFoundError": "model",
    "OpenAIError": "provider",
    "PaymentRequiredError": "budget",
    "PermissionDeniedError": "key",
    "RateLimitError": "rate-limit",
    "RejectedRequestError": "refusal",
    "RouterRateLimitError": "rate-limit",
    "RouterRateLimitErrorBasic": "rate-limit",
    "SensitiveDataRouteException": "refusal",
    "ServiceUnavailableError": "provider",
    "Timeout": "timeout",
    "UnprocessableEntityError": "request",
    "UnsupportedParamsError": "request",
    "VectorStoreSearchError": "request",
}
TRANSIENT = {"connection", "timeout", "rate-limit", "provider"}


def classes() -> list[type[BaseException]]:
    exceptions: Any = load().exceptions
    return [
        value
        for _, value in inspect.getmembers(exceptions, inspect.isclass)
        if issubclass(value, BaseException) and value.__module__ == exceptions.__name__
    ]


def made(kind: type[BaseException]) -> BaseException:
    """One of that class, with what its constructor asks for."""
    import httpx

    given: dict[str, Any] = {
        "message": f"litellm.{kind.__name__}: OpenAIException - It said so with {KEY}.",
        "llm_provider": "openai",
        "model": "gpt-4o",
        "status_code": 500,
        "request_data": {},
        "response": httpx.Response(400, request=httpx.Request("POST", "http://127.0.0.1")),
        "request": httpx.Request("POST", "http://127.0.0.1"),
        "failures": [{"vector_store_id": "v", "error": "e"}],
        "current_cost": 2.0,
        "max_budget": 1.0,
        "entity_type": "PERSON",
        "guardrail_name": "g",
        "route_to_model": "m",
    }
    wanted = inspect.signature(kind.__init__).parameters
    arguments = {
        name: given.get(name, "x")
        for name, parameter in wanted.items()
        if name != "self"
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and (parameter.default is parameter.empty or name in ("message", "llm_provider"))
    }
    return kind(**arguments)


def test_every_error_of_litellm_has_its_reason() -> None:
    reasons = {kind.__name__: to_player_error(made(kind), MODEL).reason for kind in classes()}
    assert reasons == {name: EXPECTED.get(name, "(new: give it a reason)") for name in reasons}
    assert len(reasons) >= 25


def test_every_error_of_litellm_is_one_line_without_keys() -> None:
    for kind in classes():
        error = to_player_error(made(kind), MODEL)
        line = str(error)
        assert isinstance(error, TransientError if error.reason in TRANSIENT else PermanentError)
        assert MODEL in line
        assert "\n" not in line
        assert KEY not in line
        assert "litellm." not in line
        assert "Traceback" not in line


def test_a_traceback_that_litellm_writes_into_its_message_is_left_out() -> None:
    said = (
        'litellm.APIConnectionError: It broke\nTraceback (most recent call last):\n  File "main.py", line 5\n'
    )
    exceptions: Any = load().exceptions
    error = exceptions.APIConnectionError(message=said, llm_provider="openai", model="gpt-4o")
    assert str(to_player_error(error, MODEL)) == f"{MODEL}: the connection to the provider failed (It broke)"


def test_what_is_ours_stays_as_it_is() -> None:
    ours = TransientError("ours", "incomplete")
    outer = RuntimeError("theirs")
    outer.__cause__ = ours
    assert to_player_error(outer, MODEL) is ours


def test_an_error_nobody_foresaw_is_permanent_and_says_what_it_says() -> None:
    error = to_player_error(ZeroDivisionError("division by zero"), MODEL)
    assert isinstance(error, PermanentError)
    assert (str(error), error.reason) == (f"{MODEL}: division by zero", "error")


@pytest.mark.parametrize(
    "secret",
    [
        KEY,
        "sk-ant-api03-abcdefghij_KLMN-0123456789",
        "gsk_abcDEF1234567890",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "AKIAABCDEFGHIJKLMNOP",
        "hf_abcdefghijklmnop",
        "0123456789abcdef0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def",
    ],
)
@pytest.mark.parametrize(
    "text", ["bad key {}", "Authorization: Bearer {}", "{{'api_key': '{}'}}", "?key={}&x=1"]
)
def test_what_looks_like_a_key_is_never_in_a_line(secret: str, text: str) -> None:
    assert secret not in redact(text.format(secret))


def test_a_key_of_the_environment_is_never_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_OWN_API_KEY", "plain words only")
    assert redact("you sent plain words only, sorry") == "you sent [key], sorry"


@pytest.mark.parametrize(
    "text",
    [
        "The model `gpt-4o-2024-08-06` does not exist",
        "This model's maximum context length is 128000 tokens",
        "claude-sonnet-4-5-20250929 is overloaded",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


def test_a_long_word_is_clipped() -> None:
    assert len(clip("words and " * 1000)) < 310
    assert isinstance(to_player_error(ValueError(""), MODEL), PlayerError)
