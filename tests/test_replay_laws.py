"""Whatever was performed is the same when it is saved, loaded and performed again offline."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from score_kernel import PerformanceFailed, Reading, Score, Take

NAMES = ("a", "b", "c", "d", "e")
TEXTS = st.text(st.characters(codec=None, exclude_characters="\r"), max_size=12)
PLAYED: list[str] = []


def joins(reading: Reading) -> str:
    PLAYED.append(reading.part)
    return "+".join([*(reading[part].text for part in reading.parts), *reading.notes])


def breaks(reading: Reading) -> str:
    raise ValueError(f"{reading.part} cannot")


@st.composite
def plans(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str]]:
    """Up to five parts, each after some of those before it; and what the scripted ones say."""
    parts: dict[str, Any] = {}
    lines: dict[str, str] = {}
    for name in NAMES[: draw(st.integers(1, len(NAMES)))]:
        player = draw(st.sampled_from(["python:joins", "python:joins", "script:lines", "python:breaks"]))
        after = draw(st.lists(st.sampled_from(sorted(parts)), unique=True)) if parts else []
        parts[name] = {"player": player, "task": draw(TEXTS), "after": after}
        if player == "script:lines":
            lines[name] = draw(TEXTS)
    return {"parts": parts}, lines


@st.composite
def sessions(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """What somebody may do: compose, orchestrate, send and drop notes, conduct from anywhere."""
    steps: list[tuple[Any, ...]] = [("compose", draw(TEXTS)), ("orchestrate", *draw(plans()))]
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["compose", "orchestrate", "note", "drop", "conduct", "conduct"]))
        match kind:
            case "compose":
                steps.append((kind, draw(TEXTS)))
            case "orchestrate":
                steps.append((kind, *draw(plans())))
            case "note":
                steps.append((kind, draw(st.sampled_from(["all", "a"])), draw(TEXTS)))
            case "drop":
                steps.append((kind, draw(st.integers(1, 3))))
            case _:
                steps.append((kind, draw(TEXTS), draw(st.booleans())))
    return [*steps, ("conduct", "", False)]


def perform(score: Score, steps: list[tuple[Any, ...]]) -> Take | None:
    """Do all of it, and give what was conducted last."""
    take = None
    for step in steps:
        match step:
            case ("compose", text):
                score.compose(text if text.strip() else "x")
            case ("orchestrate", plan, lines):
                score.orchestrate(plan, {"joins": joins, "breaks": breaks, "lines": lines})
            case ("note", to, text):
                if text.strip():
                    score.note(to, text)
            case ("drop", number):
                if str(number) in score.notes:
                    score.drop(number)
            case _:
                _, note, fresh_all = step
                take = conduct(score, note=note, fresh_all=fresh_all)
    return take


def conduct(score: Score, **options: Any) -> Take:
    try:
        take = score.conduct(**options)
    except PerformanceFailed as failed:
        take = failed.take
    assert isinstance(take, Take)
    return take


def told(take: Take) -> dict[str, Any]:
    """Everything of a take but times, versions and where its answers came from."""
    return {
        c.part: (
            {"reused": "played"}.get(c.status, c.status),
            c.text_or(""),
            c.reading.entries and [(name, text) for name, _, text in c.reading.entries],
            c.reading.digest,
            c.flags,
        )
        for c in take.contributions
        if c.status != "blocked"
    }


@settings(max_examples=100)
@given(sessions())
def test_a_session_saved_and_played_again_offline_is_the_same(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Score() as score, Score() as other:
        take = perform(score, steps)
        assert take is not None
        path = score.save(Path(folder) / "session.score.jsonl")

        with Score.load(path) as loaded:
            assert loaded.entries == score.entries
            assert loaded.notes == score.notes
            assert [(t.id, told(t)) for t in loaded.takes] == [(t.id, told(t)) for t in score.takes]
            assert loaded.save(Path(folder) / "again.score.jsonl").read_bytes() == path.read_bytes()

        # elsewhere: the last composition and plan, and the recording
        last = {step[0]: step for step in steps if step[0] in ("compose", "orchestrate")}
        perform(other, list(last.values()))
        PLAYED.clear()
        again = conduct(other, recording=path, offline=True)
        assert told(again) == told(take)
        assert PLAYED == []  # nothing that had been played to its end
