"""What the conductor asks of a take that plays: each cue as events, or one line that says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import structs

from ..errors import UnknownName, UsageError
from ..score import cues
from ..score import events as ev
from ..score.state import ANSWERED, IN_THE_AIR

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..score.state import ContributionState
    from .performance import Performance

_AS_IT_IS = {
    "failed": "has failed",
    "blocked": "is blocked",
    "cut": "was cut",
    "muted": "is muted",
    "skipped": "is skipped",
}


def hear(performance: Performance, cue: cues.Cue) -> None:
    """Do what a cue asks. Raises `UsageError` or `UnknownName`, in one line, where it cannot be done."""
    take = performance.take
    if take.over:
        verb = _ENDED.get(type(cue))
        if verb is None:
            raise UsageError(f"{take.id} has ended and never changes again; conduct to play a new take")
        raise UsageError(f"{take.id} is {take.status}: there is nothing to {verb}")
    _HEARD[type(cue)](performance, cue)
    if not isinstance(cue, cues.Pause | cues.Stop | cues.Resume):
        go_on(performance)


def go_on(performance: Performance) -> None:
    """Let a held take go on, if there is anything that it can go on with; a paused one stays paused."""
    if performance.take.status == "held":
        performance.emit(ev.Resumed())
        performance.run_clocks()
    performance.step()


_ENDED: dict[type, str] = {cues.Pause: "pause", cues.Resume: "resume", cues.Stop: "stop"}


# Pausing --------------------------------------------------------------------------------------------


def _pause(performance: Performance, cue: cues.Pause) -> None:
    take = performance.take
    if take.status == "held":
        if cue.by == "interrupt":
            return
        raise UsageError(f"{take.id} waits for you already: {take.waits_for}")
    if take.status == "playing":
        performance.emit(ev.Paused(by=cue.by))
        performance.stand_still()
    if cue.now:
        playing = [c for c in take.contributions.values() if c.status == "playing"]
        for c in performance.cut(playing, "pause"):
            performance.wait_again(c)


def _resume(performance: Performance, _: cues.Resume) -> None:
    take = performance.take
    if take.status == "held":
        raise UsageError(f"{take.id} waits for {take.waits_for}")
    if take.status != "playing":
        performance.emit(ev.Resumed())
        performance.run_clocks()
    performance.step()


def _stop(performance: Performance, _: cues.Stop) -> None:
    performance.stop("the conductor stopped it")


# Parts ------------------------------------------------------------------------------------------------


def voices(performance: Performance, part: str, item: int | None = None) -> list[ContributionState]:
    """The standing contributions of a part, or of one player of its section. Raises `UnknownName`."""
    take = performance.take
    if part not in take.plan:
        raise UnknownName(f"{take.id} has no part {part!r}; it has {', '.join(take.plan.names)}")
    found = take.voices(part)
    if item is None:
        return found
    found = [c for c in found if c.item == item]
    if not found:
        raise UnknownName(f"{part} has no player {item} in {take.id}")
    return found


def _enter(performance: Performance, cue: cues.Enter) -> None:
    found = voices(performance, cue.part, cue.item)
    waiting = [c for c in found if c.status == "waiting" and not c.cued]
    if not waiting:
        how = found[0].status if found else "not told its items yet"
        raise UsageError(f"{cue.part} does not wait to be let in: it is {how}")
    for c in waiting:
        performance.emit(ev.CuedIn(c=c.c))


def _mute(performance: Performance, cue: cues.Mute) -> None:
    found = voices(performance, cue.part)
    if found and all(c.status == "muted" for c in found):
        raise UsageError(f"{cue.part} is muted already")
    if not found:
        performance.wait(cue.part)
    performance.cut(found, "mute")
    for c in found:
        if c.status not in ("waiting", "muted"):
            performance.wait_again(c)
    performance.forget_hearers(cue.part)
    for n in list(performance.take.waiting.get(cue.part, ())):
        performance.emit(ev.Muted(c=n))


def _unmute(performance: Performance, cue: cues.Unmute) -> None:
    muted = [c for c in voices(performance, cue.part) if c.status == "muted"]
    if not muted:
        raise UsageError(f"{cue.part} is not muted")
    for c in muted:
        performance.wait_again(c)


def _play(performance: Performance, cue: cues.Play) -> None:
    found = voices(performance, cue.part, cue.item)
    if len(found) > 1:
        raise UsageError(f"{cue.part} is a section: say which, as in %%play {cue.part}[0]")
    if not found:
        raise UsageError(f"{cue.part} is a section whose items are not told yet")
    c = found[0]
    _check_form(performance, c, cue.text)
    if c.status == "held" and c.asks == "contribution":
        _give(performance, c, cue.text)
        return
    version = performance.write({c.entry: cue.text})[c.entry]
    performance.emit(ev.Contributed(part=c.part, version=version, item=c.item))
    performance.cut([c], "play")
    if c.status != "waiting":
        performance.wait_again(c)


def _give(performance: Performance, c: ContributionState, text: str) -> None:
    performance.emit(ev.TextPlayed(c=c.c, text=text))
    version = performance.state.version_of(c.entry, text)
    performance.emit(ev.Released(c=c.c, how="played", version=version))
    performance.after_playing(c)


def _check_form(performance: Performance, c: ContributionState, text: str) -> None:
    form = performance.cast.forms.get(c.part)
    if form is None:
        return
    try:
        form.read(text)
    except ValueError as error:
        raise UsageError(f"{c.name} returns another form: {error}") from None


# Answers ------------------------------------------------------------------------------------------------


def _release(performance: Performance, cue: cues.Release) -> None:
    if sum((cue.edit is not None, cue.back is not None, cue.no)) > 1:
        raise UsageError("a release approves, edits, sends back or refuses: one of --edit, --back, --no")
    found = [c for c in voices(performance, cue.part, cue.item) if c.status == "held"]
    if not found:
        held = [c.name for c in performance.take.standing() if c.status == "held"]
        there = f"; {', '.join(held)} {'does' if len(held) == 1 else 'do'}" if held else ""
        raise UsageError(f"{cue.part} does not wait for a release{there}")
    c = found[0]
    match c.asks:
        case "tool" | "budget":
            if not performance.answer(c, cue):
                raise UsageError(f"{c.name} was released already, and waits for a slot")
        case "contribution":
            _release_human(performance, c, cue)
        case _:
            _release_hold(performance, c, cue)


def _release_human(performance: Performance, c: ContributionState, cue: cues.Release) -> None:
    if cue.no:
        performance.emit(ev.Cut(c=c.c, by="refused"))
    elif cue.edit is None:
        raise UsageError(f"{c.name} waits for a contribution: write it in a cell, %%play {c.name}")
    else:
        _check_form(performance, c, cue.edit)
        _give(performance, c, cue.edit)


def _release_hold(performance: Performance, c: ContributionState, cue: cues.Release) -> None:
    if cue.no:
        performance.emit(ev.Cut(c=c.c, by="refused"))
        return
    if cue.back is not None:
        if not cue.back.strip():
            raise UsageError("sending back wants a note: --back NOTE")
        performance.emit(ev.Cut(c=c.c, by="back"))
        performance.send(c.name, cue.back.strip("\n"))
        performance.wait_again(c)
        return
    if cue.edit is None:
        version = performance.state.version_of(c.entry, c.streamed)
        performance.emit(ev.Released(c=c.c, how="approved", version=version))
    else:
        _check_form(performance, c, cue.edit)
        version = performance.write({c.entry: cue.edit})[c.entry]
        performance.emit(ev.Released(c=c.c, how="edited", version=version))
    performance.after_playing(c)


# Tempo ----------------------------------------------------------------------------------------------------


def _beat(performance: Performance, cue: cues.GiveBeat) -> None:
    lead = performance.take.tempo.lead
    if lead != "conductor":
        raise UsageError(
            f"beats are for when the conductor leads, and {lead} does: %cue tempo --lead conductor"
        )
    if cue.n < 1:
        raise UsageError(f"the number of beats is 1 or more, not {cue.n}")
    performance.emit(ev.Beat(n=cue.n))


def _set_tempo(performance: Performance, cue: cues.SetTempo) -> None:
    take = performance.take
    given = {
        name: None if name != "lead" and value == 0 else value
        for name in cue.__struct_fields__
        if (value := getattr(cue, name)) is not None
    }
    if "budget" in given and given["budget"] is not None:
        given.setdefault("tokens", None)
    if "tokens" in given and given["tokens"] is not None:
        given.setdefault("budget", None)
    tempo = structs.replace(take.tempo, **given)
    if tempo.lead not in ("free", "conductor", "clock", *take.plan.names):
        raise UnknownName(
            f"{tempo.lead!r} cannot lead: free, conductor, clock or a part: {', '.join(take.plan.names)}"
        )
    if tempo.lead == "clock" and tempo.deadline is None:
        raise UsageError("the clock leads to a deadline: %cue tempo --lead clock --deadline 10m")
    if tempo == take.tempo:
        return
    led = take.tempo.lead
    performance.emit(ev.TempoSet(tempo=tempo))
    if tempo.lead != led:
        performance.lead_changed()
    performance.tempo_changed()


# Notes ------------------------------------------------------------------------------------------------------


def note(performance: Performance, cue: cues.Note, name: str, text: str) -> dict[str, str]:
    """Send a note into a take. Gives what that does to each part it is to; nothing, if it stood."""
    conductor = performance.conductor
    sent = len(conductor.state.sent)
    conductor.send([(name, cue.to, text)], performance.take.id, performance.at())
    if len(conductor.state.sent) == sent:
        return {}
    effects: dict[str, str] = {}
    for c in performance.take.standing():
        if cue.to in ("all", c.part, c.name):
            effects[c.part] = _noted(performance, c, cut=cue.now)
    go_on(performance)
    return effects


def _noted(performance: Performance, c: ContributionState, *, cut: bool) -> str:
    """Let a note count for a part, whose contribution is `c`. Gives what that does, in a few words."""
    if c.status == "waiting":
        return "reads it as it enters"
    if c.status in IN_THE_AIR and not cut:
        return f"enters again with it as it {'ends' if c.status == 'playing' else 'is released'}"
    if c.status in IN_THE_AIR:
        performance.cut([c], "note")
        performance.wait_again(c)
        return "was cut, and enters again with it"
    if c.status in ANSWERED:
        performance.wait_again(c)
        return "plays again with it"
    return f"{_AS_IT_IS[c.status]}: reads it in the next take"


_HEARD: dict[type, Callable[[Performance, Any], None]] = {
    cues.Pause: _pause,
    cues.Resume: _resume,
    cues.Stop: _stop,
    cues.Enter: _enter,
    cues.Mute: _mute,
    cues.Unmute: _unmute,
    cues.Play: _play,
    cues.Release: _release,
    cues.GiveBeat: _beat,
    cues.SetTempo: _set_tempo,
}
