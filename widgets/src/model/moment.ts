/** The score as it was at a moment: looked up in what the fold kept. Times are ms since the take began. */
import type { Read } from "../wire";
import type { Score } from "./score";
import { type Contribution, entryOf, type Flag, isOver, type Span, type Take, type Try } from "./take";

/** How many of these sorted times are not after `at`. */
export function countUntil(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function covering(spans: readonly Span[], at: number): Span | undefined {
  return spans.find((span) => span.from <= at && (span.to === null || at < span.to));
}

/** Whether a contribution's end had come. */
export function hasEnded(c: Contribution, at: number): boolean {
  return c.ended !== null && c.ended <= at;
}

/** Whether a part was playing, or held, just then. */
export function inTheAir(c: Contribution, at: number): boolean {
  return c.entered !== null && c.entered <= at && !hasEnded(c, at);
}

/** What a contribution's status was. */
export function statusAt(c: Contribution, at: number): string {
  if (hasEnded(c, at)) return c.status;
  if (c.entered === null || c.entered > at) return "waiting";
  return covering(c.holds, at) ? "held" : "playing";
}

/** What a take's status was. */
export function takeStatusAt(take: Take, at: number): string {
  if (isOver(take) && at >= take.at) return take.status;
  return covering(take.rests, at)?.kind ?? "playing";
}

/** The tries that had failed by then. */
export function triesAt(c: Contribution, at: number): readonly Try[] {
  return c.tries.filter((tried) => tried.at <= at);
}

/** The text of the try that was on, as far as it had come. */
export function textAt(score: Score, c: Contribution, at: number): string {
  if (c.version && hasEnded(c, at)) return score.text(ownRead(c)) ?? "";
  return c.chunks.slice(triesAt(c, at).at(-1)?.end ?? 0, countUntil(c.times, at)).join("");
}

/** The text that a failed try had. */
export function textOfTry(c: Contribution, index: number): string {
  return c.chunks.slice(c.tries[index - 1]?.end ?? 0, c.tries[index]?.end).join("");
}

/** The beginning of a text (`newest` false), or its latest words: enough for a line, at no length's cost. */
export function glimpse(score: Score, c: Contribution, at: number, newest: boolean, length = 160): string {
  if (c.version && hasEnded(c, at)) {
    const text = score.text(ownRead(c)) ?? "";
    return newest ? text.slice(-length) : text.slice(0, length);
  }
  const begin = triesAt(c, at).at(-1)?.end ?? 0;
  const end = countUntil(c.times, at);
  let text = "";
  if (newest) for (let i = end - 1; i >= begin && text.length < length; i--) text = c.chunks[i] + text;
  else for (let i = begin; i < end && text.length < length; i++) text += c.chunks[i];
  return text;
}

export interface Totals {
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** USD, of what has a price; null where nothing has. */
  readonly cost: number | null;
  /** Something else has no known price. */
  readonly unpriced: boolean;
  readonly estimated: boolean;
  readonly model: string;
}

/** What was used by then. */
export function usageAt(contributions: Iterable<Contribution>, at: number): Totals {
  let [tokensIn, tokensOut, estimated, model] = [0, 0, false, ""];
  let cost: number | null = null;
  let unpriced = false;
  for (const { usage } of contributions) {
    for (const used of usage) {
      if (used.at > at) continue;
      tokensIn += used.tokensIn;
      tokensOut += used.tokensOut;
      estimated ||= used.estimated;
      model = used.model || model;
      if (used.cost === null) unpriced = true;
      else cost = (cost ?? 0) + used.cost;
    }
  }
  return { tokensIn, tokensOut, cost, unpriced, estimated, model };
}

/** What was off-key by then. */
export function flagsAt(take: Take, at: number): { of: Contribution; flag: Flag }[] {
  const found: { of: Contribution; flag: Flag }[] = [];
  for (const of of take.contributions.values()) {
    for (const flag of of.flags) if (flag.at <= at) found.push({ of, flag });
  }
  return found;
}

/** Who was playing. */
export function playingAt(take: Take, at: number): Contribution[] {
  return [...take.contributions.values()].filter((c) => inTheAir(c, at));
}

function ownRead(c: Contribution): Read {
  return { entry: entryOf(c), version: c.version };
}
