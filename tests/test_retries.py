"""Trying again: every request is an attempt in the score, every wait is the provider's or ours."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel import ConductError, NotPlayed, PerformanceFailed, Score, Take
from score_kernel.players.loading import load
from score_kernel.score.events import Retried
from score_kernel.session import stage
from score_kernel.testing.clock import ManualClock
from score_kernel.testing.provider import Answer, LoopbackProvider
from score_kernel.testing.shell import TestShell
from tests.cases import needs_cases
from tests.players import recorded
from tests.players.playing import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from score_kernel.score.state import ContributionState

# How the recorded provider keeps its cases; it is not ours to change.
pytestmark = pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey")

HANG = 30  # seconds: generous, only against a test that would hang
EXCHANGES = {"openai": "openai-0331", "anthropic": "anthropic-0027"}
FORMS = list(EXCHANGES)
REASONS = {429: "rate-limit", 500: "provider", 503: "provider", 529: "provider"}
SAYS = {
    429: "too many requests for now: conduct again later, or lower `at_once`",
    500: "the provider is in trouble: conduct again later",
    503: "the provider is in trouble: conduct again later",
    529: "the provider is in trouble: conduct again later",
}


class Recorded:
    """The recorded provider, and how many requests came for each exchange in its mode."""

    def __init__(self, address: str) -> None:
        self.address = address

    def part(self, form: str, mode: str, **keys: Any) -> dict[str, Any]:
        base = f"{self.address}/{EXCHANGES[form]}/{mode}" + ("/v1" if form == "openai" else "")
        return {"model": MODELS[form], "task": "Play your part", "params": {"api_base": base}, **keys}

    def requests(self, form: str, mode: str) -> int:
        with urllib.request.urlopen(f"{self.address}/stats") as answer:
            return json.load(answer).get(f"{EXCHANGES[form]}/{mode}", 0)

    def reset(self) -> None:
        urllib.request.urlopen(f"{self.address}/reset", data=b"").close()


@pytest.fixture(scope="module")
def recordings() -> Iterator[str]:
    with recorded.beside() as address:
        yield address


@pytest.fixture
def provider(recordings: str) -> Recorded:
    found = Recorded(recordings)
    found.reset()
    return found


def conduct(parts: dict[str, Any]) -> tuple[Take, list[str]]:
    """The take of these parts, conducted in a cell, and the lines of the cell's error."""
    with TestShell() as shell:
        shell.run("%%compose\nAn intent.")
        shell.run(f"%%orchestrate\nparts: {json.dumps(parts)}\n")
        error = shell.cell("%%conduct").error_in_exec
        assert error is None or isinstance(error, PerformanceFailed)
        return shell["take"], [] if error is None else str(error).splitlines()


def perform(score: Score, **options: Any) -> Take:
    take = score.conduct(**options)
    assert isinstance(take, Take)
    return take


def retries(take: Take, part: str) -> list[Retried]:
    numbers = {number for number, c in enumerate(take.contributions, 1) if c.part == part}
    return [event for event in take.events if isinstance(event, Retried) and event.c in numbers]


def state(take: Take, part: str) -> ContributionState:
    found = stage().ask(lambda: take.conductor.state.takes[take.id].last(part))
    assert found is not None
    return found


# A no for now -----------------------------------------------------------------------------------

NOES = {f"{form}_{code}": (form, code) for form in FORMS for code in REASONS}


@needs_cases
def test_each_no_for_now_is_asked_again_and_every_request_is_an_attempt(provider: Recorded) -> None:
    take, error = conduct(
        {name: provider.part(form, f"flaky-{code}-2", retries=2) for name, (form, code) in NOES.items()}
    )
    assert error == []
    for name, (form, code) in NOES.items():
        assert provider.requests(form, f"flaky-{code}-2") == take[name].attempts == 3
        assert [(event.reason, event.wait) for event in retries(take, name)] == [(REASONS[code], 0)] * 2
        assert all(f"synthetic {code}" in event.message for event in retries(take, name))
        assert take[name].text == recorded.expected(EXCHANGES[form])
        assert take[name].status == "played"


