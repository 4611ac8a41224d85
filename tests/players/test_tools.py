"""Functions of the notebook as tools: what a model is told of them, and how they are called."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import functools
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from score_kernel.errors import ConductError
from score_kernel.players.tools import FunctionTool, PartToolbox, tools_of
from score_kernel.score.plan import Part
from score_kernel.score.ports import PRINTS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from score_kernel.players.mcp import Servers


class Place(BaseModel):
    city: str
    days: list[int] = []


def weather(
    place: Place,
    unit: Annotated[Literal["C", "F"], Field(description="Celsius or Fahrenheit")] = "C",
    *,
    exact: bool = False,
) -> dict[str, Any]:
    """What the weather is like.

    In one place.
    """
    return {"city": place.city, "days": place.days, "unit": unit, "exact": exact}


async def later(text: str) -> str:
    """Say it later."""
    await asyncio.sleep(0)
    return f"later: {text}"


class Counter:
    """Counts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, by: int) -> int:
        self.count += by
        return self.count

    def add(self, by: int) -> int:
        """Add to the count."""
        return self(by)


COUNTER = Counter()


async def run(function: Callable[..., Any], **arguments: Any) -> str:
    return await FunctionTool("tool", function).run(json.dumps(arguments))


# What a model is told -------------------------------------------------------------------------


def test_the_schema_comes_from_the_signature_and_the_description_from_the_docstring() -> None:
    tool = FunctionTool("weather", weather)
    assert (tool.name, tool.description) == ("weather", "What the weather is like.\n\nIn one place.")
    schema = tool.parameters
    assert schema["type"] == "object"
    assert schema["required"] == ["place"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["unit"]["enum"] == ["C", "F"]
    assert schema["properties"]["unit"]["description"] == "Celsius or Fahrenheit"
    assert schema["properties"]["exact"] == {"default": False, "title": "Exact", "type": "boolean"}
    assert schema["$defs"]["Place"]["required"] == ["city"]
    assert json.loads(json.dumps(schema)) == schema


def test_without_types_or_a_docstring_it_is_told_the_names() -> None:
    def bare(a, b=1):  # type: ignore[no-untyped-def]  # pyright: ignore
        pass

    tool = FunctionTool("bare", bare)  # pyright: ignore[reportUnknownArgumentType]
    assert tool.description == ""
    assert list(tool.parameters["properties"]) == ["a", "b"]
    assert tool.parameters["required"] == ["a"]


def test_a_method_a_partial_and_an_object_that_is_called_are_tools_too() -> None:
    counter = Counter()
    method, called = FunctionTool("add", counter.add), FunctionTool("counter", counter)
    assert method.parameters == called.parameters
    assert method.parameters["required"] == ["by"]
    assert (method.description, called.description) == ("Add to the count.", "Counts.")
    partial = FunctionTool("weather", functools.partial(weather, unit="F"))
    assert partial.parameters["properties"]["unit"]["default"] == "F"
    assert partial.description.startswith("What the weather is like")


def test_a_default_that_json_has_not_warns_nobody() -> None:
    def lookup(query: str, since: Any = COUNTER) -> str:
        return query + str(since)

    assert FunctionTool("lookup", lookup).parameters["required"] == ["query"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (
            "def search(at: io.StringIO): ...",
            "`at` of type StringIO of the tool search cannot be told to a model: "
            "write a type that JSON has, as str, int, list or a pydantic model",
        ),
        (
            "def search(query: str, then: Callable[[], int]): ...",
            "`then` of type typing.Callable[[], int] of the tool search cannot be told to a model: "
            "write a type that JSON has, as str, int, list or a pydantic model",
        ),
        (
            "def search(query, /): ...",
            "the tool search is called by the names of its parameters: write them without / and *",
        ),
        (
            "def search(*queries: str): ...",
            "the tool search is called by the names of its parameters: write them without / and *",
        ),
        (
            "def search(query: 'Nobody'): ...",
            "the parameters of the tool search cannot be read: name 'Nobody' is not defined",
        ),
        ("search = max", "the parameters of the tool search cannot be read: no signature found for builtin <built-in function max>"),
    ],
)  # fmt: skip
def test_what_json_cannot_say_is_refused_in_one_line(source: str, line: str) -> None:
    notebook: dict[str, Any] = {}
    exec("import io\nfrom typing import Callable\n" + source, notebook)
    with pytest.raises(ConductError) as refused:
        FunctionTool("search", notebook["search"])
    assert str(refused.value) == line


