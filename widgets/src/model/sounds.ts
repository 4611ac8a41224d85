/** What of a take can be heard between two moments: each part a voice, each piece of its text a note. */
import { countUntil } from "./moment";
import type { Take } from "./take";

export interface Sound {
  /** `note`: text came; `flag`: something is off-key; `hold`: it waits; `failed`. */
  readonly kind: "note" | "flag" | "hold" | "failed";
  /** The voice: the place of the part in the plan, from 0. */
  readonly voice: number;
  /** A step of the scale, from 0. */
  readonly step: number;
  /** When, in ms since the take began. */
  readonly at: number;
}

/** Steps of the scale that a melody moves over. */
export const STEPS = 5;
/** More notes of one part in so short a time are one: nobody hears them apart. */
const MOST_NOTES = 4;

/**
 * All sounds after `from`, up to `to` (ms), in order.
 *
 * The melody comes of the text: how long a piece is says how far it steps, so that the same text is
 * always the same tune, and one that drifts is heard to.
 */
export function soundsBetween(take: Take, from: number, to: number): Sound[] {
  const voices = new Map(take.plan.parts.map(({ name }, place) => [name, place]));
  const found: Sound[] = [];
  for (const c of take.contributions.values()) {
    if (c.entered === null || c.entered > to) continue;
    const voice = voices.get(c.part) ?? voices.size;
    const sound = (kind: Sound["kind"], at: number, step = 0) => {
      if (at > from && at <= to) found.push({ kind, voice, step, at });
    };
    if (c.ended === null || c.ended > from) {
      const [first, last] = [countUntil(c.times, from), countUntil(c.times, to)];
      const each = Math.max(1, Math.ceil((last - first) / MOST_NOTES));
      for (let i = first; i < last; i += each) {
        sound("note", c.times[i] as number, (c.chunks[i] as string).length % STEPS);
      }
    }
    for (const { at } of c.flags) sound("flag", at);
    for (const hold of c.holds) sound("hold", hold.from);
    if (c.status === "failed" && c.ended !== null) sound("failed", c.ended);
  }
  return found.sort((a, b) => a.at - b.at);
}
