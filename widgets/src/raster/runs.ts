/**
 * What a row covers, seen from afar: neighbours are one run where no eye could tell them apart.
 *
 * A gap shorter than a pixel never holds a whole pixel, so bars of one colour with such gaps cover the
 * very pixels that their run covers. Bars of several colours are one run if all of it is no longer than
 * a pixel: then it lies in two pixels at most, and the first bar is in the one, the last in the other.
 * So nothing is lost, at any zoom: it is a level of detail and not an approximation.
 */
import { doubled, search } from "./rows";

export class Runs {
  /** How many bars went in. */
  bars = 0;
  count = 0;
  start = new Float64Array(4);
  end = new Float64Array(4);
  /** The colours at both ends; between them there is no other unless the run is short. */
  first = new Uint8Array(4);
  last = new Uint8Array(4);
  reach = new Float64Array(4);

  /** `gap` must be shorter than a pixel of where these runs are drawn. */
  constructor(readonly gap: number) {}

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
    return search(this.reach, this.count, (reach) => reach >= time);
  }

  #add(start: number, end: number, colour: number): void {
    if (this.count === this.start.length) {
      this.start = doubled(this.start);
      this.end = doubled(this.end);
      this.first = doubled(this.first);
      this.last = doubled(this.last);
      this.reach = doubled(this.reach);
    }
    const i = this.count++;
    this.start[i] = start;
    this.end[i] = end;
    this.first[i] = this.last[i] = colour;
    this.reach[i] = i > 0 ? Math.max(this.reach[i - 1] as number, end) : end;
  }
}
