/** Everything that a picture of a moment is made from. */
import type { Viewport } from "../viewport";
import type { Bars } from "./bars";
import type { Ink } from "./ink";
import type { Lanes } from "./place";

export interface Rest {
  readonly from: number;
  readonly to: number | null;
  readonly kind: string;
}

/** A note at the moment it was sent: to a row, or (`row` null) to all. */
export interface NoteMark {
  readonly at: number;
  readonly row: number | null;
  /** When it no longer stood, or `Infinity`. */
  readonly until: number;
}

/** Where a part rested before it entered, as it is written in the plan. */
export interface Breath {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

export interface Scene {
  readonly bars: Bars;
  readonly notes: readonly NoteMark[];
  /** Where it was paused or held. */
  readonly rests: readonly Rest[];
  readonly breaths: readonly Breath[];
  /** By row, what is written in it if it has no bar (yet). */
  readonly words: readonly string[];
  readonly view: Viewport;
  readonly lanes: Lanes;
  /** The rows whose bars are in `picture`: there are too many of them to be drawn one by one, or all rows. */
  readonly dense: ReadonlySet<number> | "all";
  /** Of the size of what is in sight. */
  readonly picture: CanvasImageSource | null;
  readonly playhead: number;
  /** Rows scrolled by, and the height in sight, in CSS pixels. */
  readonly top: number;
  readonly height: number;
  readonly selected: number | null;
  readonly hovered: number | null;
  /** The contributions that a search found; null while nobody searches. */
  readonly found: ReadonlySet<number> | null;
  /** The first words of a bar's text, or its newest. */
  readonly glimpse: (id: number, newest: boolean) => string;
  readonly ink: Ink;
}

/** What of a 2D context is used. */
export type Canvas = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
