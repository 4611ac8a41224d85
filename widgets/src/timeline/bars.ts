/**
 * What the timeline draws, as columns of numbers: bars, hand-offs, marks.
 *
 * Nothing here knows of events or of the page, so the same columns can be handed to a worker. Bars are
 * put in as they enter, so they stand in the order of their beginning.
 */

import { filled } from "../raster/fill";
import { Changes, RasterRows } from "../raster/rows";

/** What a bar looks like after its end; until then it is playing. */
export const Look = { Played: 0, Reused: 1, Failed: 2, Cut: 3 } as const;
export type Look = (typeof Look)[keyof typeof Look];

/** What happened to a bar at one moment, or for a while. */
export const Mark = { Flag: 0, Retry: 1, Hold: 2, Call: 3, FailedCall: 4, Repair: 5 } as const;
export type Mark = (typeof Mark)[keyof typeof Mark];

export interface Bar {
  /** What the bar is known by. */
  readonly id: number;
  readonly row: number;
  /** ms since the take began; `end` is `Infinity` while it is not known. */
  readonly start: number;
  readonly end: number;
  readonly look: Look;
  /** Not by a model, a function or a human, but from a script. */
  readonly scripted: boolean;
  /** Recorded, and given again: nobody was asked. */
  readonly again: boolean;
  /** Which pass of its loop it is. */
  readonly lap: number;
}

/** The colour of what failed in the rows of `raster`; those before it are the parts', in turn. */
export const FAILED = 6;

type Column = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

function grown<T extends Column>(column: T, least: number): T {
  if (column.length >= least) return column;
  const wider = new (column.constructor as new (length: number) => T)(Math.max(least, column.length * 2));
  wider.set(column);
  return wider;
}

export class Bars {
  count = 0;
  id = new Uint32Array(64);
  row = new Uint32Array(64);
  start = new Float64Array(64);
  end = new Float64Array(64);
  look = new Uint8Array(64);
  scripted = new Uint8Array(64);
  again = new Uint8Array(64);
  lap = new Uint32Array(64);
  /** Which part it is of, counted: what has one colour. */
  part = new Uint32Array(64);
  /** Whether there was text before that is not read: a try that failed, or a turn. */
  tried = new Uint8Array(64);
  /** Whether it ever waited for the conductor. */
  held = new Uint8Array(64);
  /** Which bar is seen in its place: itself, or that of the section that it is folded into. */
  standIn = new Uint32Array(64);
  /** The bars that one stands for: by its index, theirs. */
  readonly members = new Map<number, number[]>();
  /** From which bar to which: indexes. */
  readonly arrows = new Pairs();
  /** The same between bars that are seen, each once. */
  seen = new Pairs();
  readonly marks = new Marks();
  /** How often anything changed. */
  version = 0;
  #index = new Map<number, number>();
  #raster = new RasterRows();
  #failed: readonly number[] = [];
  #holding: readonly number[] = [];
  #rastered = -1;
  // how each bar was put into the rows: its row, counted from 1
  #rows = new Uint32Array(64);
  #order = new Uint32Array(64);

  /** Adds a bar, or changes the one of that id. Returns its index. */
  put(bar: Bar): number {
    let i = this.#index.get(bar.id);
    if (i === undefined) {
      i = this.count++;
      this.#index.set(bar.id, i);
      this.id = grown(this.id, this.count);
      this.row = grown(this.row, this.count);
      this.start = grown(this.start, this.count);
      this.end = grown(this.end, this.count);
      this.look = grown(this.look, this.count);
      this.scripted = grown(this.scripted, this.count);
      this.again = grown(this.again, this.count);
      this.lap = grown(this.lap, this.count);
      this.part = grown(this.part, this.count);
      this.tried = grown(this.tried, this.count);
      this.held = grown(this.held, this.count);
      this.standIn = grown(this.standIn, this.count);
      this.standIn[i] = i;
    }
    this.version++;
    this.id[i] = bar.id;
    this.row[i] = bar.row;
    this.start[i] = bar.start;
    this.end[i] = bar.end;
    this.look[i] = bar.look;
    this.scripted[i] = bar.scripted ? 1 : 0;
    this.again[i] = bar.again ? 1 : 0;
    this.lap[i] = bar.lap;
    return i;
  }

