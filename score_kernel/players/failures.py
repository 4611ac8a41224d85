"""The one boundary for foreign errors: whatever litellm or a provider raises becomes one line of ours.

Errors are told apart by the names of their classes and by what they carry (a status, a header), not
by the classes themselves: so litellm need not be imported, and a class that moves is still known.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ..errors import PermanentError, PlayerError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = 300
"""Characters of a provider's own words in a line."""

INCOMPLETE = "incomplete"
"""The reason of a stream that ended without the provider's word that it was done."""

_SECRET_NAME = re.compile(r"(?i)(key|token|secret|password|credential)s?$")
_SECRET = re.compile(
    r"""(?ix)
    (?: \b(?:bearer|basic)\s+ | \b(?:x-)?(?:api[-_ ]?key|token|secret|password)["']?\s*[=:]\s*["']? )
        [^\s"',;}\])]{4,}
    | \b(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|csk|tgp|fw|key|ghp|glpat)[-_][\w*.-]{3,}
    | \bAIza[\w-]{10,} | \b(?:AKIA|ASIA)[A-Z0-9]{12,}
    | \beyJ[\w-]{8,}\.[\w-]+\.[\w-]*
    | \b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{32,}
    """
)


def redact(text: str) -> str:
    """The text without anything that is a key of this environment, or looks like one."""
    return _SECRET.sub("[key]", without_keys(text))


