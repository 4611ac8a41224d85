"""`%%compose --draft MODEL`: what a model proposes beside the intent, and never on the score."""

from __future__ import annotations

import json
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from score_kernel import Score, UsageError
from score_kernel.draft import read_answer
from score_kernel.testing.clock import ManualClock
from score_kernel.testing.provider import Answer, LoopbackProvider
from score_kernel.testing.shell import TestShell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from score_kernel.testing.provider import Request

    Asking = Callable[
        [str | Answer | Sequence[str | Answer] | Callable[[Request], str | Answer]], LoopbackProvider
    ]

MODEL = "openai/gpt-4o"
CELL = f"%%compose Codes --draft {MODEL}\nA function that applies a discount code."
PROPOSED = {
    "criteria": ["an unknown code changes nothing", "a price is never below zero"],
    "risks": ["prices are rounded twice"],
    "questions": ["May codes be combined?"],
}
SHOWN = f"""Proposed by {MODEL}; none of it is on the score:
Criteria
- an unknown code changes nothing
- a price is never below zero
Risks
- prices are rounded twice
Open questions
- May codes be combined?"""
STANDS = "the composition stands, without a draft: "


class PassingClock(ManualClock):
    """Whoever sleeps wakes at once."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def shell() -> Iterator[TestShell]:
    with TestShell() as shell:
        yield shell


@pytest.fixture
def clock() -> PassingClock:
    return PassingClock()


@pytest.fixture
def score(clock: PassingClock) -> Iterator[Score]:
    with Score(clock=clock) as score:
        score.compose("A function.")
        yield score


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    """Begins a provider that answers for `MODEL`, as the environment says."""
    begun: list[LoopbackProvider] = []

    def begin(
        answers: str | Answer | Sequence[str | Answer] | Callable[[Request], str | Answer],
    ) -> LoopbackProvider:
        provider = LoopbackProvider(answers)
        begun.append(provider.__enter__())
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-test")
        monkeypatch.setenv("OPENAI_BASE_URL", provider.openai)
        return provider

    yield begin
    for provider in begun:
        provider.__exit__()


def refusal(shell: TestShell, cell: str = CELL) -> str:
    """The one line that a cell fails with."""
    error = shell.cell(cell).error_in_exec
    assert isinstance(error, UsageError)
    (line,) = error._render_traceback_()
    assert "\n" not in line
    assert "Traceback" not in shell.out
    return str(error)


# What is asked and shown -----------------------------------------------------------------------


def test_a_draft_is_shown_below_the_composition_and_is_not_on_the_score(
    shell: TestShell, asking: Asking
) -> None:
    asking(json.dumps(PROPOSED))
    shell.run(f"%%capture shown\n{CELL}")
    composed, draft = [output.data["text/plain"] for output in shell["shown"].outputs]
    assert composed == "<Composition 'Codes': 0 criteria>"
    assert draft == SHOWN
    score = shell["score"]
    with Score() as other:
        other.compose("A function that applies a discount code.", "Codes")
        assert score.entries == other.entries
        assert [type(event) for event in events(score)] == [type(event) for event in events(other)]
    assert "zero" not in repr(events(score))


def events(score: Score) -> list[object]:
    return list(score._conductor.events())


def test_the_model_reads_the_whole_composition_and_no_notes(shell: TestShell, asking: Asking) -> None:
    provider = asking(json.dumps(PROPOSED))
    shell.shell.user_ns["spec"] = "Codes have six letters."
    shell.run("%%orchestrate\nparts: {a: {player: human}}")
    shell.run("%cue note all SECRET")
    shell.run(f"%%compose -u spec --draft {MODEL}\nApply {{codes}} for $5.\n\n## Criteria\n- it is fast")
    (request,) = provider.requests
    asked = "\n".join(message["content"] for message in request.body["messages"])
    assert request.body["model"] == "gpt-4o"
    for text in ("Apply {codes} for $5.", "c1: it is fast", "Codes have six letters."):
        assert text in asked
    assert "SECRET" not in asked


def test_a_model_is_asked_once_for_each_composition(shell: TestShell, asking: Asking) -> None:
    provider = asking(json.dumps(PROPOSED))
    first = shell.run(CELL)
    assert shell.run(CELL) is first
    assert provider.count == 1
    shell.run(f"{CELL} Never below zero.")
    assert provider.count == 2
    shell.run(CELL.replace("gpt-4o", "gpt-4o-mini"))
    assert [request.body["model"] for request in provider.requests[1:]] == ["gpt-4o", "gpt-4o-mini"]
    assert shell.run(CELL) is first
    assert provider.count == 3


def test_the_composition_that_stands_can_be_drafted_by_line(shell: TestShell, asking: Asking) -> None:
    asking(json.dumps(PROPOSED))
    shell.run("%%compose\nA function.")
    assert repr(shell.run(f"%compose --draft {MODEL}")) == SHOWN


def test_a_semicolon_shows_neither(shell: TestShell, asking: Asking) -> None:
    provider = asking(json.dumps(PROPOSED))
    shell.run(f"%%capture shown\n{CELL.replace(MODEL, f'{MODEL};')}")
    assert (shell["shown"].outputs, provider.count) == ([], 1)


def test_text_of_a_model_is_text_in_the_page_and_in_a_terminal(score: Score, asking: Asking) -> None:
    line = "<img src=x onerror=alert(1)></span><script>alert(2)</script> & \x1b[31m\ud800 $x$"
    asking(json.dumps({"risks": [line, "two\nlines"]}))
    draft = score.draft(MODEL)
    assert draft.risks[0].endswith("& \ufffd[31m\ufffd $x$")
    assert draft.risks[1] == "two lines"
    shown = draft._repr_mimebundle_()
    assert shown["text/plain"] == repr(draft)
    page = shown["text/html"]
    page.encode()
    assert "<img" not in page
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(2)&lt;/script&gt; &amp;" in page


# Answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        '```json\n{"criteria": ["fast"], "risks": ["rain"], "questions": ["Why?"]}\n```\nGood luck!',
        'I thought of {this}. {"x": 1} {"criteria": ["fast"], "risks": ["rain"], "questions": ["Why?"]}',
        '{"Criteria": "- fast", "RISKS": [{"risk": "rain"}], "open_questions": ["Why?", "Why?", "", 3]}',
        "## Criteria\n- fast\n\n## Risks\n* rain\n## Open questions\n1. Why?\n## Else\n- no",
        "Here is my draft:\n\n**Acceptance criteria:**\n- [ ] fast\n\n**Risks**\n- rain\n\nQuestions:\n- Why?\n",
        "# Criteria\r\nc0: none of a list\r\n- c1: fast\r\n# Risks\r\n\u2022 rain\r\n# Questions\r\n2) Why?",
    ],
)
def test_an_answer_is_read_in_whatever_form_it_comes(answer: str) -> None:
    assert read_answer(answer) == {"criteria": ("fast",), "risks": ("rain",), "questions": ("Why?",)}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "it said nothing"),
        ("I cannot help\nwith that.", "it said 'I cannot help with that.'"),
        ('{"criteria": [], "risks": ""}', """it said '{"criteria": [], "risks": ""}'"""),
        ('{"criteria": ["cut sho', """it said '{"criteria": ["cut sho'"""),
        ("[" * 100_000, f"it said '{'[' * 59}\u2026'"),
        ('{"criteria":' * 5_000, "it said '" + ('{"criteria":' * 5)[:59] + "\u2026'"),
    ],
)
def test_a_draft_without_a_line_is_an_error_and_the_composition_stands(
    shell: TestShell, asking: Asking, answer: str, said: str
) -> None:
    provider = asking([Answer(text=[answer]), json.dumps(PROPOSED)])
    again = "run the cell again, or ask another model"
    assert refusal(shell) == f"{STANDS}{MODEL} proposed nothing that can be read ({said}): {again}"
    assert shell["score"].title == "Codes"
    assert repr(shell.run(CELL)) == SHOWN
    assert provider.count == 2


# What can go wrong ------------------------------------------------------------------------------


def test_without_a_key_one_line_says_which(shell: TestShell) -> None:
    assert refusal(shell) == (
        f"{STANDS}{MODEL} needs a key: set OPENAI_API_KEY in the environment of the kernel"
    )
    assert shell["score"].intent == "A function that applies a discount code."
    shell.cell(f"%%capture shown\n{CELL}")
    assert "<Composition 'Codes': 0 criteria>" in [o.data["text/plain"] for o in shell["shown"].outputs]


def test_an_unknown_model_is_told(shell: TestShell) -> None:
    line = refusal(shell, "%%compose --draft openia/gpt-4o\nA function.")
    assert line.startswith(f"{STANDS}'openia/gpt-4o' is no model id that litellm knows: did you mean openai/")


def test_the_option_wants_a_model(shell: TestShell) -> None:
    assert "--draft" in refusal(shell, "%%compose --draft\nA function.")
    assert shell["score"].intent == ""


def test_nothing_can_be_drafted_before_it_is_composed(shell: TestShell) -> None:
    assert "nothing is composed yet" in refusal(shell, f"%compose --draft {MODEL}")
    with Score() as score, pytest.raises(UsageError, match="nothing is composed yet"):
        score.draft(MODEL)


def test_what_the_provider_refuses_is_not_tried_again(shell: TestShell, asking: Asking) -> None:
    provider = asking(Answer(status=401, message="Wrong key."))
    line = refusal(shell)
    assert line.startswith(f"{STANDS}{MODEL}: the provider does not accept the key: check OPENAI_API_KEY")
    assert provider.count == 1


def test_a_transient_error_is_tried_again(score: Score, clock: PassingClock, asking: Asking) -> None:
    cut = Answer(text=["{", "}"], fault="cut")
    provider = asking([Answer(status=503), cut, json.dumps(PROPOSED)])
    assert repr(score.draft(MODEL)) == SHOWN
    assert provider.count == 3
    assert clock.slept == [0.5, 2.0]


def test_after_two_further_tries_it_is_an_error(score: Score, clock: PassingClock, asking: Asking) -> None:
    provider = asking(Answer(status=429, headers={"retry-after": "7"}, message="Slow down."))
    with pytest.raises(UsageError) as caught:
        score.draft(MODEL)
    assert str(caught.value).startswith(
        f"{STANDS}{MODEL}: too many requests for now: run the cell again later"
    )
    assert "at_once" not in str(caught.value)
    assert provider.count == 3
    assert clock.slept == [7, 7]


def test_an_interrupt_ends_the_waiting_in_one_line(shell: TestShell, asking: Asking) -> None:
    main = threading.main_thread().ident
    assert main is not None

    def answer(request: Request) -> str | Answer:
        if len(provider.requests) > 1:
            return json.dumps(PROPOSED)
        signal.pthread_kill(main, signal.SIGINT)  # the main thread waits, or this would not be asked
        return Answer(text=["{", "}"], fault="stall")

    provider = asking(answer)
    assert refusal(shell) == f"{STANDS}the cell was interrupted"
    assert repr(shell.run(CELL)) == SHOWN
    assert provider.count == 2
