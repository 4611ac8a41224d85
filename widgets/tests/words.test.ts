import { describe, expect, test } from "vitest";
import { abridged } from "../src/model/difference";
import { wordsChanged } from "../src/model/words";

const marked = (old: string, now: string) =>
  wordsChanged(old, now)
    .map(({ kind, text }) => ({ old: `[-${text}-]`, new: `{+${text}+}` })[kind as string] ?? text)
    .join("");

describe("a word diff", () => {
  test.each([
    ["", "", ""],
    ["same words", "same words", "same words"],
    ["the old word", "the new word", "the [-old-]{+new+} word"],
    ["", "all new", "{+all new+}"],
    ["all gone", "", "[-all gone-]"],
    ["a b c", "a x y c", "a [-b-]{+x y+} c"],
    ["one two three four", "one 2 3 four", "one [-two three-]{+2 3+} four"],
    ["if x < 10:\n    y", "if x < 15:\n    y", "if x < [-10-]{+15+}:\n    y"],
    ["a a a b", "a a b", "a a [-a -]b"],
    ["straße naïve", "straße naive", "straße [-naïve-]{+naive+}"],
  ])("%j to %j", (old, now, expected) => {
    expect(marked(old, now)).toBe(expected);
  });

  test("both texts are in it, whole", () => {
    const random = ((seed) => () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    })(7);
    for (let round = 0; round < 300; round++) {
      const text = () =>
        Array.from({ length: random() * 12 }, () => "ab \n."[Math.floor(random() * 5)]).join("");
      const [old, now] = [text(), text()];
      const pieces = wordsChanged(old, now);
      const only = (kind: string) =>
        pieces
          .filter((piece) => piece.kind !== kind)
          .map(({ text: t }) => t)
          .join("");
      expect([only("new"), only("old")]).toEqual([old, now]);
    }
  });

  test("texts that have too little in common differ as a whole", () => {
    const text = (word: string) =>
      `same ${Array.from({ length: 2000 }, (_, i) => `${word}${i}`).join(" ")} end`;
    expect(wordsChanged(text("a"), text("b")).map(({ kind }) => kind)).toEqual([
      "same",
      "old",
      "new",
      "same",
    ]);
  });
});

describe("what is the same, far from a change", () => {
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => `line ${from + n}\n`).join("");
  const told = (old: string, now: string) =>
    abridged(wordsChanged(old, now)).map(({ kind, text }) => (kind === "same" ? text : `<${kind} ${text}>`));

  test("is left out, but for three lines around the change, and it is said how much", () => {
    expect(told(`${lines(0, 20)}old\n${lines(20, 40)}`, `${lines(0, 20)}new\n${lines(20, 40)}`)).toEqual([
      "<left 18 lines are the same>",
      "line 18\nline 19\n",
      "<old old>",
      "<new new>",
      ...["\nline 20\nline 21", "<left 19 lines are the same>"],
    ]);
  });

  test("stays where little would be gained", () => {
    const pieces = wordsChanged(`old\n${lines(0, 11)}old`, `new\n${lines(0, 11)}new`);
    expect(abridged(pieces)).toEqual(pieces);
  });

  test("is all that is left of long texts that do not differ", () => {
    expect(told(lines(0, 99), lines(0, 99))).toEqual(["<left 100 lines are the same>"]);
  });
});
