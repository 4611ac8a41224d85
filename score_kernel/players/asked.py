"""The calls of tools in an answer, put together from the pieces they arrive in.

Only calls that are ours to run: what a provider runs itself (`server_tool_use` and `mcp_tool_use`
of Anthropic's, built-in tools of others) may look like an ordinary call on the way through somebody's
translation, and is told by its type and by its id.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from ..score.events import Call

if TYPE_CHECKING:
    from collections.abc import Iterable

_RUN_BY_THE_PROVIDER = ("srvtoolu_", "mcptoolu_")


@dataclass
class _Arriving:
    """One call so far. `given` are arguments that came in one piece, and count where no others come."""

    id: str = ""
    name: str = ""
    given: str = ""
    ours: bool = True
    ended: bool = True
    pieces: list[str] = field(default_factory=list[str])

    @property
    def arguments(self) -> str:
        return "".join(self.pieces) or self.given

    def add(self, arguments: object) -> None:
        if arguments:
            self.pieces.append(str(arguments))

    @property
    def whole(self) -> bool:
        return bool(self.name) and self.ended and not is_cut(self.arguments)


class Asked:
    """The calls of one answer.

    >>> asked = Asked()
    >>> asked.chat({"index": 0, "id": "a", "function": {"name": "add", "arguments": '{"x"'}})
    >>> asked.whole
    False
    >>> asked.chat({"index": 0, "function": {"arguments": ": 1}"}})
    >>> asked.calls()
    (Call(id='a', name='add', arguments='{"x": 1}'),)
    """

    def __init__(self) -> None:
        self._all: list[_Arriving] = []
        self._by: dict[Hashable, _Arriving] = {}

    def __bool__(self) -> bool:
        return bool(self._ours)

    @property
    def _ours(self) -> list[_Arriving]:
        return [call for call in self._all if call.ours]

    @property
    def names(self) -> tuple[str, ...]:
        """Every tool that is called by a name, each once."""
        return tuple(dict.fromkeys(call.name for call in self._all if call.name))

    @property
    def text(self) -> str:
        """All arguments so far: what was paid for, where nobody counted it."""
        return "".join(call.arguments for call in self._ours)

    @property
    def whole(self) -> bool:
        """Whether no call is cut short. What is whole need not be JSON."""
        return all(call.whole for call in self._ours)

    def calls(self) -> tuple[Call, ...]:
        """The calls, with `{}` where a tool is called without arguments."""
        return tuple(Call(call.id, call.name, call.arguments.strip() or "{}") for call in self._ours)

    # OpenAI's form --------------------------------------------------------------------------------

    def chat(self, piece: Mapping[str, Any]) -> None:
        """A piece of a call in an OpenAI delta: `index`, `id`, and `function` with `name` and `arguments`.

        Each of them may be missing, and each may be told again with every piece; some servers count
        every call as their first.
        """
        function: Mapping[str, Any] = piece.get("function") or {}
        id_, name = str(piece.get("id") or ""), str(function.get("name") or "")
        arguments = function.get("arguments")
        if isinstance(arguments, Mapping):
            arguments = json.dumps(arguments, ensure_ascii=False)
        index = piece.get("index")
        call = self._by.get(index) if isinstance(index, int) else self._unnumbered(id_)
        if call is None or _begins_another(call, id_, name):
            foreign = piece.get("type") not in (None, "", "function")
            call = self._begin(index, id_, ours=not foreign)
            if foreign:
                name = name or str(piece["type"])
        call.id = call.id or id_
        if name != call.name and not call.pieces:
            call.name += name
        call.add(arguments)

    def _unnumbered(self, id_: str) -> _Arriving | None:
        if id_:
            return next((call for call in self._all if call.id == id_), None)
        return self._all[-1] if self._all else None

    # Anthropic's form -----------------------------------------------------------------------------

    def begin(self, index: object, block: Mapping[str, Any]) -> None:
        """A block of type `tool_use` begins. It is whole when it has ended."""
        call = self._begin(index, str(block.get("id") or ""))
        call.name, call.ended = str(block.get("name") or ""), False
        call.given = json.dumps(block["input"], ensure_ascii=False) if block.get("input") else ""

    def add(self, index: object, arguments: object) -> None:
        """More of a block's arguments. A block that is no call of ours is passed over."""
        if (call := self._by.get(index)) is not None:
            call.add(arguments)

    def end(self, index: object) -> None:
        """The block ended."""
        if (call := self._by.get(index)) is not None:
            call.ended = True

    def _begin(self, index: object, id_: str, *, ours: bool = True) -> _Arriving:
        call = _Arriving(id_, ours=ours and not id_.startswith(_RUN_BY_THE_PROVIDER))
        self._all.append(call)
        self._by[index] = call
        return call


def _begins_another(call: _Arriving, id_: str, name: str) -> bool:
    """Whether a piece in the place of a call begins the next one: it names a tool, and that one is whole."""
    if not name or not call.name or is_cut(call.arguments):
        return False
    return id_ != call.id if id_ and call.id else bool(call.arguments)


def is_cut(arguments: str) -> bool:
    """Whether more must follow for this to be JSON. What never can be is not cut: it is wrong.

    >>> is_cut('{"a": "b'), is_cut("{'a'}"), is_cut("")
    (True, False, False)
    """
    if not arguments.strip():
        return False
    try:
        json.loads(arguments)
    except RecursionError:
        return False
    except ValueError:
        pass
    else:
        return False
    try:
        msgspec.json.decode(arguments)
    except msgspec.DecodeError as error:
        said = str(error)
        return "truncated" in said or ("invalid number" in said and arguments[-1] in "+-.eE")
    except (RecursionError, UnicodeEncodeError):
        return False
    return False


def is_object(arguments: str) -> bool:
    """Whether these arguments can be sent back as they are: every provider wants a JSON object."""
    try:
        return isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        return False


def with_own_ids(calls: Iterable[Call], before: Iterable[Call]) -> tuple[Call, ...]:
    """The calls, each with an id that no other of the contribution has: the provider's, else `call_N`.

    >>> with_own_ids([Call("", "a", "{}"), Call("x", "b", "{}"), Call("x", "c", "{}")], [])
    (Call(id='call_1', name='a', arguments='{}'), Call(id='x', name='b', arguments='{}'), \
Call(id='call_3', name='c', arguments='{}'))
    """
    calls, before = tuple(calls), tuple(before)
    taken = {call.id for call in before}
    free = {call.id for call in calls} - taken - {""}
    found: list[Call] = []
    for number, call in enumerate(calls, len(before) + 1):
        own = call.id if call.id in free else _unused(number, taken | free)
        free.discard(call.id)
        taken.add(own)
        found.append(Call(own, call.name, call.arguments))
    return tuple(found)


def _unused(number: int, taken: set[str]) -> str:
    while f"call_{number}" in taken:
        number += 1
    return f"call_{number}"