# How it is called -----------------------------------------------------------------------------


async def test_arguments_arrive_as_the_types_that_are_written() -> None:
    said = await run(weather, place={"city": "Oslo", "days": [1, "2"]}, exact=True)
    assert json.loads(said) == {"city": "Oslo", "days": [1, 2], "unit": "C", "exact": True}

    def kind(at: datetime.date, names: set[str], file: Path) -> str:
        return f"{at:%d %B}, {sorted(names)}, {type(file).__name__}"

    kind.__annotations__ |= {"at": datetime.date, "names": set[str], "file": Path}
    assert await run(kind, at="2024-02-03", names=["b", "a"], file="x") == (
        f"03 February, ['a', 'b'], {type(Path()).__name__}"
    )


async def test_a_sync_function_runs_in_a_thread_and_an_async_one_on_the_loop() -> None:
    def where() -> int:
        return threading.get_ident()

    async def here() -> int:
        return threading.get_ident()

    assert int(await run(where)) != threading.get_ident()
    assert int(await run(here)) == threading.get_ident()
    assert await run(later, text="x") == "later: x"
    assert await run(lambda: later("y")) == "later: y"


async def test_no_arguments_are_none() -> None:
    assert await FunctionTool("tool", lambda: "ran").run("") == "ran"
    assert await FunctionTool("tool", lambda: "ran").run("{}") == "ran"


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ("{}", ["place: Missing required argument"]),
        ('{"place": {"city": 3}}', ["place.city: Input should be a valid string"]),
        (
            '{"place": {"city": "Oslo"}, "unit": "K", "near": 1}',
            ["unit: Input should be 'C' or 'F'", "near: Unexpected keyword argument"],
        ),
        ('{"place": ', ["the arguments: Invalid JSON: EOF while parsing a value at line 1 column 10"]),
        ("3", ["the arguments: Arguments must be an array or an object"]),
        (
            json.dumps({"place": {"city": "Oslo", "days": ["x"] * 7}}),
            [
                *(
                    f"place.days.{n}: Input should be a valid integer, unable to parse string as an integer"
                    for n in range(5)
                ),
                "and 2 more",
            ],
        ),
    ],
)
async def test_bad_arguments_are_told_so_that_a_model_can_mend_them(arguments: str, lines: list[str]) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  its text is what counts
        await FunctionTool("weather", weather).run(arguments)
    assert str(refused.value).split("\n") == lines
    assert "pydantic" not in str(refused.value)


async def test_what_it_raises_comes_out_as_it_is() -> None:
    class Missing(Exception):
        pass

    def sync() -> None:
        raise Missing("not here")

    async def coroutine() -> None:
        raise Missing("nor here")

    def invalid() -> None:
        Place.model_validate({})

    for function, said in ((sync, "not here"), (coroutine, "nor here")):
        with pytest.raises(Missing, match=said):
            await run(function)
    with pytest.raises(ValueError, match="1 validation error for Place"):
        await run(invalid)


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt])
async def test_a_tool_cannot_end_the_loop_it_is_called_from(ending: type[BaseException]) -> None:
    def sync() -> None:
        raise ending

    async def coroutine() -> None:
        raise ending

    for function in (sync, coroutine):
        with pytest.raises(RuntimeError, match=f"it raised {ending.__name__}"):
            await run(function)


async def test_cancelled_it_waits_until_the_thread_has_let_go() -> None:
    began, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    ended: list[str] = []

    def slow() -> str:
        loop.call_soon_threadsafe(began.set)
        go_on.wait(30)
        ended.append("ended")
        return "too late"

    calling = asyncio.ensure_future(run(slow))
    await began.wait()
    calling.cancel()
    await asyncio.sleep(0)
    assert not calling.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert ended == ["ended"]


@dataclasses.dataclass
class Found:
    where: Place
    at: datetime.date


class Odd:
    def __str__(self) -> str:
        return "an odd thing"


