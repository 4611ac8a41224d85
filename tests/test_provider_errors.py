"""What can go wrong with a player, in a real cell: one line that says what to do, and no key in it."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel import ConductError, PerformanceFailed, ScoreError
from score_kernel.score.codec import to_lines
from score_kernel.testing.provider import Answer, Fault, LoopbackProvider
from score_kernel.testing.shell import TestShell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPENAI, ANTHROPIC = "openai/gpt-4o", "anthropic/claude-sonnet-4-5"
MODELS = {"openai": OPENAI, "anthropic": ANTHROPIC}
KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
PLANTED = "sk-planted-0123456789abcdefXYZ"
FORMLESS = "planted_without_any_form_of_a_key"

PLAYED: list[str] = []


def plays(reading: Any) -> str:
    PLAYED.append(reading.part)
    return "played"


@pytest.fixture
def shell() -> Iterator[TestShell]:
    PLAYED.clear()
    with TestShell(plays=plays) as shell:
        shell.run("%%compose\nSay hello.")
        yield shell


def orchestrate(shell: TestShell, **parts: Any) -> None:
    shell.run(f"%%orchestrate\nparts: {json.dumps(parts)}\n")


def asked(provider: LoopbackProvider, form: str, **keys: Any) -> dict[str, Any]:
    """The keys of a part that asks this provider."""
    return {"model": MODELS[form], "params": {"api_base": getattr(provider, form)}, **keys}


def refusal(shell: TestShell, kind: type[ScoreError], cell: str = "%%conduct") -> str:
    """The one line that a cell fails with."""
    error = shell.cell(cell).error_in_exec
    assert isinstance(error, kind)
    (line,) = error._render_traceback_()
    assert "\n" not in line
    assert shell.out.count(line) == 1
    for theirs in ("Traceback", "litellm.", "Exception -", 'File "'):
        assert theirs not in shell.out
    return line.removeprefix(f"{kind.__name__}: ")


def failure(shell: TestShell) -> str:
    """The one line of a take whose only part, coder, has failed."""
    return refusal(shell, PerformanceFailed).removeprefix("take1 failed: coder: ")


# Before anything plays --------------------------------------------------------------------------


def told_before_it_plays(shell: TestShell, model: str) -> str:
    orchestrate(shell, first={"player": "python:plays"}, coder={"model": model})
    score = shell["score"]
    before = (score.entries, score.notes, score.plan, score.takes)
    line = refusal(shell, ConductError, "%%conduct draft\nA note.")
    assert (score.entries, score.notes, score.plan, score.takes) == before
    assert PLAYED == []
    assert "draft" not in shell.shell.user_ns
    return line


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        (OPENAI, "OPENAI_API_KEY"),
        ("gpt-4o", "OPENAI_API_KEY"),
        (ANTHROPIC, "ANTHROPIC_API_KEY"),
        ("gemini/gemini-2.0-flash", "GOOGLE_API_KEY or GEMINI_API_KEY"),
        ("openrouter/any/model", "OPENROUTER_API_KEY"),
    ],
)
def test_a_missing_key_names_the_variable_and_nothing_plays(
    shell: TestShell, model: str, variable: str
) -> None:
    assert told_before_it_plays(shell, model) == (
        f"{model} needs a key: set {variable} in the environment of the kernel; "
        "a server of your own that needs none is `params: {api_base: ...}` of the part"
    )


def test_once_the_key_is_set_the_same_cell_plays(shell: TestShell, monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackProvider("Hello") as provider:
        monkeypatch.setenv("OPENAI_API_BASE", provider.openai)
        told_before_it_plays(shell, OPENAI)
        monkeypatch.setenv("OPENAI_API_KEY", PLANTED)
        shell.run("%%conduct draft\nA note.")
    assert shell["take"]["coder"].text == "Hello"


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("opnai/gpt-4o", "did you mean openai/gpt-4o?"),
        ("gtp-4o", "did you mean gpt-4o?"),
        ("zzzzqqqq", "write PROVIDER/MODEL, for example openai/gpt-4o-mini"),
    ],
)
def test_a_wrong_model_id_names_the_nearest_and_nothing_plays(
    shell: TestShell, model: str, hint: str
) -> None:
    assert told_before_it_plays(shell, model) == f"{model!r} is no model id that litellm knows: {hint}"


# The provider's no ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", MODELS)
def test_a_provider_that_is_not_there_is_named(shell: TestShell, form: str) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        base = f"http://127.0.0.1:{port}" + ("/v1" if form == "openai" else "")
        orchestrate(shell, coder={"model": MODELS[form], "params": {"api_base": base}, "retries": 0})
        assert failure(shell) == (
            f"{MODELS[form]}: could not reach 127.0.0.1:{port} (connection refused): "
            "check the network, and that the server runs"
        )


@pytest.mark.parametrize("form", MODELS)
@pytest.mark.parametrize(
    ("status", "said", "line"),
    [
        (
            401,
            "Incorrect API key provided",
            "the provider does not accept the key: check {key} in the environment "
            "(Incorrect API key provided)",
        ),
        (
            403,
            "No access to it.",
            "the key may not use this model: check {key} in the environment (No access to it)",
        ),
        (
            404,
            "The model `x` does not exist",
            "the provider knows no such model: check its name (The model `x` does not exist)",
        ),
        (
            402,
            "Insufficient balance",
            "no credit or budget is left: see to it at the provider (Insufficient balance)",
        ),
        (
            400,
            "temperature must be at most 2",
            "the provider does not take this request (temperature must be at most 2)",
        ),
    ],
)
def test_a_no_that_stays_one_is_told_at_once_and_not_asked_again(
    shell: TestShell, form: str, status: int, said: str, line: str
) -> None:
    with LoopbackProvider(Answer(status=status, message=said)) as provider:
        orchestrate(shell, coder=asked(provider, form))
        assert failure(shell) == f"{MODELS[form]}: {line.format(key=KEYS[form])}"
        assert provider.count == 1


@pytest.mark.parametrize("form", MODELS)
@pytest.mark.parametrize(
    ("status", "line"),
    [
        (429, "too many requests for now: conduct again later, or lower `at_once` (Slow down)"),
        (503, "the provider is in trouble: conduct again later (Slow down)"),
    ],
)
@pytest.mark.parametrize("retries", [0, 2])
def test_a_no_for_now_is_told_when_the_tries_are_spent(
    shell: TestShell, form: str, status: int, line: str, retries: int
) -> None:
    answer = Answer(status=status, message="Slow down.", headers={"retry-after": "0"})
    with LoopbackProvider(answer) as provider:
        orchestrate(shell, coder=asked(provider, form, retries=retries))
        assert failure(shell) == f"{MODELS[form]}: {line}"
        assert provider.count == shell["take"]["coder"].attempts == retries + 1


@pytest.mark.parametrize("form", MODELS)
def test_a_no_for_now_is_forgotten_when_a_later_try_succeeds(shell: TestShell, form: str) -> None:
    busy = Answer(status=429, message="Slow down.", headers={"retry-after": "0"})
    with LoopbackProvider([busy, busy, Answer(text="Hello")]) as provider:
        orchestrate(shell, coder=asked(provider, form))
        shell.run("%%conduct")
        assert provider.count == 3
    assert (shell["take"]["coder"].text, shell["take"]["coder"].attempts) == ("Hello", 3)
    assert shell.out.count("Slow down") == 0


# Functions --------------------------------------------------------------------------------------


def test_a_function_that_raises_shows_its_authors_traceback_and_nothing_of_ours(shell: TestShell) -> None:
    shell.run("def deep():\n    raise ValueError('no luck\\ntoday')\n\ndef breaks(reading):\n    deep()")
    orchestrate(shell, coder={"player": "python:breaks"})
    error = shell.cell("%%conduct").error_in_exec
    assert isinstance(error, PerformanceFailed)
    line, *shown = error._render_traceback_()
    assert line == "PerformanceFailed: take1 failed: coder: ValueError: no luck"
    traceback = "\n".join(shown)
    assert "in breaks\n    deep()" in traceback
    assert "in deep\n    raise ValueError" in traceback
    assert "score_kernel" not in shell.out


@pytest.mark.parametrize("define", ["def", "async def"])
def test_what_a_function_prints_goes_to_its_contribution_and_to_no_cell(
    shell: TestShell, define: str
) -> None:
    shell.run(f"{define} talks(reading):\n    print('aside', 42)\n    return 'played'")
    orchestrate(shell, coder={"player": "python:talks"})
    shell.run("%%conduct")
    coder = shell["take"]["coder"]
    assert (coder.text, coder.printed) == ("played", "aside 42\n")
    assert "aside" not in shell.out


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("pass", "player returned None: a player answers with its text, a str"),
        ("return 42", "player returned an int: a player answers with text, a str"),
        ("yield b'x'", "player yielded a bytes: a player answers with text, a str"),
    ],
)
@pytest.mark.parametrize("define", ["def", "async def"])
def test_a_function_that_gives_no_text_is_told_so(
    shell: TestShell, define: str, body: str, line: str
) -> None:
    shell.run(f"{define} player(reading):\n    {body}")
    orchestrate(shell, coder={"player": "python:player"})
    assert failure(shell) == line


# Keys -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [PLANTED, FORMLESS])
@pytest.mark.parametrize("form", MODELS)
@pytest.mark.parametrize(
    ("status", "fault", "retries"), [(401, None, 0), (404, None, 0), (429, None, 1), (200, "error", 1)]
)
def test_a_key_that_the_provider_repeats_is_nowhere(
    shell: TestShell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    form: str,
    status: int,
    fault: Fault | None,
    retries: int,
) -> None:
    monkeypatch.setenv(KEYS[form], key)
    shell.run(f"%config ScoreMagics.store = {str(tmp_path / 'piece.score')!r}")
    shell.run("%%compose\nSay hello.")
    answer = Answer(
        text="one two",
        status=status,
        fault=fault,
        message=f"The key {key} ({key}) is not of this house.",
        headers={"retry-after": "0"},
    )
    with LoopbackProvider(answer) as provider:
        orchestrate(shell, coder=asked(provider, form, retries=retries))
        line = failure(shell)
        assert key in json.dumps(dict(provider.requests[0].headers))  # it really was sent
    assert "is not of this house" in line
    nowhere(key, shell, tmp_path)


def test_a_key_in_what_a_function_raises_is_nowhere(
    shell: TestShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SERVICE_TOKEN", FORMLESS)
    shell.run(f"%config ScoreMagics.store = {str(tmp_path / 'piece.score')!r}")
    shell.run(
        "import os\n\ndef calls(reading):\n    raise OSError('not with ' + os.environ['MY_SERVICE_TOKEN'])"
    )
    orchestrate(shell, coder={"player": "python:calls"})
    error = shell.cell("%%conduct").error_in_exec
    assert isinstance(error, PerformanceFailed)
    assert "OSError: not with [key]" in str(error)
    assert "os.environ['MY_SERVICE_TOKEN']" in error.details[0]
    nowhere(FORMLESS, shell, tmp_path)


def nowhere(secret: str, shell: TestShell, folder: Path) -> None:
    """It is in no event, in no byte of the score's file or a recording of it, and in nothing that the cell shows."""
    assert secret not in shell.out
    assert secret.encode() not in to_lines(shell["take"].events)
    shell.run(f"%score save {folder / 'piece.score.jsonl'}")
    shell.run("%config ScoreMagics.store = ':memory:'")  # lets go of the file
    kept = [file.read_bytes() for file in folder.iterdir()]
    assert kept
    assert not any(secret.encode() in data for data in kept)
