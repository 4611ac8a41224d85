"""One contribution as it plays: tries, turns with tools, one repair, and what is asked about it.

`Playing.perform` is one task. It ends with the contribution played, held or failed; whoever cuts it
says so first and then cancels the task.
"""

from __future__ import annotations

import asyncio
import json
import traceback
from typing import TYPE_CHECKING, Any

from ..errors import PermanentError, PlayerError, TransientError
from ..score import events as ev
from ..score.ports import PRINTS, Finish, Output, ToolCalls, Turn, Usage
from . import lead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..score.plan import Part
    from ..score.ports import Player, Tool, Toolbox
    from ..score.reading import Reading
    from ..score.state import ContributionState
    from .performance import Performance

BACKOFF = (0.5, 2.0, 8.0, 30.0)
"""Seconds before each further try, where the provider does not say."""

REFUSED = "The conductor did not allow this call."


class Playing:
    """How contribution `c` of `part` is played by `player`, given a reading."""

    def __init__(
        self, performance: Performance, c: ContributionState, part: Part, player: Player, reading: Reading
    ) -> None:
        self._performance = performance
        self._c, self._part, self._player, self._reading = c, part, player, reading
        self._turns: list[Turn] = []
        self._tools: Sequence[Tool] = ()
        self._overrun: asyncio.TimerHandle | None = None
        self._left = part.timeout

    @property
    def _plays(self) -> bool:
        return self._c.status == "playing"

    async def perform(self) -> None:
        """Play to the end, trying again where that may help."""
        ending: PlayerError | None = None
        PRINTS.set(lambda text: self._performance.note_sound(self._c.c, Output(text)))
        self._run_clock()
        try:
            await self._open_tools()
            finish = await self._to_the_end()
            if self._plays:
                await self._performance.conclude(self._c, self._part, self._reading, finish)
        except PlayerError as error:
            ending = error
        except Exception as error:
            line = f"{type(error).__name__}: {error}"
            ending = PlayerError(line, detail="".join(traceback.format_exception(error)))
        finally:
            self._stop_clock()
        if ending is not None and self._plays:
            self._fail(ending)

    def _fail(self, ending: PlayerError) -> None:
        performance = self._performance
        performance.flush()
        if ending.reason == "incomplete":
            evidence = ev.Evidence("the stream ended without the provider's word that it was done")
            performance.flag(self._c, "incomplete", evidence)
        performance.emit(
            ev.Failed(c=self._c.c, reason=ending.reason, message=str(ending), detail=ending.detail)
        )

    # Time -----------------------------------------------------------------------------------------

    def _run_clock(self) -> None:
        loop = asyncio.get_running_loop()
        self._overrun = loop.call_later(max(0.0, self._left), self._end_overrun)

    def _stop_clock(self) -> None:
        if self._overrun is not None:
            self._left = self._overrun.when() - asyncio.get_running_loop().time()
            self._overrun.cancel()
            self._overrun = None

    def _end_overrun(self) -> None:
        """End what takes too long: at once, though a sync function keeps its slot until it returns."""
        if not self._plays:
            return
        message = f"it did not end within its timeout of {self._part.timeout:g} s"
        self._performance.flush()
        self._performance.emit(ev.Failed(c=self._c.c, reason="timeout", message=message))
        self._performance.let_go(self._c)

    # Turns ----------------------------------------------------------------------------------------

    async def _open_tools(self) -> None:
        box = self._box
        tools = [] if box is None else list(await box.open())
        if self._leads:
            tools += lead.LEADS
        self._tools = tools

    @property
    def _box(self) -> Toolbox | None:
        return self._performance.cast.toolboxes.get(self._part.name)

    @property
    def _leads(self) -> bool:
        return self._performance.take.tempo.lead == self._part.name

    async def _to_the_end(self) -> str:
        """Turn after turn, until it is complete. Gives the provider's word for why it ended."""
        performance, c, part = self._performance, self._c, self._part
        form = performance.cast.forms.get(part.name)
        repaired, called = False, 0
        while True:
            ended = await self._try()
            performance.flush()
            if isinstance(ended, ToolCalls):
                if called >= part.max_turns:
                    raise PermanentError(
                        f"it called tools in {called} turns, and its `max_turns` allows no more", "tools"
                    )
                called += 1
                text = c.streamed
                performance.emit(ev.ToolsCalled(c=c.c, calls=ended.calls))
                results = [await self._call(call) for call in ended.calls]
                if not self._plays:
                    raise asyncio.CancelledError
                self._turns.append(Turn(text, ended.calls, tuple(results)))
                continue
            if form is None:
                return ended
            try:
                form.read(c.streamed)
            except ValueError as error:
                if repaired:
                    raise PermanentError(
                        f"what it answered is not of the form that it `returns`: {error}", "returns"
                    ) from None
                repaired = True
                say = f"That is not of the form asked for: {error}\nAnswer again, with the JSON alone."
                text = c.streamed
                performance.emit(ev.SentToRepair(c=c.c, say=say))
                self._turns.append(Turn(text, say=say))
                continue
            return ended

    async def _try(self) -> str | ToolCalls:
        """One turn, tried until it comes to its end. A wait beyond the part's timeout is not begun."""
        tries, now = 0, asyncio.get_running_loop().time
        while True:
            if tries or self._turns:  # the first request was counted as it entered
                await self._performance.request(self._c, self._part)
            try:
                return await self._listen()
            except TransientError as error:
                if tries >= self._part.retries:
                    raise
                wait = error.retry_after
                end = self._overrun.when() if self._overrun is not None else now()
                if wait is None:
                    wait = BACKOFF[min(tries, len(BACKOFF) - 1)]
                elif wait >= end - now():
                    raise PermanentError(
                        f"{error}; it asks to wait {wait:,.0f} s, which is more than is left of "
                        f"the part's `timeout` of {self._part.timeout:g} s",
                        error.reason,
                    ) from error
                tries += 1
                self._performance.flush()
                self._performance.emit(
                    ev.Retried(c=self._c.c, reason=error.reason, message=str(error), wait=round(wait * 1000))
                )
                await self._performance.clock.sleep(wait)

    async def _listen(self) -> str | ToolCalls:
        """Collect what the player brings out, until it is complete or asks for tools."""
        c, part = self._c, self._part
        ended: str | ToolCalls = ""
        stall = part.stall if self._player.ref.kind == "model" else None
        loop = asyncio.get_running_loop()
        sounds = self._player.play(part, self._reading, tuple(self._turns), self._tools)
        patience = asyncio.timeout(stall)
        try:
            async with patience:
                async for sound in sounds:
                    if stall is not None:
                        patience.reschedule(loop.time() + stall)
                    match sound:
                        case str():
                            self._performance.hear(c.c, sound)
                        case Finish(reason=reason):
                            ended = reason
                        case ToolCalls():
                            ended = sound
                        case Usage() | Output():
                            self._performance.note_sound(c.c, sound)
        except TimeoutError as error:
            if not patience.expired():
                raise PermanentError(f"TimeoutError: {error}") from error
            raise TransientError(f"nothing came for {part.stall:g} s", "stall") from None
        finally:
            await sounds.aclose()
        return ended

    # Tools ----------------------------------------------------------------------------------------

    async def _call(self, call: ev.Call) -> str:
        """Run a tool, if it may be run. Gives what the player is told."""
        if not self._plays:
            return ""
        result, failed, arguments = await self._outcome(call)
        if self._plays:
            changed = arguments if arguments != call.arguments else ""
            self._performance.emit(
                ev.ToolReturned(c=self._c.c, call=call.id, result=result, failed=failed, arguments=changed)
            )
        return result

    async def _outcome(self, call: ev.Call) -> tuple[str, bool, str]:
        """(result, whether it failed, the arguments that counted)."""
        arguments = call.arguments
        tool = next((tool for tool in self._tools if tool.name == call.name), None)
        if tool is None:
            names = ", ".join(tool.name for tool in self._tools) or "none"
            return f"There is no tool {call.name!r}; there are: {names}", True, arguments
        try:
            given = _arguments(arguments)
        except ValueError as error:
            return str(error), True, arguments
        if isinstance(tool, lead.LeadTool):
            return (*self._lead(call.name, given), arguments)
        if self._box is not None and self._box.asks(call.name):
            answer = await self._performance.ask(self._c, call, self._stop_clock, self._run_clock)
            if answer.no:
                return REFUSED, True, arguments
            if answer.back is not None:
                return answer.back, True, arguments
            arguments = arguments if answer.edit is None else answer.edit
        try:
            return await tool.run(arguments), False, arguments
        except asyncio.CancelledError:
            if not self._plays:
                raise
            return f"{call.name} was cancelled", True, arguments
        except Exception as error:  # whatever it is, the player is told, and may do without
            said = str(error).strip()
            return f"{type(error).__name__}: {said}" if said else type(error).__name__, True, arguments

    def _lead(self, name: str, given: dict[str, Any]) -> tuple[str, bool]:
        performance, by = self._performance, self._part.name
        try:
            if name == lead.ENTER:
                part, note = given.get("part"), given.get("note")
                if not isinstance(part, str) or not isinstance(note, str | None):
                    raise ValueError("`part` and `note` are texts")
                return performance.let_in(by, part, note or ""), False
            summary = given.get("summary")
            return performance.finish(by, summary if isinstance(summary, str) else ""), False
        except ValueError as error:
            return str(error), True


def _arguments(text: str) -> dict[str, Any]:
    """The arguments of a call. Raises `ValueError`, in words for the player, where they are none."""
    try:
        given = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise ValueError("The arguments of this call are no JSON: call it again") from None
    if not isinstance(given, dict):
        raise ValueError("The arguments of this call are no JSON object: call it again")
    return given  # pyright: ignore[reportUnknownVariableType]
