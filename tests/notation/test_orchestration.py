from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_kernel.errors import OrchestrationError
from score_kernel.notation.orchestration import parse as parse_source
from score_kernel.score.plan import Check, Part, Plan, Repeat, Tempo
from tests.cases import CASES, needs_cases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def run_tests(reading: object) -> str:
    return str(reading)


class Rows:
    """As a DataFrame is told from anything else."""

    index = range(1)

    def iterrows(self) -> list[Any]:
        return []


class Poem:
    """As a pydantic model is told from any other class."""

    @staticmethod
    def model_json_schema() -> dict[str, Any]:
        return {"type": "object"}


NOTEBOOK: dict[str, Any] = {
    "run_tests": run_tests,
    "mcp_like": run_tests,
    "enter": run_tests,
    "partial": functools.partial(run_tests, 1),
    "number": 3,
    "text": "played by nobody",
    "lines": {"coder": ["Hel", {"wait": 2, "text": "lo"}, {"wait": 0.5}], "tester": "ok"},
    "items": ("a", {"text": "b"}),
    "numbers": [1],
    "tools": [{"tool": "search", "args": {}}],
    "toolless": [{"args": {}}],
    "rows": [1, 2],
    "table": Rows(),
    "schema": {"type": "object", "properties": {"a": {"type": "integer"}}},
    "empty": {},
    "unordered": {2, 1},
    "passing": iter([1]),
    "poem": Poem(),
    "Poem": Poem,
    "plain": Rows,
    "slow": [{"wait": -1, "text": "x"}],
    "never": [{"wait": float("nan"), "text": "x"}],
    "typo": [{"wiat": 1, "text": "x"}],
    "textless": [{"text": 3}],
}

parse = functools.partial(parse_source, lookup=NOTEBOOK.__getitem__)


def coder(lines: str) -> str:
    return "parts:\n  coder:\n" + "".join(f"    {line}\n" for line in lines.split("\n"))


def check_line(error: OrchestrationError) -> None:
    assert str(error).isprintable()


def refusal(source: str | Mapping[str, Any], **options: Any) -> OrchestrationError:
    with pytest.raises(OrchestrationError) as caught:
        parse(source, **options)
    check_line(caught.value)
    return caught.value


WHOLE = """\
model: ollama/llama3.2
parts:
  coder:
    role: Implementer
    goal: working code
    backstory: |
      Twenty years of it.
    task: Write the function
    expects: One Python module in a fenced block
    params: {temperature: 0.2, max_tokens: 500, stop: ["\\n\\n"], logit_bias: {50256: -100}}
    understudy: script:lines
    retries: 0
    timeout: 10m
    stall: 1.5
    reuse: false
  docs:
    model: openai/gpt-4o
  checker:
    player: python:run_tests
    after: [coder, docs]
    reads: [intent, criteria, material/spec.md, part/coder]
  editor:
    player: "script: text"
    after: checker
    reads: part/coder
tempo: {at_once: 4}
"""

PLAN = Plan(
    parts=(
        Part(
            "coder",
            role="Implementer",
            goal="working code",
            backstory="Twenty years of it.\n",
            task="Write the function",
            expects="One Python module in a fenced block",
            params={"temperature": 0.2, "max_tokens": 500, "stop": ["\n\n"], "logit_bias": {"50256": -100}},
            understudy="script:lines",
            retries=0,
            timeout=600.0,
            stall=1.5,
            reuse=False,
        ),
        Part("docs", model="openai/gpt-4o"),
        Part(
            "checker",
            player="python:run_tests",
            after=("coder", "docs"),
            reads=("intent", "criteria", "material/spec.md", "part/coder"),
        ),
        Part("editor", player="script:text", after=("checker",), reads=("part/coder",)),
    ),
    model="ollama/llama3.2",
    tempo=Tempo(at_once=4),
)


def test_a_whole_orchestration_is_a_plan() -> None:
    assert parse(WHOLE) == PLAN


def test_a_mapping_is_read_as_its_yaml() -> None:
    mapping: dict[str, Any] = {
        "model": "ollama/llama3.2",
        "parts": {
            "coder": {
                "role": "Implementer",
                "goal": "working code",
                "backstory": "Twenty years of it.\n",
                "task": "Write the function",
                "expects": "One Python module in a fenced block",
                "params": {
                    "temperature": 0.2,
                    "max_tokens": 500,
                    "stop": ("\n\n",),
                    "logit_bias": {50256: -100},
                },
                "understudy": "script:lines",
                "retries": 0,
                "timeout": "10m",
                "stall": 1.5,
                "reuse": False,
            },
            "docs": {"model": "openai/gpt-4o", "task": None},
            "checker": {
                "player": "python:run_tests",
                "after": ("coder", "docs"),
                "reads": ["intent", "criteria", "material/spec.md", "part/coder"],
            },
            "editor": {"player": "script:text", "after": ["checker"], "reads": ["part/coder"]},
        },
        "tempo": {"at_once": 4},
    }
    assert parse(mapping) == PLAN


def test_parts_that_are_the_same_otherwise_share_an_alias() -> None:
    plan = parse("parts:\n  a: &one {task: x, params: &p {seed: 1}}\n  b: *one\n  c: {params: *p}")
    assert plan["a"].task == plan["b"].task == "x"
    assert plan["c"].params == {"seed": 1}


