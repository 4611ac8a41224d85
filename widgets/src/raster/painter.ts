/**
 * Has rows drawn: here, or off the page's thread where there is so much that a frame would wait for it.
 *
 * Where a page forbids workers, or has none, all is drawn here.
 */
import { Frame } from "./frame";
import type { Look } from "./raster";
import type { Columns, RasterRows } from "./rows";
import InWorker from "./worker?worker&inline";

/**
 * With so many bars, or pixels, a worker draws (`benchmarks/view.py`). For fewer the page's thread is free again
 * sooner than a picture could come from there.
 */
const MANY = 20_000;
const LARGE = 2_000_000;

/** What a worker is given. */
export interface Job {
  /** What it had before counts no longer. */
  readonly anew: boolean;
  readonly changes: Columns;
  readonly look: Look;
}

export interface Wanted {
  readonly rows: RasterRows;
  readonly look: Look;
  readonly done: (picture: CanvasImageSource) => void;
}

export class Painter {
  readonly #least: { readonly bars: number; readonly pixels: number };
  #worker: Worker | null | undefined;
  #starting: ReturnType<typeof setTimeout> | undefined;
  // it has drawn once: until then nobody waits for it
  #ready = false;
  #frame = new Frame((width, height) => Object.assign(document.createElement("canvas"), { width, height }));
  // whose bars the worker has
  #known: RasterRows | null = null;
  #drawing: Wanted | null = null;
  #next: Wanted | null = null;

  /** Leaves to a worker what has at least so many bars, or so many pixels. */
  constructor(least = { bars: MANY, pixels: LARGE }) {
    this.#least = least;
  }

  /** Draws, and gives the picture to `done`: at once, or soon. Of those that must wait only the newest is drawn. */
  paint(wanted: Wanted): void {
    const { rows, look } = wanted;
    const much = rows.count >= this.#least.bars || look.width * look.height >= this.#least.pixels;
    if (!much) {
      this.forget();
      this.#here(wanted);
    } else if (!this.#ready) {
      this.#here(wanted);
      // a worker takes its time, and more of it the more bars there are: the first picture does not wait for that
      if (this.#worker === undefined)
        this.#starting ??= setTimeout(() => this.#start({ ...wanted, done: () => {} }));
    } else if (this.#drawing) this.#next = wanted;
    else this.#there(wanted);
  }

  /** What was asked for is no longer wanted. */
  forget(): void {
    this.#next = null;
    if (this.#drawing) this.#drawing = { ...this.#drawing, done: () => {} };
  }

  close(): void {
    this.forget();
    clearTimeout(this.#starting);
    this.#worker?.terminate();
    this.#worker = null;
  }

  #here({ rows, look, done }: Wanted): void {
    done(this.#frame.draw(rows, look));
  }

  #there(wanted: Wanted): void {
    const { rows, look } = wanted;
    const anew = this.#known !== rows;
    this.#known = rows;
    this.#drawing = wanted;
    const { count, row, bar, start, end, colour } = rows.changes();
    const changes = { count, row, bar, start, end, colour };
    const columns = [row, bar, start, end, colour].map(({ buffer }) => buffer);
    this.#worker?.postMessage({ anew, changes, look } satisfies Job, columns);
  }

  // a worker, which is ready when it has drawn this
  #start(first: Wanted): void {
    this.#worker = null;
    if (typeof Worker === "undefined" || typeof OffscreenCanvas === "undefined") return;
    try {
      const worker = new InWorker();
      worker.onmessage = ({ data }: MessageEvent<ImageBitmap>) => this.#came(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#failed();
      };
      this.#worker = worker;
    } catch {
      return; // a policy may throw, or tell later
    }
    this.#there(first);
  }

  #came(picture: ImageBitmap): void {
    this.#ready = true;
    this.#drawing?.done(picture);
    picture.close();
    const next = this.#next;
    this.#drawing = this.#next = null;
    if (next) this.#there(next);
  }

  #failed(): void {
    const wanted = this.#next ?? this.#drawing;
    this.#worker?.terminate();
    this.#worker = this.#drawing = this.#next = null;
    this.#ready = false;
    if (wanted) this.#here(wanted);
  }
}
