"""Equal readings have equal digests, and any changed input another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import structs

from score_kernel.score import events as ev
from score_kernel.score.plan import Check, Part, Plan, Repeat, Tempo
from score_kernel.score.reading import TRANSPORT, Context, digest, heard, read_part
from score_kernel.score.state import ScoreState, fold

from .strategies import PARAMS, TEXTS, parts

laws = settings(deadline=None, max_examples=60)
ENTRIES = st.lists(
    st.tuples(st.sampled_from(["intent", "criteria", "material/spec", "part/coder"]), TEXTS), max_size=4
)
IDENTITIES = st.dictionaries(st.sampled_from(["kind", "model", "source"]), TEXTS, max_size=3)
COUNTS = ("name", "role", "goal", "backstory", "task", "expects")
DOES_NOT_COUNT: dict[str, Any] = {
    "model": "another/model",  # its player's identity tells it
    "player": "human",
    "understudy": "script:x",
    "after": ("x",),  # what it reads tells it
    "reads": ("intent",),
    "retries": 9,
    "timeout": 1.0,
    "stall": 1.0,
    "reuse": False,
    "tools": ("search",),  # these and what it returns come with its kit
    "ask": ("search",),
    "max_turns": 3,
    "returns": "Grade",
    "each": "items",  # its item is an entry
    "when": "wanted",
    "repeat": Repeat("coder", "good", 2),
    "checks": (Check("good", "c1"),),
    "on_flag": "hold",
    "hold": True,
    "enters": 5.0,
}


@laws
@given(parts("coder"), IDENTITIES, ENTRIES)
def test_equal_readings_have_equal_digests(
    part: Part, identity: dict[str, str], entries: list[tuple[str, str]]
) -> None:
    again = structs.replace(part, params=dict(reversed(part.params.items())))
    found = digest(part, identity, entries)
    assert found == digest(again, dict(reversed(identity.items())), tuple(entries))
    assert found.startswith("sha256:")
    assert len(found) == len("sha256:") + 64


@laws
@given(parts("coder"), IDENTITIES, ENTRIES, st.sampled_from(COUNTS), TEXTS)
def test_any_other_word_of_the_part_is_another_digest(
    part: Part, identity: dict[str, str], entries: list[tuple[str, str]], field: str, text: str
) -> None:
    assume(text != getattr(part, field))
    other = structs.replace(part, **{field: text})
    assert digest(other, identity, entries) != digest(part, identity, entries)


@laws
@given(parts("coder"), IDENTITIES, IDENTITIES, ENTRIES)
def test_another_player_is_another_digest(
    part: Part, identity: dict[str, str], other: dict[str, str], entries: list[tuple[str, str]]
) -> None:
    assume(identity != other)
    assert digest(part, other, entries) != digest(part, identity, entries)


@laws
@given(parts("coder"), ENTRIES, ENTRIES)
def test_other_entries_are_another_digest_be_it_a_name_a_text_the_order_or_the_number(
    part: Part, entries: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    assume(entries != other)
    assert digest(part, {}, other) != digest(part, {}, entries)


@laws
@given(parts("coder"), ENTRIES.filter(bool), st.data())
def test_each_changed_text_counts_and_so_does_the_order(
    part: Part, entries: list[tuple[str, str]], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(entries) - 1))
    name, text = entries[at]
    changed = [*entries[:at], (name, text + "!"), *entries[at + 1 :]]
    assert digest(part, {}, changed) != digest(part, {}, entries)
    turned = data.draw(st.permutations(entries))
    assert (digest(part, {}, turned) == digest(part, {}, entries)) == (turned == entries)


@laws
@given(parts("coder"), PARAMS)
def test_other_parameters_are_another_digest_unless_they_only_carry(
    part: Part, params: dict[str, Any]
) -> None:
    def asked(given_: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in given_.items() if key not in TRANSPORT}

    other = structs.replace(part, params=params)
    same = digest(other, {}, ()) == digest(part, {}, ())
    assert same == (repr(sorted(asked(params).items())) == repr(sorted(asked(part.params).items())))


@pytest.mark.parametrize("name", sorted({*TRANSPORT, "headers", "extra_headers"}))
def test_how_a_model_is_reached_does_not_count(name: str) -> None:
    part = Part("coder", params={"temperature": 0.5})
    reached = Part("coder", params={"temperature": 0.5, name: "x"})
    assert digest(reached, {}, ()) == digest(part, {}, ())


def test_every_field_of_a_part_either_counts_or_is_known_not_to() -> None:
    assert {*COUNTS, *DOES_NOT_COUNT, "params"} == {field.name for field in structs.fields(Part)}


@pytest.mark.parametrize("field", DOES_NOT_COUNT)
def test_retries_timeouts_and_the_like_do_not_count(field: str) -> None:
    part = Part("coder", role="Implementer", task="Write")
    other = structs.replace(part, **{field: DOES_NOT_COUNT[field]})
    assert getattr(other, field) != getattr(part, field)
    assert digest(other, {}, ()) == digest(part, {}, ())


# From the score -------------------------------------------------------------------------------

PLAN = Plan(parts=(Part("coder", task="Write"), Part("editor", after=("coder",))))


def score(*texts: str) -> ScoreState:
    """A score whose intent was each of these in turn, the last one being composed."""
    events: list[ev.Event] = []
    for version, text in enumerate(texts, 1):
        events.append(ev.EntryWritten(seq=len(events) + 1, entry="intent", version=version, text=text))
    events.append(ev.Composed(seq=len(events) + 1, title="", intent=len(texts), criteria=0, materials=()))
    events.append(ev.Orchestrated(seq=len(events) + 1, plan=PLAN))
    return fold(events)


def test_version_numbers_and_titles_do_not_count() -> None:
    once = read_part(Context.of(score("now")), PLAN["coder"], (), {})
    later = score("once", "then", "now")
    later.title = "Another title"
    third = read_part(Context.of(later), PLAN["coder"], (), {})
    assert third.entries == (("intent", 3, "now"),)
    assert once.entries == (("intent", 1, "now"),)
    assert third.digest == once.digest
    assert read_part(Context.of(score("then")), PLAN["coder"], (), {}).digest != once.digest


def noted(state: ScoreState, *notes: tuple[str, str, str]) -> ScoreState:
    for note, to, text in notes:
        state.apply(ev.EntryWritten(seq=state.seq + 1, entry=f"note/{note}", version=1, text=text))
        state.apply(ev.Noted(seq=state.seq + 1, note=note, to=to, version=1))
    return state


def test_notes_count_for_whom_they_are_for_in_the_order_sent() -> None:
    bare = read_part(Context.of(score("x")), PLAN["coder"], (), {}).digest
    others = noted(score("x"), ("1", "editor", "be brief"))
    assert read_part(Context.of(others), PLAN["coder"], (), {}).digest == bare
    mine = read_part(
        Context.of(noted(score("x"), ("1", "coder", "a"), ("2", "all", "b"))), PLAN["coder"], (), {}
    )
    assert [name for name, _, _ in mine.entries] == ["intent", "note/1", "note/2"]
    turned = read_part(
        Context.of(noted(score("x"), ("2", "all", "b"), ("1", "coder", "a"))), PLAN["coder"], (), {}
    )
    assert len({bare, mine.digest, turned.digest}) == 3


def test_what_was_heard_counts() -> None:
    digests: set[str] = set()
    for said in ("this", "that"):
        state = score("x")
        at: dict[str, Any] = {"take": "take1", "at": 0}
        for event in (
            ev.TakeStarted(
                **at, seq=4, number=1, parent=None, parent_seq=0, began="", plan=PLAN, tempo=Tempo()
            ),
            ev.Waiting(**at, seq=5, c=1, part="coder"),
            ev.Entered(**at, seq=6, c=1, digest="", player=ev.PlayerRef("model", "m"), reads=(), messages=()),
            ev.TextPlayed(**at, seq=7, c=1, text=said),
            ev.Played(**at, seq=8, c=1, version=1),
        ):
            state.apply(event)
        inputs = heard(state.takes["take1"], PLAN["editor"])
        assert inputs == (ev.Read("part/coder", 1),)
        reading = read_part(Context.of(state), PLAN["editor"], inputs, {})
        assert reading["coder"].text == said
        digests.add(reading.digest)
    assert len(digests) == 2