@pytest.mark.parametrize("written", ["{}", "", "{task: ''}"])
def test_a_part_may_be_nothing_but_its_name(written: str) -> None:
    assert parse(f"parts:\n  coder: {written}") == Plan(parts=(Part("coder"),))


def test_what_is_named_twice_in_a_list_counts_once() -> None:
    assert parse("parts: {a: {}, b: {after: [a, a]}}")["b"].after == ("a",)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), min_size=1))
def test_any_text_as_a_task_comes_back_from_a_block(text: str) -> None:
    text = text.replace("\ufeff", "") or "x"
    block = "".join(f"      {line}\n" for line in text.split("\n"))
    assert parse(f"parts:\n  coder:\n    task: |2+\n{block}")["coder"].task == f"{text}\n"


@given(st.text())
def test_any_text_as_a_task_comes_back_from_a_mapping(text: str) -> None:
    assert parse({"parts": {"coder": {"task": text}}})["coder"].task == text


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90", 90.0),
        ("0.5", 0.5),
        ("500ms", 0.5),
        ("5s", 5.0),
        ("10m", 600.0),
        ("1h", 3600.0),
        ("1.5h", 5400.0),
        ("'7'", None),
    ],
)
def test_times_are_seconds_or_have_a_unit(written: str, seconds: float | None) -> None:
    source = coder(f"timeout: {written}\nstall: {written}")
    if seconds is None:
        assert "write `timeout: 90`" in str(refusal(source))
        return
    part = parse(source)["coder"]
    assert (part.timeout, part.stall) == (seconds, seconds)


@pytest.mark.parametrize(
    "model",
    ["gpt-4o", "ollama/llama3.2:latest", "openai/gpt-4o", "bedrock/us.anthropic.claude-v2:0", "azure/my-deployment",
     "vertex_ai/claude-3@20240229", "huggingface/org/model", "ft:gpt-4o:org::id", "openrouter/a/b:free",
     "bedrock/arn:aws:bedrock:us-east-1:1:x/y"],
)  # fmt: skip
def test_model_ids_of_all_kinds_are_taken(model: str) -> None:
    assert parse(f"model: {model}\nparts: {{coder: {{}}}}").model == model
    assert parse(coder(f"model: {model}"))["coder"].model == model


CONDUCTED = """\
checks: [run_tests]
on_flag: hold
parts:
  lister:
    returns: schema
    max_turns: 3
    tools: [run_tests, mcp_like, mcp:files, mcp:web/search]
    ask: [run_tests, mcp:web/search, mcp:files/read]
  coder:
    each: part/lister
    enters: 5s
    hold: true
  tester:
    after: coder
    when: run_tests
    checks: {c1: run_tests, c2: [run_tests, partial]}
    on_flag: retake
    repeat: {from: coder, until: run_tests, at_most: 3}
  editor:
    player: human
    after: tester
    enters: on-cue
tempo: {lead: tester, at_once: 2, rate: 60/min, deadline: 10m, budget: $0.50}
"""


def test_how_parts_are_conducted_is_read() -> None:
    assert parse(CONDUCTED) == Plan(
        parts=(
            Part(
                "lister",
                returns="schema",
                max_turns=3,
                tools=("run_tests", "mcp_like", "mcp:files", "mcp:web/search"),
                ask=("run_tests", "mcp:web/search", "mcp:files/read"),
            ),
            Part("coder", each="part/lister", enters=5.0, hold=True),
            Part(
                "tester",
                after=("coder",),
                when="run_tests",
                checks=(Check("run_tests", "c1"), Check("run_tests", "c2"), Check("partial", "c2")),
                on_flag="retake",
                repeat=Repeat("coder", "run_tests", 3),
            ),
            Part("editor", player="human", after=("tester",), enters="on-cue"),
        ),
        checks=(Check("run_tests"),),
        on_flag="hold",
        tempo=Tempo("tester", at_once=2, rate=60.0, deadline=600.0, budget=0.5),
    )


@pytest.mark.parametrize("name", ["rows", "items", "lines", "table", "part/tester"])
def test_a_section_is_over_a_list_a_dict_a_frame_or_what_a_part_returned(name: str) -> None:
    plan = parse(f"parts: {{coder: {{each: {name}}}, tester: {{}}}}")
    assert plan["coder"].each == name
    assert plan["coder"].waits == (("tester",) if name == "part/tester" else ())


def test_a_data_frame_is_a_section_and_a_column_of_it_is_not() -> None:
    frame = pandas.DataFrame({"city": ["Oslo", "Rome"]})
    notebook = {"frame": frame, "column": frame["city"]}
    assert parse_source(coder("each: frame"), notebook.__getitem__)["coder"].each == "frame"
    with pytest.raises(OrchestrationError, match=r"of type Series: .*; write column = list\(column\)"):
        parse_source(coder("each: column"), notebook.__getitem__)


def test_a_section_reads_and_loops_back_to_the_part_whose_list_it_is_over() -> None:
    plan = parse(
        "parts:\n  a: {}\n"
        "  b: {each: part/a, reads: [part/a], repeat: {from: a, until: run_tests, at_most: 1000}}"
    )
    assert plan.loops() == {"b": ("a", "b")}


