/** The page of `test_raster.py`: the same bars drawn on the page's thread and in a worker, pixel by pixel. */
import { Painter } from "../../widgets/src/raster/painter";
import type { Look } from "../../widgets/src/raster/raster";
import { RasterRows } from "../../widgets/src/raster/rows";

const PALETTE = new Uint32Array([0xffb27200, 0xff005da8, 0xff5a7a00]);
const NEVER = Number.POSITIVE_INFINITY;

/** How many pictures came from a worker, and how many of all differ from what the page drew. */
interface Told {
  readonly fromWorker: number;
  readonly different: number;
  readonly empty: number;
}

function pixelsOf(picture: CanvasImageSource, { width, height }: Look): Uint32Array {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  context.drawImage(picture, 0, 0);
  return new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
}

/** `waits` for the worker before it compares. */
async function compare(rounds: number, waits: boolean): Promise<Told> {
  const rows = new RasterRows();
  const [here, there] = [new Painter({ bars: NEVER, pixels: NEVER }), new Painter({ bars: 0, pixels: 0 })];
  const told = { fromWorker: 0, different: 0, empty: 0 };
  let bar = 0;
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < 2000; n++) {
      const start = (bar * 37) % 10_000;
      rows.put(bar % 200, bar++, start, start + (bar % 90), bar % PALETTE.length);
    }
    const ratio = 1 + (round % 2);
    const look: Look = {
      ...{ start: round * 40, end: 10_000 - round * 50, playhead: 3000 + round * 700 },
      ...{ width: 700 * ratio, height: 300 * ratio, rowHeight: 1.5 * ratio, barHeight: 1.5 * ratio },
      ...{ inset: 0, top: round, palette: PALETTE, playing: PALETTE },
    };
    // what comes at once was drawn here
    const drawn = (painter: Painter) =>
      new Promise<[Uint32Array, boolean]>((done) => {
        let later = false;
        painter.paint({ rows, look, done: (picture) => done([pixelsOf(picture, look), later]) });
        later = true;
      });
    // until it has begun, the page draws
    while (waits && round === 0 && !(await drawn(there))[1]) await new Promise((done) => setTimeout(done, 50));
    const [[expected], [found, fromWorker]] = await Promise.all([drawn(here), drawn(there)]);
    if (fromWorker) told.fromWorker++;
    if (expected.every((pixel) => pixel === 0)) told.empty++;
    if (expected.some((pixel, at) => pixel !== found[at])) told.different++;
  }
  return told;
}

Object.assign(window, { compare });
