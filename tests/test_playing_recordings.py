"""What was recorded plays again: with no key, offline, at its own pace, and true to what it was."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel import ConductError, Forecast, PerformanceFailed, Reading, Score, Take, UsageError
from score_kernel.score import events as ev
from score_kernel.session import stage
from score_kernel.testing.clock import ManualClock
from score_kernel.testing.provider import LoopbackProvider

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
INTENT = "A function that applies a discount code.\n\n## Criteria\n- it never goes below zero\n"

PLAYED: list[str] = []


def counts(reading: Reading) -> str:
    PLAYED.append(reading.part)
    return f"{len(reading['coder'].text.split())} words"


def team(**changes: dict[str, Any]) -> dict[str, Any]:
    """A coder and an editor that are played by whatever model is set, and a function between them."""
    parts: dict[str, dict[str, Any]] = {
        "coder": {"task": "Write the function"},
        "counter": {"player": "python:counts", "after": ["coder"]},
        "editor": {"task": "Sum up", "after": ["coder", "counter"]},
    }
    for name, change in changes.items():
        parts[name] = {**parts[name], **change}
    return {"parts": parts}


def reached(provider: LoopbackProvider, plan: dict[str, Any]) -> dict[str, Any]:
    """The same plan, its models at this provider: that is transport, and known by nothing."""
    parts = {
        name: part if "player" in part else {**part, "params": {"api_base": provider.openai}}
        for name, part in plan["parts"].items()
    }
    return {**plan, "parts": parts}


def conduct(score: Score, **options: Any) -> Take:
    take = score.conduct(**options)
    assert isinstance(take, Take)
    return take


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A piece that was played with a model, with an opening note and a note to the editor."""
    path = tmp_path_factory.mktemp("recorded") / "piece.score.jsonl"
    with (
        LoopbackProvider("Some words that a model says.") as provider,
        pytest.MonkeyPatch.context() as patch,
        Score() as score,
    ):
        patch.setenv("SCORE_MODEL", "openai/some-model")
        patch.setenv("OPENAI_API_KEY", "sk-none-of-yours-0123456789")
        score.compose(INTENT, title="Discount codes")
        score.orchestrate(reached(provider, team()), {"counts": counts})
        score.note("editor", "in one line")
        take = conduct(score, note="Keep it small.", name="draft")
        assert take["editor"].model == "openai/some-model"
        score.save(path)
        assert provider.count == 2
    return path


@pytest.fixture
def score(monkeypatch: pytest.MonkeyPatch) -> Iterator[Score]:
    """The same piece on another machine: no model, no key, no way out."""
    PLAYED.clear()

    def blocked(*_: Any) -> None:
        raise AssertionError("offline nothing may connect")

    monkeypatch.setattr(socket.socket, "connect", blocked)
    monkeypatch.setattr(socket.socket, "connect_ex", blocked)
    with Score() as score:
        score.compose(INTENT, title="Discount codes")
        score.orchestrate(team(), {"counts": counts})
        yield score


def told(take: Take) -> dict[str, Any]:
    """What a take is, but for its times and where it was played."""
    return {
        c.part: (
            c.text,
            [(e, text) for e, _, text in c.reading.entries],
            c.reading.messages,
            c.reading.digest,
            c.flags,
        )
        for c in take.contributions
    }


def test_a_piece_recorded_with_a_model_plays_with_no_key(score: Score, recording: Path) -> None:
    take = conduct(score, recording=recording, offline=True)
    assert told(take) == told(Score.load(recording).take)
    assert [c.status for c in take.contributions] == ["reused"] * 3
    assert PLAYED == []
    assert take["coder"].reused_from == "take1 of piece.score.jsonl"
    assert take["coder"].model == "openai/some-model"
    assert take["coder"].attempts == 0
    assert take.cost == 0.0
    assert take.usage == (0, 0, False)
    assert score.notes == {"1": "in one line", "opening": "Keep it small."}