@needs_cases
def test_when_the_tries_are_spent_it_failed_with_one_line(provider: Recorded) -> None:
    take, error = conduct(
        {name: provider.part(form, f"flaky-{code}-2", retries=1) for name, (form, code) in NOES.items()}
    )
    assert error.pop(0) == "take1 failed:"
    for line, (name, (form, code)) in zip(error, NOES.items(), strict=True):
        assert line.endswith(f"{name}: {MODELS[form]}: {SAYS[code]} (synthetic {code})")
        assert provider.requests(form, f"flaky-{code}-2") == take[name].attempts == 2
        assert (take[name].status, state(take, name).why) == ("failed", REASONS[code])


@needs_cases
def test_without_retries_there_is_one_request(provider: Recorded) -> None:
    take, _ = conduct({form: provider.part(form, "flaky-529-1", retries=0) for form in FORMS})
    for form in FORMS:
        assert provider.requests(form, "flaky-529-1") == take[form].attempts == 1
        assert take[form].status == "failed"


@needs_cases
def test_a_no_that_stays_one_is_never_asked_again(provider: Recorded) -> None:
    noes = {f"{form}_{code}": (form, code) for form in FORMS for code in (400, 401, 404)}
    take, _ = conduct(
        {name: provider.part(form, f"flaky-{code}-1", retries=5) for name, (form, code) in noes.items()}
    )
    for name, (form, code) in noes.items():
        assert provider.requests(form, f"flaky-{code}-1") == take[name].attempts == 1
        assert retries(take, name) == []
        assert state(take, name).why == {400: "request", 401: "key", 404: "model"}[code]


# A stream that breaks ---------------------------------------------------------------------------


class PassingClock(ManualClock):
    """Whoever sleeps wakes at once, with the clock standing where it should."""

    async def sleep(self, seconds: float) -> None:
        asleep = self.advance(seconds)
        await super().sleep(0) if seconds <= 0 else await asleep


@needs_cases
@pytest.mark.parametrize("mode", ["eof-50", "broken-60", "cut-60"])
def test_a_stream_cut_short_is_tried_as_often_as_retries_says(provider: Recorded, mode: str) -> None:
    with Score(clock=PassingClock()) as score:
        score.orchestrate({"parts": {form: provider.part(form, mode, retries=2) for form in FORMS}})
        with pytest.raises(PerformanceFailed):
            score.conduct()
        take = score.takes[-1]
        for form in FORMS:
            assert provider.requests(form, mode) == take[form].attempts == 3
            assert [(e.reason, e.wait) for e in retries(take, form)] == [
                ("incomplete", 500),
                ("incomplete", 2000),
            ]
            assert state(take, form).why == "incomplete"
            assert [flag.flag for flag in take[form].flags] == ["incomplete"]
            tries = [tried.text for tried in state(take, form).tries]
            assert [*tries, state(take, form).streamed] == [tries[0]] * 3  # each on its own
            assert recorded.expected(EXCHANGES[form]).startswith(tries[0])
        # What the provider counted is counted for each try; Anthropic says it as it begins.
        assert take["anthropic"].usage.tokens_in == 3 * 11


@needs_cases
def test_a_stalled_stream_is_let_go_tried_again_and_its_text_kept(provider: Recorded) -> None:
    with Score(clock=PassingClock()) as score:
        score.orchestrate(
            {"parts": {form: provider.part(form, "stall-50", retries=1, stall=1) for form in FORMS}}
        )
        with pytest.raises(PerformanceFailed, match="nothing came for 1 s"):
            score.conduct()
        take = score.takes[-1]
        for form in FORMS:
            assert provider.requests(form, "stall-50") == take[form].attempts == 2
            assert [event.reason for event in retries(take, form)] == ["stall"]
            assert state(take, form).why == "stall"
            (tried,) = state(take, form).tries
            assert tried.text
            assert recorded.expected(EXCHANGES[form]).startswith(tried.text)
            with pytest.raises(NotPlayed, match="nothing came"):
                _ = take[form].text
        assert take["anthropic"].usage.tokens_in == 2 * 11


