import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Job, Painter } from "../src/raster/painter";
import { type Look, rasterize } from "../src/raster/raster";
import { RasterRows } from "../src/raster/rows";
import { Pixels, type Recorder, recorder } from "./page";

/** A worker that answers when it is told to. */
class Worker {
  static made: Worker[] = [];
  static refused = false;
  static answers = false;
  jobs: Job[] = [];
  ended = false;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { preventDefault(): void }) => void) | null = null;

  constructor() {
    if (Worker.refused) throw new Error("no workers here");
    Worker.made.push(this);
  }
  postMessage(job: Job): void {
    this.jobs.push(job);
  }
  terminate(): void {
    this.ended = true;
  }
  answer(): ArrayBuffer {
    const { width, height } = (this.jobs.at(-1) as Job).look;
    const pixels = new ArrayBuffer(width * height * 4);
    Worker.answers = true;
    this.onmessage?.({ data: pixels });
    Worker.answers = false;
    return pixels;
  }
  fail(): void {
    this.onerror?.({ preventDefault: () => {} });
  }
}

vi.mock("../src/raster/worker?worker&inline", () => ({
  default: function Inline() {
    return new Worker();
  },
}));

let screen: Recorder;

/** How often pixels were put on a canvas. */
const painted = () => screen.calls.filter(({ name }) => name === "putImageData").length;

beforeEach(() => {
  vi.useFakeTimers();
  Worker.made = [];
  Worker.refused = false;
  vi.stubGlobal("Worker", Worker);
  vi.stubGlobal("ImageData", Pixels);
  screen = recorder();
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation((() => screen.canvas) as never);
});

afterEach(() => {
  vi.useRealTimers();
});

const PALETTE = new Uint32Array([1, 2, 3, 4]);

function looking(playhead: number, change: Partial<Look> = {}): Look {
  const size = { width: 40, height: 12, rowHeight: 3, barHeight: 2, inset: 0, top: 0 };
  return { start: 0, end: 100, playhead, palette: PALETTE, playing: PALETTE, ...size, ...change };
}

function some(count: number): RasterRows {
  const rows = new RasterRows();
  for (let i = 0; i < count; i++) rows.put(i % 4, i, i, i + 2, i % 3);
  return rows;
}

const EVERYTHING = { bars: 0, pixels: Number.POSITIVE_INFINITY };

/** Paints, and gives what was drawn so far: by whom, and where the playhead was. */
function stage(painter: Painter, rows: RasterRows) {
  const drawn: [where: "here" | "there", playhead: number][] = [];
  const paint = (playhead: number) => {
    const done = () => drawn.push([Worker.answers ? "there" : "here", playhead]);
    painter.paint({ rows, look: looking(playhead), done });
  };
  return { drawn, paint };
}

/** The worker that was made, once there was time for it. */
function started(): Worker {
  vi.runAllTimers();
  return Worker.made[0] as Worker;
}

/** The same, with a worker that has drawn once. */
function ready(painter: Painter) {
  const { drawn, paint } = stage(painter, some(10));
  paint(0);
  const worker = started();
  worker.answer();
  drawn.length = 0;
  return { drawn, paint, worker };
}

test("few bars are drawn here, at once, and no worker is made", () => {
  const { drawn, paint } = stage(new Painter(), some(100));
  paint(1);
  expect(drawn).toEqual([["here", 1]]);
  expect(Worker.made).toEqual([]);
});

test("many bars, or many pixels, are left to a worker; until it has drawn once they are drawn here", () => {
  for (const least of [EVERYTHING, { bars: 1000, pixels: 480 }]) {
    Worker.made = [];
    const { drawn, paint } = stage(new Painter(least), some(100));
    paint(1);
    paint(2);
    expect(drawn).toEqual([
      ["here", 1],
      ["here", 2],
    ]);
    const worker = started();
    worker.answer();
    expect(drawn).toHaveLength(2); // what it drew to begin with was asked for long ago
    paint(3);
    expect(drawn).toHaveLength(2);
    worker.answer();
    expect(drawn.at(-1)).toEqual(["there", 3]);
    expect(Worker.made).toHaveLength(1);
  }
});

test("the first picture does not wait for a worker to be made, and none is made for a view that is gone", () => {
  const painter = new Painter(EVERYTHING);
  const { drawn, paint } = stage(painter, some(10));
  paint(1);
  expect(drawn).toEqual([["here", 1]]);
  expect(Worker.made).toEqual([]);
  painter.close();
  expect(started()).toBeUndefined();
});

