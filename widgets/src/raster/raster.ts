/** The picture of many bars: one pure function of the rows, where one looks, and the playhead. */
import type { RasterRow, RasterRows } from "./rows";

/** So many bars for each pixel of a line, and fewer, are drawn one by one: runs would save next to nothing. */
const FEW = 0.25;

/** Where one looks. Times are in ms, lengths in pixels of the screen: whoever asks reckons with its ratio. */
export interface Look {
  readonly start: number;
  readonly end: number;
  readonly width: number;
  readonly height: number;
  /** May be less than 1: then several rows share a line. */
  readonly rowHeight: number;
  /** Of a row, where its bars begin, and how high they are. */
  readonly inset: number;
  readonly barHeight: number;
  /** Scrolled by. */
  readonly top: number;
  readonly playhead: number;
  /** By a bar's colour, its pixel: RGBA as it lies in memory. */
  readonly palette: Uint32Array;
  /** The same for a bar that still plays at the playhead: how it ends is not known there. */
  readonly playing: Uint32Array;
  /** Only these rows are drawn; all without it. */
  readonly only?: ReadonlySet<number>;
}

/**
 * Draws into `pixels`, which has width * height of them.
 *
 * A bar covers each pixel that a moment of it lies in, its last one too; none begins at the playhead or
 * after it.
 */
export function rasterize(store: RasterRows, look: Look, pixels: Uint32Array): void {
  const { width, height, rowHeight, inset, top } = look;
  pixels.fill(0);
  if (!(look.end > look.start) || width <= 0) return;
  const line = new Line(look, pixels);
  const first = Math.max(0, Math.floor(top / rowHeight) - 1);
  for (let r = first; r < store.rows.length; r++) {
    const above = Math.floor(r * rowHeight + inset - top);
    if (above >= height) break;
    const below = Math.min(
      Math.max(above + 1, Math.floor(r * rowHeight + inset + look.barHeight - top)),
      height,
    );
    const y = Math.max(above, 0);
    if (below <= y || (look.only && !look.only.has(r))) continue;
    const row = store.rows[r] as RasterRow;
    if (!line.draw(row, y * width)) continue;
    // the lines of a bar are all the same; where rows share a line there is but one
    for (let next = y + 1; next < below; next++) pixels.copyWithin(next * width, y * width, (y + 1) * width);
  }
}

/** One line of pixels, to which times are laid. */
class Line {
  readonly #look: Look;
  readonly #pixels: Uint32Array;
  readonly #scale: number;
  // the last pixel that begins before the playhead
  readonly #last: number;
  readonly #until: number;
  readonly #zoom: number;
  #offset = 0;

  constructor(look: Look, pixels: Uint32Array) {
    this.#look = look;
    this.#pixels = pixels;
    this.#scale = look.width / (look.end - look.start);
    this.#last = Math.min(look.width, Math.ceil((look.playhead - look.start) * this.#scale)) - 1;
    this.#until = Math.min(look.end, look.playhead);
    // a little less than a pixel, so that rounding cannot open a gap
    this.#zoom = Math.floor(Math.log2(0.999 / this.#scale));
  }

  /** Draws a row at an offset into the pixels. Returns whether there was anything. */
  draw(row: RasterRow, offset: number): boolean {
    this.#offset = offset;
    const begin = row.firstFrom(this.#look.start);
    const end = row.after(this.#until);
    if (begin >= end) return false;
    if (end - begin > FEW * this.#look.width) this.#runs(row, begin, end);
    else this.#bars(row, begin, end, this.#look.start);
    return true;
  }

  // those from an index to another that do not end before a time, which is no earlier than the line's
  #bars(row: RasterRow, begin: number, end: number, from: number): void {
    const { start, playhead, palette, playing } = this.#look;
    const { start: starts, end: ends, colour: colours } = row;
    const [pixels, scale, least, offset] = [this.#pixels, this.#scale, this.#last, this.#offset];
    // as `#fill` has it, for one after another
    for (let i = begin; i < end; i++) {
      const until = ends[i] as number;
      if (until < from) continue;
      const pixel = (until > playhead ? playing : palette)[colours[i] as number] as number;
      const left = ((starts[i] as number) - start) * scale;
      const right = (until - start) * scale;
      const last = offset + (right < least ? right | 0 : least);
      for (let at = offset + (left > 0 ? left | 0 : 0); at <= last; at++) pixels[at] = pixel;
    }
  }

  #runs(row: RasterRow, begin: number, end: number): void {
    const { playhead } = this.#look;
    const runs = row.runs(this.#zoom);
    const colour = (known: number) => this.#look.palette[known] as number;
    // a run that the playhead is in may hold bars that have not begun: its last pixels are drawn bar by bar
    const sure = playhead - runs.gap;
    for (let i = runs.firstFrom(this.#look.start); i < runs.count; i++) {
      const start = runs.start[i] as number;
      if (start > this.#until) break;
      const ends = runs.end[i] as number;
      const [first, last] = [runs.first[i] as number, runs.last[i] as number];
      if (ends <= playhead) {
        this.#fill(start, ends, colour(first));
        if (first !== last) this.#fill(ends, ends, colour(last));
      } else if (first === last && start <= sure) this.#fill(start, sure, colour(first));
    }
    const folded = Math.min(end, row.first + runs.bars);
    let at = folded;
    while (at > begin && (row.reach[at - 1] as number) >= sure) at--;
    this.#bars(row, at, folded, Math.max(sure, this.#look.start));
    this.#bars(row, Math.max(begin, folded), end, this.#look.start);
  }

  #fill(start: number, end: number, pixel: number): void {
    const from = Math.floor((start - this.#look.start) * this.#scale);
    const to = Math.floor((end - this.#look.start) * this.#scale);
    const first = from < 0 ? 0 : from;
    const last = to > this.#last ? this.#last : to;
    if (last < first) return;
    const begin = this.#offset + first;
    const beyond = this.#offset + last + 1;
    if (last - first > 16) this.#pixels.fill(pixel, begin, beyond);
    else for (let at = begin; at < beyond; at++) this.#pixels[at] = pixel;
  }
}
