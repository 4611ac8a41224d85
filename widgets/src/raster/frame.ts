/** A canvas of its own, and the pixels that are put on it. */
import { type Look, rasterize } from "./raster";
import type { RasterRows } from "./rows";

/** The pixels of a look, in the memory of earlier ones if it is as large. */
export function pixelsOf(rows: RasterRows, look: Look, memory: ArrayBuffer | null): ArrayBuffer {
  const size = look.width * look.height * Uint32Array.BYTES_PER_ELEMENT;
  const pixels = memory?.byteLength === size ? memory : new ArrayBuffer(size);
  rasterize(rows, look, new Uint32Array(pixels));
  return pixels;
}

export class Frame {
  readonly #canvas = document.createElement("canvas");
  #memory: ArrayBuffer | null = null;

  /** Draws on a canvas, which is the same the next time. */
  draw(rows: RasterRows, look: Look): HTMLCanvasElement {
    this.#memory = pixelsOf(rows, look, this.#memory);
    return this.show(this.#memory, look);
  }

  /** Puts pixels there that were drawn elsewhere. */
  show(pixels: ArrayBuffer, { width, height }: Look): HTMLCanvasElement {
    const canvas = this.#canvas;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const image = new ImageData(new Uint8ClampedArray(pixels), width, height);
    canvas.getContext("2d", { willReadFrequently: true })?.putImageData(image, 0, 0);
    return canvas;
  }
}
