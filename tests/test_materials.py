from __future__ import annotations

import dataclasses
import functools
import linecache
import sys
import types
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.errors import CompositionError
from score_kernel.materials import Material, gather, to_text


def price(cents: int) -> str:
    """In words."""
    return f"{cents} ¢"


@functools.lru_cache
def cached(x: int) -> int:
    return x


class Shop:
    name = "corner"

    def open(self) -> bool:
        return True


class Shown:
    def __init__(self, found: object) -> None:
        self.found = found

    def _repr_markdown_(self) -> object:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def __repr__(self) -> str:
        return "Shown()"


class Loud:
    def __repr__(self) -> str:
        raise ValueError("not\ntoday")


class At:
    def __repr__(self) -> str:
        return f"At({Path.cwd()}/x)"


@dataclasses.dataclass
class Item:
    name: str
    price: int


def refusal(name: str, value: object) -> str:
    with pytest.raises(CompositionError) as caught:
        to_text(name, value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Objects --------------------------------------------------------------------------------------


@given(st.text())
def test_a_text_is_as_it_is_with_our_line_ends(text: str) -> None:
    expected = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    assert to_text("spec", text, limit=len(text) + 1) == Material("spec", expected, cut=False, kind="text")


def test_a_function_or_class_is_its_source() -> None:
    source = to_text("price", price)
    assert (source.kind, source.text) == (
        "source",
        'def price(cents: int) -> str:\n    """In words."""\n    return f"{cents} ¢"\n',
    )
    assert to_text("shop", Shop).text.startswith("class Shop:\n    name")
    assert to_text("open", Shop.open).text == "def open(self) -> bool:\n    return True\n"
    assert to_text("open", Shop().open).text == "def open(self) -> bool:\n    return True\n"
    assert to_text("cached", cached).text.startswith("@functools.lru_cache\ndef cached")


def test_a_class_of_a_cell_is_its_source_in_the_newest_cell_that_defines_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = types.ModuleType("notebook")
    monkeypatch.setitem(sys.modules, "notebook", module)
    cells = [
        "class Order:\n    old = 1\n",
        "x = 1\n\n@str\nclass Order:\n    class Line:\n        n: int\n\nx = 2\n",
        "order = Order\n",
    ]
    for number, cell in enumerate(cells):
        lines = cell.splitlines(keepends=True)
        monkeypatch.setitem(linecache.cache, f"<cell-{number}>", (len(cell), None, lines, f"<cell-{number}>"))
    exec(compile(cells[1].replace("@str\n", ""), "<cell-1>", "exec"), module.__dict__)
    order = module.__dict__["Order"]
    assert to_text("order", order).text == "@str\nclass Order:\n    class Line:\n        n: int\n"
    assert to_text("line", order.Line).text == "class Line:\n    n: int\n"


@pytest.mark.parametrize("value", [len, int, str.upper, [].append])
def test_what_has_no_source_says_what_to_do(value: object) -> None:
    assert "`thing` has no source here: use text instead" in refusal("thing", value)


@pytest.mark.parametrize(
    ("found", "kind", "text"),
    [
        ("# Title\r\n", "markdown", "# Title\n"),
        (("# T", {}), "markdown", "# T"),
        (None, "repr", "Shown()"),
        (3, "repr", "Shown()"),
    ],
)
def test_what_shows_as_markdown_is_that(found: object, kind: str, text: str) -> None:
    assert to_text("x", Shown(found)) == Material("x", text, cut=False, kind=kind)
    assert "cannot show itself as Markdown (ValueError: a b)" in refusal("x", Shown(ValueError("a\nb")))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (None, "None"),
        (0.1, "0.1"),
        ([1, "a"], "[1, 'a']"),
        ({"b": 1, "a": {"0x7f00dead"}}, "{'b': 1, 'a': {'0x7f00dead'}}"),
        (["0x7f00dead"], "['0x7f00dead']"),
        (Item("pen", 3), "Item(name='pen', price=3)"),
    ],
)
def test_anything_else_is_its_repr(value: object, text: str) -> None:
    assert to_text("x", value) == Material("x", text, cut=False, kind="repr")


def test_sets_are_in_order_so_that_every_process_says_the_same() -> None:
    value = [set("fabced"), frozenset({3, 1, 2}), set[int](), frozenset[int](), (1,), {1: ()}]
    text = "[{'a', 'b', 'c', 'd', 'e', 'f'}, frozenset({1, 2, 3}), set(), frozenset(), (1,), {1: ()}]"
    assert to_text("x", value).text == text


