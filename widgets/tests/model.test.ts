import { describe, expect, test } from "vitest";
import { glimpse, statusAt, takeStatusAt, textAt, textOfPast, usageAt } from "../src/model/moment";
import { outline } from "../src/model/outline";
import { barName, rowsOf, wordsAt } from "../src/model/rows";
import { IllegalEvent, Score } from "../src/model/score";
import type { Contribution, Take, Try } from "../src/model/take";
import { events, NAMES, outlineOf } from "./fixtures";

function folded(name: string): { score: Score; take: Take } {
  const score = new Score().fold(events(name));
  return { score, take: score.takes.get(score.head ?? "") as Take };
}

test.each(NAMES)("%s folds to what Python folds it to", (name) => {
  expect(outline(new Score().fold(events(name)))).toEqual(outlineOf(name));
});

test.each(NAMES)("any prefix of %s folds, and folding on gives the same", (name) => {
  const all = events(name);
  const score = new Score();
  for (const event of all) {
    score.apply(event);
    outline(score);
  }
  expect(outline(score)).toEqual(outlineOf(name));
});

test("a quoted entry may come again, a fact may not", () => {
  const score = new Score();
  const quoted = {
    type: "entry",
    seq: 0,
    take: null,
    at: null,
    entry: "intent",
    version: 2,
    text: "x",
  } as const;
  score.fold([quoted, quoted]);
  expect(score.text({ entry: "intent", version: 2 })).toBe("x");
  score.apply({ ...quoted, seq: 3, version: 3 });
  expect(() => score.apply({ ...quoted, seq: 3, version: 4 })).toThrow(IllegalEvent);
  expect(() => score.apply({ ...quoted, text: "other" })).toThrow(IllegalEvent);
});

test.each([
  ["of a take that has not started", { type: "resumed", take: "take9" }],
  ["of a take that has ended", { type: "paused", take: "take1", by: "" }],
] as const)("an event %s is refused", (_, event) => {
  const { score } = folded("plain");
  expect(() => score.apply({ seq: 1000, at: 0, ...event })).toThrow(IllegalEvent);
});

test("a contribution cannot leave its life: nothing plays that has not entered", () => {
  const score = new Score().fold(events("playing"));
  const text = { type: "text", seq: 1000, take: "take1", at: 9999, c: 5, text: "early" } as const;
  expect(() => score.apply(text)).toThrow("contribution 5 of take1 is not playing");
});

test("an unknown event changes nothing but the number", () => {
  const { score } = folded("playing");
  const before = outline(score) as { seq: number };
  score.apply({ type: "unknown", was: "applauded", seq: 1000, take: "take1", at: 5 });
  expect(outline(score)).toEqual({ ...before, seq: 1000 });
});

describe("the past", () => {
  test("a contribution waits, plays with the text it had, and has played", () => {
    const { score, take } = folded("plain");
    const coder = take.contributions.get(1) as NonNullable<ReturnType<Take["contributions"]["get"]>>;
    expect(statusAt(coder, 3)).toBe("waiting");
    expect(statusAt(coder, 400)).toBe("playing");
    expect(textAt(score, coder, 309)).toBe("");
    expect(textAt(score, coder, 360)).toBe("Here it is:\n\n```python\nO");
    expect(statusAt(coder, coder.ended ?? 0)).toBe("played");
    expect(textAt(score, coder, 1e9)).toBe(score.text({ entry: "part/coder", version: 1 }));
  });

  test("at every moment the text is what a fold of the events until then has", () => {
    for (const name of NAMES) {
      const { score, take } = folded(name);
      const all = events(name);
      for (const at of [...take.moments, 350, 620, 1000]) {
        const until = new Score().fold(all.filter((e) => e.take !== take.id || (e.at ?? 0) <= at));
        const then = until.takes.get(take.id) as Take;
        for (const c of take.contributions.values()) {
          const was = then.contributions.get(c.c);
          expect(statusAt(c, at)).toBe(was?.status ?? "waiting");
          expect(textAt(score, c, at)).toBe(was ? textAt(until, was, Number.MAX_VALUE) : "");
          expect(usageAt([c], at)).toEqual(usageAt(was ? [was] : [], at));
        }
        expect(takeStatusAt(take, at)).toBe(then.status);
      }
    }
  });

  test("a try that failed keeps its text, and the next begins anew", () => {
    const { score, take } = folded("failed");
    const coder = [...take.contributions.values()][0] as Contribution;
    expect(textAt(score, coder, 600)).toBe("Here it is:\n\n```py");
    expect(textAt(score, coder, 610)).toBe("");
    expect(textOfPast(coder, coder.tries[0] as Try)).toBe("Here it is:\n\n```py");
    expect(textOfPast(coder, coder.tries[1] as Try)).toBe("");
  });

  test("a glimpse is the first or the newest words", () => {
    const { score, take } = folded("plain");
    const coder = [...take.contributions.values()][0] as never;
    expect(glimpse(score, coder, 420, false, 11)).toMatch(/^Here it is:/);
    expect(glimpse(score, coder, 420, true, 10)).toMatch(/SPRIN$/);
  });
});

describe("words", () => {
  test("a row says what it waits for, and who blocked it", () => {
    const { take } = folded("plain");
    const rows = rowsOf(take);
    expect(rows.map((row) => row.part)).toEqual(["coder", "tester", "docs", "checker", "editor"]);
    expect(rows.map((row) => wordsAt(row, { take, rows, at: 500 })).slice(3)).toEqual([
      "waits for coder, tester",
      "waits for coder, docs, checker",
    ]);
    const failed = folded("failed").take;
    const then = { take: failed, rows: rowsOf(failed), at: failed.at };
    expect(then.rows.map((row) => wordsAt(row, then))).toEqual([
      "failed: incomplete",
      "played 0.6 s",
      "played 1.4 s",
      "blocked by coder",
      "blocked by coder",
    ]);
  });

  test("a bar is named as it was: playing from, then played from and to", () => {
    const { take } = folded("failed");
    const [coder, tester] = [...take.contributions.values()];
    expect(barName(tester as never, 300)).toBe("tester, playing, from 0.0 s");
    expect(barName(tester as never, take.at)).toBe("tester, played, 0.0 s to 0.6 s");
    expect(barName(coder as never, take.at)).toBe("coder, failed, 0.0 s to 2.9 s");
  });
});
