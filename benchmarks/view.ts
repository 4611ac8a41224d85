/** The page of `view.py`: bars drawn by this package, on the main thread or in a worker, or by Bokeh. */
import { filled } from "../widgets/src/raster/fill";
import { Painter } from "../widgets/src/raster/painter";
import type { Look } from "../widgets/src/raster/raster";
import type { Columns, RasterRows } from "../widgets/src/raster/rows";

const [WIDTH, HEIGHT, ROWS] = [1400, 800, 1000];
const HUES = ["#0072b2", "#a85d00", "#007a5a", "#9c4f86", "#756600", "#5b5fc7"];
/** 10,000 events/s at 60 frames/s. */
const EVENTS = 167;

interface Bars extends Columns {
  readonly span: number;
}

/** The same bars each time: one row a hue, gaps and lengths by chance. */
function made(count: number): Bars {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const each = count / ROWS;
  const [row, start, end] = [new Uint32Array(count), new Float64Array(count), new Float64Array(count)];
  const [bar, colour] = [new Uint32Array(count), new Uint8Array(count)];
  const at = new Float64Array(ROWS);
  for (let i = 0; i < count; i++) {
    const r = i % ROWS;
    const from = (at[r] as number) + (next() * 1000) / each / 2;
    const to = from + ((0.2 + next()) * 1000) / each / 2;
    [row[i], start[i], end[i], at[r]] = [r, from, to, to];
    [bar[i], colour[i]] = [i, r % HUES.length];
  }
  return { count, row, bar, start, end, colour, span: 1000 };
}

interface Drawer {
  look(start: number, end: number, playhead: number): void;
  append(row: number[], start: number[], end: number[]): void;
  /** Calls back whenever a picture is there; without it, it is there in the frame that asked for it. */
  drawn?(then: () => void): void;
}

const palette = new Uint32Array(HUES.map((hue) => 0xff000000 | Number.parseInt(hue.slice(1).replace(/(..)(..)(..)/, "$3$2$1"), 16)));

/** What the page's thread does, in ms: what it is asked to, and what it does when a worker has answered. */
const work = { busy: false, ms: 0 };

function timed<T>(what: () => T): T {
  if (work.busy) return what(); // it is in that time already
  work.busy = true;
  const from = performance.now();
  const made = what();
  work.ms += performance.now() - from;
  work.busy = false;
  return made;
}

const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (this: CanvasRenderingContext2D, ...given: unknown[]) {
  timed(() => put.apply(this, given as Parameters<typeof put>));
};

class Ours implements Drawer {
  readonly #store: RasterRows;
  readonly #painter: Painter;
  #count = 0;
  #drawn: (() => void) | null = null;

  /** With `many` 0 all is drawn in a worker, with `Infinity` nothing. */
  constructor(
    bars: Bars,
    many: number,
    readonly canvas: CanvasRenderingContext2D,
  ) {
    this.#painter = new Painter({ bars: many, pixels: Number.POSITIVE_INFINITY });
    this.#store = filled(bars);
    this.#count = bars.count;
  }

  append(row: ArrayLike<number>, start: ArrayLike<number>, end: ArrayLike<number>): void {
    for (let i = 0; i < row.length; i++) {
      const r = row[i] as number;
      this.#store.put(r, this.#count++, start[i] as number, end[i] as number, r % HUES.length);
    }
  }

  look(start: number, end: number, playhead: number): void {
    const { width, height } = this.canvas.canvas;
    const rowHeight = height / ROWS;
    const size = { width, height, rowHeight, barHeight: rowHeight, inset: 0, top: 0 };
    const look: Look = { start, end, playhead, ...size, palette, playing: palette };
    const done = (picture: CanvasImageSource) => {
      timed(() => {
        this.canvas.clearRect(0, 0, width, height);
        this.canvas.drawImage(picture, 0, 0);
      });
      this.#drawn?.();
    };
    this.#painter.paint({ rows: this.#store, look, done });
  }