  /** Whether a bar is seen: it is not folded into another. */
  isSeen(i: number): boolean {
    return this.standIn[i] === i;
  }

  /** Finds out anew which hand-offs are seen. */
  link(): void {
    this.version++;
    this.seen = new Pairs();
    const known = new Set<number>();
    for (let a = 0; a < this.arrows.count; a++) {
      const from = this.standIn[this.arrows.from[a] as number] as number;
      const to = this.standIn[this.arrows.to[a] as number] as number;
      const both = from * 2 ** 26 + to;
      if (from === to || known.has(both)) continue;
      known.add(both);
      this.seen.add(from, to);
    }
  }

  /** The bars in their rows, those of a folded section in its row; not the bars that stand for a section. */
  get raster(): RasterRows {
    this.#arrange();
    return this.#raster;
  }

  /** The indexes of those that failed. */
  get failed(): readonly number[] {
    this.#arrange();
    return this.#failed;
  }

  /** The indexes of those that ever waited for the conductor. */
  get holding(): readonly number[] {
    this.#arrange();
    return this.#holding;
  }

  // puts what changed into the rows
  #arrange(): void {
    if (this.#rastered === this.version) return;
    this.#rastered = this.version;
    this.#rows = grown(this.#rows, this.count);
    this.#order = grown(this.#order, this.count);
    let moved = false;
    let seen = 0;
    const failed: number[] = [];
    const holding: number[] = [];
    for (let i = 0; i < this.count; i++) {
      if (this.standIn[i] === i) seen++;
      if (this.look[i] === Look.Failed) failed.push(i);
      if (this.held[i]) holding.push(i);
      this.#order[i] = seen;
      const known = this.#rows[i] as number;
      moved ||= known > 0 && known !== this.#rowOf(i);
    }
    this.#failed = failed;
    this.#holding = holding;
    const anew = moved || this.#raster.count === 0;
    const changes = anew ? new Changes(this.count) : this.#raster;
    for (let i = 0; i < this.count; i++) {
      const row = this.#rowOf(i);
      this.#rows[i] = row;
      if (row === 0) continue;
      const colour = this.look[i] === Look.Failed ? FAILED : (this.part[i] as number) % FAILED;
      changes.put(row - 1, i, this.start[i] as number, this.end[i] as number, colour);
    }
    if (changes instanceof Changes) this.#raster = filled(changes);
  }

  /** How many bars that are seen there are up to this one, with it. */
  position(i: number): number {
    this.#arrange();
    return i >= 0 ? (this.#order[i] as number) : 0;
  }

  #rowOf(i: number): number {
    return this.members.has(i) ? 0 : (this.row[i] as number) + 1;
  }

  /** The index of a bar, or -1. */
  indexOf(id: number): number {
    return this.#index.get(id) ?? -1;
  }
}

/** Pairs of indexes. */
export class Pairs {
  count = 0;
  from = new Uint32Array(64);
  to = new Uint32Array(64);

  add(from: number, to: number): void {
    const i = this.count++;
    this.from = grown(this.from, this.count);
    this.to = grown(this.to, this.count);
    this.from[i] = from;
    this.to[i] = to;
  }
}

/** Marks on bars: of which bar (index), what, from when to when. */
export class Marks {
  count = 0;
  bar = new Uint32Array(16);
  kind = new Uint8Array(16);
  start = new Float64Array(16);
  end = new Float64Array(16);
  /** The flags among them, by index. */
  readonly flags: number[] = [];
  #of = new Map<number, number[]>();

  /** The marks of a bar, by index. */
  of(bar: number): readonly number[] {
    return this.#of.get(bar) ?? [];
  }

  /** Returns the mark's index. */
  add(bar: number, kind: Mark, start: number, end: number): number {
    const i = this.count++;
    this.bar = grown(this.bar, this.count);
    this.kind = grown(this.kind, this.count);
    this.start = grown(this.start, this.count);
    this.end = grown(this.end, this.count);
    this.bar[i] = bar;
    this.kind[i] = kind;
    this.start[i] = start;
    this.end[i] = end;
    if (kind === Mark.Flag) this.flags.push(i);
    const others = this.#of.get(bar);
    if (others) others.push(i);
    else this.#of.set(bar, [i]);
    return i;
  }
}