def test_a_tool_of_a_whole_server_may_be_asked_for_though_it_is_not_listed() -> None:
    part = parse(coder("ask: [mcp:files/read, mcp:files]\ntools: mcp:files"))["coder"]
    assert part.ask == ("mcp:files/read", "mcp:files")


def test_scripts_may_use_tools_and_so_may_understudies() -> None:
    plan = parse(
        "parts:\n"
        "  coder: {player: script:lines, tools: run_tests}\n"
        "  tester: {understudy: script:lines, tools: [run_tests], model: a/b}\n"
    )
    assert plan["coder"].tools == plan["tester"].tools == ("run_tests",)


def test_what_a_human_gives_may_have_a_form_and_a_section() -> None:
    part = parse(coder("player: human\nreturns: Poem\neach: rows"))["coder"]
    assert (part.player, part.returns, part.each) == ("human", "Poem", "rows")


@pytest.mark.parametrize("name", ["Poem", "schema"])
def test_a_form_is_a_model_or_a_schema(name: str) -> None:
    assert parse(coder(f"returns: {name}"))["coder"].returns == name


@pytest.mark.parametrize(
    ("written", "rest"),
    [("0", 0.0), ("0s", 0.0), ("0.5", 0.5), ("500ms", 0.5), ("2m", 120.0), ("on_cue", "on-cue")],
)
def test_a_part_enters_after_a_rest_or_on_cue(written: str, rest: float | str) -> None:
    assert parse(coder(f"enters: {written}"))["coder"].enters == rest


def test_loops_that_nest_or_are_apart_are_taken() -> None:
    loop = "repeat: {from: %s, until: run_tests, at_most: 2}"
    plan = parse(
        "parts:\n  a: {}\n"
        f"  b: {{after: a, {loop % 'b'}}}\n"
        f"  c: {{after: b, {loop % 'a'}}}\n"
        f"  d: {{after: c, {loop % 'd'}}}\n"
    )
    assert plan.loops() == {"b": ("b",), "c": ("a", "b", "c"), "d": ("d",)}


# Refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["", "\n# a comment\n", "---\n"])
def test_an_empty_cell_is_refused_with_an_example(source: str) -> None:
    assert "the cell is empty: write for example `parts: {coder:" in str(refusal(source))