@pytest.mark.parametrize("form", FORMS)
def test_the_text_of_a_failed_try_is_kept_and_read_by_nobody(form: str) -> None:
    stalls = Answer(text=["DISCARDED ", "never said"], fault="stall")
    with LoopbackProvider([stalls, "kept words", "an edit", "another edit"]) as provider:
        coder = {**asked(provider, form), "stall": 1}
        editor = {**asked(provider, form), "after": ["coder"]}
        with Score(clock=PassingClock()) as score:
            score.orchestrate({"parts": {"coder": coder, "editor": editor}})
            take = perform(score)
            assert (take["coder"].attempts, take["coder"].text) == (2, "kept words")
            assert [tried.text for tried in state(take, "coder").tries] == ["DISCARDED "]
            score.orchestrate({"parts": {"coder": coder, "editor": {**editor, "task": "Shorten it"}}})
            again = perform(score)
            assert (again["coder"].status, again["editor"].text) == ("reused", "another edit")
            for reading in (take["editor"].reading, again["editor"].reading, score.reading("editor")):
                assert "kept words" in str(reading.messages)
                assert "DISCARDED" not in str(reading.messages)
        assert provider.count == 4
        assert "DISCARDED" not in str([request.body for request in provider.requests])


# How long it waits ------------------------------------------------------------------------------


def asked(provider: LoopbackProvider, form: str, **keys: Any) -> dict[str, Any]:
    return {
        "model": MODELS[form],
        "task": "Play your part",
        "params": {"api_base": getattr(provider, form)},
        **keys,
    }


def busy(status: int = 429, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, message="Slow down.", headers=named)


def advance(clock: ManualClock, seconds: float) -> None:
    stage().submit(clock.advance(seconds)).result(HANG)


def until(take: Take, true: Callable[[], object]) -> None:
    """Wait for something to become true of a take's state. `true` must ask nobody."""
    with take.conductor.changed:
        assert take.conductor.changed.wait_for(true, HANG)


def waits(take: Take, part: str, failed: int = 1) -> None:
    """Wait until so many tries of a part have failed, and it waits for the next."""
    c = state(take, part)
    until(take, lambda: len(c.tries) == failed)
    stage().ask(lambda: None)  # past the step that appended it, so that it sleeps


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def score(clock: ManualClock) -> Iterator[Score]:
    with Score(clock=clock) as score:
        yield score


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7),
        ({"retry_after": "0.25"}, 0.25),
        ({"retry_after_ms": "1500", "retry_after": "2"}, 1.5),
        (
            # by the provider's clock, whatever ours says
            {"date": "Wed, 21 Oct 2015 07:28:00 GMT", "retry_after": "Wed, 21 Oct 2015 07:29:30 GMT"},
            90,
        ),
        ({"date": "Wed, 21 Oct 2015 07:28:00 GMT", "retry_after": "Wed, 21 Oct 2015 07:27:00 GMT"}, 0),
        ({"retry_after": "soon"}, 0.5),
        ({"retry_after": "-1"}, 0.5),
        ({"retry_after": "nan"}, 0.5),
        ({}, 0.5),
    ],
)
def test_it_waits_as_long_as_the_provider_asks_and_not_longer(
    score: Score, clock: ManualClock, form: str, status: int, headers: dict[str, str], seconds: float
) -> None:
    with LoopbackProvider([busy(status, **headers), "Hello"]) as provider:
        score.orchestrate({"parts": {"coder": asked(provider, form)}})
        take = perform(score, background=True)
        waits(take, "coder")
        if seconds:
            advance(clock, seconds - 0.001)
            assert (provider.count, state(take, "coder").status) == (1, "playing")
        advance(clock, 0.001)
        assert take["coder"].text == "Hello"
        assert provider.count == take["coder"].attempts == 2
    assert [event.wait for event in retries(take, "coder")] == [seconds * 1000]


