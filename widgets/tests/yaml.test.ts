import { describe, expect, test } from "vitest";
import { begin, columnBelow, step } from "../src/lab/yaml";

const PLAIN = new Set([null, "content", "separator"]);

/** What has a colour, as `kind text`, read as an editor does: line by line, blank ones not at all. */
function coloured(text: string): string[] {
  const state = begin();
  const found: string[] = [];
  for (const line of text.split("\n")) {
    for (let at = 0; at < line.length; ) {
      const { end, kind } = step(line, at, state);
      expect(end).toBeGreaterThan(at);
      if (!PLAIN.has(kind)) found.push(`${kind} ${line.slice(at, end)}`);
      at = end;
    }
  }
  return found;
}

describe("YAML in its colours", () => {
  test("keys, in lines, in lists and in braces, the first too", () => {
    const keys = coloured(
      'parts:\n  coder:  {role: Maker, task: Write it, "a b": x}\n  after: [coder, {from: tester}]\n- at once : no',
    );
    expect(keys).toEqual(
      ["parts", "coder", "role", "task", '"a b"', "after", "from", "at once"].map(
        (key) => `propertyName ${key}`,
      ),
    );
  });

  test("a colon within a word makes no key", () => {
    expect(
      coloured("player: python:run_tests\nurl: http://a.b:80/c\nx: {player: script:lines, y: 1:2}"),
    ).toEqual(["player", "url", "x", "player", "y"].map((key) => `propertyName ${key}`));
  });

  test("numbers, booleans and nulls of YAML 1.2, and texts that only look so", () => {
    expect(coloured("[1, -2.5e3, 0x1F, .inf, true, null, ~]")).toEqual([
      ...["1", "-2.5e3", "0x1F", ".inf"].map((number) => `number ${number}`),
      ...["bool true", "null null", "null ~"],
    ]);
    expect(coloured("[yes, no, on, off, 60/min, 10m, $0.50, 3 of 4, truely, 1:2]")).toEqual([]);
  });

  test("a comment begins after a space, and nowhere else", () => {
    expect(coloured("task: a#b # why\n# all\nx: Fix #12 first")).toEqual([
      ...["propertyName task", "comment # why", "comment # all"],
      ...["propertyName x", "comment #12 first"],
    ]);
  });

  test("texts in quotes, over lines too, with what they escape", () => {
    expect(coloured(`a: 'it''s: # so'\nb: "say \\"x: y\\""\nc: "one\n  two: 2" # end`)).toEqual([
      ...["propertyName a", "string 'it''s: # so'", "propertyName b", 'string "say \\"x: y\\""'],
      ...["propertyName c", 'string "one', 'string   two: 2"', "comment # end"],
    ]);
  });

  test("a text below a bar ends where something stands as far left as its key", () => {
    const text = "- task: |  # as it is\n    for: x\n\n      1\n  role: >-\n   two\n- |\n  three\n- four: 4";
    expect(coloured(text)).toEqual([
      ...["propertyName task", "meta |", "comment # as it is", "string     for: x", "string       1"],
      ...["propertyName role", "meta >-", "string    two", "meta |", "string   three"],
      ...["propertyName four", "number 4"],
    ]);
  });

  test("anchors, aliases, tags and documents", () => {
    expect(coloured("---\na: &one !!str x\nb: *one\n...")).toEqual([
      ...["meta ---", "propertyName a", "labelName &one", "typeName !!str"],
      ...["propertyName b", "labelName *one", "meta ..."],
    ]);
  });

  test.each([
    ["parts:", 2],
    ["  coder: # the first", 4],
    ["  task: |", 4],
    ["  task: Write it", 2],
    ["  - coder", 2],
    ["  - from: coder", 4],
    ["  coder: {role: Maker}", 2],
    ["    ", 4],
  ])("below %j one goes on at column %i", (line, column) => {
    expect(columnBelow(line)).toBe(column);
  });

  test("plain words are words to the completer, and spaces are none", () => {
    const state = begin();
    const line = "after: [co, x";
    const words: [string, string | null][] = [];
    for (let at = 0; at < line.length; ) {
      const { end, kind } = step(line, at, state);
      words.push([line.slice(at, end), kind]);
      at = end;
    }
    expect(words.filter(([, kind]) => kind === "content")).toEqual([
      ["co", "content"],
      ["x", "content"],
    ]);
    expect(words.filter(([, kind]) => kind === null).map(([text]) => text)).toEqual([" ", " "]);
  });

  test("whatever is typed is read to its end, in time in proportion to it", () => {
    for (const piece of [
      ": ",
      "- ",
      "{",
      "'",
      '"\\',
      "|",
      "a ",
      " ",
      "#",
      "&",
      "!",
      "? ",
      "a: ",
      "[a",
      "::",
      "%",
      "@`",
    ]) {
      coloured(piece.repeat(2_000));
      coloured(`x: ${piece.repeat(2_000)}\n${piece}`);
    }
  });
});
