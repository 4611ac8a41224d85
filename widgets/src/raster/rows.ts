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

/** What a row has room for at first: columns of a thousand rows are made in no time, and most rows are short. */
export const ROOM = 16;

export class RasterRow {
  count = 0;
  start!: Float64Array<ArrayBuffer>;
  end!: Float64Array<ArrayBuffer>;
  /** The latest end of a bar up to this one: those before it that end earlier need no look. */
  reach!: Float64Array<ArrayBuffer>;
  bar!: Uint32Array<ArrayBuffer>;
  colour!: Uint8Array<ArrayBuffer>;
  #runs = new Map<number, Runs>();

  constructor(room = ROOM) {
    this.#make(Math.max(room, ROOM));
  }

  /** Adds a bar, or changes the one that began then. Returns whether there is anything new. */
  put(bar: number, start: number, end: number, colour: number): boolean {
    const { count } = this;
    if (count === 0 || start > (this.start[count - 1] as number)) {
      this.#add(bar, start, end, colour);
      return true;
    }
    const at = this.#place(bar, start);
    if (at === this.count || this.bar[at] !== bar || this.start[at] !== start) this.#insert(at);
    else if (this.end[at] === end && this.colour[at] === colour) return false;
    this.bar[at] = bar;
    this.start[at] = start;
    this.end[at] = end;
    this.colour[at] = colour;
    let reach = at > 0 ? (this.reach[at - 1] as number) : Number.NEGATIVE_INFINITY;
    for (let i = at; i < this.count; i++) {
      reach = Math.max(reach, this.end[i] as number);
      if (i > at && this.reach[i] === reach) break;
      this.reach[i] = reach;
    }
    if (this.#runs.size) for (const [zoom, runs] of this.#runs) if (at < runs.bars) this.#runs.delete(zoom);
    return true;
  }

  /** The first bar that may be seen from a time on. */
  firstFrom(time: number): number {
    return search(this.reach, this.count, (reach) => reach >= time);
  }

  /** The first bar that begins after a time: where those before it end. */
  after(time: number): number {
    return search(this.start, this.count, (start) => start > time);
  }

  /** The bars as runs whose gaps are shorter than 2 ** zoom ms. Those that still play, and the newest, come after. */
  runs(zoom: number): Runs {
    let runs = this.#runs.get(zoom);
    if (runs) this.#runs.delete(zoom);
    else runs = new Runs(2 ** zoom);
    this.#runs.set(zoom, runs);
    if (this.#runs.size > ZOOMS) this.#runs.delete(this.#runs.keys().next().value as number);
    for (let i = runs.bars; i < this.count - 1 && (this.end[i] as number) < Number.POSITIVE_INFINITY; i++) {
      runs.push(this.start[i] as number, this.end[i] as number, this.colour[i] as number);
    }
    return runs;
  }

  // the newest bar: no other moves
  #add(bar: number, start: number, end: number, colour: number): void {
    const i = this.count;
    if (i === this.bar.length) this.#make(i * 2);
    const reach = i > 0 ? (this.reach[i - 1] as number) : end;
    this.bar[i] = bar;
    this.start[i] = start;
    this.end[i] = end;
    this.colour[i] = colour;
    this.reach[i] = reach > end ? reach : end;
    this.count++;
  }

  // where a bar is, or where it is to be: by its beginning, then in the order that bars are counted
  #place(bar: number, start: number): number {
    const { count } = this;
    let at = search(this.start, count, (other) => other >= start);
    while (at < count && this.start[at] === start && (this.bar[at] as number) < bar) at++;
    return at;
  }

  #insert(at: number): void {
    if (this.count === this.bar.length) this.#make(this.count * 2);
    if (at < this.count) {
      for (const column of [this.bar, this.start, this.end, this.colour, this.reach]) {
        column.copyWithin(at + 1, at, this.count);
      }
    }
    this.count++;
  }

  // one piece of memory for all columns: thousands of rows want theirs at once
  #make(room: number): void {
    const { start, end, reach, bar, colour } = this;
    const memory = new ArrayBuffer(room * 29);
    this.start = new Float64Array(memory, 0, room);
    this.end = new Float64Array(memory, room * 8, room);
    this.reach = new Float64Array(memory, room * 16, room);
    this.bar = new Uint32Array(memory, room * 24, room);
    this.colour = new Uint8Array(memory, room * 28, room);
    if (this.count === 0) return;
    this.start.set(start);
    this.end.set(end);
    this.reach.set(reach);
    this.bar.set(bar);
    this.colour.set(colour);
  }
}

export class RasterRows {
  readonly rows: RasterRow[] = [];
  /** How many bars there are in all. */
  count = 0;
  #changes: Changes | null = null;

  /** `rooms`: how many bars the first rows will hold, as far as that is known. */
  constructor(rooms: Iterable<number> = []) {
    for (const room of rooms) this.rows.push(new RasterRow(room));
  }

  /** Adds a bar to a row, or changes the one that began then. */
  put(row: number, bar: number, start: number, end: number, colour: number): void {
    while (this.rows.length <= row) this.rows.push(new RasterRow());
    const rows = this.rows[row] as RasterRow;
    const { count } = rows;
    if (!rows.put(bar, start, end, colour)) return;
    this.count += rows.count - count;
    this.#changes?.add(row, bar, start, end, colour);
  }

  /** What is new since this was last asked; at first all there is. To be put into a copy, in this order. */
  changes(): Changes {
    let changes = this.#changes;
    if (!changes) {
      changes = new Changes(this.count);
      for (const [r, row] of this.rows.entries()) {
        for (let i = 0; i < row.count; i++) {
          const [start, end] = [row.start[i] as number, row.end[i] as number];
          changes.add(r, row.bar[i] as number, start, end, row.colour[i] as number);
        }
      }
    }
    this.#changes = new Changes(16);
    return changes;
  }

  /** Rows with these bars. */
  static of(columns: Columns): RasterRows {
    const rooms: number[] = [];
    for (let i = 0; i < columns.count; i++) {
      const row = columns.row[i] as number;
      while (rooms.length <= row) rooms.push(0);
      rooms[row] = (rooms[row] as number) + 1;
    }
    const rows = new RasterRows(rooms);
    const { count, row, bar, start, end, colour } = columns;
    // one loop that calls nothing: it is fast before a browser has looked at it twice
    for (let i = 0; i < count; i++) {
      const to = rows.rows[row[i] as number] as RasterRow;
      const n = to.count;
      const [from, until] = [start[i] as number, end[i] as number];
      if (n > 0 && from <= (to.start[n - 1] as number)) {
        rows.put(row[i] as number, bar[i] as number, from, until, colour[i] as number);
        continue;
      }
      const reach = n > 0 ? (to.reach[n - 1] as number) : until;
      to.bar[n] = bar[i] as number;
      to.start[n] = from;
      to.end[n] = until;
      to.colour[n] = colour[i] as number;
      to.reach[n] = reach > until ? reach : until;
      to.count = n + 1;
      rows.count++;
    }
    return rows;
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

  add(row: number, bar: number, start: number, end: number, colour: number): void {
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

/** The first index of which it holds, in a column where it holds from there on. */
export function search(column: Float64Array, count: number, holds: (value: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(column[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
