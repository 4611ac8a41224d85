import { expect, test } from "vitest";
import { decode, read, WireError } from "../src/wire";

test("an event is read through its shape: what it does not have is as in Python, what is more is dropped", () => {
  expect(read({ type: "played", seq: 7, take: "take1", at: 12, c: 1, version: 1, extra: {} })).toEqual({
    type: "played",
    seq: 7,
    take: "take1",
    at: 12,
    c: 1,
    version: 1,
    finish: "",
  });
});

test("reads come as pairs, and messages as text and references", () => {
  const event = read({
    type: "entered",
    seq: 3,
    take: "take1",
    at: 5,
    c: 1,
    digest: "d",
    player: { kind: "model", name: "m" },
    reads: [["intent", 2]],
    messages: [{ role: "user", content: ["Intent: ", ["intent", 2]] }],
  });
  expect(event).toMatchObject({
    player: { kind: "model", name: "m", scripted: false },
    reads: [{ entry: "intent", version: 2 }],
    messages: [{ role: "user", content: ["Intent: ", { entry: "intent", version: 2 }] }],
  });
});

test("an event of a later version is unknown, and no error", () => {
  expect(read({ type: "applauded", seq: 9, take: "take1", at: 3, loud: true })).toEqual({
    type: "unknown",
    was: "applauded",
    seq: 9,
    take: "take1",
    at: 3,
  });
  expect(read({ type: "toString", seq: 9 })).toMatchObject({ type: "unknown" });
});

test.each([
  [null, /JSON object/],
  [[], /JSON object/],
  [{ seq: 1 }, /no type/],
  [{ type: "text", seq: 4, take: "take1", at: 1, c: 1 }, /Event 4 \(text\) is broken: text: text is wanted/],
  [{ type: "text", seq: 4, take: "take1", at: 1, c: "1", text: "" }, /c: a number is wanted/],
  [{ type: "text", seq: "4", take: "take1", at: 1, c: 1, text: "" }, /seq: a number/],
  [{ type: "text", seq: 4, take: 1, at: 1, c: 1, text: "" }, /take: text/],
  [
    { type: "composed", seq: 1, title: "t", intent: 1, criteria: 0, materials: [["a"]] },
    /materials: a number/,
  ],
  [
    { type: "flagged", seq: 1, take: "take1", at: 0, c: 1, flag: "stale", evidence: [] },
    /evidence: an object/,
  ],
])("what is broken is told in one line: %j", (value, message) => {
  expect(() => read(value)).toThrow(WireError);
  expect(() => read(value)).toThrow(message);
});

test("lines are decoded without the header and empty lines; a line that is not JSON is named", () => {
  const line = '{"type":"resumed","seq":1,"take":"take1","at":0}';
  expect(decode(`{"type":"header","format":"score-kernel","version":1}\n\n${line}\n`)).toHaveLength(1);
  expect(() => decode(`${line}\n{"type":`)).toThrow("Line 2 is not JSON.");
});
