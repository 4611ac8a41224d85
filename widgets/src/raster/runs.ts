/**
 * What a row covers, seen from afar: neighbours are one run where no eye could tell them apart.
 *
 * A gap shorter than a pixel never holds a whole pixel, so bars of one colour with such gaps cover the
 * very pixels that their run covers. Bars of several colours are one run if all of it is no longer than
 * a pixel: then it lies in two pixels at most, and the first bar is in the one, the last in the other.
 * So nothing is lost, at any zoom: it is a level of detail and not an approximation.
 */
import { ROOM, search } from "./rows";

export class Runs {
  /** How many bars went in. */
  bars = 0;
  count = 0;
  start!: Float64Array<ArrayBuffer>;
  end!: Float64Array<ArrayBuffer>;
  reach!: Float64Array<ArrayBuffer>;
  /** The colours at both ends; between them there is no other unless the run is short. */
  first!: Uint8Array<ArrayBuffer>;
  last!: Uint8Array<ArrayBuffer>;

  /** `gap` must be shorter than a pixel of where these runs are drawn. */
  constructor(readonly gap: number) {
    this.#make(ROOM);
  }

  /** Takes in a bar that began no earlier than those before. */
  push(start: number, end: number, colour: number): void {
    this.bars++;
    const i = this.count - 1;
    if (i >= 0) {
      const known = this.end[i] as number;
      const pure = this.first[i] === colour && this.last[i] === colour;
      if (pure ? start - known < this.gap : Math.max(known, end) - (this.start[i] as number) <= this.gap) {
        if (end >= known) {
          this.end[i] = end;
          this.last[i] = colour;
          this.reach[i] = Math.max(this.reach[i] as number, end);
        }
        return;
      }
    }
    this.#add(start, end, colour);
  }

  /** The first run that may be seen from a time on. */
  firstFrom(time: number): number {
    return search(this.reach, time, 0, this.count);
  }

  #add(start: number, end: number, colour: number): void {
    if (this.count === this.start.length) this.#make(this.count * 2);
    const i = this.count++;
    this.start[i] = start;
    this.end[i] = end;
    this.first[i] = this.last[i] = colour;
    this.reach[i] = i > 0 ? Math.max(this.reach[i - 1] as number, end) : end;
  }
  // one piece of memory for all columns, as in the rows
  #make(room: number): void {
    const { start, end, reach, first, last } = this;
    const memory = new ArrayBuffer(room * 26);
    this.start = new Float64Array(memory, 0, room);
    this.end = new Float64Array(memory, room * 8, room);
    this.reach = new Float64Array(memory, room * 16, room);
    this.first = new Uint8Array(memory, room * 24, room);
    this.last = new Uint8Array(memory, room * 25, room);
    if (this.count === 0) return;
    this.start.set(start);
    this.end.set(end);
    this.reach.set(reach);
    this.first.set(first);
    this.last.set(last);
  }
}