def without_keys(text: str) -> str:
    """The text without the keys of this environment; what only looks like one stays (a traceback)."""
    for name, value in os.environ.items():
        if len(value) >= 8 and _SECRET_NAME.search(name):
            text = text.replace(value, "[key]")
    return text


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that are no keys by their names: what a program of somebody else is given."""
    return {name: value for name, value in environment.items() if not _SECRET_NAME.search(name)}


def to_player_error(exc: BaseException, model: str) -> PlayerError:
    """What went wrong when `model` was asked, as a `TransientError` or a `PermanentError`."""
    chain = list(_chain(exc))
    for error in chain:
        if isinstance(error, PlayerError):
            return error
    unreachable = next((line for error in chain if (line := _unreachable(error))), None)
    if unreachable is not None:
        return TransientError(
            f"{model}: could not reach {unreachable}: check the network, and that the server runs",
            "connection",
        )
    names = {cls.__name__ for error in chain for cls in type(error).__mro__}
    if names & _NO_ADDRESS:
        return PermanentError(
            f"{model}: its `api_base` is no address: write one as in http://localhost:8000/v1", "request"
        )
    if names & {"Timeout", "APITimeoutError", "TimeoutException", "TimeoutError"}:
        return TransientError(f"{model}: the provider took too long to answer", "timeout")
    return told(
        model,
        _said(exc),
        status=_status(chain),
        names=names,
        retry_after=_retry_after(chain),
        provider=getattr(exc, "llm_provider", None) or "",
    )


def told(
    model: str,
    said: str,
    *,
    status: int | None = None,
    names: frozenset[str] | set[str] = frozenset(),
    retry_after: float | None = None,
    provider: str = "",
) -> PlayerError:
    """The error for what a provider said: with an HTTP status, a class or type of error, or neither."""
    words = clip(said)
    because = f" ({words})" if words else ""
    if names & {"ContextWindowExceededError", "context_length_exceeded", "string_above_max_length"}:
        return PermanentError(f"{model}: what the part reads is too long for this model{because}", "context")
    if names & _REFUSED:
        return PermanentError(f"{model} refused to answer{because}", "refusal")
    if names & _OUT_OF_MONEY or status == 402:
        return PermanentError(
            f"{model}: no credit or budget is left: see to it at the provider{because}", "budget"
        )
    if names & {"AuthenticationError", "authentication_error"} or status == 401:
        return PermanentError(
            f"{model}: the provider does not accept the key: check {key_variable(model, provider)}{because}",
            "key",
        )
    if names & {"PermissionDeniedError", "permission_error"} or status == 403:
        return PermanentError(
            f"{model}: the key may not use this model: check {key_variable(model, provider)}{because}", "key"
        )
    if names & {"NotFoundError", "not_found_error", "model_not_found"} or status == 404:
        return PermanentError(f"{model}: the provider knows no such model: check its name{because}", "model")
    if names & {"RateLimitError", "rate_limit_error"} or status == 429:
        return TransientError(
            f"{model}: too many requests for now: conduct again later, or lower `at_once`{because}",
            "rate-limit",
            retry_after=retry_after,
        )
    if names & _REQUEST or (status is not None and 400 <= status < 500 and status not in (408, 409, 425)):
        return PermanentError(f"{model}: the provider does not take this request{because}", "request")
    if names & _CONNECTION:
        return TransientError(f"{model}: the connection to the provider failed{because}", "connection")
    if status is None and not names & _PROVIDER:
        return PermanentError(f"{model}: {words or 'failed, and did not say why'}", "error")
    return TransientError(
        f"{model}: the provider is in trouble: conduct again later{because}",
        "provider",
        retry_after=retry_after,
    )


_REFUSED = {
    "ContentPolicyViolationError",
    "RejectedRequestError",
    "GuardrailRaisedException",
    "GuardrailInterventionNormalStringError",
    "BlockedPiiEntityError",
    "SensitiveDataRouteException",
    "ModifyResponseException",
    "content_policy_violation",
    "content_filter",
}
_NO_ADDRESS = {"InvalidURL", "InvalidUrlClientError", "NonHttpUrlClientError", "UnsupportedProtocol"}
_OUT_OF_MONEY = {"BudgetExceededError", "PaymentRequiredError", "insufficient_quota", "billing_error"}
_REQUEST = {
    "BadRequestError",
    "InvalidRequestError",
    "UnsupportedParamsError",
    "UnprocessableEntityError",
    "ModelNotMappedError",
    "LiteLLMUnknownProvider",
}
_CONNECTION = {"APIConnectionError", "TransportError", "ClientError"}
_PROVIDER = {
    "APIError",
    "APIStatusError",
    "APIResponseValidationError",
    "OpenAIError",
    "RouterRateLimitError",
    "overloaded_error",
    "api_error",
    "server_error",
}


def in_stream(model: str, error: object) -> PlayerError:
    """The error that a provider sent in the middle of its stream.

    It had taken the request and begun to answer, so what it says of the request (400, 422) is
    about this one answer, and another try may succeed.
    """
    said: Mapping[str, Any] = error if isinstance(error, dict) else {"message": str(error)}
    marks = {str(said.get(key)) for key in ("type", "code", "status")}
    numbers = [said.get(key) for key in ("status_code", "code", "status")]
    status = next((int(str(n)) for n in numbers if re.fullmatch("[45][0-9][0-9]", str(n))), None)
    kind = told(model, str(said.get("message") or ""), status=status, names=marks)
    if isinstance(kind, PermanentError) and kind.reason in ("request", "error"):
        words = clip(str(said.get("message") or "")) or "it did not say why"
        return TransientError(f"{model}: the provider broke off with an error ({words})", "provider")
    return kind


def broken_off(exc: BaseException, model: str) -> PlayerError:
    """The error for what was raised while the answer was streaming."""
    error = to_player_error(exc, model)
    names = {cls.__name__ for found in _chain(exc) for cls in type(found).__mro__}
    if error.reason == "connection" or (error.reason == "provider" and names & _CUT):
        return TransientError(f"{model}: the connection broke off in the middle of the answer", INCOMPLETE)
    return error


_CUT = {
    "ReadError",
    "RemoteProtocolError",
    "ClientPayloadError",
    "ServerDisconnectedError",
    "ConnectionResetError",
    "JSONDecodeError",
}


def key_variable(model: str, provider: str = "") -> str:
    """The environment variable that holds the key of a model's provider, by litellm's conventions."""
    name = provider or (model.partition("/")[0] if "/" in model else "")
    known = {
        "together_ai": "TOGETHERAI_API_KEY",
        "perplexity": "PERPLEXITYAI_API_KEY",
        "cohere_chat": "COHERE_API_KEY",
    }
    if name.startswith(("bedrock", "sagemaker")):
        return "the AWS credentials of the environment"
    if name.startswith("vertex"):
        return "GOOGLE_APPLICATION_CREDENTIALS in the environment"
    if not name:
        return "the provider's key in the environment"
    return f"{known.get(name) or re.sub('[^A-Z0-9]', '_', name.upper()) + '_API_KEY'} in the environment"


def clip(text: str) -> str:
    """A provider's words on one line, not too long, without keys and the final full stop."""
    line = redact(" ".join(text.split()))
    if len(line) > LONGEST:
        return line[:LONGEST].rstrip() + "..."
    return line.removesuffix(".")


