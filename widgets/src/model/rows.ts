/** What the view says of a take: a row for each part, or each item of a section that is unfolded. */
import { count, lasted, many, seconds } from "../format";
import type { Part } from "../wire";
import { hasEnded, holdAt, statusAt, tempoAt } from "./moment";
import type { Contribution, Section, Take } from "./take";

export interface Row {
  /** `coder`, and for an item of a section `coder[3]`. */
  readonly key: string;
  readonly part: string;
  /** Which item of a section it is of; null where it is of all of the part. */
  readonly item: number | null;
  /** What that item is called. */
  readonly label: string;
  /** What it is to do. */
  readonly task: string;
  /** The parts that it waits for. */
  readonly after: readonly string[];
  /** A rest in seconds, or `on-cue`. */
  readonly enters: number | string;
  /** Whether it stands for all items of a section. */
  readonly section: boolean;
  /** Each time that its section was opened. */
  readonly opened: readonly Section[];
  readonly contributions: Contribution[];
}

/** A row for each part, in plan order, then for parts that have left the plan; an unfolded section's has its items' below. */
export function rowsOf(take: Take, unfolded: ReadonlySet<string> = new Set()): Row[] {
  const heads = new Map<string, Row>();
  for (const part of take.plan.parts) heads.set(part.name, headOf(take, part.name, part));
  for (const c of take.contributions.values()) {
    let row = heads.get(c.part);
    if (!row) {
      row = headOf(take, c.part);
      heads.set(c.part, row);
    }
    row.contributions.push(c);
  }
  if (unfolded.size === 0) return [...heads.values()];
  return [...heads.values()].flatMap((head) =>
    head.section && unfolded.has(head.part) ? [head, ...itemsOf(head)] : [head],
  );
}

function headOf(take: Take, name: string, part?: Part): Row {
  const opened = take.sections.get(name) ?? [];
  const [kind, source] = part?.each?.split("/") ?? [];
  const after = part?.after ?? [];
  return {
    key: name,
    part: name,
    item: null,
    label: "",
    task: part?.task ?? "",
    after: kind === "part" && source && !after.includes(source) ? [...after, source] : after,
    enters: part?.enters ?? 0,
    section: opened.length > 0 || (part?.each ?? null) !== null,
    opened,
    contributions: [],
  };
}

