/** The score as it was at a moment: looked up in what the fold kept. Times are ms since the take began. */
import type { Read, Tempo } from "../wire";
import type { Score } from "./score";
import {
  type Contribution,
  entryOf,
  type Flag,
  type Hold,
  isOver,
  type Section,
  type Span,
  type Take,
  type Try,
  type Turn,
  type Verdict,
} from "./take";

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

function covering<S extends Span>(spans: readonly S[], at: number): S | undefined {
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

/** For what it waited, if it was held just then. */
export function holdAt(c: Contribution, at: number): Hold | undefined {
  return hasEnded(c, at) ? undefined : covering(c.holds, at);
}

/** The tempo of a take just then. */
export function tempoAt(take: Take, at: number): Tempo {
  const { tempo } = take.tempos.findLast((set) => set.at <= at) ?? (take.tempos[0] as { tempo: Tempo });
  return tempo;
}

/** The items that a part was played over just then; undefined if it was no section (yet). */
export function sectionAt(take: Take, part: string, at: number): Section | undefined {
  return take.sections.get(part)?.findLast((section) => section.at <= at);
}

/** The turns that had ended by then. */
export function turnsAt(c: Contribution, at: number): readonly Turn[] {
  return c.turns.filter((turn) => turn.at <= at);
}

/** What predicates had said by then. */
export function verdictsAt(c: Contribution, at: number): readonly Verdict[] {
  return c.verdicts.filter((verdict) => verdict.at <= at);
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
  return c.chunks.slice(begunAt(c, at), countUntil(c.times, at)).join("");
}

/** From which piece of text the try, or the turn, began that was on. */
function begunAt(c: Contribution, at: number): number {
  return Math.max(triesAt(c, at).at(-1)?.end ?? 0, turnsAt(c, at).at(-1)?.end ?? 0);
}

/** The text that a failed try, or a turn, had. */
export function textOfPast(c: Contribution, { begin, end }: Try | Turn): string {
  return c.chunks.slice(begin, end).join("");
}

/** The beginning of a text (`newest` false), or its latest words: enough for a line, at no length's cost. */
export function glimpse(score: Score, c: Contribution, at: number, newest: boolean, length = 160): string {
  if (c.version && hasEnded(c, at)) {
    const text = score.text(ownRead(c)) ?? "";
    return newest ? text.slice(-length) : text.slice(0, length);
  }
  const begin = begunAt(c, at);
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

/** Who had failed by then. */
export function failedBy(take: Take, at: number): Contribution[] {
  return [...take.contributions.values()].filter((c) => c.status === "failed" && hasEnded(c, at));
}

/** Who was playing. */
export function playingAt(take: Take, at: number): Contribution[] {
  return [...take.contributions.values()].filter((c) => inTheAir(c, at));
}

function ownRead(c: Contribution): Read {
  return { entry: entryOf(c), version: c.version };
}
