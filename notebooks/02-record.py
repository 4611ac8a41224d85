"""How `02-recorded.score.jsonl` was recorded: `make recording`.

Nobody needs this to play it. A team writes a museum label; the first draft is too long, so the
conductor sends the writer a note, and the second take is the short one. The parts are played by
understudies, because no key was at hand; a session that was played by models is kept and loaded in
just the same way.
"""

from __future__ import annotations

from pathlib import Path

from score_kernel import Score

HERE = Path(__file__).parent

INTENT = """\
A label for the marine chronometer in room 3. Visitors read it standing up, in twenty seconds.

## Criteria

- At most 60 words
- One thought, and no term that has to be looked up
"""

FILE_CARD = """\
Inv. 1908.44. Marine chronometer, London 1772. Brass; balance compensated for temperature; mahogany
box, gimballed. Lent to the survey ship Adventure, 1772 to 1775. Rate at the first trial: eleven
seconds slow after four months. Gift of the harbour board.
"""

DRAFT = [
    {
        "wait": 3.4,
        "text": "This marine chronometer was made in London in 1772, of brass, with a balance that is "
        "compensated for temperature, and it is kept in gimbals in its mahogany box. ",
    },
    {
        "wait": 3.2,
        "text": "It was lent to the survey ship Adventure, where after four months at sea it was no more "
        "than eleven seconds slow, so that the ship, which knew the time at home, could reckon its "
        "longitude: how far it had come to the east or to the west, which before such clocks had been "
        "a guess.\n",
    },
]


def count_words(reading):
    """How long the label is, for whoever edits it."""
    words = len(reading["writer"].text.split())
    return f"{words} words: {'short enough' if words <= 60 else f'{words - 60} too many'}."


def plan(writer: str) -> dict[str, object]:
    """The team, with this script for the writer's understudy."""
    others = "script:museum.yaml"
    return {
        "parts": {
            "curator": {"task": "List what is worth telling, from the file card", "understudy": others},
            "writer": {"task": "Write the label", "after": ["curator"], "understudy": writer},
            "counter": {"player": "python:count_words", "after": ["writer"]},
            "translator": {"task": "Say it in German", "after": ["writer"], "understudy": others},
            "editor": {
                "task": "Say whether it can be printed",
                "after": ["writer", "counter", "translator"],
                "understudy": others,
            },
        }
    }


def record() -> None:
    """Play the two takes in their own time, and save them."""
    lines = {
        "writer": DRAFT,
        "translator": [{"wait": 2.0, "text": "(waits for the short one)\n"}],
        "editor": [{"wait": 1.0, "text": "Not yet: nobody reads that standing up.\n"}],
    }
    with Score() as score:
        score.folder = HERE
        score.compose(INTENT, title="A museum label", use={"card": FILE_CARD})
        draft = plan("script:lines")
        draft["parts"]["translator"]["understudy"] = "script:lines"  # type: ignore[index]
        draft["parts"]["editor"]["understudy"] = "script:lines"  # type: ignore[index]
        score.orchestrate(draft, {"count_words": count_words, "lines": lines})
        score.conduct("It hangs from Friday on.", name="draft")
        score.note("writer", "At most 60 words. Begin with the eleven seconds.")
        score.orchestrate(plan("script:museum.yaml"), {"count_words": count_words})
        score.conduct(name="short")
        print(score.save(HERE / "02-recorded.score.jsonl").name)  # noqa: T201


if __name__ == "__main__":
    record()