@pytest.mark.parametrize(
    ("source", "place", "said"),
    [
        ("model: gpt-4o", (2, 1), "there are no parts: write for example `parts:"),
        ("parts:", (2, 7), "`parts` is empty: write for example"),
        ("parts: {}", (2, 8), "`parts` is empty: write for example"),
        ("parts: [coder]", (2, 8), "`parts` is a mapping from names to parts"),
        ("coder", (2, 1), "a plan is a mapping"),
        ("part: {coder: {}}", (2, 1), "did you mean `parts`?"),
        ("agents: {coder: {}}", (2, 1), "did you mean `parts`?"),
        ("coder: {task: x}", (2, 1), "if it is a part, indent it under `parts:`"),
        ("task: x", (2, 1), "it belongs to a part"),
        ("parts:\n  coder: Write it", (3, 10), "on the next line, indented: task: Write it"),
        (coder("taks: x"), (4, 5), "`taks` is no key here: did you mean `task`?"),
        (coder("expected_output: x"), (4, 5), "did you mean `expects`?"),
        (coder("zzz: x"), (4, 5), "choose from after, ask, backstory"),
        ("tempo: {at_onc: 1}\nparts: {a: {}}", (2, 9), "did you mean `at_once`?"),
        # names
        ("parts: {my-coder: {}}", (2, 9), "write for example `my_coder`"),
        ("parts: {1st: {}}", (2, 9), "write for example `part_1st`"),
        ("parts: {class: {}}", (2, 9), '"class" is a word of Python'),
        ("parts: {'': {}}", (2, 9), "is no name for a part"),
        ("parts: {ﬁx: {}}", (2, 9), "write for example `fix`"),
        ("parts:\n  a: {}\n  b: {}\n  a: {}", (5, 3), "`a` is there already, in line 3"),
        # texts
        (coder("task: 42"), (4, 11), 'write `task: "42"`'),
        (coder("role: true"), (4, 11), 'write `role: "true"`'),
        (coder("task:"), (4, 10), "`task` is empty"),
        (coder("task: [a, b]"), (4, 11), "write `task: |` and on the next line, indented: [a, b]"),
        (coder("task: {braces}"), (4, 11), "on the next line, indented: {braces}"),
        (coder("task: Fix #12 first"), (4, 11), "on the next line, indented: Fix #12 first"),
        (coder("task: #12"), (4, 10), "write `task: |` and on the next line, indented: #12"),
        (coder("task: Do: it"), (4, 13), "write `task: |` and on the next line, indented: Do: it"),
        # models
        (coder("model: ''"), (4, 12), "`model` is empty"),
        (coder("model: gpt 4"), (4, 12), "without spaces"),
        (coder("model: openai/"), (4, 12), "half a model id"),
        (coder("model: /gpt"), (4, 12), "half a model id"),
        (coder("model: 'openai:'"), (4, 12), "half a model id"),
        (coder("model: '...'"), (4, 12), "is no model id"),
        (coder("model: 4"), (4, 12), 'write `model: "4"`'),
        (coder("model: [a]"), (4, 12), "`model` is a text, and this is a list"),
        (coder("model: python:run_tests"), (4, 12), "write `player: python:run_tests`"),
        ("model: openai/\nparts: {a: {}}", (2, 8), "half a model id"),
        # players
        (coder("player: run_tests"), (4, 13), "write for example `player: python:run_tests`"),
        (coder("player: 'python:'"), (4, 13), "write for example `player: python:run_tests`"),
        (coder("player: openai/gpt-4o"), (4, 13), "write `model: openai/gpt-4o`"),
        (coder("player: humna"), (4, 13), "a player is `python:NAME`, `script:NAME_OR_FILE` or `human`"),
        (coder("player: python:nobody"), (4, 13), "no function `nobody` in this notebook"),
        (coder("player: python:number"), (4, 13), "`number` is of type int and no function"),
        (coder("player: python:a.b"), (4, 13), '"a.b" is no function: write a name'),
        (coder("player: python: run_tests"), (4, 19), "write `player: python:run_tests`, without a space"),
        (coder("player: python:run_tests\nmodel: x/y"), (5, 5), "`model` beside `player`"),
        (coder("model: x/y\nplayer: python:run_tests"), (5, 5), "`model` beside `player`"),
        (coder("understudy: python:run_tests"), (4, 17), "write `understudy: script:run_tests`"),
        (coder("understudy: lines"), (4, 17), "write `understudy: script:lines`"),
        (coder("understudy: script:nobody"), (4, 17), "in this notebook and no file `nobody`"),
        (coder("player: script:number"), (4, 13), "`number` is of type int: a script is"),
        (coder("player: script:numbers"), (4, 13), "`numbers[0]` is of type int: a script is"),
        (coder("player: script:toolless"), (4, 13), "`toolless[0]` calls no tool: write {tool: search, args: {query: ...}}"),
        (coder("player: script:slow"), (4, 13), "the wait of `slow[0]` is in seconds"),
        (coder("player: script:never"), (4, 13), "the wait of `never[0]` is in seconds"),
        (coder("player: script:typo"), (4, 13), "did you mean `wait`?"),
        (coder("player: script:textless"), (4, 13), "the text of `textless[0]`"),
        ("parts: {codr: {player: script:lines}}", (2, 24), "no lines for `codr`: add them (did you mean"),
        # after and reads
        (coder("after: [codr]"), (4, 13), 'there is no part "codr": did you mean `coder`?'),
        (coder("after: coder, docs"), (4, 12), "write `after: [coder, docs]`"),
        (coder("after:"), (4, 11), "`after` is empty"),
        (coder("after: {docs: 1}"), (4, 12), "write `after: [docs]`"),
        (coder("after: [[docs]]"), (4, 13), "is a list of words"),
        (coder("after: coder"), (4, 12), "coder waits for itself"),
        ("parts:\n  a: {after: b}\n  b: {after: c}\n  c: {after: a}", (3, 14), "a -> c -> b -> a"),
        ("parts:\n  a: {after: b}\n  b: {after: c}\n  c: {after: b}", (4, 14), "b -> c -> b"),
        (coder("reads: [intnt]"), (4, 13), "did you mean `intent`?"),
        (coder("reads: [coder]"), (4, 13), "write `part/coder`"),
        (coder("reads: [part/codr]"), (4, 13), "did you mean `coder`?"),
        (coder("reads: [part/coder]"), (4, 13), "cannot read itself"),
        (coder("reads: [materials]"), (4, 13), "write `material/NAME`"),
        (coder("reads: [spec]"), (4, 13), "`material/spec` if it is a material"),
        (coder("reads: [note/1]"), (4, 13), "notes are always read"),
        (coder("reads: []\nretries: x"), (5, 14), "`retries` is a whole number"),
        ("parts:\n  a: {}\n  b: {reads: [part/a]}", (4, 15), "b does not wait for a: add a to its `after`"),
        # numbers
        (coder("retries: -1"), (4, 14), "from 0 to 100"),
        (coder("retries: 2.5"), (4, 14), "from 0 to 100"),
        (coder("retries: true"), (4, 14), "from 0 to 100"),
        (coder("retries: '3'"), (4, 14), "write `retries: 3`, without quotes"),
        (coder("timeout: 0"), (4, 14), "write `timeout: 90`"),
        (coder("timeout: .inf"), (4, 14), "write `timeout: 90`"),
        (coder("timeout: .nan"), (4, 14), "write `timeout: 90`"),
        (coder("stall: 8d"), (4, 12), "write `stall: 90`"),
        (coder("stall: true"), (4, 12), "write `stall: 90`"),
        (coder("reuse: no"), (4, 12), "write `reuse: false`"),
        (coder("reuse: 'yes'"), (4, 12), "write `reuse: true`"),
        ("tempo: {at_once: 0}\nparts: {a: {}}", (2, 18), "from 1 to 10,000"),
        ("tempo: fast\nparts: {a: {}}", (2, 8), "write for example `tempo: {at_once: 4}`"),
        # params
        (coder("params: 3"), (4, 13), "write for example `params: {temperature: 0}`"),
        (coder("params: {model: x}"), (4, 14), "`model` is not set in `params`"),
        (coder("params: {stream: false}"), (4, 14), "`stream` is not set in `params`"),
        (coder("params: {top_p: .nan}"), (4, 21), "write a finite one"),
    ],
)  # fmt: skip
def test_a_fault_has_its_place_and_says_what_to_write(source: str, place: tuple[int, int], said: str) -> None:
    error = refusal(source)
    assert said in str(error)
    assert (error.line, error.column) == place


