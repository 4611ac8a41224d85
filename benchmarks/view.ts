/** The page of `view.py`: bars drawn by this package, on the main thread or in a worker, or by Bokeh. */
import { type Look, rasterize } from "../widgets/src/raster/raster";
import { RasterRows } from "../widgets/src/raster/rows";

const [WIDTH, HEIGHT, ROWS] = [1400, 800, 1000];
const HUES = ["#0072b2", "#a85d00", "#007a5a", "#9c4f86", "#756600", "#5b5fc7"];
/** 10,000 events/s at 60 frames/s. */
const EVENTS = 167;

interface Bars {
  readonly row: Uint32Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly span: number;
}

/** The same bars each time: one row a hue, gaps and lengths by chance. */
function made(count: number): Bars {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const each = count / ROWS;
  const [row, start, end] = [new Uint32Array(count), new Float64Array(count), new Float64Array(count)];
  const at = new Float64Array(ROWS);
  for (let i = 0; i < count; i++) {
    const r = i % ROWS;
    const from = (at[r] as number) + (next() * 1000) / each / 2;
    const to = from + ((0.2 + next()) * 1000) / each / 2;
    [row[i], start[i], end[i], at[r]] = [r, from, to, to];
  }
  return { row, start, end, span: 1000 };
}

interface Drawer {
  look(start: number, end: number, playhead: number): void;
  append(row: number[], start: number[], end: number[]): void;
  /** Whether what was asked for is not drawn yet: then the next frame waits, as nothing is queued. */
  busy?(): boolean;
}

const palette = new Uint32Array(HUES.map((hue) => 0xff000000 | Number.parseInt(hue.slice(1).replace(/(..)(..)(..)/, "$3$2$1"), 16)));

class Ours implements Drawer {
  readonly #store = new RasterRows();
  readonly #image = new ImageData(WIDTH, HEIGHT);
  readonly #pixels = new Uint32Array(this.#image.data.buffer);
  #count = 0;

  constructor(
    bars: Bars,
    readonly canvas: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  ) {
    this.append(bars.row, bars.start, bars.end);
  }

  append(row: ArrayLike<number>, start: ArrayLike<number>, end: ArrayLike<number>): void {
    for (let i = 0; i < row.length; i++) {
      const r = row[i] as number;
      this.#store.put(r, this.#count++, start[i] as number, end[i] as number, r % HUES.length);
    }
  }

  look(start: number, end: number, playhead: number): void {
    const rowHeight = HEIGHT / ROWS;
    const size = { width: WIDTH, height: HEIGHT, rowHeight, barHeight: rowHeight, inset: 0, top: 0 };
    const look: Look = { start, end, playhead, ...size, palette, playing: palette };
    rasterize(this.#store, look, this.#pixels);
    this.canvas.putImageData(this.#image, 0, 0);
  }
}

class InWorker implements Drawer {
  #worker: Worker;
  #waits = true;

  constructor(bars: Bars, canvas: HTMLCanvasElement) {
    const off = canvas.transferControlToOffscreen();
    this.#worker = new Worker("view.js");
    this.#worker.onmessage = () => {
      this.#waits = false;
    };
    this.#worker.postMessage({ bars, canvas: off }, [off, bars.row.buffer, bars.start.buffer, bars.end.buffer]);
  }

  look(start: number, end: number, playhead: number): void {
    this.#waits = true;
    this.#worker.postMessage({ look: [start, end, playhead] });
  }

  append(row: number[], start: number[], end: number[]): void {
    this.#worker.postMessage({ append: [row, start, end] });
  }

  busy(): boolean {
    return this.#waits;
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
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  document.body.replaceChildren(root, canvas);
  await frame();
  const began = performance.now();
  let drawer: Drawer;
  if (kind === "bokeh") drawer = new WithBokeh(bars, root);
  else if (kind === "worker") drawer = new InWorker(bars, canvas);
  else drawer = new Ours(bars, canvas.getContext("2d") as CanvasRenderingContext2D);
  if (kind !== "bokeh") drawer.look(0, span, span);
  // Bokeh lays out first and draws later: it is there when its canvas has colours, which a frame more shows
  const idle = () => (kind === "bokeh" ? !Bokeh.index || !Bokeh.documents.at(-1)?.is_idle : drawer.busy?.());
  do await frame();
  while (idle());
  await frame();
  const told: Told = { first: performance.now() - began };
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
      const from = performance.now();
      step((n + 1) / frames);
      found.script.push(performance.now() - from);
      let now: number;
      do now = await frame();
      while (drawer.busy?.());
      found.frames.push(now - last);
      last = now;
    }
    told[phase] = found;
  }
  return told;
}

if (typeof document === "undefined") {
  let ours: Ours;
  self.onmessage = ({ data }: MessageEvent) => {
    if (data.bars) ours = new Ours(data.bars, data.canvas.getContext("2d"));
    if (data.append) ours.append(data.append[0], data.append[1], data.append[2]);
    if (!data.look) return;
    ours.look(data.look[0], data.look[1], data.look[2]);
    self.postMessage(null);
  };
} else Object.assign(window, { measure });
