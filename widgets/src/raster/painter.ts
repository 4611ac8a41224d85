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
  /** For the pixels, if it is large enough. */
  readonly memory: ArrayBuffer | null;
}

export interface Wanted {
  readonly rows: RasterRows;
  readonly look: Look;
  readonly done: (picture: CanvasImageSource) => void;
}

export class Painter {
  readonly #least: { readonly bars: number; readonly pixels: number };
  #worker: Worker | null | undefined;
  #starting = false;
  // it has drawn once: until then nobody waits for it
  #ready = false;
  #frame = new Frame();
  // which goes to and fro
  #memory: ArrayBuffer | null = null;
  // whose bars the worker has
  #known: RasterRows | null = null;
  #drawing: Wanted | null = null;
  // whether that is still to be seen
  #shown = false;
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
      if (this.#worker === undefined) this.#startAfter(wanted);
    } else if (this.#drawing) this.#next = wanted;
    else this.#there(wanted);
  }

  /** What was asked for is no longer wanted. */
  forget(): void {
    this.#next = null;
    this.#shown = false;
  }

  close(): void {
    this.forget();
    this.#worker?.terminate();
    this.#worker = null;
  }

  #here({ rows, look, done }: Wanted): void {
    done(this.#frame.draw(rows, look));
  }

  #there(wanted: Wanted, shown = true): void {
    const { rows, look } = wanted;
    const anew = this.#known !== rows;
    this.#known = rows;
    this.#drawing = wanted;
    this.#shown = shown;
    const { count, row, bar, start, end, colour } = rows.changes(anew);
    const changes = { count, row, bar, start, end, colour };
    const given = [row, bar, start, end, colour].map(({ buffer }) => buffer);
    const memory = this.#memory;
    if (memory) given.push(memory);
    this.#memory = null;
    this.#worker?.postMessage({ anew, changes, look, memory } satisfies Job, given);
  }

  // it takes its time, and more of it the more bars there are: the first picture is seen before
  #startAfter(wanted: Wanted): void {
    if (this.#starting) return;
    this.#starting = true;
    requestAnimationFrame(() => setTimeout(() => this.#start(wanted)));
  }

  // a worker, which is ready when it has drawn this
  #start(first: Wanted): void {
    if (this.#worker === null) return; // closed meanwhile
    this.#worker = null;
    if (typeof Worker === "undefined") return;
    try {
      const worker = new InWorker();
      worker.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.#came(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#failed();
      };
      this.#worker = worker;
    } catch {
      return; // a policy may throw, or tell later
    }
    this.#there(first, false);
  }

  #came(pixels: ArrayBuffer): void {
    this.#ready = true;
    const { look, done } = this.#drawing as Wanted;
    if (this.#shown) done(this.#frame.show(pixels, look));
    this.#memory = pixels;
    const next = this.#next;
    this.#drawing = this.#next = null;
    if (next) this.#there(next);
  }

  #failed(): void {
    const wanted = this.#next ?? (this.#shown ? this.#drawing : null);
    this.#worker?.terminate();
    this.#worker = this.#drawing = this.#next = null;
    this.#ready = false;
    if (wanted) this.#here(wanted);
  }
}