@pytest.mark.parametrize("name", ["all", "free", "conductor", "clock", "opening"])
def test_words_of_the_language_name_no_part(name: str) -> None:
    assert "word of the language" in str(refusal(f"parts: {{{name}: {{}}}}"))


@pytest.mark.parametrize(
    ("source", "place", "said"),
    [
        # tools and ask
        (coder("tools:"), (4, 11), "`tools` is empty"),
        (coder("tools: {run_tests: 1}"), (4, 12), "`tools` is a list: write `tools: [run_tests]`"),
        (coder("tools: [[a]]"), (4, 13), "`tools` is a list of words"),
        (coder("tools: [run_tests, nobody]"), (4, 24), "no function `nobody` in this notebook: run the cell"),
        (coder("tools: number"), (4, 12), "`number` is of type int and no function: define it, def number(query: str)"),
        (coder("tools: a.b"), (4, 12), '"a.b" is no name of a function of this notebook'),
        (coder("tools: 'mcp:'"), (4, 12), '"mcp:" names no server: write mcp:SERVER or mcp:SERVER/TOOL'),
        (coder("tools: mcp:a/b/c"), (4, 12), '"mcp:a/b/c" names no server'),
        (coder("tools: mcp"), (4, 12), '"mcp" names no server'),
        (coder("player: python:run_tests\ntools: run_tests"), (5, 5), "`tools` are for models and scripts"),
        (coder("player: human\ntools: run_tests"), (5, 5), "`tools` are for models and scripts: a human needs none, so delete them"),
        (coder("ask: run_tests"), (4, 10), '"run_tests" is none of the part\'s tools: the part has no tools'),
        (coder("ask: run_test\ntools: run_tests"), (4, 10), "did you mean `run_tests`?"),
        (coder("tools: mcp:files/read\nask: mcp:files"), (5, 10), "did you mean `mcp:files/read`?"),
        (coder("ask:"), (4, 9), "`ask` is empty"),
        (coder("ask: run_tests/a\ntools: run_tests"), (4, 10), '"run_tests/a" is none of the part\'s tools: did you mean `run_tests`?'),
        (coder("ask: mcp:files/\ntools: mcp:files"), (4, 10), "did you mean `mcp:files`?"),
        (coder("ask: number\ntools: number"), (5, 12), "`number` is of type int and no function"),
        (coder("tools: [run_tests, run_tests]"), (4, 24), "`run_tests` is there twice: delete one of them"),
        (coder("tools: [mcp:a, mcp:a]"), (4, 20), "`mcp:a` is there twice: delete one of them"),
        (coder("tools: [mcp:a, mcp:a/x]"), (4, 20), "`mcp:a/x` is one of the tools of `mcp:a`: delete one of them"),
        (coder("tools: [mcp:a/x, mcp:a/y, mcp:a]"), (4, 31), "`mcp:a/x` is one of the tools of `mcp:a`: delete one of them"),
        (coder("tools: [mcp:a/x, mcp:b/x]"), (4, 22), "`mcp:a/x` and `mcp:b/x` are both `x` to a model: delete one of them"),
        (coder("tools: [mcp:a/run.tests, run_tests]"), (4, 30), "`mcp:a/run.tests` and `run_tests` are both `run_tests` to a model: rename the function `run_tests`"),
        (coder("tools: enter") + "tempo: {lead: coder}", (4, 12), "coder leads, with a tool of its own that is called `enter`: rename the function `enter`"),
        (coder("tools: mcp:a/finish") + "tempo: {lead: coder}", (4, 12), "coder leads, with a tool of its own that is called `finish`: delete one of them"),
        (coder("max_turns: 0"), (4, 16), "`max_turns` is a whole number from 1 to 1,000"),
        (coder("max_turns: 1001"), (4, 16), "`max_turns` is a whole number from 1 to 1,000"),
        (coder("max_turns: '3'"), (4, 16), "write `max_turns: 3`, without quotes"),
        # returns
        (coder("returns: nobody"), (4, 14), "no `nobody` in this notebook: `returns` names a pydantic model"),
        (coder("returns: number"), (4, 14), "`number` is of type int: `returns` names a pydantic model"),
        (coder("returns: empty"), (4, 14), "`empty` is of type dict: `returns` names a pydantic model"),
        (coder("returns: poem"), (4, 14), "`poem` is of type Poem: `returns` names a pydantic model"),
        (coder("returns: ''"), (4, 14), "`returns` is empty"),
        (coder("returns: int"), (4, 14), "no `int` in this notebook"),
        (coder("returns: {type: object}"), (4, 14), "`returns` is a text, and this is a mapping"),
        (coder("returns: plain"), (4, 14), "`plain` is a class without a schema: `returns` names a pydantic model"),
        # each
        (coder("each: nobody"), (4, 11), "no list `nobody` in this notebook: run the cell that makes it"),
        (coder("each: coder"), (4, 11), "for what the part coder returns write `each: part/coder`"),
        (coder("each: number"), (4, 11), "`number` is of type int: `each` is over a list, a dict or a DataFrame; write number = [...]"),
        (coder("each: text"), (4, 11), "`text` is of type str: `each` is over a list, a dict or a DataFrame; write text = text.splitlines()"),
        (coder("each: unordered"), (4, 11), "`unordered` is of type set: `each` is over a list, a dict or a DataFrame; write unordered = sorted(unordered)"),
        (coder("each: passing"), (4, 11), "; write passing = list(passing)"),
        (coder("each: run_tests"), (4, 11), "; write items = list(run_tests()) and `each: items`"),
        (coder("each: plain"), (4, 11), "`plain` is of type type: `each` is over a list"),
        (coder("each: ''"), (4, 11), "`each` is empty"),
        (coder("each: part/"), (4, 11), '"part/" is no list: write `each: NAME` or `each: part/NAME`'),
        (coder("each: part/coder"), (4, 11), "coder cannot be over its own list: name another part"),
        (coder("each: part/codr"), (4, 11), 'there is no part "codr": did you mean `coder`?'),
        (coder("each: material/spec"), (4, 11), '"material/spec" is no list: write `each: NAME` or `each: part/NAME`'),
        (coder("each: [1, 2]"), (4, 11), "`each` is a text, and this is a list"),
        ("parts:\n  a: {each: part/b}\n  b: {after: a}", (3, 13), "these wait for each other, a -> b -> a: take one of them out of `after` or `each`"),
        ("parts:\n  c: {}\n  a: {after: [c], each: part/b}\n  b: {after: a}", (4, 25), "a -> b -> a"),
        # predicates
        (coder("when: ''"), (4, 11), "`when` is empty"),
        (coder("until: run_tests"), (4, 5), "`until` is no key here"),
        (coder("when: nobody"), (4, 11), "no function `nobody` in this notebook"),
        (coder("when: number"), (4, 11), "`number` is of type int and no function: define it, def number(reading)"),
        (coder("when: 1 > 0"), (4, 11), '"1 > 0" is no name of a function'),
        (coder("when: true"), (4, 11), 'write `when: "true"`'),
        (coder("checks: nobody"), (4, 13), "no function `nobody` in this notebook"),
        (coder("checks: [run_tests, number]"), (4, 25), "define it, def number(contribution)"),
        (coder("checks: {first: run_tests}"), (4, 14), '"first" is no criterion: write c1, c2, ...'),
        (coder("checks: {c0: run_tests}"), (4, 14), '"c0" is no criterion'),
        (coder("checks: {c1: nobody}"), (4, 18), "no function `nobody`"),
        (coder("checks:"), (4, 12), "`checks` is empty"),
        ("checks: nobody\nparts: {a: {}}", (2, 9), "no function `nobody`"),
        ("on_flag: stop\nparts: {a: {}}", (2, 10), "`on_flag` is show, hold or retake"),
        (coder("on_flag: retakes"), (4, 14), "`on_flag` is show, hold or retake: did you mean `retake`?"),
        (coder("on_flag: true"), (4, 14), 'write `on_flag: "true"`'),
        (coder("hold: yes"), (4, 11), "write `hold: true`"),
        # repeat
        (coder("repeat: coder"), (4, 13), "`repeat` is a mapping: write `repeat: {from: coder, until: passed, at_most: 3}`"),
        (coder("repeat: {from: coder}"), (4, 13), "`repeat` lacks `until` and `at_most`: write `repeat:"),
        (coder("repeat: {from: coder, until: run_tests, atmost: 3}"), (4, 45), "`atmost` is no key of `repeat`: did you mean `at_most`?"),
        (coder("repeat: {from: codr, until: run_tests, at_most: 3}"), (4, 20), 'there is no part "codr": did you mean `coder`?'),
        (coder("repeat: {from: coder, until: nobody, at_most: 3}"), (4, 34), "no function `nobody`"),
        (coder("repeat: {from: coder, until: number, at_most: 3}"), (4, 34), "def number(contribution)"),
        (coder("repeat: {from: coder, until: run_tests, at_most: 0}"), (4, 54), "`at_most` is a whole number from 1 to 1,000"),
        ("parts:\n  a: {}\n  b: {repeat: {from: a, until: run_tests, at_most: 2}}", (4, 22), "b does not wait for a, so a loop cannot go back there: add it to `after`, or write `from: b`"),
        (
            "parts:\n  a: {}\n  b: {after: a}\n"
            "  c: {after: b, repeat: {from: a, until: run_tests, at_most: 2}}\n"
            "  d: {after: c, repeat: {from: b, until: run_tests, at_most: 2}}",
            (6, 32),
            "the loops of c and d overlap (b, c): let one be inside the other, or apart",
        ),
        (coder("repeat: {from: part/coder, until: run_tests, at_most: 3}"), (4, 20), "did you mean `coder`?"),
        (coder("repeat: {from: coder, until: run_tests, at_most: 1001}"), (4, 54), "`at_most` is a whole number from 1 to 1,000"),
        (coder("repeat: {from: coder, until: '', at_most: 2}"), (4, 34), "`until` is empty"),
        (
            "parts:\n  a: {}\n"
            "  z: {after: a, repeat: {from: a, until: run_tests, at_most: 2}}\n"
            "  b: {after: a, repeat: {from: a, until: run_tests, at_most: 2}}",
            (5, 32),
            "the loops of z and b overlap (a): let one be inside the other, or apart",
        ),
        (
            "parts:\n  a: {}\n  b: {}\n"
            "  c: {after: [a, b], repeat: {from: a, until: run_tests, at_most: 2}}\n"
            "  d: {after: [a, b], repeat: {from: b, until: run_tests, at_most: 2}}",
            (6, 37),
            "these wait for each other, c -> d -> c, as whoever is beyond a loop waits for its last pass: "
            "let the loop of d go back to another part",
        ),
        # enters
        (coder("enters: on-que"), (4, 13), '`enters` is a rest in seconds, at most a week, or `on-cue`, not "on-que": write `enters: 5s` or `enters: on-cue`'),
        (coder("enters: -1"), (4, 13), 'not "-1": write `enters: 5s`'),
        (coder("enters: 8d"), (4, 13), 'not "8d": write `enters: 5s`'),
        (coder("enters: .inf"), (4, 13), 'not ".inf": write `enters: 5s`'),
        (coder("enters: true"), (4, 13), 'not "true": write `enters: 5s`'),
        (coder("enters: [5s]"), (4, 13), "or `on-cue`: write `enters: 5s`"),
        (coder("enters:"), (4, 12), "`enters` is empty"),
        # tempo
        ("tempo: {lead: nobody}\nparts: {a: {}}", (2, 15), '"nobody" cannot lead: there are free, conductor, clock, a'),
        ("tempo: {lead: 1}\nparts: {a: {}}", (2, 15), "`lead` is free, conductor, clock, or the part that leads: write `lead: free`"),
        ("tempo: {lead: clock}\nparts: {a: {}}", (2, 15), "the clock leads to a deadline: write `deadline: 10m` beside it"),
        ("tempo: {rate: fast}\nparts: {a: {}}", (2, 15), '`rate` is requests a minute, above 0, not "fast": write 60/min or 1/s'),
        ("tempo: {rate: [1]}\nparts: {a: {}}", (2, 15), "`rate` is one value: write for example `rate: 60/min`"),
        ("tempo: {deadline: soon}\nparts: {a: {}}", (2, 19), '`deadline` is a time in seconds, above 0 and at most a week, not "soon"'),
        ("tempo: {deadline: }\nparts: {a: {}}", (2, 18), "`deadline` is one value: write for example `deadline: 10m`"),
        ("tempo: {budget: a lot}\nparts: {a: {}}", (2, 17), '`budget` is in USD or in tokens, above 0, not "a lot": write 0.50 or 20k tokens'),
        ("tempo: {rpm: 60}\nparts: {a: {}}", (2, 9), "`rpm` is no key here: did you mean `rate`?"),
    ],
)  # fmt: skip
def test_a_fault_in_how_it_is_conducted_has_its_place_too(
    source: str, place: tuple[int, int], said: str
) -> None:
    error = refusal(source)
    assert said in str(error)
    assert (error.line, error.column) == place


