/** Keeps the columns that are drawn in step with a take: only what changed is touched. */
import type { Row } from "../model/rows";
import { type Contribution, entryOf, isOver, type Take } from "../model/take";
import { Bars, Look, Mark } from "./bars";

/** From here on a bar's id is no contribution's: it stands for all bars of a section. */
const SECTIONS = 2 ** 31;

function lookOf({ status, origin }: Contribution): Look {
  if (status === "failed") return Look.Failed;
  if (status === "cut") return Look.Cut;
  // what is given again took its time
  return status === "reused" && !origin ? Look.Reused : Look.Played;
}

interface Marked {
  flags: number;
  tries: number;
  turns: number;
  /** The mark of each hold, and of each call: its end comes later. */
  readonly holds: number[];
  readonly calls: number[];
}

/** Where a part's row is, which part it is, and whether its items have rows of their own below it. */
interface Head {
  readonly row: number;
  readonly part: number;
  readonly unfolded: boolean;
}

export class Chart {
  readonly bars = new Bars();
  #heads = new Map<string, Head>();
  #marked = new Map<number, Marked>();
  // who played an entry at a version, newest last: where a hand-off comes from
  #played = new Map<string, Contribution[]>();
  #contributions: Contribution[] = [];
  #sections: string[] = [];

  /** Takes in all of a take, to be shown in these rows. */
  constructor(take: Take, rows: readonly Row[]) {
    const entered = [...take.contributions.values()].sort((a, b) => a.enteredSeq - b.enteredSeq);
    for (const c of entered) this.#put(c);
    take.changed.clear();
    this.arrange(take, rows);
  }

  /** Takes in what changed. Returns whether anything did: then it is to be arranged anew. */
  update(take: Take): boolean {
    if (take.changed.size === 0) return false;
    for (const c of take.changed) this.#put(c);
    take.changed.clear();
    return true;
  }

  /** The part whose section a bar stands for, by the bar's id. */
  sectionOf(id: number): string | undefined {
    return this.#sections[id - SECTIONS];
  }

  /** Puts every bar into its row. A folded section's are not seen: one bar stands for them. */
  arrange(take: Take, rows: readonly Row[]): void {
    const { bars } = this;
    this.#heads.clear();
    for (const [row, { part, item }] of rows.entries()) {
      const known = this.#heads.get(part);
      if (!known) this.#heads.set(part, { row, part: this.#heads.size, unfolded: false });
      else if (item === 0) this.#heads.set(part, { ...known, unfolded: true });
    }
    bars.members.clear();
    for (const [n, part] of this.#sections.entries()) {
      const whole = bars.indexOf(SECTIONS + n);
      bars.members.set(whole, []);
      const head = this.#heads.get(part);
      bars.row[whole] = head?.row ?? 0;
      bars.part[whole] = head?.part ?? 0;
      bars.end[whole] = isOver(take) ? 0 : ends(rows, head?.row);
    }
    for (const c of this.#contributions) {
      const bar = bars.indexOf(c.c);
      const head = this.#heads.get(c.part);
      const section = c.item === null ? -1 : this.#sections.indexOf(c.part);
      const whole = section < 0 ? bar : bars.indexOf(SECTIONS + section);
      bars.row[bar] = (head?.row ?? 0) + (head?.unfolded && c.item !== null ? 1 + c.item : 0);
      bars.part[bar] = head?.part ?? 0;
      bars.standIn[bar] = head?.unfolded ? bar : whole;
      if (whole === bar) continue;
      bars.members.get(whole)?.push(bar);
      if (isOver(take)) bars.end[whole] = Math.max(bars.end[whole] as number, bars.end[bar] as number);
    }
    bars.link();
  }

  #put(c: Contribution): void {
    if (c.entered === null) return;
    const first = this.bars.indexOf(c.c) < 0;
    if (first) this.#contributions.push(c);
    if (c.item !== null && !this.#sections.includes(c.part)) this.#putWhole(c.part, c.entered);
    const bar = this.bars.put({
      id: c.c,
      row: 0,
      start: c.entered,
      end: c.ended ?? Number.POSITIVE_INFINITY,
      look: lookOf(c),
      scripted: c.player?.scripted ?? false,
      again: c.origin !== null,
      lap: c.lap,
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

  #putWhole(part: string, start: number): void {
    const id = SECTIONS + this.#sections.length;
    this.#sections.push(part);
    const end = Number.POSITIVE_INFINITY;
    const look = Look.Played;
    this.bars.put({ id, row: 0, start, end, look, scripted: false, again: false, lap: 1 });
  }

  #mark(c: Contribution, bar: number): void {
    const { bars } = this;
    const { marks } = bars;
    let marked = this.#marked.get(c.c);
    if (!marked) {
      marked = { flags: 0, tries: 0, turns: 0, holds: [], calls: [] };
      this.#marked.set(c.c, marked);
    }
    for (const { at } of c.flags.slice(marked.flags)) marks.add(bar, Mark.Flag, at, at);
    marked.flags = c.flags.length;
    for (const { at, wait } of c.tries.slice(marked.tries)) marks.add(bar, Mark.Retry, at, at + wait);
    marked.tries = c.tries.length;
    for (const { at, say } of c.turns.slice(marked.turns)) if (say) marks.add(bar, Mark.Repair, at, at);
    marked.turns = c.turns.length;
    bars.tried[bar] = marked.tries || marked.turns ? 1 : 0;
    const upTo = (known: number[], i: number, kind: Mark, from: number, to: number | null) => {
      const end = to ?? Number.POSITIVE_INFINITY;
      known[i] ??= marks.add(bar, kind, from, end);
      marks.end[known[i]] = end;
      return known[i];
    };
    for (const [i, { from, to }] of c.holds.entries()) upTo(marked.holds, i, Mark.Hold, from, to);
    bars.held[bar] = c.holds.length ? 1 : 0;
    for (const [i, call] of c.turns.flatMap(({ calls }) => calls).entries()) {
      const mark = upTo(marked.calls, i, Mark.Call, call.at, call.ended ?? c.ended);
      if (call.failed) marks.kind[mark] = Mark.FailedCall;
    }
  }
}

/** When all of a section had ended; `Infinity` while something of it has not. */
function ends(rows: readonly Row[], head: number | undefined): number {
  let end = 0;
  for (const c of head === undefined ? [] : (rows[head]?.contributions ?? [])) {
    end = Math.max(end, c.ended ?? Number.POSITIVE_INFINITY);
  }
  return end;
}