def test_each_part_waits_for_its_own_time(score: Score, clock: ManualClock) -> None:
    asks = {"slow": [busy(retry_after="20"), "slow"], "quick": [busy(retry_after="5"), "quick"]}
    with contextlib.ExitStack() as stack:
        providers = {name: stack.enter_context(LoopbackProvider(asks[name])) for name in asks}
        score.orchestrate(
            {"parts": {name: asked(provider, "openai") for name, provider in providers.items()}}
        )
        take = perform(score, background=True)
        waits(take, "slow")
        waits(take, "quick")
        advance(clock, 5)
        assert take["quick"].text == "quick"
        assert (providers["slow"].count, state(take, "slow").status) == (1, "playing")
        advance(clock, 15)
        assert take["slow"].text == "slow"
        assert (take["quick"].ended, take["slow"].ended) == (5, 20)


def test_where_nobody_says_how_long_each_wait_is_longer(score: Score, clock: ManualClock) -> None:
    with LoopbackProvider(busy(500)) as provider:
        score.orchestrate({"parts": {"coder": asked(provider, "openai", retries=5)}})
        take = perform(score, background=True)
        for failed, seconds in enumerate([0.5, 2, 8, 30, 30], 1):
            waits(take, "coder", failed)
            assert provider.count == failed
            advance(clock, seconds)
        assert take.wait(HANG).status == "failed"
        assert provider.count == take["coder"].attempts == 6
    assert [event.wait for event in retries(take, "coder")] == [500, 2000, 8000, 30000, 30000]


@pytest.mark.parametrize("end", ["stop", "pause"])
def test_a_cut_ends_a_wait_at_once_and_nothing_is_asked(score: Score, clock: ManualClock, end: str) -> None:
    with LoopbackProvider(busy(retry_after="60")) as provider:
        score.orchestrate({"parts": {"coder": asked(provider, "openai")}})
        take = perform(score, background=True)
        waits(take, "coder")
        if end == "stop":
            take.stop()
        else:
            take.pause(now=True)
        assert [c.status for c in take.contributions] == ["cut"] + ["waiting"] * (end == "pause")
        advance(clock, 600)
        assert provider.count == take.contributions[0].attempts == 1
        assert take.status == ("stopped" if end == "stop" else "paused")


# Timeout ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_timeout_ends_whatever_try_it_is_and_frees_the_slot(form: str) -> None:
    stalls = Answer(text=["first ", "second"], fault="stall")
    with LoopbackProvider([busy(retry_after="0"), stalls, "Hello"]) as provider, Score() as score:
        score.orchestrate(
            {
                "parts": {"coder": asked(provider, form, timeout=1), "next": asked(provider, form)},
                "tempo": {"at_once": 1},
            }
        )
        with pytest.raises(PerformanceFailed, match="coder: it did not end within its timeout of 1 s"):
            score.conduct()
        take = score.takes[-1]
        assert (take["coder"].status, state(take, "coder").why) == ("failed", "timeout")
        assert take["coder"].attempts == 2
        assert state(take, "coder").streamed == "first "
        assert take["next"].text == "Hello"
        assert provider.count == 3