  drawn(then: () => void): void {
    this.#drawn = then;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: Bokeh comes from a script, without types
declare const Bokeh: any;

class WithBokeh implements Drawer {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  #figure: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  #source: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  #line: any;

  constructor(bars: Bars, root: HTMLElement) {
    const colour = Array.from(bars.row, (r) => HUES[r % HUES.length]);
    const data = { y: Array.from(bars.row), left: Array.from(bars.start), right: Array.from(bars.end), colour };
    this.#source = new Bokeh.ColumnDataSource({ data });
    const ranges = {
      x_range: new Bokeh.Range1d({ start: 0, end: bars.span }),
      y_range: new Bokeh.Range1d({ start: ROWS, end: 0 }),
    };
    const size = { width: WIDTH, height: HEIGHT, min_border: 0, toolbar_location: null, tools: "" };
    this.#figure = new Bokeh.Plotting.figure({ ...size, ...ranges, output_backend: "canvas" });
    const field = (name: string) => ({ field: name });
    this.#figure.hbar({
      ...{ y: field("y"), left: field("left"), right: field("right"), height: 0.8 },
      ...{ fill_color: field("colour"), line_color: null, source: this.#source },
    });
    this.#line = new Bokeh.Span({ location: 0, dimension: "height" });
    this.#figure.add_layout(this.#line);
    Bokeh.Plotting.show(this.#figure, root);
  }

  look(start: number, end: number, playhead: number): void {
    const range = this.#figure.x_range;
    if (range.start !== start || range.end !== end) range.setv({ start, end });
    this.#line.location = playhead; // it cannot clip: its scrub moves a line alone
  }

  append(row: number[], start: number[], end: number[]): void {
    const colour = row.map((r) => HUES[r % HUES.length]);
    this.#source.stream({ y: row, left: start, right: end, colour });
  }
}

const frame = () => new Promise<number>(requestAnimationFrame);

interface Told {
  first: number;
  [phase: string]: number | { frames: number[]; script: number[] };
}

async function measure(kind: string, count: number, frames: number): Promise<Told> {
  const bars = made(count);
  const { span } = bars;
  const root = document.createElement("div");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH * devicePixelRatio, HEIGHT * devicePixelRatio];
  Object.assign(canvas.style, { width: `${WIDTH}px`, height: `${HEIGHT}px` });
  document.body.replaceChildren(root, canvas);
  await frame();
  const began = performance.now();
  let drawer: Drawer;
  if (kind === "bokeh") drawer = new WithBokeh(bars, root);
  else {
    const many = kind === "worker" ? 0 : Number.POSITIVE_INFINITY;
    drawer = new Ours(bars, many, canvas.getContext("2d") as CanvasRenderingContext2D);
  }
  if (kind !== "bokeh") drawer.look(0, span, span);
  // Bokeh lays out first and draws later: it is there when its canvas has colours, which a frame more shows
  if (kind === "bokeh") {
    const idle = () => Bokeh.index && Bokeh.documents.at(-1)?.is_idle;
    do await frame();
    while (!idle());
  }
  await frame();
  const told: Told = { first: performance.now() - began };
  // until a worker is there, the page draws
  for (let n = 0; kind === "worker" && n < 100; n++) {
    drawer.look(0, span, span);
    await frame();
  }
  const phases: Record<string, (share: number) => void> = {
    pan: (share) => drawer.look(span * 0.05 * Math.sin(share * 6), span * (1 + 0.05 * Math.sin(share * 6)), span),
    scrub: (share) => drawer.look(0, span, span * (0.95 - 0.9 * share)),
    live: (share) => {
      const row = Array.from({ length: EVENTS }, (_, i) => (Math.round(share * frames) * EVENTS + i) % ROWS);
      const at = span * (1 + share * 0.05);
      drawer.append(row, row.map(() => at), row.map(() => at + span * 0.0005));
      drawer.look(0, span * (1.001 + share * 0.05), at + span);
    },
  };
  for (const [phase, step] of Object.entries(phases)) {
    const found = { frames: [] as number[], script: [] as number[] };
    let last = await frame();
    for (let n = 0; n < frames; n++) {
      // a worker's picture is on the page in the frame after it came
      const drawn = new Promise<void>((then) => (drawer.drawn ? drawer.drawn(then) : then()));
      work.ms = 0;
      timed(() => step((n + 1) / frames));
      await drawn;
      found.script.push(work.ms);
      const now = await frame();
      found.frames.push(now - last);
      last = now;
    }
    told[phase] = found;
  }
  return told;
}

Object.assign(window, { measure });
