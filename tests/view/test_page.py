"""The page that a score is saved to: what is in it, what it allows, and that it is read again."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel import Score, ScoreError, Take, UsageError
from score_kernel.errors import StoreUnreadable
from score_kernel.store import embedded
from score_kernel.view import page as pages

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "</title></noscript></style>",
    "\u2028\u2029\x00\ufeff\u202e",
    "half a character: \ud83c",
]
VOID = {"meta", "link", "img"}


class Page(HTMLParser):
    """What a browser makes of a page, as far as it matters here: tags, their order and their texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]][-1] += data

    @property
    def policy(self) -> dict[str, list[str]]:
        """What its Content-Security-Policy allows, by directive."""
        (content,) = [
            attrs["content"] or ""
            for tag, attrs in self.tags
            if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
        ]
        return {name: allowed for name, *allowed in (one.split() for one in content.split("; "))}


def sha256(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


CODE = "It is:\n\n```python\nx = 1\n```"


def played(title: str = "Adding", text: Any = "x = 1", note: str = "") -> Score:
    score = Score()
    score.compose(f"A function that adds. {text}", title=title)
    parts = {"coder": {"player": "script:lines"}, "editor": {"player": "script:lines", "after": ["coder"]}}
    score.orchestrate({"parts": parts}, namespace={"lines": {"coder": text, "editor": text}})
    assert isinstance(score.conduct(note), Take)
    return score


@pytest.fixture
def score() -> Score:
    return played()


@pytest.fixture
def file(score: Score, tmp_path: Path) -> Path:
    return score.save(tmp_path / "piece.html")


def test_it_allows_its_own_script_and_styles_by_their_hash_and_nothing_else(file: Path) -> None:
    found = Page(file.read_text("utf-8"))
    recording, script = found.texts["script"]
    (style,) = found.texts["style"]
    injected = (pages.STATIC / "view.css").read_text("utf-8")
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", recording)
    assert script == (pages.STATIC / "page.js").read_text("utf-8")
    assert found.policy == {
        "default-src": ["'none'"],
        "script-src": [sha256(script)],
        "style-src": [sha256(style), sha256(injected)],
        "img-src": ["data:"],
        "worker-src": ["blob:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    # the policy holds for what comes after it
    assert [tag for tag, _ in found.tags[:5]] == ["html", "head", "meta", "meta", "meta"]
    assert not [attrs for _, attrs in found.tags if any(name.startswith(("on", "style")) for name in attrs)]


def test_where_code_was_played_what_colours_it_lies_in_the_page_by_its_hash_too(tmp_path: Path) -> None:
    found = Page(played(text=CODE).save(tmp_path / "code.html").read_text("utf-8"))
    recording, code, script = found.texts["script"]
    kinds = [attrs for tag, attrs in found.tags if tag == "script"]
    # a type that no browser runs
    assert kinds == [
        {"id": "recording", "type": "application/gzip"},
        {"id": "code", "type": "text/plain"},
        {},
    ]
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", recording)
    assert code == (pages.STATIC / "code.js").read_text("utf-8")
    assert found.policy["script-src"] == [sha256(script), sha256(code)]
    without = Page(played().save(tmp_path / "plain.html").read_text("utf-8"))
    assert {name: found.policy[name] for name in found.policy if name != "script-src"} == {
        name: without.policy[name] for name in without.policy if name != "script-src"
    }


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("~~~js\n1\n~~~", True),
        ("- a\n\n  ```` yaml\n  a: 1\n  ````", True),
        (["```py", {"wait": 0.1, "text": "thon\n1"}], True),
        ("a ``` b", True),  # it looks no closer than that
        ("```\n1\n```", False),
        ("    1\n", False),
        ("`x`", False),
    ],
)
def test_only_where_a_fence_names_a_language(tmp_path: Path, text: Any, has: bool) -> None:
    found = Page(played(text=text).save(tmp_path / "piece.html").read_text("utf-8"))
    assert (len(found.texts["script"]) == 3) is has


def test_code_that_was_edited_away_or_failed_counts_too(tmp_path: Path) -> None:
    score = Score()
    score.compose("A function that adds.")
    parts = {"coder": {"player": "script:lines", "hold": True}}
    score.orchestrate({"parts": parts}, namespace={"lines": {"coder": CODE}})
    take = score.conduct(background=True)
    assert isinstance(take, Take)
    take.release("coder", edit="no code")
    take.wait()
    assert take["coder"].text == "no code"
    assert len(Page(score.save(tmp_path / "piece.html").read_text("utf-8")).texts["script"]) == 3


def test_it_names_the_piece_shows_its_picture_and_tells_how_to_open_it(score: Score, tmp_path: Path) -> None:
    found = Page(score.save(tmp_path / "my piece.html").read_text("utf-8"))
    assert found.texts["title"] == ["Adding · Score"]
    assert found.texts["h1"] == ["Adding"]
    assert found.texts["code"] == ["%load_ext score_kernel", "%score load 'my piece.html'"]
    tags = dict(found.tags)
    assert tags["img"]["alt"] == "Take: 2 of 2 parts, 0 failed"
    assert str(tags["img"]["src"]).startswith("data:image/svg+xml;base64,")
    assert tags["html"]["lang"] == "en"
    assert tags["main"]["data-take"] == "take1"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_score_becomes_a_part_of_the_page(tmp_path: Path, text: str) -> None:
    harmless = Page(played().save(tmp_path / "harmless.html").read_text("utf-8"))
    score = played(title=text, text=text, note=text)
    file = score.save(tmp_path / "hostile.html")
    found = Page(file.read_text("utf-8"))
    assert [tag for tag, _ in found.tags] == [tag for tag, _ in harmless.tags]
    assert found.policy == harmless.policy
    assert Score.load(file).take["coder"].text == text


def test_the_name_of_the_file_is_text_too(score: Score, tmp_path: Path) -> None:
    file = score.save(tmp_path / "a<img src=x onerror=alert(1)>\u2028.html")
    found = Page(file.read_text("utf-8"))
    assert [tag for tag, _ in found.tags].count("img") == 1
    assert "onerror" in found.texts["code"][1]


def test_the_same_score_is_the_same_page(score: Score, file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    assert score.save(tmp_path / "piece.html").read_bytes() == before
    assert Score.load(file).save(tmp_path / "piece.html").read_bytes() == before


def test_it_is_small_beside_what_shows_it(file: Path) -> None:
    assert file.stat().st_size < (pages.STATIC / "page.js").stat().st_size + 12_000


# Reading it again -------------------------------------------------------------------------------------


def test_it_holds_the_recording_as_it_would_be_saved(score: Score, file: Path, tmp_path: Path) -> None:
    recording = score.save(tmp_path / "piece.score.jsonl").read_bytes()
    assert gzip.decompress(base64.b64decode(Page(file.read_text("utf-8")).texts["script"][0])) == recording


def test_it_is_loaded_with_all_its_takes_and_conducted_from(score: Score, tmp_path: Path) -> None:
    score.conduct(fresh_all=True)
    file = score.save(tmp_path / "piece.html")
    loaded = Score.load(file)
    assert [take.id for take in loaded.takes] == ["take1", "take2"]
    assert loaded.title == "Adding"
    with Score() as other:
        other.compose("A function that adds. x = 1", title="Adding")
        parts = {
            "coder": {"player": "script:lines"},
            "editor": {"player": "script:lines", "after": ["coder"]},
        }
        other.orchestrate({"parts": parts}, namespace={"lines": {"coder": "x = 1", "editor": "x = 1"}})
        take = other.conduct(recording=file)
        assert isinstance(take, Take)
        assert {c.status for c in take.contributions} == {"reused"}


def test_what_editors_and_browsers_do_to_a_page_does_no_harm(file: Path) -> None:
    text = file.read_text("utf-8")
    for other in (
        text.replace("\n", "\r\n"),
        "\ufeff" + text,
        text.replace("<!doctype html>", "<!DOCTYPE html>"),
        text.replace('gzip">', 'gzip">\n').replace("</script>", "\n</script>"),
    ):
        file.write_bytes(other.encode("utf-8"))
        assert Score.load(file).takes


def holding(data: bytes) -> str:
    """A page with this in the place of its recording."""
    text = base64.b64encode(data).decode("ascii")
    return f'<!doctype html>\n<body><script id="recording" type="application/gzip">{text}</script>'


def test_what_is_not_as_it_was_saved_is_refused_in_one_line(file: Path) -> None:
    whole = file.read_text("utf-8")
    lines = gzip.decompress(base64.b64decode(Page(whole).texts["script"][0]))
    edited = lines.replace(b"x = 1", b"x = 2", 1)
    line = edited[: edited.index(b"x = 2")].count(b"\n") + 1
    at = whole.index('gzip">') + 300
    broken = "piece.html: the recording in this page is broken"
    for text, says in (
        (whole[:at], f"{broken} (the page breaks off); get a whole copy"),
        (whole[:at] + "AAAAAAAA" + whole[at + 8 :], f"{broken} (it cannot be unpacked); get a whole copy"),
        (whole[:at] + "*" + whole[at + 1 :], f"{broken} ("),
        (whole[:at] + whole[at + 400 :], f"{broken} ("),
        (holding(gzip.compress(edited)), f"piece.html, line {line}: the line is broken, or is not as it was"),
        (holding(gzip.compress(b"")), "piece.html is empty"),
        (holding(gzip.compress(b"hello\n")), "piece.html is no recording of score-kernel"),
        (holding(b"hello"), f"{broken} (it cannot be unpacked)"),
        ("<!doctype html>\n<html></html>", "piece.html is a web page or XML, with no recording in it"),
        (f"<!doctype html>\n{' ' * 70_000}{holding(gzip.compress(lines))}", "piece.html is a web page or"),
    ):
        file.write_text(text, "utf-8")
        with pytest.raises(StoreUnreadable) as refused:
            Score.load(file)
        assert str(refused.value).startswith(says)
        assert len(str(refused.value).splitlines()) == 1


def test_a_page_that_unpacks_to_too_much_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "MOST", 1_000_000)
    file.write_text(holding(gzip.compress(bytes(1_000_001))), "utf-8")
    with pytest.raises(StoreUnreadable, match=r"piece\.html: .* \(it unpacks to more than 1 MB\)"):
        Score.load(file)


# What cannot be saved ---------------------------------------------------------------------------------


def test_where_nothing_was_conducted_there_is_no_page(tmp_path: Path) -> None:
    score = Score()
    score.compose("A function that adds.")
    with pytest.raises(UsageError, match="nothing has been conducted yet"):
        score.save(tmp_path / "piece.html")
    assert not (tmp_path / "piece.html").exists()


def test_a_score_that_is_too_long_for_a_page_is_told_where_it_goes(
    score: Score, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()
    monkeypatch.setattr(embedded, "MOST", 1000)
    with pytest.raises(UsageError, match=r"too much for a page: %score save NAME\.score\.jsonl keeps"):
        score.save(file)
    assert file.read_bytes() == before


def test_without_the_front_end_one_line_says_what_to_do(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "STATIC", tmp_path)
    pages._built.cache_clear()
    with pytest.raises(ScoreError, match="run `make build`"):
        score.save(tmp_path / "piece.html")


def test_a_page_replaces_a_file_whole_or_not_at_all(file: Path, tmp_path: Path) -> None:
    other = played(title="Another")
    other.save(file)
    assert Score.load(file).title == "Another"
    assert [found.name for found in tmp_path.iterdir()] == ["piece.html"]
    with pytest.raises(ScoreError, match=r"x\.html cannot be written: there is no such folder"):
        other.save(tmp_path / "nowhere" / "x.html")