@pytest.mark.parametrize(
    "params",
    [
        "api_key: sk-1",
        "apiKey: x",
        "API-KEY: x",
        "key: x",
        "hf_token: x",
        "azure_ad_token: x",
        "aws_secret_access_key: x",
        "client_secret: x",
        "password: x",
        "vertex_credentials: {a: b}",
        "extra_headers: {Authorization: x}",
        "extra_headers: {X-Api-Key: [x]}",
        "extra_headers: {X-Any: Bearer abcdefghijkl}",
        "extra_body: {nested: [{api_key: x}]}",
        "api_base: 'https://me:word@host/v1'",
        "api_base: 'https://host/v1?api_key=x'",
        "user: sk-abcdefghijklmnopqrstuvwx",
    ],
)
def test_secrets_are_refused_and_not_repeated(params: str) -> None:
    error = str(refusal(coder(f"params: {{{params}}}")))
    assert "set it in the environment" in error
    assert not any(secret in error for secret in ("sk-1", "abcdefghijkl", "word@"))


@pytest.mark.parametrize(
    "params",
    [
        "max_tokens: 5",
        "max_completion_tokens: 5",
        "stop_token_ids: [1]",
        "prompt_cache_key: a",
        "api_base: 'http://127.0.0.1:8000/v1'",
        "extra_headers: {X-Title: Score}",
        "response_format: {json_schema: {properties: {token: {type: string}}, required: [token]}}",
    ],
)
def test_what_only_sounds_like_a_secret_is_a_parameter(params: str) -> None:
    assert parse(coder(f"params: {{{params}}}"))["coder"].params


