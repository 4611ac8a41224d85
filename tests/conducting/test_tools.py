"""Tools: functions of the notebook that a part calls, with a yes from the conductor where it asks."""

# pyright: reportUnknownLambdaType=false, reportPrivateUsage=false
# players here are lambdas: a reading has whatever the test gave it

from __future__ import annotations

import json
from typing import Any

from .led import Led, course


def team(led: Led, script: list[Any], **more: Any) -> None:
    led.notebook |= {"script": script}
    led.orchestrate({"writer": {"player": "script:script", "tools": ["search"], **more}})


def turns(take: Any) -> list[tuple[str, str | None, bool]]:
    """(arguments, result, failed) of every call of the first contribution."""
    return take.contributions[0]._look(
        lambda c: [(call.arguments, call.result, call.failed) for turn in c.turns for call in turn.calls]
    )


def search(query: str, limit: int = 3) -> list[str]:
    """Search the archive."""
    return [f"{query} {n}" for n in range(limit)]


def test_a_tool_is_called_and_its_result_goes_back(led: Led) -> None:
    led.notebook["search"] = search
    team(led, ["I look. ", {"tool": "search", "args": {"query": "organ", "limit": 2}}, "Found."])
    take = led.played()
    assert take["writer"].text == "Found."
    ((arguments, result, failed),) = turns(take)
    assert (arguments, failed) == ('{"limit": 2, "query": "organ"}', False)
    assert json.loads(str(result)) == ["organ 0", "organ 1"]


def test_what_a_tool_raises_is_its_result(led: Led) -> None:
    def search(query: str) -> str:
        raise LookupError(f"nothing on {query}")

    led.notebook["search"] = search
    team(
        led,
        [{"tool": "search", "args": {"query": "x"}}, {"tool": "search", "args": {"limit": "many"}}, "Done."],
    )
    take = led.played()
    assert take["writer"].text == "Done."
    first, second = turns(take)
    assert first[1:] == ("LookupError: nothing on x", True)
    assert second[2]
    assert "query" in str(second[1])


def test_an_async_tool_is_awaited_and_prints_go_to_the_contribution(led: Led, capsys: Any) -> None:
    async def search(query: str) -> str:
        print("looking for", query)
        return "found"

    led.notebook["search"] = search
    team(led, [{"tool": "search", "args": {"query": "x"}}, "Done."])
    take = led.played()
    assert turns(take)[0][1] == "found"
    assert take["writer"].printed == "looking for x\n"
    assert capsys.readouterr().out == ""


def test_a_tool_that_is_not_offered_is_answered_so(led: Led) -> None:
    led.notebook["search"] = search
    team(led, [{"tool": "delete"}, "Done."])
    assert turns(led.played()) == [("{}", "There is no tool 'delete'; there are: search", True)]


def test_the_longest_tool_loop_is_kept(led: Led) -> None:
    led.notebook["search"] = search
    team(led, [*[{"tool": "search", "args": {"query": "x"}}] * 3, "Done."], max_turns=2)
    take = led.played()
    assert take["writer"].status == "failed"
    assert "called tools in 2 turns, and its `max_turns` allows no more" in str(
        take.contributions[0]._look(lambda c: c.message)
    )


def asking(led: Led) -> Any:
    ran: list[str] = []

    def search(query: str) -> str:
        ran.append(query)
        return f"on {query}"

    led.notebook["search"] = search
    team(led, [{"tool": "search", "args": {"query": "x"}}, "Done."], ask=["search"])
    take = led.played()
    assert take.status == "held"
    assert take.waits_for == 'writer: it asks for search({"query": "x"}): %cue release writer'
    assert not ran
    return take, ran


def test_a_tool_that_asks_waits_for_a_yes(led: Led) -> None:
    take, ran = asking(led)
    take.release("writer")
    assert led.end(take)["writer"].text == "Done."
    assert ran == ["x"]


def test_its_arguments_can_be_edited(led: Led) -> None:
    take, ran = asking(led)
    take.release("writer", edit=json.dumps({"query": "y"}))
    led.end(take)
    assert ran == ["y"]
    assert turns(take) == [('{"query": "y"}', "on y", False)]


def test_it_can_be_refused_or_told_something_instead(led: Led) -> None:
    take, ran = asking(led)
    take.release("writer", no=True)
    led.end(take)
    assert (turns(take)[0][1], ran) == ("The conductor did not allow this call.", [])
    led.orchestrate(
        {"writer": {"player": "script:script", "tools": ["search"], "ask": ["search"], "task": "anew"}}
    )
    take = led.played()
    take.release("writer", back="look at home")
    led.end(take)
    assert (turns(take)[0][1], ran) == ("look at home", [])


def test_reusing_runs_no_tool_and_asks_nobody(led: Led) -> None:
    take, ran = asking(led)
    take.release("writer")
    led.end(take)
    assert led.played().id == take.id
    assert ran == ["x"]


def test_a_tool_whose_source_changed_lets_its_part_play_again(led: Led) -> None:
    led.notebook["search"] = search
    team(led, [{"tool": "search", "args": {"query": "x"}}, "Done."])
    led.played()
    led.notebook["search"] = lambda query: "another"
    assert course(led.played()) == ["writer played"]


# Forms ----------------------------------------------------------------------------------------------


GRADE = {"type": "object", "properties": {"grade": {"type": "integer"}}, "required": ["grade"]}


def test_an_answer_of_another_form_is_mended_once(led: Led) -> None:
    answers = iter(["a good one", '{"grade": 2}'])
    led.notebook["Grade"] = GRADE
    led.orchestrate({"critic": {"player": lambda reading: next(answers), "returns": "Grade"}})
    take = led.played()
    assert take["critic"].data == {"grade": 2}
    assert take.contributions[0]._look(lambda c: [turn.text for turn in c.turns]) == ["a good one"]


def test_a_second_answer_of_another_form_fails(led: Led) -> None:
    led.notebook["Grade"] = GRADE
    led.orchestrate({"critic": {"player": lambda reading: '{"grade": "good"}', "returns": "Grade"}})
    take = led.played()
    assert take["critic"].status == "failed"
    assert "grade: 'good' is not of type 'integer'" in take.contributions[0]._look(lambda c: c.message)