@pytest.mark.parametrize(
    ("returned", "text"),
    [
        ("text stays\nas it is", "text stays\nas it is"),
        ("", ""),
        (None, "null"),
        (3, "3"),
        (True, "true"),
        ({"ä": [1, None]}, '{"ä":[1,null]}'),
        ({1: (2, 3)}, '{"1":[2,3]}'),
        (Place(city="Oslo"), '{"city":"Oslo","days":[]}'),
        ([Place(city="Oslo")], '[{"city":"Oslo","days":[]}]'),
        (Found(Place(city="Oslo"), datetime.date(2024, 2, 3)), '{"where":{"city":"Oslo","days":[]},"at":"2024-02-03"}'),
        (Odd(), "an odd thing"),
        (["\ud83d"], "['\\ud83d']"),
    ],
)  # fmt: skip
async def test_results_are_text(returned: object, text: str) -> None:
    said = await run(lambda: returned)
    assert said == text
    assert type(said) is str


@pytest.fixture
def printed() -> Generator[list[str]]:
    heard: list[str] = []
    mark = PRINTS.set(heard.append)
    yield heard
    PRINTS.reset(mark)


async def test_what_it_prints_is_heard_and_shown_in_no_cell(
    printed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    heard_on: set[int] = set()

    def hear(text: str) -> None:
        heard_on.add(threading.get_ident())
        printed.append(text)

    async def loudly() -> str:
        print("async")
        await asyncio.to_thread(print, "to thread")
        return ""

    mark = PRINTS.set(hear)
    await run(lambda: print("sync"))
    await run(loudly)
    await asyncio.sleep(0)
    PRINTS.reset(mark)
    assert "".join(printed) == "sync\nasync\nto thread\n"
    assert heard_on == {threading.get_ident()}
    print("mine")
    assert capsys.readouterr().out == "mine\n"


# The tools of a part --------------------------------------------------------------------------

NOTEBOOK: dict[str, Any] = {"weather": weather, "later": later, "three": 3}


def box(*tools: str, ask: tuple[str, ...] = (), servers: Servers | None = None) -> PartToolbox:
    found = tools_of(Part("coder", tools=tools, ask=ask), NOTEBOOK.__getitem__, servers)
    assert isinstance(found, PartToolbox)
    return found


async def test_a_toolbox_has_the_functions_in_the_order_written() -> None:
    tools = await box("later", "weather").open()
    assert [tool.name for tool in tools] == ["later", "weather"]
    assert await tools[0].run('{"text": "x"}') == "later: x"


async def test_it_is_opened_once() -> None:
    toolbox = box("later")
    assert await toolbox.open() is await toolbox.open()


def test_a_toolbox_is_known_by_the_names_and_the_sources() -> None:
    identity = box("weather", "mcp:files").identity
    assert list(identity) == ["mcp:files", "weather"]
    assert identity["mcp:files"] == ""
    assert identity["weather"].startswith("def weather(\n")
    assert json.loads(json.dumps(identity)) == identity


def test_only_what_is_named_asks() -> None:
    toolbox = box("later", "weather", ask=("weather",))
    assert (toolbox.asks("weather"), toolbox.asks("later"), toolbox.asks("nobody")) == (True, False, False)


def test_a_part_without_tools_has_no_toolbox() -> None:
    assert tools_of(Part("coder"), NOTEBOOK.__getitem__, None) is None


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("nobody", "coder: this notebook has no tool nobody; define it first"),
        ("three", "coder: three is no function, it is of type int"),
    ],
)
def test_a_function_that_is_not_there_is_one_line(name: str, line: str) -> None:
    with pytest.raises(ConductError) as refused:
        box(name)
    assert str(refused.value) == line


async def test_without_any_servers_a_server_cannot_be_had() -> None:
    with pytest.raises(ConductError, match="coder: no MCP servers are known here, so not files either"):
        await box("mcp:files").open()


def test_the_function_is_bound_as_the_take_starts() -> None:
    before = os.fspath

    def first() -> str:
        return "first"

    notebook: dict[str, Any] = {"tool": first}
    toolbox = tools_of(Part("coder", tools=("tool",)), notebook.__getitem__, None)
    notebook["tool"] = before
    assert toolbox is not None
    tools = asyncio.run(_opened(toolbox))
    assert asyncio.run(tools[0].run("{}")) == "first"


async def _opened(toolbox: Any) -> Any:
    return await toolbox.open()
