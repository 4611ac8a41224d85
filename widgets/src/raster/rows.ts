/**
 * Bars in rows, to be drawn by the hundred thousand: columns of numbers, each row's in the order that
 * its bars began.
 *
 * The newest bar of a row is added and changed at once, wherever it is a search by halves, and only an
 * old bar that comes late moves others. Zoomed out, a row is read from `Runs`: as many as there are pixels, not bars.
 */
import { Runs } from "./runs";

/** Runs are kept for as many zooms; that of the minimap and of the timeline, and where one just was. */
const ZOOMS = 4;

/** What a row has room for at first: most are short. */
export const ROOM = 16;

/** Where bars lie. */
interface Room {
  start: Float64Array<ArrayBuffer>;
  end: Float64Array<ArrayBuffer>;
  /** The latest end of a bar up to this one: those before it that end earlier need no look. */
  reach: Float64Array<ArrayBuffer>;
  bar: Uint32Array<ArrayBuffer>;
  colour: Uint8Array<ArrayBuffer>;
}

const COLUMNS = ["start", "end", "reach", "bar", "colour"] as const;

/** One piece of memory for all columns: thousands of rows may want theirs at once. */
export function roomFor(bars: number): Room {
  const memory = new ArrayBuffer(bars * 29);
  return {
    start: new Float64Array(memory, 0, bars),
    end: new Float64Array(memory, bars * 8, bars),
    reach: new Float64Array(memory, bars * 16, bars),
    bar: new Uint32Array(memory, bars * 24, bars),
    colour: new Uint8Array(memory, bars * 28, bars),
  };
}

/** The bars of a row. Their indexes count from `first`, for rows may share a room. */
export class RasterRow implements Room {
  start!: Float64Array<ArrayBuffer>;
  end!: Float64Array<ArrayBuffer>;
  reach!: Float64Array<ArrayBuffer>;
  bar!: Uint32Array<ArrayBuffer>;
  colour!: Uint8Array<ArrayBuffer>;
  first!: number;
  /** The index after the last bar, and that up to which there is room. */
  last!: number;
  #beyond!: number;
  // those last asked for come last
  #runs: Runs[] = [];

  /** The part of a room that begins at an index, with so many bars there already. */
  constructor(room = roomFor(ROOM), first = 0, count = 0, beyond = room.bar.length) {
    this.#move(room, first, count, beyond);
  }

  get count(): number {
    return this.last - this.first;
  }

  /** Adds a bar, or changes the one that began then. Returns whether there is anything new. */
  put(bar: number, start: number, end: number, colour: number): boolean {
    const { first, last } = this;
    if (first === last || start > (this.start[last - 1] as number)) {
      this.#add(bar, start, end, colour);
      return true;
    }
    let at = this.#place(bar, start);
    if (at === last || this.bar[at] !== bar || this.start[at] !== start) at = this.#insert(at);
    else if (this.end[at] === end && this.colour[at] === colour) return false;
    this.bar[at] = bar;
    this.start[at] = start;
    this.end[at] = end;
    this.colour[at] = colour;
    let reach = at > this.first ? (this.reach[at - 1] as number) : Number.NEGATIVE_INFINITY;
    for (let i = at; i < this.last; i++) {
      reach = Math.max(reach, this.end[i] as number);
      if (i > at && this.reach[i] === reach) break;
      this.reach[i] = reach;
    }
    if (this.#runs.length) this.#runs = this.#runs.filter((runs) => runs.bars <= at - this.first);
    return true;
  }

  /** The first bar that may be seen from a time on. */
  firstFrom(time: number): number {
    return search(this.reach, time, this.first, this.last);
  }

  /** The first bar that begins after a time: where those before it end. */
  after(time: number): number {
    return search(this.start, time, this.first, this.last, true);
  }

  /** The bars as runs whose gaps are shorter than 2 ** zoom ms. Those that still play, and the newest, come after. */
  runs(zoom: number): Runs {
    const gap = 2 ** zoom;
    const known = this.#runs.findIndex((runs) => runs.gap === gap);
    const runs = known < 0 ? new Runs(gap) : (this.#runs.splice(known, 1)[0] as Runs);
    this.#runs.push(runs);
    if (this.#runs.length > ZOOMS) this.#runs.shift();
    for (
      let i = this.first + runs.bars;
      i < this.last - 1 && (this.end[i] as number) < Number.POSITIVE_INFINITY;
      i++
    ) {
      runs.push(this.start[i] as number, this.end[i] as number, this.colour[i] as number);
    }
    return runs;
  }

  // the newest bar: no other moves
  #add(bar: number, start: number, end: number, colour: number): void {
    if (this.last === this.#beyond) this.#grow();
    const i = this.last++;
    const reach = i > this.first ? (this.reach[i - 1] as number) : end;
    this.bar[i] = bar;
    this.start[i] = start;
    this.end[i] = end;
    this.colour[i] = colour;
    this.reach[i] = reach > end ? reach : end;
  }

  // where a bar is, or where it is to be: by its beginning, then in the order that bars are counted
  #place(bar: number, start: number): number {
    let at = search(this.start, start, this.first, this.last);
    while (at < this.last && this.start[at] === start && (this.bar[at] as number) < bar) at++;
    return at;
  }

  // makes room for a bar, and tells where
  #insert(index: number): number {
    const at = index - this.first;
    if (this.last === this.#beyond) this.#grow();
    const i = this.first + at;
    for (const name of COLUMNS) this[name].copyWithin(i + 1, i, this.last);
    this.last++;
    return i;
  }

  // into a room of its own
  #grow(): void {
    const { first, last, count } = this;
    const room = roomFor(Math.max(count * 2, ROOM));
    for (const name of COLUMNS) room[name].set(this[name].subarray(first, last));
    this.#move(room, 0, count, room.bar.length);
  }

  #move(room: Room, first: number, count: number, beyond: number): void {
    Object.assign(this, room);
    this.first = first;
    this.last = first + count;
    this.#beyond = beyond;
  }
}

