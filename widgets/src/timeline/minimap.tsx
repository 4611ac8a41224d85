/** All rows over all time, in one strip, and on it the window that the timeline shows. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { seconds } from "../format";
import { type Keys, onKeys } from "../keys";
import { rasterize } from "../raster/raster";
import type { State } from "../state";
import { drawFailures } from "./afar";
import { type Ink, palettes } from "./ink";
import { LANES, mostHeight, ROW_HEIGHT } from "./place";

const HEIGHT = 40;
/** How near, in pixels, an edge of the window is taken. */
const EDGE = 6;
/** A window narrower than this could be neither seen nor taken. */
const NARROWEST = 8;

interface Props {
  readonly state: State;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
}

/** Not there as long as the timeline itself shows all there is. */
export function Minimap({ state, canvas }: Props) {
  const { rows } = state.shown.value;
  const view = state.view.value;
  const limit = state.limit();
  const many = LANES.top(rows.length) > (state.height.value ?? mostHeight());
  if (view.width <= 0 || (!many && state.fits)) return null;
  return (
    <div class="sk-overview">
      <div class="sk-corner">{many || state.afar.value ? <AllRows state={state} /> : "Overview"}</div>
      <Strip state={state} canvas={canvas} limit={limit} />
    </div>
  );
}

function AllRows({ state }: { readonly state: State }) {
  const afar = state.afar.value;
  return (
    <button
      type="button"
      class="sk-all-rows"
      aria-pressed={afar}
      title={afar ? "Rows that can be read" : "All rows at once, from afar"}
      onClick={() => {
        state.afar.value = !afar;
      }}
    >
      All rows
    </button>
  );
}

function Strip({ state, canvas, limit }: Props & { readonly limit: number }) {
  const view = state.view.value;
  const strip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const ending = new AbortController();
    if (strip.current) take(state, strip.current, ending.signal);
    return () => ending.abort();
  }, [state]);
  const [from, to] = windowOf(state);
  return (
    <div
      ref={strip}
      class="sk-map"
      role="slider"
      tabIndex={0}
      aria-label="Time in sight"
      aria-valuemin={0}
      aria-valuemax={Math.round(limit)}
      aria-valuenow={Math.round(view.start)}
      aria-valuetext={`${seconds(view.start)} to ${seconds(Math.min(view.end, limit))} of ${seconds(limit)}`}
      title="Drag the window, or its edges; click elsewhere to go there"
      style={{ height: `${HEIGHT}px` }}
    >
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the slider says what is in sight */}
      <canvas ref={canvas} aria-hidden="true" />
      <div class="sk-window" style={{ left: `${from}px`, width: `${to - from}px` }} />
    </div>
  );
}

/** Where the window lies on the strip, in pixels. */
function windowOf(state: State): [from: number, to: number] {
  const view = state.view.peek();
  const scale = view.width / state.limit();
  const width = Math.max(Math.min(view.span * scale, view.width), NARROWEST);
  const from = Math.min(Math.max(view.start * scale, 0), view.width - width);
  return [from, from + width];
}

/** Everything that pointers and keys do on the strip. */
function take(state: State, strip: HTMLElement, signal: AbortSignal): void {
  type Grip = "window" | "start" | "end";
  let held: { grip: Grip; x: number; start: number; end: number } | null = null;
  const at = (event: PointerEvent) => event.clientX - strip.getBoundingClientRect().left;
  const gripAt = (x: number): Grip | null => {
    const [from, to] = windowOf(state);
    // from within, an edge must leave room to take the middle
    const inner = Math.min(EDGE, (to - from) / 4);
    if (x >= from - EDGE && x <= from + inner) return "start";
    if (x >= to - inner && x <= to + EDGE) return "end";
    return x > from && x < to ? "window" : null;
  };
  const time = (x: number) => (x / state.view.peek().width) * state.limit();
  strip.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      const x = at(event);
      let grip = gripAt(x);
      if (grip === null) {
        const half = state.view.peek().span / 2;
        state.lookAt(time(x) - half, time(x) + half);
        grip = "window";
      }
      const { start, end } = state.view.peek();
      held = { grip, x, start, end };
      strip.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  strip.addEventListener(
    "pointermove",
    (event) => {
      const x = at(event);
      strip.dataset.grip = held?.grip ?? gripAt(x) ?? "";
      if (!held) return;
      const by = time(x - held.x);
      const least = time(NARROWEST) / 4;
      if (held.grip === "window") state.lookAt(held.start + by, held.end + by);
      else if (held.grip === "start") {
        state.lookAt(Math.max(0, Math.min(held.start + by, held.end - least)), held.end);
      } else state.lookAt(held.start, Math.min(state.limit(), Math.max(held.end + by, held.start + least)));
    },
    { signal },
  );
  const released = () => {
    held = null;
  };
  strip.addEventListener("pointerup", released, { signal });
  strip.addEventListener("pointercancel", released, { signal });

  const width = () => state.view.peek().width;
  const keys: Keys = {
    ArrowLeft: () => state.pan(-width() / 10),
    ArrowRight: () => state.pan(width() / 10),
    PageUp: () => state.pan(-width()),
    PageDown: () => state.pan(width()),
    Home: () => state.lookAt(0, state.view.peek().span),
    End: () => state.lookAt(state.limit() - state.view.peek().span, state.limit()),
    "+": () => state.zoom(1.5, width() / 2),
    "=": () => state.zoom(1.5, width() / 2),
    "-": () => state.zoom(1 / 1.5, width() / 2),
    "0": () => state.fit(),
  };
  onKeys(strip, keys, signal);
}

/** What the strip shows, so that a view that only moves draws nothing anew. */
const drawn = new WeakMap<HTMLCanvasElement, string>();

export function drawMap(canvas: HTMLCanvasElement, state: State, ink: Ink): void {
  const bars = state.chart?.bars;
  const { width } = state.view.peek();
  const ratio = devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
  const context = canvas.getContext("2d");
  if (!bars || !context || wide <= 0) return;
  const rows = Math.max(state.shown.peek().rows.length, 1);
  const { time: playhead } = state.head.peek();
  const limit = state.limit();
  // the playhead's line is drawn too: to the pixel
  const now = Math.ceil((playhead / limit) * wide);
  const key = [wide, ratio, rows, bars.version, limit, now, ...ink.hues, ink.failed, ink.accent].join();
  if (drawn.get(canvas) === key) return;
  drawn.set(canvas, key);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${HEIGHT}px`;
  }
  const room = 3 * ratio;
  const rowHeight = Math.min((high - 2 * room) / rows, (ROW_HEIGHT / 3) * ratio);
  const barHeight = rowHeight > 3 * ratio ? rowHeight - ratio : rowHeight;
  const top = -(high - rows * rowHeight) / 2;
  const image = context.createImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  const look = {
    start: 0,
    end: limit,
    width: wide,
    height: high,
    rowHeight,
    barHeight,
    inset: 0,
    top,
    playhead,
  };
  rasterize(bars.raster, { ...look, ...palettes(ink) }, pixels);
  context.putImageData(image, 0, 0);
  const view = { x: (time: number) => (time / limit) * wide };
  const lanes = { height: rowHeight, top: (row: number) => row * rowHeight };
  drawFailures(context, { ...look, bars, view, lanes, ink, dense: "all" });
  context.fillStyle = ink.accent;
  context.fillRect(Math.min(now, wide - ratio), 0, ratio, high);
}