test("while one is drawn the newest waits, and those between are left out", () => {
  const { drawn, paint, worker } = ready(new Painter(EVERYTHING));
  for (const playhead of [1, 2, 3, 4]) paint(playhead);
  worker.answer();
  worker.answer();
  expect(drawn).toEqual([
    ["there", 1],
    ["there", 4],
  ]);
  expect(worker.jobs.map(({ look }) => look.playhead)).toEqual([0, 1, 4]);
});

test("what is no longer wanted is not shown", () => {
  const painter = new Painter(EVERYTHING);
  const { drawn, paint, worker } = ready(painter);
  paint(1);
  paint(2);
  painter.forget();
  worker.answer();
  expect(drawn).toEqual([]);
  paint(3);
  worker.answer();
  expect(drawn).toEqual([["there", 3]]);
  painter.close();
  expect(worker.ended).toBe(true);
});

test("what comes too late does not touch a picture that was drawn here meanwhile", () => {
  const painter = new Painter({ bars: 8, pixels: Number.POSITIVE_INFINITY });
  const { paint, worker } = ready(painter);
  paint(1);
  const few = stage(painter, some(5));
  few.paint(2); // no longer many
  const put = painted();
  worker.answer();
  expect(painted()).toBe(put);
  worker.fail(); // and nothing is drawn for nobody
  expect(painted()).toBe(put);
});

test("a worker is given what is new, and with it draws what would be drawn here", () => {
  const rows = some(200);
  const { paint } = stage(new Painter(EVERYTHING), rows);
  const copy = new RasterRows();
  const pixels = (of: RasterRows, look: Look) => {
    const found = new Uint32Array(look.width * look.height);
    rasterize(of, look, found);
    return [...found];
  };
  paint(0);
  const worker = started();
  for (let round = 0; round < 20; round++) {
    const { anew, changes, look } = worker.jobs.at(-1) as Job;
    expect(anew).toBe(round === 0);
    expect(changes.count).toBe(round === 0 ? 200 : 3);
    copy.follow(changes);
    expect(pixels(copy, look)).toEqual(pixels(rows, look));
    worker.answer();
    rows.put(round % 5, 1000 + round, round * 3, Number.POSITIVE_INFINITY, 1);
    rows.put(round % 5, 1000 + round, round * 3, Number.POSITIVE_INFINITY, 1); // nothing new
    rows.put(round % 5, 1000 + round, round * 3, round * 3 + 9, 2);
    rows.put(0, 5000 + round, round, round, 0); // comes late
    paint(round * 7);
  }
});

test("the memory of pixels goes to and fro", () => {
  const { paint, worker } = ready(new Painter(EVERYTHING));
  expect(worker.jobs[0]?.memory).toBeNull();
  paint(1);
  const pixels = worker.answer();
  paint(2);
  expect(worker.jobs.at(-1)?.memory).toBe(pixels);
});

test("other rows are begun anew", () => {
  const painter = new Painter(EVERYTHING);
  const first = stage(painter, some(10));
  first.paint(0);
  const worker = started();
  worker.answer();
  stage(painter, some(7)).paint(0);
  expect(worker.jobs.at(-1)).toMatchObject({ anew: true, changes: { count: 7 } });
  worker.answer();
  first.paint(1);
  expect(worker.jobs.at(-1)).toMatchObject({ anew: true, changes: { count: 10 } });
});

test("where there are no workers, or a policy forbids them, all is drawn here", () => {
  Worker.refused = true;
  const refused = stage(new Painter(EVERYTHING), some(10));
  refused.paint(1);
  expect(started()).toBeUndefined();
  refused.paint(2);
  expect(refused.drawn.map(([where]) => where)).toEqual(["here", "here"]);

  Worker.refused = false;
  const later = stage(new Painter(EVERYTHING), some(10));
  later.paint(1);
  started().fail();
  later.paint(2);
  expect(later.drawn).toEqual([
    ["here", 1],
    ["here", 2],
  ]);
  expect(Worker.made).toHaveLength(1);

  vi.stubGlobal("Worker", undefined);
  const without = stage(new Painter(EVERYTHING), some(10));
  without.paint(1);
  vi.runAllTimers();
  expect(without.drawn).toEqual([["here", 1]]);
});

test("a worker that breaks leaves nothing out: what waited is drawn here", () => {
  const { drawn, paint, worker } = ready(new Painter(EVERYTHING));
  paint(1);
  paint(2);
  worker.fail();
  expect(drawn).toEqual([["here", 2]]);
});
