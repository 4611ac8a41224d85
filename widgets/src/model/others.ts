/** What else is known of what somebody looks at: other tries of a part, newer versions of what it read. */
import type { Read } from "../wire";
import { hasEnded, textAt } from "./moment";
import type { Score } from "./score";
import { type Contribution, entryOf, type Take } from "./take";

/** A contribution that another can be compared with. */
export interface Other {
  readonly key: string;
  /** `take2`, its label, and which entrance in the take it is, from the second on. */
  readonly name: string;
  readonly text: string;
  readonly take: Take;
  readonly c: Contribution;
}

/** What the same part played for the same item, in this take by then, and in all others. */
export function othersOf(score: Score, take: Take, c: Contribution, at: number): Other[] {
  const found: Other[] = [];
  for (const other of score.takes.values()) {
    const label = score.nameOf(other.id);
    const seen = other === take ? at : Number.POSITIVE_INFINITY;
    let number = 0;
    for (const one of other.contributions.values()) {
      if (one.part !== c.part || one.item !== c.item) continue;
      number += 1;
      if (one === c || !hasEnded(one, seen)) continue;
      const text = textAt(score, one, seen);
      if (!text) continue;
      const name = label ? `${label} (${other.id})` : other.id;
      found.push({
        key: `${other.id} ${one.c}`,
        name: number > 1 ? `${name}, entrance ${number}` : name,
        text,
        take: other,
        c: one,
      });
    }
  }
  return found;
}

/** What a contribution was given, by what it is: the part's own words, who played it, and each entry that it read. */
function givenTo(score: Score, take: Take, c: Contribution): Map<string, string> {
  const part = take.plan.parts.find(({ name }) => name === c.part);
  const given = new Map([
    ["its role", part?.role ?? ""],
    ["its task", part?.task ?? ""],
    ["its player", c.player?.name ?? ""],
  ]);
  for (const read of c.reads) given.set(read.entry, score.text(read) ?? "");
  return given;
}

/** What another contribution was given otherwise: its text there, and here. */
export function givenOtherwise(
  score: Score,
  take: Take,
  c: Contribution,
  other: Other,
): [what: string, there: string, here: string][] {
  const [there, here] = [givenTo(score, other.take, other.c), givenTo(score, take, c)];
  const all = new Map([...there, ...here]);
  return [...all.keys()].flatMap((what) => {
    const [old, now] = [there.get(what) ?? "", here.get(what) ?? ""];
    return old === now ? [] : [[what, old, now]];
  });
}

/**
 * The version that stood by then of what was read; undefined where what was read still stands.
 *
 * What a part played stands for its take alone. When somebody changed a material or the intent, no event
 * of a take tells: the newest one that is known stands.
 */
export function newerThan(
  score: Score,
  take: Take,
  { entry, version }: Read,
  at: number,
): number | undefined {
  const known = entry.startsWith("part/")
    ? [...take.contributions.values()]
        .filter((c) => entryOf(c) === entry && hasEnded(c, at))
        .map((c) => c.version)
    : (score.entries.get(entry)?.keys() ?? []);
  const newest = Math.max(version, ...known);
  return newest > version ? newest : undefined;
}

/** The contribution whose text is that entry, at that version if one has it, else the newest by then. */
export function playedAs(take: Take, entry: string, version: number, at: number): Contribution | undefined {
  let found: Contribution | undefined;
  for (const c of take.contributions.values()) {
    if (entryOf(c) !== entry || c.since > at) continue;
    if (c.version === version) return c;
    found = c;
  }
  return found;
}