def test_a_timeout_that_comes_while_it_waits_counts_no_try_that_never_began(score: Score) -> None:
    with LoopbackProvider(busy(503)) as provider:
        score.orchestrate({"parts": {"coder": asked(provider, "openai", timeout=1)}})
        with pytest.raises(PerformanceFailed, match="did not end within its timeout of 1 s"):
            score.conduct()  # and nobody moves the clock
        assert provider.count == score.takes[-1]["coder"].attempts == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_wait_longer_than_the_part_has_left_is_not_begun(score: Score, form: str) -> None:
    with LoopbackProvider(busy(retry_after="86400")) as provider:
        score.orchestrate({"parts": {"coder": asked(provider, form)}})
        with pytest.raises(PerformanceFailed) as failed:
            score.conduct()
        assert provider.count == score.takes[-1]["coder"].attempts == 1
    assert str(failed.value).endswith(
        "(Slow down); it asks to wait 86,400 s, which is more than is left of the part's `timeout` of 600 s"
    )
    assert state(score.takes[-1], "coder").why == "rate-limit"


# litellm's own ----------------------------------------------------------------------------------

PATHS = {
    "openai": "openai/gpt-4o",  # OpenAI's client
    "anthropic": "anthropic/claude-sonnet-4-5",  # litellm's HTTP client
    "openrouter": "openrouter/any/model",  # its handler for those who speak as OpenAI does
    "mistral": "mistral/mistral-small-latest",
    "groq": "groq/llama-3.3-70b-versatile",
}
OWN_RETRIES: dict[str, Any] = {
    "num_retries": 3,
    "max_retries": 3,
    "retry_policy": {"RateLimitErrorRetries": 3, "InternalServerErrorRetries": 3},
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("status", [429, 503])
def test_litellm_asks_nobody_again_on_its_own(
    path: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load(), "num_retries", 3)
    monkeypatch.setattr(load(), "retry", True, raising=False)
    with LoopbackProvider(busy(status, retry_after="0")) as provider, Score() as score:
        base = provider.anthropic if path == "anthropic" else provider.openai
        part = {"model": PATHS[path], "params": {"api_base": base, **OWN_RETRIES}, "retries": 1}
        score.orchestrate({"parts": {"coder": part}})
        with pytest.raises(PerformanceFailed):
            score.conduct()
        assert provider.count == score.takes[-1]["coder"].attempts == 2


@contextlib.contextmanager
def resetting() -> Generator[tuple[int, list[bytes]]]:
    """A server that takes each request whole and resets its connection: its port, and what came."""
    came: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return  # closed
            with connection, connection.makefile("rb") as sent:
                head = b"".join(iter(sent.readline, b"\r\n"))
                if not head:
                    continue
                length = next(
                    line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
                )
                came.append(sent.read(int(length.partition(b":")[2])))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield server.getsockname()[1], came
        server.shutdown(socket.SHUT_RDWR)
    serving.join(HANG)


@pytest.mark.parametrize("path", ["openai", "anthropic", "openrouter"])
def test_a_connection_that_is_reset_is_one_request_for_each_attempt(path: str) -> None:
    with resetting() as (port, came), Score(clock=PassingClock()) as score:
        base = f"http://127.0.0.1:{port}" + ("" if path == "anthropic" else "/v1")
        part = {"model": PATHS[path], "params": {"api_base": base}, "retries": 1}
        score.orchestrate({"parts": {"coder": part}})
        with pytest.raises(PerformanceFailed):
            score.conduct()
        take = score.takes[-1]
        assert [event.reason for event in retries(take, "coder")] == ["connection"]
        assert len(came) == take["coder"].attempts == 2


@pytest.mark.parametrize("name", ["fallbacks", "context_window_fallback_dict"])
def test_another_model_than_the_score_says_is_refused(name: str) -> None:
    with LoopbackProvider("Hello") as provider, Score() as score:
        part = asked(provider, "openai")
        part["params"][name] = ["openai/gpt-4o-mini"] if name == "fallbacks" else {"gpt-4o": "gpt-4o-mini"}
        score.orchestrate({"parts": {"coder": part}})
        with pytest.raises(ConductError, match=f"delete `{name}` in `params`"):
            score.conduct()
        assert provider.count == 0