def test_a_list_in_itself_has_a_text() -> None:
    again: list[object] = [1]
    again.append(again)
    assert to_text("x", again).text == "[1, [...]]"
    again.append({"b", "a"})
    assert to_text("x", again).text == "[1, [...], {'a', 'b'}]"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "`x` (object) shows as a memory address: bring in a text made of it"),
        ([Shop()], "`x` (list) shows as a memory address"),
        (functools.partial(price), "shows as a memory address"),
        (At(), "`x` (At) shows a path of this machine"),
        (b"abc", "`x` is binary: decode it first, x = x.decode()"),
        (bytearray(b"abc"), "is binary"),
        (memoryview(b"abc"), "is binary"),
        (sys, "`x` is a module: use one of its functions or classes, or its file"),
        (Loud(), "`x` has no repr (ValueError: not today)"),
    ],
)
def test_what_has_no_text_of_its_own_is_refused(value: object, said: str) -> None:
    assert said in refusal("x", value)


# Tables ---------------------------------------------------------------------------------------


FRAME = pd.DataFrame(
    {
        "name": ["pen", "ink", "pen", None, "a|b\nc", "nib"],
        "cents": [120, 1999, 5, 7, 9, 11],
        "weight": [0.1, float("nan"), 1 / 3, 2.0, 1e-9, 1e20],
        "sold": [True, False, True, True, False, True],
        "when": pd.to_datetime(["2024-01-02 00:00:00", None, *["2024-01-03 04:05:06"] * 4]),
        "thing": [Shop(), [1], {"a": 1}, None, 3, "x"],
    }
)

DESCRIBED = """\
DataFrame: 6 rows, 6 columns

| column | dtype | missing |
| --- | --- | --- |
| name | text | 1 |
| cents | int64 | 0 |
| weight | float64 | 1 |
| sold | bool | 0 |
| when | datetime64 | 1 |
| thing | object | 1 |

The first 5 rows:

|  | name | cents | weight | sold | when | thing |
| --- | --- | --- | --- | --- | --- | --- |
| 0 | pen | 120 | 0.1 | True | 2024-01-02T00:00:00 | <Shop> |
| 1 | ink | 1999 | NA | False | NA | [1] |
| 2 | pen | 5 | 0.333333 | True | 2024-01-03T04:05:06 | {'a': 1} |
| 3 | NA | 7 | 2 | True | 2024-01-03T04:05:06 | NA |
| 4 | a\\|b\\nc | 9 | 1e-09 | False | 2024-01-03T04:05:06 | 3 |

Numbers:

| column | mean | std | min | 25% | 50% | 75% | max |
| --- | --- | --- | --- | --- | --- | --- | --- |
| cents | 358.5 | 804.928 | 5 | 7.5 | 10 | 92.75 | 1999 |
| weight | 2e+19 | 4.47214e+19 | 1e-09 | 0.1 | 0.333333 | 2 | 1e+20 |

Others:

| column | distinct | most frequent | times |
| --- | --- | --- | --- |
| name | 4 | pen | 2 |
| sold | 2 | True | 4 |
| when | 2 | 2024-01-03T04:05:06 | 4 |
| thing | 5 | 3 | 1 |
"""


def test_a_dataframe_is_its_shape_types_head_and_summary_in_our_words() -> None:
    assert to_text("frame", FRAME) == Material("frame", DESCRIBED, cut=False, kind="table")


def test_how_pandas_is_set_to_print_changes_nothing() -> None:
    with pd.option_context("display.max_rows", 1, "display.precision", 1, "display.max_columns", 1):
        assert to_text("frame", FRAME).text == DESCRIBED


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame({("x", 1): [1]}, index=pd.MultiIndex.from_tuples([("a", 1)])),
        pd.DataFrame({"a": pd.Categorical(["x", None]), "b": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame({"a": pd.to_timedelta(["1s"]), "b": pd.period_range("2024-01", periods=1, freq="M")}),
        pd.DataFrame({"a": pd.to_datetime(["2024-01-02"]).tz_localize("UTC"), "b": [1 + 2j]}),
        pd.DataFrame({f"c{i}": [i] for i in range(100)}),
        pd.DataFrame({"a": [2**70, float("inf")], "b": [float("-inf"), 1.0]}),
        pd.Series([1, 2], name="n"),
        pd.Series(["x"]),
    ],
)
def test_every_frame_can_be_told(frame: Any) -> None:
    text = to_text("frame", frame).text
    assert text.startswith("DataFrame: ")
    assert "0x" not in text


