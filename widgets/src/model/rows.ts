/** What the view says of a take: a row for each part, a name for each bar. */
import { seconds } from "../format";
import { hasEnded, statusAt } from "./moment";
import type { Contribution, Take } from "./take";

export interface Row {
  readonly part: string;
  /** What it is to do. */
  readonly task: string;
  readonly after: readonly string[];
  readonly contributions: Contribution[];
}

/** A row for each part, in plan order, then for parts that have left the plan. */
export function rowsOf(take: Take): Row[] {
  const rows = new Map<string, Row>();
  for (const { name, task, after } of take.plan.parts) {
    rows.set(name, { part: name, task, after, contributions: [] });
  }
  for (const c of take.contributions.values()) {
    let row = rows.get(c.part);
    if (!row) {
      row = { part: c.part, task: "", after: [], contributions: [] };
      rows.set(c.part, row);
    }
    row.contributions.push(c);
  }
  return [...rows.values()];
}

/** From where it was taken over, or is given again: `take1`, `take1 of piece.score.jsonl`. */
export function sourceOf({ origin, ofTake }: Contribution): string {
  if (!origin) return ofTake;
  return origin.recording ? `${origin.take} of ${origin.recording}` : origin.take;
}

/** `coder`, and of a section's `coder[3]`. */
export function nameOf({ part, item }: Contribution): string {
  return item === null ? part : `${part}[${item}]`;
}

/** The newest contribution that was there, or undefined. */
export function newestAt(row: Row, at: number): Contribution | undefined {
  return row.contributions.findLast((c) => c.since <= at);
}

/** The parts whose contribution this row still waited for. */
export function waitsFor(row: Row, rows: readonly Row[], at: number): string[] {
  return row.after.filter((name) => {
    const needed = rows.find((other) => other.part === name);
    const newest = needed && newestAt(needed, at);
    return newest && !hasEnded(newest, at);
  });
}

/** A row's state at a moment, in words that fit beside its name. */
export function wordsAt(row: Row, rows: readonly Row[], at: number): string {
  const c = newestAt(row, at);
  if (!c) return "waiting";
  const status = statusAt(c, at);
  switch (status) {
    case "waiting": {
      const needed = waitsFor(row, rows, at);
      return needed.length ? `waits for ${needed.join(", ")}` : "waiting";
    }
    case "played":
      return `played ${seconds((c.ended ?? 0) - (c.entered ?? 0))}`;
    case "playing":
      return c.origin ? `from ${c.origin.recording || c.origin.take}` : status;
    case "reused":
      if (c.origin) return `from ${c.origin.recording || c.origin.take}`;
      return `${c.kept ? "kept" : "reused"} from ${c.ofTake}`;
    case "blocked":
      return `blocked by ${c.why}`;
    case "failed":
    case "skipped":
      return c.why ? `${status}: ${c.why}` : status;
    case "cut":
      return c.why ? `cut by ${c.why}` : status;
    default:
      return status;
  }
}

/** A bar's name for assistive technology, as it was at a moment. */
export function barName(c: Contribution, at: number): string {
  const name = nameOf(c);
  const status = statusAt(c, at);
  if (!hasEnded(c, at)) return `${name}, ${status}, from ${seconds(c.entered ?? 0)}`;
  return `${name}, ${status}, ${seconds(c.entered ?? 0)} to ${seconds(c.ended ?? 0)}`;
}
