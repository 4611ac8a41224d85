/** A canvas of its own, and the pixels that are put on it. */
import { type Look, rasterize } from "./raster";
import type { RasterRows } from "./rows";

type Surface = HTMLCanvasElement | OffscreenCanvas;

export class Frame {
  readonly #made: (width: number, height: number) => Surface;
  #surface: Surface | null = null;
  #image: ImageData | null = null;

  constructor(made: (width: number, height: number) => Surface) {
    this.#made = made;
  }

  /** Draws on a canvas, which is the same the next time. */
  draw(rows: RasterRows, look: Look): Surface {
    const { width, height } = look;
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#surface = this.#made(width, height);
      this.#image = new ImageData(width, height);
    }
    const [surface, image] = [this.#surface as Surface, this.#image];
    rasterize(rows, look, new Uint32Array(image.data.buffer));
    // both kinds of canvas have this, but not as one function of a union
    (surface.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D | null)?.putImageData(
      image,
      0,
      0,
    );
    return surface;
  }
}