function itemsOf(head: Row): Row[] {
  const { opened } = head;
  const labels = opened.at(-1)?.labels ?? [];
  const rows = Array.from({ length: Math.max(0, ...opened.map(({ items }) => items.length)) }, (_, item) => ({
    ...head,
    key: `${head.part}[${item}]`,
    item,
    label: labels[item] === undefined || labels[item] === item ? "" : String(labels[item]),
    section: false,
    contributions: [] as Contribution[],
  }));
  for (const c of head.contributions) if (c.item !== null) rows[c.item]?.contributions.push(c);
  return rows;
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

/** The contributions that counted then: a section's newest of each item, in order; else the newest alone. */
export function standingAt(row: Row, at: number): Contribution[] {
  if (!row.section) {
    const newest = newestAt(row, at);
    return newest ? [newest] : [];
  }
  const most = row.opened.findLast((section) => section.at <= at)?.items.length;
  const newest = new Map<number, Contribution>();
  for (const c of row.contributions) if (c.since <= at) newest.set(c.item ?? -1, c);
  const items = [...newest].filter(([item]) => item >= 0 && item < (most ?? Number.POSITIVE_INFINITY));
  // one that stands for all of it: it was settled before its items were known
  const whole = items.length ? [] : [...newest];
  return [...items, ...whole].map(([, c]) => c);
}

const FIRST_OF_OPEN = ["held", "playing", "waiting"];
const FIRST_OF_ENDED = ["failed", "played", "reused", "cut", "blocked", "muted", "skipped"];

/** A row's status then; a section's is what there is most to say of. */
export function rowStatusAt(row: Row, at: number): string {
  const standing = standingAt(row, at);
  if (standing.length === 0) return "waiting";
  if (standing.length === 1) return statusAt(standing[0] as Contribution, at);
  const statuses = new Set(standing.map((c) => statusAt(c, at)));
  const open = FIRST_OF_OPEN.find((status) => statuses.has(status));
  // between two items it plays on
  if (open === "waiting" && statuses.size > 1) return "playing";
  return open ?? FIRST_OF_ENDED.find((status) => statuses.has(status)) ?? "waiting";
}

/** How much of a section had played: `3 of 5 played, 1 failed`. */
export function coverageAt(row: Row, at: number): string {
  const standing = standingAt(row, at);
  const tally = new Map<string, number>();
  for (const c of standing) {
    const status = statusAt(c, at);
    tally.set(status, (tally.get(status) ?? 0) + 1);
  }
  const played = (tally.get("played") ?? 0) + (tally.get("reused") ?? 0);
  const words = [`${count(played)} of ${count(standing.length)} played`];
  for (const status of ["held", "failed", "playing", "cut", "blocked", "muted", "skipped"]) {
    const number = tally.get(status);
    if (number) words.push(`${count(number)} ${status}`);
  }
  return words.join(", ");
}

/** What is asked of a row's words: the take, all rows, and when. */
export interface Then {
  readonly take: Take | null;
  readonly rows: readonly Row[];
  readonly at: number;
}

/** The parts whose contribution this row still waited for. */
export function waitsFor(row: Row, { rows, at }: Then): string[] {
  return row.after.filter((name) => {
    const needed = rows.find((other) => other.part === name);
    if (!needed) return false;
    const standing = standingAt(needed, at);
    if (standing.length === 0) return needed.section && !needed.opened.some((section) => section.at <= at);
    return standing.some((c) => !hasEnded(c, at));
  });
}

/** When all that a row waits for had come to rest (ms); null while it had not. */
export function turnCame(row: Row, then: Then): number | null {
  if (waitsFor(row, then).length) return null;
  const { rows, at } = then;
  const heads = rows.filter(({ item, part }) => item === null && row.after.includes(part));
  return Math.max(0, ...heads.flatMap((head) => standingAt(head, at).map((c) => c.ended ?? 0)));
}

/** What a contribution that waits waits for, in words. */
function waitingWords(row: Row, c: Contribution | undefined, then: Then): string {
  const { take, at } = then;
  const needed = waitsFor(row, then);
  if (needed.length) return `waits for ${needed.join(", ")}`;
  if (!take || !c || (c.cued && c.cued.at <= at)) return "waiting";
  if (row.enters === "on-cue") return "waits for its cue";
  const { lead } = tempoAt(take, at);
  if (lead === "conductor") return "waits for a beat";
  if (lead !== "free" && lead !== "clock" && lead !== row.part) return `waits for ${lead}`;
  if (typeof row.enters === "number" && row.enters > 0) {
    const came = turnCame(row, then) ?? at;
    if (at < came + row.enters * 1000) return `rests ${seconds(row.enters * 1000)}`;
  }
  return "waiting";
}

/** Whether only a cue, a beat or a leader lets it in. */
export function letIn(row: Row, then: Then): boolean {
  const { take, at } = then;
  if (!take) return false;
  const { lead } = tempoAt(take, at);
  const led = lead !== "free" && lead !== "clock" && lead !== row.part;
  if (!led && row.enters !== "on-cue") return false;
  const waits = (c: Contribution) => statusAt(c, at) === "waiting" && !(c.cued && c.cued.at <= at);
  return standingAt(row, at).some(waits);
}

const ASKS: Readonly<Record<string, string>> = {
  hold: "held: your release",
  contribution: "held: your contribution",
  budget: "held: the budget",
};

/** A row's state at a moment, in words that fit beside its name. */
export function wordsAt(row: Row, then: Then): string {
  const { at } = then;
  if (row.section && row.opened.some((section) => section.at <= at)) {
    const standing = standingAt(row, at);
    const waits = standing.length > 0 && standing.every((c) => statusAt(c, at) === "waiting");
    if (standing.length === 0) return "no items";
    if (waits) return `${many(standing.length, "item")}, ${waitingWords(row, standing[0], then)}`;
    return coverageAt(row, at);
  }
  const c = newestAt(row, at);
  if (!c) return waitingWords(row, c, then);
  const status = statusAt(c, at);
  const pass = c.lap > 1 ? `, pass ${c.lap}` : "";
  switch (status) {
    case "waiting":
      return waitingWords(row, c, then) + pass;
    case "played":
      return `played ${lasted((c.ended ?? 0) - (c.entered ?? 0))}${pass}`;
    case "playing":
      return c.origin ? `from ${c.origin.recording || c.origin.take}` : status + pass;
    case "held": {
      const hold = holdAt(c, at);
      return hold?.asks === "tool"
        ? `held: asks for ${toolOf(c, hold.call)}`
        : (ASKS[hold?.asks ?? ""] ?? status);
    }
    case "reused":
      if (c.origin) return `from ${c.origin.recording || c.origin.take}`;
      return `${c.kept ? "kept" : "reused"} from ${c.ofTake}${pass}`;
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

/** The name of a tool that was called, by the id of the call. */
export function toolOf(c: Contribution, call: string): string {
  for (const { calls } of c.turns) for (const { id, name } of calls) if (id === call) return name;
  return "a tool";
}

/** A bar's name for assistive technology, as it was at a moment. */
export function barName(c: Contribution, at: number): string {
  const name = nameOf(c);
  const status = statusAt(c, at);
  if (!hasEnded(c, at)) return `${name}, ${status}, from ${seconds(c.entered ?? 0)}`;
  return `${name}, ${status}, ${seconds(c.entered ?? 0)} to ${seconds(c.ended ?? 0)}`;
}

/** The same for all bars of a folded section: `coder, 3 of 5 played, from 0.0 s`. */
export function sectionName(row: Row, start: number, end: number, at: number): string {
  const when = end <= at ? `${seconds(start)} to ${seconds(end)}` : `from ${seconds(start)}`;
  return `${row.part}, ${coverageAt(row, at)}, ${when}`;
}