export class RasterRows {
  readonly rows: RasterRow[] = [];
  /** How many bars there are in all. */
  count = 0;
  #changes: Changes | null = null;

  /** Adds a bar to a row, or changes the one that began then. */
  put(row: number, bar: number, start: number, end: number, colour: number): void {
    while (this.rows.length <= row) this.rows.push(new RasterRow());
    const rows = this.rows[row] as RasterRow;
    const { count } = rows;
    if (!rows.put(bar, start, end, colour)) return;
    this.count += rows.count - count;
    this.#changes?.put(row, bar, start, end, colour);
  }

  /** What is new since this was last asked, or `all` there is. To be put into a copy, in this order. */
  changes(all: boolean): Changes {
    let changes = this.#changes;
    if (all || !changes) {
      changes = new Changes(this.count);
      for (const [r, row] of this.rows.entries()) {
        for (let i = row.first; i < row.last; i++) {
          const [start, end] = [row.start[i] as number, row.end[i] as number];
          changes.put(r, row.bar[i] as number, start, end, row.colour[i] as number);
        }
      }
    }
    this.#changes = new Changes(16);
    return changes;
  }

  /** Puts in what is new elsewhere. */
  follow({ count, row, bar, start, end, colour }: Columns): void {
    for (let i = 0; i < count; i++) {
      const [from, to] = [start[i] as number, end[i] as number];
      this.put(row[i] as number, bar[i] as number, from, to, colour[i] as number);
    }
  }
}

/** Bars as they were put, in columns. */
export interface Columns {
  readonly count: number;
  readonly row: Uint32Array<ArrayBuffer>;
  readonly bar: Uint32Array<ArrayBuffer>;
  readonly start: Float64Array<ArrayBuffer>;
  readonly end: Float64Array<ArrayBuffer>;
  readonly colour: Uint8Array<ArrayBuffer>;
}

export class Changes implements Columns {
  count = 0;
  row: Uint32Array<ArrayBuffer>;
  bar: Uint32Array<ArrayBuffer>;
  start: Float64Array<ArrayBuffer>;
  end: Float64Array<ArrayBuffer>;
  colour: Uint8Array<ArrayBuffer>;

  constructor(room: number) {
    const least = Math.max(room, 1);
    this.row = new Uint32Array(least);
    this.bar = new Uint32Array(least);
    this.start = new Float64Array(least);
    this.end = new Float64Array(least);
    this.colour = new Uint8Array(least);
  }

  put(row: number, bar: number, start: number, end: number, colour: number): void {
    const i = this.count++;
    if (i === this.row.length) {
      this.row = doubled(this.row);
      this.bar = doubled(this.bar);
      this.start = doubled(this.start);
      this.end = doubled(this.end);
      this.colour = doubled(this.colour);
    }
    this.row[i] = row;
    this.bar[i] = bar;
    this.start[i] = start;
    this.end[i] = end;
    this.colour[i] = colour;
  }
}

type Column = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

function doubled<T extends Column>(column: T): T {
  const wider = new (column.constructor as new (length: number) => T)(column.length * 2);
  wider.set(column);
  return wider;
}

/** The first index, of a part of a column that only grows, whose time is at least so much, or `later`. */
export function search(
  column: Float64Array,
  time: number,
  first: number,
  last: number,
  later = false,
): number {
  let [low, high] = [first, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = column[middle] as number;
    if (at > time || (at === time && !later)) high = middle;
    else low = middle + 1;
  }
  return low;
}
