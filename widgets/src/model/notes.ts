/** The conductor's notes to a take: which stand at a moment, and which contributions read them. */
import { listed } from "../format";
import { nameOf } from "./rows";
import type { Score } from "./score";
import { type Contribution, isOver, type Note, type Take } from "./take";

/** What happened to the notes of a take, in order: in itself, and before it in what it branches from. */
function* counting(score: Score, take: Take): Generator<Note> {
  const lineage = new Map([[take.id, Number.POSITIVE_INFINITY]]);
  for (let child: Take | undefined = take; child?.parent; ) {
    lineage.set(child.parent, child.parentSeq);
    child = score.takes.get(child.parent);
  }
  for (const note of score.sent) {
    // what is sent after a take's end stands for the next one
    const after = note.of === take.id && note.at === null;
    if (!after && (note.of === null || note.seq <= (lineage.get(note.of) ?? 0))) yield note;
  }
}

/** When a note was sent in this take (ms since it began), or null if it stood already. */
export function sentIn(note: Note, take: Take): number | null {
  return note.of === take.id ? note.at : null;
}

/** The notes that stood in a take, in the order sent. */
export function notesAt(score: Score, take: Take, at: number): Note[] {
  const standing = new Map<string, Note>();
  for (const note of counting(score, take)) {
    if ((sentIn(note, take) ?? 0) > at) continue;
    standing.delete(note.note);
    if (note.version) standing.set(note.note, note);
  }
  return [...standing.values()];
}

/** A note that came while the take was on, and when it no longer stood. */
export interface Sent {
  readonly note: Note;
  readonly at: number;
  readonly until: number;
}

/** The notes that came in mid-take: what it began with is not among them. */
export function sentDuring(score: Score, take: Take): Sent[] {
  const found: { note: Note; at: number; until: number }[] = [];
  for (const note of counting(score, take)) {
    const at = sentIn(note, take);
    const before = found.findLast((sent) => sent.note.note === note.note);
    if (before) before.until = Math.min(before.until, at ?? 0);
    if (at && note.version) found.push({ note, at, until: Number.POSITIVE_INFINITY });
  }
  return found;
}

/** `opening` is the opening note, `3` is note 3. */
export function titleOf({ note }: Note): string {
  return note === "opening" ? "Opening note" : `Note ${note}`;
}

export function textOf(score: Score, { note, version }: Note): string {
  return score.text({ entry: `note/${note}`, version }) ?? "This text is not in the recording.";
}

/** The contributions of a take that had read a note by then. */
export function readersAt({ note, version }: Note, take: Take, at: number): Contribution[] {
  const entry = `note/${note}`;
  return [...take.contributions.values()].filter(
    (c) =>
      c.entered !== null &&
      c.entered <= at &&
      c.reads.some((read) => read.entry === entry && read.version === version),
  );
}

/** What became of a note by then: `sent`, `delivered to coder (2nd)`, `never delivered`. */
export function deliveryAt(note: Note, take: Take, at: number, most = 3): string {
  const readers = new Set(readersAt(note, take, at));
  if (readers.size === 0) return isOver(take) && at >= take.at ? "never delivered" : "sent";
  // by part, which time of it read the note; of a section, which items
  const times = new Map<string, number[]>();
  const items = new Map<string, Set<number>>();
  const entered = new Map<string, number>();
  for (const c of take.contributions.values()) {
    if (c.entered === null) continue;
    const time = (entered.get(nameOf(c)) ?? 0) + 1;
    entered.set(nameOf(c), time);
    if (!readers.has(c)) continue;
    if (c.item === null) times.set(c.part, [...(times.get(c.part) ?? []), time]);
    else items.set(c.part, (items.get(c.part) ?? new Set()).add(c.item));
  }
  const parts = times.size + items.size;
  if (parts > most) {
    const all = take.plan.parts.length;
    return `delivered to ${parts >= all ? `all ${parts}` : `${parts} of ${all}`} parts`;
  }
  const names = [...times].map(([name, which]) => {
    // with the first it was there from the beginning
    return which[0] === 1 ? name : `${name} (${listed(which.map(ordinal))})`;
  });
  for (const [name, which] of items) {
    const all = take.sections.get(name)?.at(-1)?.items.length ?? which.size;
    if (which.size === all) names.push(name);
    else
      names.push(
        which.size <= most
          ? listed([...which].map((item) => `${name}[${item}]`))
          : `${which.size} of ${name}`,
      );
  }
  return `delivered to ${listed(names)}`;
}

function ordinal(number: number): string {
  const teen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(!teen && ["th", "st", "nd", "rd"][number % 10]) || "th"}`;
}
