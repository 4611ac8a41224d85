/** Keeps the columns that are drawn in step with a take: only what changed is touched. */
import { type Contribution, entryOf, type Take } from "../model/take";
import { Bars, Look, Mark } from "./bars";

function lookOf({ status, origin }: Contribution): Look {
  if (status === "failed") return Look.Failed;
  if (status === "cut") return Look.Cut;
  // what is given again took its time
  return status === "reused" && !origin ? Look.Reused : Look.Played;
}

interface Marked {
  flags: number;
  tries: number;
  /** The mark of each hold: its end comes later. */
  holds: number[];
}

export class Chart {
  readonly bars = new Bars();
  #rows = new Map<string, number>();
  #marked = new Map<number, Marked>();
  // who played an entry at a version, newest last: where a hand-off comes from
  #played = new Map<string, Contribution[]>();

  /** Takes in all of a take. */
  constructor(take: Take) {
    for (const { name } of take.plan.parts) this.#row(name);
    const entered = [...take.contributions.values()].sort((a, b) => a.enteredSeq - b.enteredSeq);
    for (const c of entered) this.#put(c);
    take.changed.clear();
  }

  /** Takes in what changed. Returns whether anything did. */
  update(take: Take): boolean {
    if (take.changed.size === 0) return false;
    for (const c of take.changed) this.#put(c);
    take.changed.clear();
    return true;
  }

  #row(part: string): number {
    const known = this.#rows.get(part) ?? this.#rows.size;
    this.#rows.set(part, known);
    return known;
  }

  #put(c: Contribution): void {
    const row = this.#row(c.part);
    if (c.entered === null) return;
    const first = this.bars.indexOf(c.c) < 0;
    const bar = this.bars.put({
      id: c.c,
      row,
      start: c.entered,
      end: c.ended ?? Number.POSITIVE_INFINITY,
      look: lookOf(c),
      scripted: c.player?.scripted ?? false,
      again: c.origin !== null,
    });
    const { entered } = c;
    if (first) {
      for (const read of c.reads) {
        const players = this.#played.get(`${read.entry}@${read.version}`);
        const from = players?.findLast((player) => player !== c && (player.ended ?? 0) <= entered);
        if (from) this.bars.arrows.add(this.bars.indexOf(from.c), bar);
      }
    }
    if (c.version && c.ended !== null) {
      const entry = `${entryOf(c)}@${c.version}`;
      const players = this.#played.get(entry) ?? [];
      if (!players.includes(c)) this.#played.set(entry, [...players, c]);
    }
    this.#mark(c, bar);
  }

  #mark(c: Contribution, bar: number): void {
    const { marks } = this.bars;
    let marked = this.#marked.get(c.c);
    if (!marked) {
      marked = { flags: 0, tries: 0, holds: [] };
      this.#marked.set(c.c, marked);
    }
    for (const { at } of c.flags.slice(marked.flags)) marks.add(bar, Mark.Flag, at, at);
    marked.flags = c.flags.length;
    for (const { at, wait } of c.tries.slice(marked.tries)) marks.add(bar, Mark.Retry, at, at + wait);
    marked.tries = c.tries.length;
    this.bars.tried[bar] = marked.tries ? 1 : 0;
    for (const [i, { from, to }] of c.holds.entries()) {
      const end = to ?? Number.POSITIVE_INFINITY;
      const known = marked.holds[i];
      if (known === undefined) marked.holds.push(marks.add(bar, Mark.Hold, from, end));
      else marks.end[known] = end;
    }
  }
}
