/** Puts the picture on the page's canvases, whenever what it shows has changed. */
import { effect } from "@preact/signals";
import { glimpse } from "../model/moment";
import { newestAt, wordsAt } from "../model/rows";
import type { State } from "../state";
import { drawRows, drawRuler } from "./draw";
import { type Ink, readInk } from "./ink";
import { marksOf } from "./marks";
import { RULER_HEIGHT } from "./place";
import type { Scene } from "./scene";

/** What of the page the timeline stands in. */
export interface Nodes {
  readonly frame: HTMLDivElement;
  readonly ruler: HTMLCanvasElement;
  readonly rows: HTMLCanvasElement;
  readonly scroll: HTMLDivElement;
  readonly stage: HTMLDivElement;
}

/** Draws what is shown, once a frame and only if something changed. */
export function paint(state: State, nodes: Nodes, signal: AbortSignal): void {
  let ink: Ink | null = null;
  let asked = 0;
  const draw = () => {
    asked = 0;
    const view = state.view.peek();
    const height = nodes.scroll.clientHeight;
    const ruler = context(nodes.ruler, view.width, RULER_HEIGHT);
    const rows = context(nodes.rows, view.width, height);
    if (!state.chart || !ruler || !rows || view.width <= 0) return;
    ink ??= readInk(nodes.frame);
    const picture = scene(state, ink, nodes.scroll.scrollTop, height);
    drawRuler(ruler, picture, RULER_HEIGHT);
    drawRows(rows, picture);
  };
  const ask = () => {
    if (!asked && !signal.aborted) asked = requestAnimationFrame(draw);
  };
  const repaint = () => {
    ink = null;
    ask();
  };
  const stop = effect(() => {
    state.view.value;
    state.head.value;
    state.shown.value;
    state.selected.value;
    state.hovered.value;
    ask();
  });
  const sized = new ResizeObserver(() => {
    state.resize(nodes.stage.clientWidth);
    ask();
  });
  sized.observe(nodes.stage);
  sized.observe(nodes.scroll);
  nodes.scroll.addEventListener("scroll", ask, { signal, passive: true });
  // JupyterLab tells of its theme on the body; a page's own may hang on the root
  const themed = new MutationObserver(repaint);
  for (const node of [document.documentElement, document.body]) {
    themed.observe(node, {
      attributes: true,
      attributeFilter: ["class", "style", "data-jp-theme-light", "data-jp-theme-name"],
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint, { signal });
  // a new style sheet, a moved window: no event tells of them all
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", ask, { signal });
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(asked);
    stop();
    sized.disconnect();
    themed.disconnect();
  });
}

function scene(state: State, ink: Ink, top: number, height: number): Scene {
  const { score, take } = state;
  const at = state.head.peek().time;
  const { rows } = state.shown.peek();
  // beside a short name there is no room for the words; else the row has room for what is to be done
  const narrow = state.view.peek().width < 600;
  return {
    bars: (state.chart as NonNullable<State["chart"]>).bars,
    rests: take?.rests ?? [],
    words: rows.map((row) => {
      const newest = newestAt(row, at);
      if (!newest || row.contributions.some((c) => c.entered !== null && c.entered <= at)) return "";
      return narrow ? wordsAt(row, rows, at) : row.task;
    }),
    view: state.view.peek(),
    playhead: at,
    top,
    height,
    selected: state.selected.peek(),
    hovered: state.hovered.peek(),
    glimpse: (id, newest) => {
      const c = state.contribution(id);
      if (!c) return "";
      const text = glimpse(score, c, at, newest)
        .replace(/```\w*/g, " ")
        .replace(/[`#*\s]+/g, " ")
        .trim();
      return c.ofTake ? `from ${c.ofTake}` : text;
    },
    notes: marksOf(state),
    ink,
  };
}

/** A canvas of that many CSS pixels, crisp on any screen. */
function context(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const found = canvas.getContext("2d");
  found?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return found;
}
