"""The file that a score is saved to: exact, whole or refused, and read by others."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from score_kernel.errors import StoreUnreadable, StoreUnwritable
from score_kernel.score import codec
from score_kernel.score import events as ev
from score_kernel.score.excerpt import Excerpt
from score_kernel.score.known import Known
from score_kernel.score.plan import Part, Plan, Tempo
from score_kernel.score.state import ScoreState, fold, outline
from score_kernel.store.recording import from_lines, read, to_lines, write
from score_kernel.store.schema import as_text, schema
from score_kernel.store.snapshot import pack, unpack
from tests.permissions import folder_of_a_plain_user
from tests.score.strategies import logs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from score_kernel.score.recording import Recording

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
FIRST_FORMAT = Path(__file__).parent / "recordings" / "format-1.score.jsonl"

laws = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def fixture_events(name: str) -> list[ev.Event]:
    return codec.from_lines((FIXTURES / f"{name}.jsonl").read_bytes())


NAMES = sorted(
    path.name.removesuffix(".jsonl")
    for path in FIXTURES.glob("*.jsonl")
    if "excerpt" not in path.name  # an excerpt quotes from a log, and is none
)
EVENTS = fixture_events("reused")
LINES = to_lines(EVENTS, "Discount codes")


def chained(lines: list[bytes]) -> bytes:
    """JSON lines with the chain of a recording, as `docs/recording.md` tells it."""
    chain, made = "", b""
    for line in lines:
        chain = hashlib.sha256(chain.encode() + line[:-1]).hexdigest()
        made += line[:-1] + f',"chain":"{chain}"}}\n'.encode()
    return made


def unchained(data: bytes) -> list[dict[str, Any]]:
    """The lines of a recording without their chain."""
    lines = [json.loads(line) for line in data.splitlines()]
    for line in lines:
        del line["chain"]
    return lines


def rechained(lines: list[dict[str, Any]]) -> bytes:
    return chained([json.dumps(line, separators=(",", ":")).encode() for line in lines])


def refusal(data: bytes, name: str = "piece.score.jsonl") -> str:
    """The one line that these bytes are refused with."""
    with pytest.raises(StoreUnreadable) as error:
        from_lines(data, name)
    message = str(error.value)
    assert message.startswith(name)
    assert message.isprintable()
    return message.removeprefix(name)


# What was saved is what is loaded -------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_score_is_loaded_as_it_was(tmp_path: Path, name: str) -> None:
    events = fixture_events(name)
    path = tmp_path / "piece.score.jsonl"
    write(path, events, "A title")
    loaded = read(path)
    assert list(loaded.events) == events
    assert loaded.name == "piece.score.jsonl"
    assert outline(loaded.state) == json.loads((FIXTURES / f"{name}.outline.json").read_text("ascii"))
    assert path.read_bytes() == to_lines(loaded.events, "A title")


@laws
@given(logs())
def test_any_score_saved_and_loaded_folds_to_the_same_at_every_event(events: list[ev.Event]) -> None:
    data = to_lines(events)
    loaded = from_lines(data, "a")
    then, now = ScoreState(), ScoreState()
    for was, is_now in zip(events, loaded.events, strict=True):
        then.apply(was)
        now.apply(is_now)
        assert then == now
    assert loaded.state == then
    assert to_lines(loaded.events) == data  # equal values may still be written otherwise: 1 and 1.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x1f\x7f\x85\u2028\u2029\ufeff",
        "\r\n and \r and \n",
        "\ud83c alone, and \udfbb",
        "\U0001f3bb",
        '","chain":"0"}',
        "x" * 3_000_000,
    ],
)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    event = ev.EntryWritten(seq=1, entry="intent", version=1, text=text)
    assert from_lines(to_lines([event], text), "a").state.entries == {"intent": {1: text}}


@pytest.mark.parametrize("beside", ["plain", "\udfbb"])
@pytest.mark.parametrize(
    "value", [2**64, -(2**63) - 1, 10**400, 0.1, 5e-324, 1e308, -0.0, 1.0, 1, True, None, {"a": [{}]}, []]
)
def test_any_parameter_comes_back_as_it_was(value: Any, beside: str) -> None:
    plan = Plan(parts=(Part("a", params={"value": value}, task=beside),))
    (event,) = from_lines(to_lines([ev.Orchestrated(seq=1, plan=plan)]), "a").events
    assert isinstance(event, ev.Orchestrated)
    assert repr(event.plan["a"].params["value"]) == repr(value)


def test_texts_and_numbers_of_subclasses_are_written_as_what_they_are() -> None:
    class Markup(str):
        __slots__ = ()

    class Number(int):
        pass

    class Fraction(float):
        pass

    for beside in ("plain", "\udfbb"):
        params = {"text": Markup(beside), "seed": Number(3), "temperature": Fraction(0.5)}
        event = ev.Orchestrated(seq=1, plan=Plan(parts=(Part("a", params=params),)))
        plan = from_lines(to_lines([event]), "a").state.plan
        assert plan is not None
        assert repr(plan["a"].params) == repr({"text": beside, "seed": 3, "temperature": 0.5})
        assert unpack(pack(fold([event]))) == fold([event])


def test_no_events_are_a_recording_too() -> None:
    assert from_lines(to_lines([]), "a").state == ScoreState()


def test_each_line_is_json_and_the_header_comes_first() -> None:
    header, *events = [json.loads(line) for line in LINES.splitlines()]
    assert {**header, "chain": ""} == {
        "type": "header",
        "format": "score-kernel",
        "version": 1,
        "events": len(EVENTS),
        "title": "Discount codes",
        "chain": "",
    }
    assert [event["seq"] for event in events] == list(range(1, len(EVENTS) + 1))


def test_a_title_of_many_lines_is_one_line_of_the_header() -> None:
    title = json.loads(to_lines([], "a\nb\x00\ud800 " + "c" * 100_000).splitlines()[0])["title"]
    assert title.startswith("a b")
    assert len(title) <= 200


def test_a_recording_of_the_first_format_is_read_for_ever() -> None:
    """The file is never made anew: it is what the first version wrote."""
    loaded = read(FIRST_FORMAT)
    assert len(loaded.events) == 107
    assert [(take.id, take.status, take.parent) for take in loaded.state.takes.values()] == [
        ("take1", "finished", None),
        ("take2", "finished", "take1"),
    ]
    assert loaded.state.entries["part/editor"][2].startswith("Discount codes work")


CRLF = LINES.replace(b"\n", b"\r\n")
MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    "data",
    [CRLF, MARK + LINES, MARK + CRLF, LINES.rstrip(b"\n"), CRLF.rstrip(b"\r\n"), LINES + b"\n\r\n\n"],
    ids=["CRLF", "mark", "mark and CRLF", "no line end", "CRLF and no line end", "empty lines at the end"],
)
def test_what_git_and_editors_do_to_text_does_no_harm(data: bytes) -> None:
    assert from_lines(data, "a").events == tuple(EVENTS)


# What was changed is refused ------------------------------------------------------------------


def replaced(number: int, old: bytes, new: bytes) -> bytes:
    lines = LINES.splitlines(keepends=True)
    assert old in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old, new, 1)
    return b"".join(lines)


LAST = len(EVENTS) + 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\n", "is no recording of score-kernel"),
        (b"no JSON at all\n" * 9, "is no recording of score-kernel"),
        (b'{"type": "message", "text": "hi"}\n' * 9, "is no recording of score-kernel"),
        (b'{"id": 1}\n{"id": 2}\n', "is no recording of score-kernel"),
        (b'{"traceEvents": []}', "is no recording of score-kernel"),
        (b"[" * 100_000, "is no recording of score-kernel"),
        (b"\x00" * 100_000, "is no recording of score-kernel"),
        (codec.to_lines(EVENTS), "is no recording of score-kernel"),
        (rechained([{"type": "header", "format": "x", "version": 1, "events": 0}]), "is no recording"),
        (rechained([{"type": "header", "format": "score-kernel", "version": 0, "events": 0}]), "is no rec"),
        (b"\x1f\x8b\x08" + LINES, "is compressed"),
        (b"PK\x03\x04" + LINES, "is a zip archive"),
        (b"SQLite format 3\x00" + LINES, "is a database"),
        ("\ufeff{}\n".encode("utf-16-le"), "is UTF-16"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
            "is a Git LFS pointer: `git lfs pull`",
        ),
        (b"<!DOCTYPE html>\n<html>", "is a web page"),
        (LINES[:20], ", line 1: the header is broken"),
        (LINES[:50], ", line 1: the header is broken"),
        (replaced(1, b"Discount codes", b"Other codes"), ", line 1: the line is broken, or is not as"),
        (replaced(1, b'"events":', b'"events":1'), ", line 1: the line is broken, or is not as"),
        (replaced(5, b'"seq":4', b'"seq":5'), ", line 5: the line is broken, or is not as it was recorded"),
        (replaced(5, b"{", b" {"), ", line 5: the line is broken"),
        (replaced(5, b"}\n", b"} \n"), ", line 5: the line is broken"),
        (replaced(5, b"\n", b"\n\n"), ", line 6: the line is broken"),
        (replaced(5, b"\n", b""), ", line 5: the line is broken"),
        (LINES[:-70], f", line {LAST}: the file breaks off in this line; get a whole copy"),
        (LINES[:-2], f", line {LAST}: the file breaks off in this line"),
        (
            b"".join(LINES.splitlines(keepends=True)[:-3]),
            f"holds {len(EVENTS) - 3} events of {len(EVENTS)}: its end is missing; get a whole copy",
        ),
        (LINES.splitlines(keepends=True)[0], f"holds 0 events of {len(EVENTS)}: its end is missing"),
        (LINES + LINES, f", line {LAST + 1}: its header tells of {len(EVENTS)} events and no more"),
        (LINES + b"\x00" * 4096, f", line {LAST + 1}: its header tells of {len(EVENTS)} events and no more"),
        (
            rechained([{"type": "header", "format": "score-kernel", "version": 2, "events": 0}]),
            "was recorded by a newer version of score-kernel (its format is 2, this one reads up to 1); "
            "update score-kernel",
        ),
    ],
)
def test_a_file_that_is_not_whole_is_refused_in_one_line(data: bytes, says: str) -> None:
    assert refusal(data).strip().startswith(says)


def changed(line: int, /, **values: Any) -> bytes:
    """A recording that was written like this, by whoever: its chain is whole."""
    lines = unchained(LINES)
    lines[line - 1].update(values)
    return rechained([{k: v for k, v in kept.items() if v is not ...} for kept in lines])


STARTED = next(n for n, event in enumerate(EVENTS, 2) if isinstance(event, ev.TakeStarted))
SECOND = next(n for n, e in enumerate(EVENTS, 2) if isinstance(e, ev.TakeStarted) and e.number == 2)
ENTERED = next(n for n, event in enumerate(EVENTS, 2) if isinstance(event, ev.Entered))
REUSED = next(n for n, event in enumerate(EVENTS, 2) if isinstance(event, ev.Reused))
PLAYED = next(n for n, event in enumerate(EVENTS, 2) if isinstance(event, ev.Played))
COMPOSED = next(n for n, event in enumerate(EVENTS, 2) if isinstance(event, ev.Composed))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (changed(2, type="telepathy"), ", line 2: an event of the kind 'telepathy', which this version does"),
        (changed(2, type="a\nb"), ", line 2: an event of the kind 'a b', which"),
        (changed(2, type=...), ", line 2: the event is broken"),
        (changed(2, text=...), ", line 2: the event is broken (Object missing required field `text`)"),
        (changed(2, version="one"), ", line 2: the event is broken (Expected `int`, got `str`"),
        (changed(2, seq=2), ", line 2: it is event 2, not 1"),
        (changed(2, seq=...), ", line 2: it is event 0, not 1"),
        (changed(2, at=-1), ", line 2: it happened -1 ms after its take began"),
        (changed(2, at=2**70), ", line 2: it happened 1180591620717411303… ms after its take began"),
        (changed(1, events=-1), ", line 2: its header tells of -1 events and no more"),
        (changed(1, events=len(EVENTS) + 1), f" holds {len(EVENTS)} events of {len(EVENTS) + 1}"),
    ],
)
def test_an_event_that_is_none_is_refused_with_its_line(data: bytes, says: str) -> None:
    assert refusal(data).startswith(says)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (changed(PLAYED, type="skipped", why="x"), "cannot become skipped"),
        (changed(PLAYED, c=77), "has no contribution 77"),
        (changed(PLAYED, take="take7"), "take7 has not started"),
        (to_lines([ev.EntryWritten(seq=1, entry="a", version=2, text="")]), "a version of a is missing"),
        (changed(COMPOSED, intent=7), "event 4 refers to version 7 of intent, which is not there"),
        (changed(COMPOSED, materials=[["material/x", 1]]), "version 1 of material/x, which is not there"),
        (changed(ENTERED, reads=[["part/nobody", 1]]), "version 1 of part/nobody, which is not there"),
        (
            changed(ENTERED, messages=[{"role": "user", "content": ["x", ["intent", 9]]}]),
            "version 9 of intent, which is not there",
        ),
        (changed(REUSED, of_take="take9"), "of take9, which had not been played"),
        (changed(REUSED, of_c=99), "contribution 99 of take1, which had not been played"),
        (changed(SECOND, parent="take2"), "take2 branches from take2, which is not there before it"),
        (changed(SECOND, parent="take9"), "take2 branches from take9, which is not there before it"),
        (changed(SECOND, parent_seq=10**6), "take2 branches from event 1000000, which is not before it"),
        (changed(STARTED, number=3), "take1, as number 3, stands in place of take1"),
        (changed(STARTED, plan={"parts": [{"name": "a"}, {"name": "a"}]}), "has a part twice"),
        (changed(STARTED, plan={"parts": [{"name": "a", "after": ["b"]}]}), "after one that is not there"),
        (changed(STARTED, plan={"parts": [{"name": "a", "after": ["a"]}]}), "wait for each other"),
    ],
)
def test_what_cannot_have_happened_is_refused(data: bytes, says: str) -> None:
    message = refusal(data)
    assert message.startswith(" tells what cannot have happened: ")
    assert says in message


def test_two_takes_that_play_at_once_are_refused() -> None:
    def started(number: int) -> ev.TakeStarted:
        nothing: dict[str, Any] = {
            "parent": None,
            "parent_seq": 0,
            "began": "",
            "plan": Plan(),
            "tempo": Tempo(),
        }
        return ev.TakeStarted(seq=number, take=f"take{number}", at=0, number=number, **nothing)

    assert "take1 has not ended as another starts" in refusal(to_lines([started(1), started(2)]))


def test_an_excerpt_is_no_recording() -> None:
    assert refusal(to_lines(fixture_events("reused-excerpt"))) == ", line 7: it is event 12, not 6"


MUTATED = to_lines(fixture_events("stopped"), "A title")


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A recording in which one byte or line was flipped, lost, added or moved."""
    kind = draw(
        st.sampled_from(["flip", "delete", "insert", "swap", "lose line", "double line", "swap lines"])
    )
    if "line" in kind:
        lines = MUTATED.splitlines(keepends=True)
        at = draw(st.integers(0, len(lines) - 2))
        match kind:
            case "lose line":
                del lines[draw(st.sampled_from([at, len(lines) - 1]))]
            case "double line":
                lines.insert(draw(st.integers(0, len(lines))), lines[at])
            case _:
                lines[at], lines[at + 1] = lines[at + 1], lines[at]
        return b"".join(lines)
    data = bytearray(MUTATED)
    at = draw(st.integers(0, len(data) - 2))
    match kind:
        case "flip":
            data[at] ^= 1 << draw(st.integers(0, 7))
        case "delete":
            del data[at]
        case "insert":
            data.insert(at, draw(st.integers(0, 255)))
        case _:
            data[at], data[at + 1] = data[at + 1], data[at]
    return bytes(data)