def test_the_first_fault_in_reading_order_is_told() -> None:
    source = "parts:\n  a:\n    after: [nobody]\n    taks: x\n  b: {after: b}\nmodel: ''"
    assert refusal(source).line == 4
    assert refusal(source.replace("[nobody]", "[b]")).line == 5
    assert refusal(source.replace("[nobody]", "[b]").replace("taks", "task")).line == 6


def test_lines_count_from_where_the_cell_says() -> None:
    assert refusal(coder("taks: x"), first_line=1).line == 3
    assert refusal(coder("task: 'x"), first_line=5).line == 7


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({}, "there are no parts"),
        ({"parts": None}, "there are no parts"),
        ({"parts": {"a": {"task": run_tests}}}, "`task` is of type function"),
        ({"parts": {"a": {"player": "python:nobody"}}}, "no function `nobody`"),
        (
            {"parts": {"a": {"each": [1]}}},
            "`each` is a text, and this is a list: write `each: ` and one word",
        ),
        ({"parts": {"a": {"repeat": "a"}}}, "`repeat` is a mapping"),
        ({"parts": {"a": {"checks": [3]}}}, '"3" is no name of a function'),
        ({"parts": {1.5: {}}}, "the key 1.5 is no text"),
        ({"parts": {"a": {"params": {"seed": 2**70}}}}, "does not fit in 64 bits"),
        ({"parts": {"a": {"params": {"x": float("nan")}}}}, "write a finite one"),
        ({"parts": {"a": {"task": 3}}}, 'write `task: "3"`'),
        ({"parts": {"a": {"timeout": 10**400}}}, "write `timeout: 90`"),
        ({"parts": {"a": {"enters": 10**400}}}, "write `enters: 5s`"),
    ],
)
def test_a_mapping_goes_through_the_same_checks(source: dict[str, Any], said: str) -> None:
    error = refusal(source)
    assert said in str(error)
    assert (error.line, error.column) == (None, None)


