"""The public double of a model."""

from __future__ import annotations

import asyncio

from score_kernel.score.events import Call
from score_kernel.score.ports import Finish, Turn, Usage
from score_kernel.testing.clock import ManualClock
from score_kernel.testing.players import ScriptedModel
from tests.players.playing import Offered, hear


async def test_it_plays_its_chunks_in_their_time() -> None:
    clock = ManualClock()
    player = ScriptedModel(["one ", "two"], clock=clock, delay=0.5)
    task = asyncio.ensure_future(hear(player))
    await clock.advance(0.5)
    assert not task.done()
    await clock.advance(0.5)
    heard = await task
    assert heard.sounds == ["one ", "two", Usage(10, 2, model="test/model"), Finish("stop")]


async def test_it_fails_as_often_as_it_is_told() -> None:
    player = ScriptedModel(["one ", "two"], clock=ManualClock(), fails=2, fails_after=1)
    heard = [await hear(player) for _ in range(3)]
    assert [h.how for h in heard] == ["connection", "connection", "played"]
    assert [h.text for h in heard] == ["one ", "one ", "one two"]
    assert (len(player.readings), player.cut) == (3, 0)


async def test_it_counts_what_was_cut() -> None:
    player = ScriptedModel(["one"], clock=ManualClock(), delay=1)
    task = asyncio.ensure_future(hear(player))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert player.cut == 1


async def test_it_calls_tools_for_as_many_turns_as_it_is_told() -> None:
    calls = (Call("a", "search", "{}"), Call("b", "now", "{}"))
    player = ScriptedModel(["done"], clock=ManualClock(), calls=[calls])
    first = await hear(player, tools=[Offered("search"), Offered("now")])
    assert (first.text, first.calls) == ("", calls)
    turn = Turn("", calls, ("found", "noon"))
    second = await hear(player, turns=[turn])
    assert (second.text, second.finish) == ("done", "stop")
    assert player.turns == [(), (turn,)]
    assert player.offered == [("search", "now"), ()]
