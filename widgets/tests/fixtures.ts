/** The event fixtures that Python's fold is checked on too. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, type Event } from "../src/wire";

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