def test_types_have_names_that_pandas_versions_share() -> None:
    text = to_text(
        "frame",
        pd.DataFrame(
            {
                "s": pd.array(["x"], dtype="string"),
                "o": pd.Series(["x"], dtype=object),
                "z": pd.to_datetime(["2024-01-02"]).tz_localize("UTC"),
                "c": pd.Categorical(["x"]),
            }
        ),
    ).text
    for row in (
        "| s | text | 0 |",
        "| o | text | 0 |",
        "| z | datetime64, UTC | 0 |",
        "| c | category | 0 |",
    ):
        assert row in text


# Names and files ------------------------------------------------------------------------------


def get(name: str, folder: Path, limit: int = 20_000, **notebook: object) -> Material:
    return gather(name, notebook.__getitem__, folder=folder, limit=limit)


def test_a_variable_goes_before_a_file(tmp_path: Path) -> None:
    (tmp_path / "spec").write_text("file", "utf-8")
    assert get("spec", tmp_path, spec="variable") == Material("spec", "variable", cut=False, kind="text")
    assert get("spec", tmp_path) == Material("spec", "file", cut=False, kind="file")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfa\r\nb\rc\n", "a\nb\nc\n"),
        ("ünïcode \u2028 {x} $1".encode(), "ünïcode \u2028 {x} $1"),
        (b"", ""),
    ],
)
def test_a_file_is_as_it_is_with_our_line_ends(tmp_path: Path, data: bytes, text: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "spec.md").write_bytes(data)
    expected = Material("docs/spec.md", text, cut=False, kind="file")
    assert get("docs/spec.md", tmp_path) == expected
    assert get("./docs/spec.md", tmp_path) == expected


def test_an_absolute_path_is_never_in_the_score(tmp_path: Path) -> None:
    file = tmp_path / "spec.md"
    file.write_text("x", "utf-8")
    assert get(str(file), Path()) == Material("spec.md", "x", cut=False, kind="file")
    assert get("spec", Path(), spec=file) == Material("spec", "x", cut=False, kind="file")
    assert get("spec", tmp_path, spec=Path("spec.md")) == Material("spec", "x", cut=False, kind="file")
    assert to_text("spec", file) == Material("spec", "x", cut=False, kind="file")


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\x00", b"a\0b", b"\xff\xfea\x00", b"%PDF-1.4\n", b"x" * 30_000 + b"\0"]
)
def test_a_binary_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(CompositionError, match=r"`file` is .*binary.*bring in a text made of it"):
        get("file", tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "spce.md",
            "no variable `spce.md` in this notebook and no file `spce.md` in its folder: "
            "did you mean the file `spec.md`?",
        ),
        ("zzz", "define it first, or correct the name"),
        ("folder", "`folder` is a folder: name a file in it"),
        ("spec.md/x", "`spec.md/x`"),
        ("a\0b", "`a"),
        ("~nobody-here/x", "no file `~nobody-here/x`"),
        ("x" * 5000, "`xxx"),
        ("", "a material has no name"),
    ],
)
def test_what_is_not_there_says_what_to_do(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "spec.md").write_text("x", "utf-8")
    with pytest.raises(CompositionError) as caught:
        get(name, tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("length", [99, 100, 101, 100_000])
def test_what_is_longer_than_allowed_is_cut_and_says_so(tmp_path: Path, length: int) -> None:
    text = "é" * length
    (tmp_path / "file").write_text(text, "utf-8")
    for material in (get("file", tmp_path, limit=100), to_text("file", text, limit=100)):
        if length <= 100:
            assert (material.text, material.cut) == (text, False)
        else:
            assert material.text == f"{text[:100]}\n[cut here: 100 of {length:,} characters]"
            assert material.cut


def test_tables_are_told_without_importing_pandas() -> None:
    source = (Path(__file__).parent.parent / "score_kernel" / "materials").glob("*.py")
    assert not any("import pandas" in file.read_text("utf-8") for file in source)