def _chain(exc: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    ahead: list[BaseException | None] = [exc]
    while ahead:
        error = ahead.pop(0)
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        original = getattr(error, "original_exception", None)
        ahead += [original if isinstance(original, BaseException) else None, error.__cause__]
        if not error.__suppress_context__ or error.__cause__ is None:
            ahead.append(error.__context__)


def _unreachable(error: BaseException) -> str | None:
    """`api.openai.com (connection refused)`, where the error is that of connecting to a host."""
    host, system = getattr(error, "host", None), getattr(error, "os_error", None)
    if not host or not isinstance(system, OSError):
        return None
    if type(system).__name__ == "gaierror":
        why = "no such host, or no network"
    else:
        why = {"ConnectionRefusedError": "connection refused", "TimeoutError": "no answer"}.get(
            type(system).__name__, (os.strerror(system.errno) if system.errno else str(system)).lower()
        )
    port = getattr(error, "port", None)
    return f"{host}{f':{port}' if port not in (None, 80, 443) else ''} ({clip(why)})"


def _status(chain: list[BaseException]) -> int | None:
    """The HTTP status that the provider sent. litellm's own (500 for all it does not know) counts last."""
    given: list[int] = []
    for error in chain:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if type(error).__name__.endswith("HTTPStatusError") and isinstance(status, int):
            return status
        status = getattr(error, "status_code", None)
        if isinstance(status, int):
            given.append(status)
    return given[0] if given else None


def _retry_after(chain: list[BaseException]) -> float | None:
    """Seconds that the provider asks to wait: OpenAI's `retry-after-ms`, else `retry-after`."""
    for error in chain:
        for headers in (
            getattr(error, "litellm_response_headers", None),
            getattr(getattr(error, "response", None), "headers", None),
        ):
            if headers is None:
                continue
            for name, to_seconds in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
                seconds = _seconds(headers.get(name), to_seconds, headers.get("date"))
                if seconds is not None:
                    return seconds
    return None


def _seconds(value: object, to_seconds: float, sent: object) -> float | None:
    """A header's number, or its date (RFC 9110, 10.2.3) seen from when it was `sent`.

    The provider's own `date` counts, as our clock may differ from theirs.
    """
    if value is None:
        return None
    try:
        seconds = float(str(value)) * to_seconds
    except ValueError:
        until = _date(value)
        if until is None:
            return None
        seconds = max(0.0, (until - (_date(sent) or datetime.now(UTC))).total_seconds())
    return seconds if 0 <= seconds < float("inf") else None


def _date(value: object) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


_PREFIX = re.compile(
    r"^\s*(?:(?:litellm\.)?[A-Za-z]\w*(?:Error|Exception|Timeout|Violation)\b\s*(?::|-)\s*)+"
)
_INNER = re.compile(r"\blitellm\.\w+:\s*")
_SUFFIX = re.compile(
    r"\.?\s*(?:Handle with `litellm\.|Received Model Group=|Available Model Group|LiteLLM Retried:"
    r"|Original exception:|Traceback \(most recent call last\)|model=).*$",
    re.DOTALL,
)


def _said(exc: BaseException) -> str:
    """What the provider said, out of what litellm made of it."""
    text = getattr(exc, "message", None)
    text = text if isinstance(text, str) and text else str(exc)
    return _in_json(text) or _INNER.sub("", _SUFFIX.sub("", _PREFIX.sub("", text)))


def _in_json(text: str) -> str | None:
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None
    found = text[start : end + 1]
    if text[:start].endswith("b'"):
        found = found.replace("\\'", "'").replace("\\\\", "\\").replace("\\n", "\n")
    try:
        said = json.loads(found)
    except ValueError:
        return None
    inner = said.get("error", said)
    message = inner.get("message") if isinstance(inner, dict) else inner
    return message if isinstance(message, str) else None