def test_no_model_library_is_loaded_for_it(recording: Path) -> None:
    """In a process of its own, as this one has loaded it for others."""
    program = f"""
import sys
from score_kernel import Score
def counts(reading):
    return f"{{len(reading['coder'].text.split())}} words"
score = Score()
score.compose({INTENT!r}, title="Discount codes")
score.orchestrate({team()!r}, globals())
take = score.conduct(recording={str(recording)!r}, offline=True)
print(take["editor"].text, "litellm" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout == "Some words that a model says. False\n"


def test_a_second_conduct_with_the_recording_plays_nothing_and_gives_the_same_take(
    score: Score, recording: Path
) -> None:
    first = conduct(score, recording=recording, offline=True)
    again = conduct(score, recording=recording, offline=True)
    assert (again.id, again.new) == (first.id, False)
    assert conduct(score, offline=True).id == first.id  # by now this score knows it all


def test_what_was_loaded_plays_offline_from_its_own_past(recording: Path) -> None:
    with Score.load(recording) as loaded:
        assert repr(loaded) == "<Score 'Discount codes': 3 parts, 1 take>"
        loaded.orchestrate(team(), {"counts": counts})
        assert conduct(loaded, offline=True).id == "take1"
        assert loaded["draft"].id == "take1"


def test_a_loaded_score_that_is_saved_again_is_the_same_file(recording: Path, tmp_path: Path) -> None:
    with Score.load(recording) as loaded:
        again = loaded.save(tmp_path / "again.score.jsonl")
    assert again.read_bytes() == recording.read_bytes()


def test_a_recording_is_no_file_to_keep_a_score_in(recording: Path) -> None:
    with pytest.raises(
        UsageError, match=r"piece.score.jsonl is a recording: Score.load\('piece.score.jsonl'\)"
    ):
        Score(recording)


def test_a_recording_can_go_on_in_a_file(recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "piece.score"
    for take in ("take2", "take2"):
        with Score.load(recording, path) as loaded:
            loaded.orchestrate(team(counter={"task": "count well"}), {"counts": counts})
            assert conduct(loaded, offline=True).id == take
    assert PLAYED.count("counter") == 1


def test_one_changed_task_is_a_miss_that_shows_what_changed(score: Score, recording: Path) -> None:
    score.orchestrate(team(coder={"task": "Write the small function"}), {"counts": counts})
    before = score.entries
    with pytest.raises(ConductError) as caught:
        score.conduct(recording=recording, offline=True)
    assert str(caught.value) == (
        "coder is not known, and offline no model may play it. The nearest reading that is known, in "
        "take1 of piece.score.jsonl, differs in\n"
        "    its task: Write the {+small +}function\n"
        "  --nearest plays what answered that one; without --offline coder plays anew"
    )
    assert (score.takes, score.entries) == ((), before)


def test_a_changed_intent_is_shown_as_a_word_diff(score: Score, recording: Path) -> None:
    score.compose(INTENT.replace("discount code", "coupon"), title="Discount codes")
    with pytest.raises(ConductError) as caught:
        score.conduct(recording=recording, offline=True)
    assert "the intent: A function that applies a [-discount code-]{+coupon+}." in str(caught.value)


def test_another_model_is_another_reading(score: Score, recording: Path) -> None:
    score.orchestrate({**team(), "model": "openai/another"}, {"counts": counts})
    with pytest.raises(ConductError, match=r"its player: model openai/\[-some-model-\]\{\+another\+\}"):
        score.conduct(recording=recording, offline=True)


def test_the_nearest_is_given_and_marked_as_recorded_for_another_reading(
    score: Score, recording: Path
) -> None:
    score.orchestrate(team(coder={"task": "Write the small function"}), {"counts": counts})
    take = conduct(score, recording=recording, offline=True, nearest=True)
    assert take.status == "finished"
    coder = take["coder"]
    assert coder.text == "Some words that a model says."
    assert coder.differs == "its task: Write the {+small +}function"
    assert [(f.flag, f.evidence) for f in coder.flags] == [
        ("stale", "recorded for another reading: its task differed")
    ]
    assert take["editor"].differs == ""  # it read what was recorded, so its own reading is known
    # what answers another reading does not become the answer to this one
    with pytest.raises(ConductError, match="coder is not known"):
        score.conduct(recording=recording, offline=True)
    assert conduct(score, recording=recording, offline=True, nearest=True).id == take.id


def test_nearest_wants_offline(score: Score) -> None:
    with pytest.raises(UsageError, match="nearest goes with offline"):
        score.conduct(nearest=True)


def test_a_miss_that_shows_only_on_the_way_fails_its_part_with_the_diff(
    score: Score, recording: Path
) -> None:
    def shouts(reading: Reading) -> str:
        return counts(reading).upper()

    score.orchestrate(team(counter={"player": "python:shouts"}), {"shouts": shouts})
    with pytest.raises(PerformanceFailed) as caught:
        score.conduct(recording=recording, offline=True)
    assert "editor is not known" in str(caught.value)
    assert "what counter played: 6 [-words-]{+WORDS+}" in str(caught.value)
    take = score.take
    assert {c.part: c.status for c in take.contributions} == {
        "coder": "reused",
        "counter": "played",
        "editor": "failed",
    }


def test_a_part_that_never_played_is_a_miss_without_a_diff(score: Score, recording: Path) -> None:
    plan = team()
    plan["parts"]["critic"] = {"task": "Object", "model": "openai/some-model"}
    score.orchestrate(plan, {"counts": counts})
    with pytest.raises(ConductError, match=r"critic is not known.*no reading of it is known at all"):
        score.conduct(recording=recording, offline=True)


def test_the_dry_run_tells_what_is_known_from_where_and_what_is_not(score: Score, recording: Path) -> None:
    score.orchestrate(team(editor={"task": "Sum up well"}), {"counts": counts})
    dry = score.conduct(recording=recording, offline=True, dry_run=True)
    assert isinstance(dry, Forecast)
    assert [(row.part, row.verdict) for row in dry.rows] == [
        ("coder", "reused"),
        ("counter", "reused"),
        ("editor", "unknown"),
    ]
    assert dry.rows[0].why == "known from take1 of piece.score.jsonl"
    plan = {"parts": {"critic": {"task": "Object", "model": "openai/gpt-4o"}, **team()["parts"]}}
    score.orchestrate(plan, {"counts": counts})
    ahead = score.conduct(recording=recording, dry_run=True)  # a part that plays stands before those known
    assert isinstance(ahead, Forecast)
    assert [row.verdict for row in ahead.rows] == ["plays", "reused", "reused", "reused"]
    score.orchestrate(team(editor={"task": "Sum up well"}), {"counts": counts})
    near = score.conduct(recording=recording, offline=True, nearest=True, dry_run=True)
    assert isinstance(near, Forecast)
    assert near.rows[2].verdict == "nearest"


def test_the_understudy_plays_what_a_recording_does_not_know(score: Score, recording: Path) -> None:
    plan = team(coder={"task": "Write the small function", "understudy": "script:lines"})
    score.orchestrate(plan, {"counts": counts, "lines": "Some words that a model says."})
    take = conduct(score, recording=recording)
    assert take["coder"].scripted
    assert take["counter"].status == take["editor"].status == "reused"  # it said the same words


def test_own_notes_go_before_those_of_a_recording(score: Score, recording: Path) -> None:
    with pytest.raises(ConductError, match=r"the opening note: .*\{\+"):
        score.conduct("Make it large.", recording=recording, offline=True)


def test_offline_also_knows_takes_beside_the_lineage(score: Score, recording: Path) -> None:
    conduct(score, recording=recording, offline=True)
    score.orchestrate(team(counter={"task": "count well"}), {"counts": counts})
    second = conduct(score, offline=True)
    assert second["counter"].status == "played"
    score.orchestrate(team(), {"counts": counts})
    PLAYED.clear()
    assert conduct(score, start=f"take2#{second.events[0].seq}", offline=True).id == "take1"
    assert PLAYED == []


def test_the_nearest_of_its_own_past_is_marked_and_found_again(recording: Path) -> None:
    with Score.load(recording) as score:
        score.orchestrate(team(), {"counts": counts})
        for word in ("coupon", "voucher"):
            score.compose(INTENT.replace("discount", word), title="Discount codes")
            take = conduct(score, offline=True, nearest=True)
            assert take.new
            said = f"the intent: A function that applies a [-discount-]{{+{word}+}} code."
            assert take["coder"].differs.startswith(said)
            assert conduct(score, offline=True, nearest=True).id == take.id


def test_what_was_asked_to_play_again_is_no_miss_of_a_reading(score: Score, recording: Path) -> None:
    with pytest.raises(
        ConductError, match=r"^coder was asked to play again, and offline no model may play it$"
    ):
        score.conduct(recording=recording, offline=True, nearest=True, fresh=["coder"])
    dry = score.conduct(recording=recording, offline=True, fresh=["coder"], dry_run=True)
    assert repr(dry) == "<Dry run: refused, as coder would call a model>"


def test_a_note_that_was_dropped_does_not_come_back_with_the_recording(score: Score, recording: Path) -> None:
    conduct(score, recording=recording, offline=True)
    score.drop(1)
    with pytest.raises(ConductError, match=r"editor is not known.*\n    note 1: \[-in one line-\]"):
        score.conduct(recording=recording, offline=True)
    assert score.notes == {"opening": "Keep it small."}


def test_a_recording_that_was_saved_anew_is_not_taken_for_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "same.score.jsonl"
    plan = {"parts": {"a": {"player": "python:says"}}}
    words = iter(["one", "two"])

    def says(_: Reading) -> str:
        return next(words)

    def record() -> None:
        with Score() as other:
            other.orchestrate(plan, {"says": says})
            conduct(other)
            other.save(path)

    with Score() as score:
        score.orchestrate({"parts": {"b": {"player": "script:l"}}}, {"l": "b"})
        conduct(score)
        score.orchestrate(plan, {"says": says})
        record()
        assert conduct(score, start="take1", recording=path)["a"].text == "one"
        record()
        assert conduct(score, start="take1", recording=path)["a"].text == "two"


def test_a_long_chain_of_takes_keeps_the_pace_of_its_source(tmp_path: Path) -> None:
    path = tmp_path / "long.score.jsonl"
    plan = {"parts": {"a": {"player": "script:l"}, "b": {"player": "script:l", "reuse": False}}}
    with Score() as score:
        score.orchestrate(plan, {"l": "x"})
        for _ in range(1100):
            conduct(score)
        score.save(path)
    with Score() as other:
        other.orchestrate(plan, {"l": "x"})
        assert conduct(other, recording=path)["a"].text == "x"


# Pace -----------------------------------------------------------------------------------------


def advance(clock: ManualClock, seconds: float) -> None:
    stage().submit(clock.advance(seconds)).result(30)


@pytest.fixture
def paced(tmp_path: Path) -> Path:
    """`Slow words come.` in three seconds after a rest of one."""
    path = tmp_path / "paced.score.jsonl"
    clock = ManualClock()
    with Score(clock=clock) as score:
        score.orchestrate({"parts": {"a": {"player": "script:lines"}}}, LINES)
        take = conduct(score, background=True)
        for _ in range(5):
            advance(clock, 1)
            stage().ask(take.conductor.flush)
        assert take.wait(30).status == "finished"
        score.save(path)
    return path


LINES = {"lines": [{"wait": 1}, {"wait": 3, "text": "Slow words come."}]}


def test_what_is_given_again_keeps_its_own_pace(paced: Path) -> None:
    clock = ManualClock()
    with Score(clock=clock) as score:
        score.orchestrate({"parts": {"a": {"player": "script:lines"}}}, LINES)
        take = conduct(score, recording=paced, background=True)
        (a,) = take.contributions
        heard: list[str] = []
        for _ in range(5):
            advance(clock, 1)
            stage().ask(take.conductor.flush)
            heard.append("".join(e.text for e in take.events if isinstance(e, ev.TextPlayed)))
        assert heard == ["", "Slow", "Slow words", "Slow words come.", "Slow words come."]
        assert take.wait(30).status == "finished"
        assert (a.status, a.started, a.ended) == ("reused", 0.0, 4.0)
        recorded = Score.load(paced).take["a"]
        assert (recorded.started, recorded.ended) == (0.0, 4.0)


def test_it_can_be_stopped_in_the_middle_and_is_then_not_known(paced: Path) -> None:
    clock = ManualClock()
    with Score(clock=clock) as score:
        score.orchestrate({"parts": {"a": {"player": "script:lines"}}}, LINES)
        take = conduct(score, recording=paced, background=True)
        advance(clock, 2.5)
        take.stop()
        assert [c.status for c in take.contributions] == ["cut"]
        dry = score.conduct(dry_run=True)
        assert isinstance(dry, Forecast)
        assert dry.plays == ("a",)
