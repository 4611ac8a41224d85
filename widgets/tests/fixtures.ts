/** The event fixtures that Python's fold is checked on too. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, type Event, read } from "../src/wire";

const FOLDER = join(import.meta.dirname, "../../tests/fixtures");

export const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".jsonl"))
  .map((file) => file.slice(0, -".jsonl".length));

export function lines(name: string): string {
  return readFileSync(join(FOLDER, `${name}.jsonl`), "utf8");
}

export function events(name: string): Event[] {
  return decode(lines(name));
}

export function outlineOf(name: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.outline.json`), "utf8"));
}

/** A take of a section of so many items, one after another, 1 ms each; what reads it has not begun. */
export function section(many: number): Event[] {
  const at = (ms: number) => ({ take: "take1", at: ms });
  let seq = 0;
  const plan = {
    parts: [
      { name: "coder", each: "rows" },
      { name: "editor", after: ["coder"] },
    ],
  };
  const start = { type: "take-started", ...at(0), number: 1, parent: null, parent_seq: 0, began: "", plan };
  const items = Array.from({ length: many }, (_, i) => [`item/coder[${i}]`, 1]);
  const raw: object[] = [start, { type: "section", ...at(1), part: "coder", items, labels: [] }];
  for (let i = 0; i < many; i++) raw.push({ type: "waiting", ...at(1), c: i + 1, part: "coder", item: i });
  const player = { kind: "model", name: "m" };
  for (let i = 0; i < many; i++) {
    const reads = [items[i]];
    raw.push({ type: "entered", ...at(i), c: i + 1, digest: "", player, reads, messages: [] });
    raw.push({ type: "played", ...at(i + 1), c: i + 1, version: 1 });
  }
  return raw.map((value) => read({ ...value, seq: ++seq }));
}
