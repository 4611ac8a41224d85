/** Time to pixels, and back. Immutable: every change is another viewport. */

/** The shortest span that can be zoomed to, in ms. */
const CLOSEST = 20;

export class Viewport {
  /** The span in sight, in ms since the take began, and the width it has, in CSS pixels. */
  constructor(
    readonly start: number,
    readonly end: number,
    readonly width: number,
  ) {}

  get span(): number {
    return this.end - this.start;
  }

  /** The pixel of a time. */
  x(time: number): number {
    return ((time - this.start) / this.span) * this.width;
  }

  /** The time at a pixel. */
  time(x: number): number {
    return this.start + (this.width > 0 ? x / this.width : 0) * this.span;
  }

  resized(width: number): Viewport {
    return width === this.width ? this : new Viewport(this.start, this.end, width);
  }

  /** Zoomed by `factor` (2 shows half the time), so that what is at pixel `x` stays there, within `limit`. */
  zoomed(factor: number, x: number, limit: number): Viewport {
    const span = Math.min(Math.max(this.span / factor, CLOSEST), Math.max(limit, CLOSEST));
    const fixed = this.time(x);
    const start = fixed - (this.width > 0 ? x / this.width : 0) * span;
    return new Viewport(start, start + span, this.width).within(limit);
  }

  /** Moved by pixels to later times, within `limit`. */
  panned(pixels: number, limit: number): Viewport {
    const by = this.width > 0 ? (pixels / this.width) * this.span : 0;
    return new Viewport(this.start + by, this.end + by, this.width).within(limit);
  }

  /** Moved as little as it takes to show a time with a margin (a share of the width), within `limit`. */
  showing(time: number, limit: number, margin = 0.1): Viewport {
    const [early, late] = [this.start + this.span * margin, this.end - this.span * margin];
    if (time >= early && time <= late) return this;
    const by = time < early ? time - early : time - late;
    return new Viewport(this.start + by, this.end + by, this.width).within(limit);
  }

  /** Between two viewports: 0 is this one, 1 the other. */
  toward(other: Viewport, share: number): Viewport {
    const mix = (a: number, b: number) => a + (b - a) * share;
    return new Viewport(mix(this.start, other.start), mix(this.end, other.end), other.width);
  }

  private within(limit: number): Viewport {
    if (this.span >= limit) return new Viewport(0, this.span, this.width);
    if (this.start < 0) return new Viewport(0, this.span, this.width);
    if (this.end > limit) return new Viewport(limit - this.span, limit, this.width);
    return this;
  }
}

/**
 * How much time to show of a take that is `length` ms long.
 *
 * While it plays there is room ahead of the present, and the steps are few, so that what is read does
 * not shrink all the time.
 */
export function fitting(length: number, live: boolean): number {
  if (!live) return Math.max(length * 1.05, 200); // so that what ends last, and its marks, are in sight
  let span = 4000;
  while (length > span * 0.9) span *= 1.5;
  return span;
}

export interface Tick {
  readonly time: number;
  /** Whether it has a label. */
  readonly major: boolean;
}

/** The ticks in sight, labels at least `apart` pixels from one another; `step` is the time between labels. */
export function ticks(view: Viewport, apart = 76): { step: number; ticks: Tick[] } {
  if (view.width <= 0) return { step: 1000, ticks: [] };
  const step = niceStep((view.span / view.width) * apart);
  const minor = step / 5;
  const found: Tick[] = [];
  const last = Math.ceil(view.end / minor);
  for (let i = Math.max(0, Math.floor(view.start / minor)); i <= last; i++) {
    found.push({ time: i * minor, major: i % 5 === 0 });
  }
  return { step, ticks: found };
}

/** The next step of 1, 2 or 5 times a power of ten, or of the clock (15 s, 30 s, 1 min, ...). */
function niceStep(least: number): number {
  const clock = [15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];
  if (least > 10_000) return clock.find((step) => step >= least) ?? Math.ceil(least / 3_600_000) * 3_600_000;
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return ([1, 2, 5, 10].find((digit) => digit * power >= least) ?? 10) * power;
}