def test_in_a_mapping_none_is_not_given() -> None:
    nothing = dict.fromkeys(
        ("model", "tools", "ask", "returns", "each", "when", "repeat", "checks", "enters")
    )
    mapping = {"parts": {"a": {**nothing, "player": "python:run_tests"}}, "checks": None, "on_flag": None}
    assert parse(mapping) == Plan(parts=(Part("a", player="python:run_tests"),))


def test_a_mapping_that_contains_itself_is_refused() -> None:
    params: dict[str, Any] = {}
    params["again"] = params
    assert "contains itself" in str(refusal({"parts": {"a": {"params": params}}}))


def test_something_else_is_refused() -> None:
    assert "a plan is YAML text or a mapping, not int" in str(refusal(3))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "source",
    [
        "parts:\n" + "".join(f"  p{i}: {{after: [q{i}], reads: [part/q{i}, z{i}]}}\n" for i in range(3000)),
        "parts:\n" + "".join(f"  p{i}: {{after: [p{(i + 1) % 3000}]}}\n" for i in range(3000)),
        "".join(f"tsak{i}: x\n" for i in range(20_000)),
        "parts:\n  coder:\n    task: x: " + " " * 900_000 + "y",
        "parts:\n  coder: " + "[" * 900_000,
        "x" * 900_000,
    ],
    ids=["unknown names", "a long cycle", "unknown keys", "white space", "brackets", "one word"],
)
def test_a_large_cell_is_refused_as_a_small_one(source: str) -> None:
    assert len(str(refusal(source))) < 400


# Scripts in files -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lines", "items", "text"])
def test_a_script_is_a_variable_of_the_notebook(name: str) -> None:
    assert parse(coder(f"player: script:{name}"))["coder"].player == f"script:{name}"


@pytest.mark.parametrize(
    "text",
    [
        "Just a text",
        "- a\n- {wait: 2, text: b}\n- {wait: 1}\n- 42\n",
        "coder: |\n  a\ntester: [b]\n",
        '"#12"',
    ],
)
def test_a_script_may_be_a_file_beside_the_notebook(tmp_path: Path, text: str) -> None:
    (tmp_path / "script.yaml").write_text(text, "utf-8")
    plan = parse(coder("understudy: script:script.yaml"), folder=tmp_path)
    assert plan["coder"].understudy == "script:script.yaml"


def test_a_variable_goes_before_a_file(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("- [", "utf-8")
    parse(coder("player: script:lines"), folder=tmp_path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty: a script is"),
        (b"a: [", "in the script `script.yaml`, line 1, column 4: "),
        (b"- Fix #12", "in the script `script.yaml`, line 1, column 3: the `#` starts a comment"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"tester: x", "no lines for `coder`"),
        (b"- {tool: x, args: [1]}", "`script.yaml[0]` is a call of a tool, with `args` that are a mapping"),
        (b"coder: [[a]]", "`script.yaml[coder][0]` is of type list"),
    ],
)
def test_a_file_that_is_no_script_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "script.yaml").write_bytes(data)
    error = refusal(coder("player: script:script.yaml"), folder=tmp_path)
    assert said in str(error)
    assert (error.line, error.column) == (4, 13)


def test_a_folder_is_no_script(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    assert "is a folder" in str(refusal(coder("player: script:scripts"), folder=tmp_path))
    assert "no file" in str(refusal(coder("player: script:nowhere/lines.yaml"), folder=tmp_path))


# Made by others -------------------------------------------------------------------------------


@needs_cases
def test_naughty_strings_as_names_tasks_and_models_do_no_harm() -> None:
    assert CASES is not None
    strings: list[str] = json.loads((CASES / "hostile" / "blns" / "blns.json").read_text("utf-8"))
    for text in strings:
        assert parse({"parts": {"coder": {"task": text}}})["coder"].task == text
        for source in (
            {"parts": {text: {}}},
            {"model": text, "parts": {"a": {}}},
            {"parts": {"a": {"after": [text], "reads": [text], "player": text}}},
            {text: 1},
            f"parts: {{{json.dumps(text)}: {{after: {json.dumps(text)}}}}}",
        ):
            try:
                parse(source)
            except OrchestrationError as error:
                check_line(error)