@settings(deadline=None, max_examples=1000)
@given(mutations())
def test_whatever_happens_to_a_byte_or_a_line_is_refused_or_does_no_harm(data: bytes) -> None:
    try:
        loaded = from_lines(data, "a")
    except StoreUnreadable:
        refusal(data, "a")
    else:
        assert to_lines(loaded.events, "A title") == MUTATED
        assert re.sub(rb"[\r\n]+", b"\n", data).rstrip() == MUTATED.rstrip()


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300) | st.text(max_size=99).map(str.encode), st.sampled_from([0, 1, 2, 5]))
@example(b'{"type":' + b"[" * 100_000, 1)
@example(b"1" * 5000, 0)
def test_no_bytes_raise_anything_else(data: bytes, lines: int) -> None:
    before = b"".join(LINES.splitlines(keepends=True)[:lines])
    with pytest.raises(StoreUnreadable):
        from_lines(before + data, "a")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
NEAR = st.sampled_from(
    [
        0,
        1,
        2,
        3,
        -1,
        10**6,
        "take1",
        "take2",
        "take9",
        "part/coder",
        "intent",
        "coder",
        "note/1",
        "",
        None,
        [],
    ]
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of a JSON value, however deep, as the container and its key."""
    if isinstance(value, dict | list):
        members: Any = value.items() if isinstance(value, dict) else enumerate(value)  # pyright: ignore
        for key, inner in members:
            yield value, key
            yield from places(inner)


def texts(state: ScoreState, reads: Iterable[ev.Read]) -> None:
    assert all(isinstance(state.text(read), str) for read in reads)


def use(loaded: Recording) -> None:
    """Ask a loaded recording for everything that a score asks of it."""
    state = loaded.state
    texts(state, state.composition())
    outline(state)
    for plan in [state.plan, *(take.plan for take in state.takes.values())]:
        assert plan is None or len(plan.in_order()) == len(plan.parts)
    Known(ScoreState(), None, 0, (loaded,))
    Known(state, state.head, state.seq, others=True)
    for take in state.takes.values():
        assert take.id in [found.id for found, _ in state.lineage(take.id, state.seq)]
        texts(state, (note.read for note in state.notes(take.id, state.seq).values()))
        fold(Excerpt(state, take.id).feed(loaded.events))
        for c in take.contributions.values():
            text = state.text_of(take.id, c)
            texts(state, c.reads)
            if c.answers:
                assert "".join(piece for _, piece in loaded.pace(take.id, c.c).pieces) == text


@settings(deadline=None, max_examples=500)
@given(st.sampled_from(NAMES), st.data())
def test_whatever_a_stranger_wrote_is_refused_or_can_be_used(name: str, data: st.DataObject) -> None:
    lines = unchained(to_lines(fixture_events(name)))
    for _ in range(data.draw(st.integers(1, 2))):
        line = lines[data.draw(st.integers(0, len(lines) - 1))]
        container, key = data.draw(st.sampled_from(list(places(line))))
        if isinstance(container, dict) and data.draw(st.booleans()) and data.draw(st.booleans()):
            del container[key]
        else:
            container[key] = data.draw(NEAR | JSON)
    try:
        loaded = from_lines(rechained(lines), "a")
    except StoreUnreadable:
        refusal(rechained(lines), "a")
    else:
        use(loaded)
        assert from_lines(to_lines(loaded.events), "a").events == loaded.events


# The file itself ------------------------------------------------------------------------------


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    for path, says in (
        (tmp_path / "nothing.score.jsonl", "nothing.score.jsonl cannot be read: there is no such file"),
        (tmp_path, f"{tmp_path.name} is a folder; choose a *.score.jsonl file"),
        (Path(), ". is a folder; choose a *.score.jsonl file"),
        (Path("a\0b.score.jsonl"), "a\ufffdb.score.jsonl cannot be read: embedded null byte"),
        (tmp_path / ("x" * 300), "x" * 300 + " cannot be read: File name too long"),
    ):
        with pytest.raises(StoreUnreadable) as error:
            read(path)
        assert str(error.value) == says


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX's")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreUnreadable, match="pipe is no file"):
        read(tmp_path / "pipe")


def test_of_a_huge_file_that_is_no_recording_only_the_beginning_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.jsonl"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a hole of a terabyte, which no memory holds
    with pytest.raises(StoreUnreadable, match="is no recording"):
        read(path)


def test_a_notebook_given_by_mistake_is_told_how_to_become_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "piece.ipynb"
    path.write_text('{\n "cells": []\n}\n')
    with pytest.raises(StoreUnreadable, match=r"piece.ipynb is a notebook: %score save NAME.score.jsonl"):
        read(path)


def test_a_file_that_may_not_be_read_is_told(plain_user: Path) -> None:
    path = plain_user / "piece.score.jsonl"
    path.touch(0o000)
    with pytest.raises(StoreUnreadable) as error:
        read(path)
    assert str(error.value) == "piece.score.jsonl cannot be read: Permission denied"


@pytest.fixture
def plain_user() -> Iterator[Path]:
    with folder_of_a_plain_user() as folder:
        yield folder


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Path]:
    """A recording that is there already, and nothing beside it, before and after."""
    path = tmp_path / "piece.score.jsonl"
    write(path, EVENTS[:10])
    yield path
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_saving_again_replaces_the_file_and_keeps_its_mode(old: Path) -> None:
    old.chmod(0o640)
    write(old, EVENTS)
    assert read(old).events == tuple(EVENTS)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


def test_a_new_file_has_the_mode_of_any_other_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write(tmp_path / "piece.score.jsonl", EVENTS)
    assert {p.stat().st_mode for p in tmp_path.iterdir()} == {(tmp_path / "other").stat().st_mode}


def test_a_full_disk_leaves_the_old_file_whole(old: Path) -> None:
    resource = pytest.importorskip("resource", reason="limits are POSIX's")
    before, limits = old.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        with pytest.raises(StoreUnwritable) as error:
            write(old, EVENTS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(error.value) == "piece.score.jsonl cannot be written: File too large; choose another place"
    assert old.read_bytes() == before


def test_saving_that_is_interrupted_leaves_the_old_file_whole(old: Path) -> None:
    class Interrupted(list[ev.Event]):
        def __iter__(self) -> Iterator[ev.Event]:
            yield from EVENTS[:30]
            raise KeyboardInterrupt

    before = old.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        write(old, Interrupted(EVENTS))
    assert old.read_bytes() == before


def test_a_protected_file_is_not_replaced(plain_user: Path) -> None:
    path = plain_user / "piece.score.jsonl"
    write(path, EVENTS[:10])
    path.chmod(0o444)
    with pytest.raises(StoreUnwritable, match="cannot be written: Permission denied; choose another place"):
        write(path, EVENTS)
    assert len(read(path).events) == 10


def test_a_folder_that_cannot_be_written_is_told(plain_user: Path) -> None:
    plain_user.chmod(0o555)
    with pytest.raises(StoreUnwritable, match="cannot be written: Permission denied"):
        write(plain_user / "piece.score.jsonl", EVENTS)


def test_what_no_file_can_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.score.jsonl").mkdir()
    for path, says in (
        (tmp_path / "nowhere" / "a.score.jsonl", "a.score.jsonl cannot be written: there is no such folder"),
        (tmp_path / "file" / "a.score.jsonl", "a.score.jsonl cannot be written: Not a directory"),
        (tmp_path / "folder.score.jsonl", "folder.score.jsonl cannot be written: it is a folder"),
        (tmp_path / "a\0.score.jsonl", "a\ufffd.score.jsonl cannot be written: embedded null byte"),
    ):
        with pytest.raises(StoreUnwritable) as error:
            write(path, EVENTS)
        assert str(error.value) == f"{says}; choose another place"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.score.jsonl"]


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_link_goes_on_leading_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "piece.score.jsonl"
    link.symlink_to(tmp_path / "elsewhere" / "piece.score.jsonl")
    write(link, EVENTS)
    assert link.is_symlink()
    assert read(tmp_path / "elsewhere" / "piece.score.jsonl").events == tuple(EVENTS)


# Read by others -------------------------------------------------------------------------------

SCHEMA = json.loads((ROOT / "docs" / "recording.schema.json").read_bytes())
VALIDATOR: Any = jsonschema.Draft202012Validator(SCHEMA)


def test_the_published_schema_is_that_of_the_types() -> None:
    assert (ROOT / "docs" / "recording.schema.json").read_text("utf-8") == as_text(), "run `make schema`"
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_kind_of_line_is_described() -> None:
    for name, definition in SCHEMA["$defs"].items():
        assert definition["description"], name
        assert "\n" not in definition["description"]


@pytest.mark.parametrize("name", [*NAMES, "format-1"])
def test_every_line_of_a_recording_is_valid(name: str) -> None:
    data = FIRST_FORMAT.read_bytes() if name == "format-1" else to_lines(fixture_events(name), name)
    for line in data.splitlines():
        VALIDATOR.validate(json.loads(line))


@settings(laws, max_examples=30)
@given(logs(max_steps=30))
def test_every_line_of_any_recording_is_valid(events: list[ev.Event]) -> None:
    for line in to_lines(events).splitlines():
        VALIDATOR.validate(json.loads(line))


def test_a_line_with_a_member_missing_or_of_another_type_is_not_valid() -> None:
    shown = {
        line["type"]: line
        for name in NAMES
        for line in map(json.loads, to_lines(fixture_events(name)).splitlines())
    }
    assert len(shown) > 15
    for kind, line in shown.items():
        for name in _required(kind):
            assert not VALIDATOR.is_valid({k: v for k, v in line.items() if k != name}), (kind, name)
        for name in line:
            wrong = copy.deepcopy(line)
            wrong[name] = [[[]]]
            assert not VALIDATOR.is_valid(wrong), (kind, name)
        assert not VALIDATOR.is_valid({**line, "type": "telepathy"})
        assert VALIDATOR.is_valid({**line, "of_a_later_version": 1})


def _required(kind: str) -> list[str]:
    (found,) = (
        definition["required"]
        for definition in SCHEMA["$defs"].values()
        if definition.get("properties", {}).get("type", {}).get("enum") == [kind]
    )
    assert {"type", "chain"} <= set(found)
    return found


PAGE = (ROOT / "docs" / "recording.md").read_text("utf-8")


def reader_of_the_page() -> Any:
    """The function that the page shows."""
    (source,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    names: dict[str, Any] = {}
    exec(source, names)
    return names["read_recording"]


@pytest.mark.parametrize("name", NAMES)
def test_the_reader_that_the_page_shows_reads_every_recording(name: str) -> None:
    data = to_lines(fixture_events(name))
    read_recording = reader_of_the_page()
    assert [event["seq"] for event in read_recording(data)] == list(range(1, data.count(b"\n")))
    assert read_recording(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")) == read_recording(data)


@settings(deadline=None, max_examples=500)
@given(mutations())
def test_the_reader_that_the_page_shows_refuses_what_ours_refuses(data: bytes) -> None:
    read_recording = reader_of_the_page()
    try:
        from_lines(data, "a")
    except StoreUnreadable:
        with pytest.raises(ValueError, match=r"."):
            read_recording(data)
    else:
        assert read_recording(data) == read_recording(MUTATED)


def test_the_lines_that_the_page_shows_are_lines_of_a_recording() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)
    for line in shown.splitlines():
        VALIDATOR.validate({**json.loads(line), "chain": "0" * 64})
