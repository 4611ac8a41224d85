/** Puts the picture on the page's canvases, whenever what it shows has changed. */
import { effect } from "@preact/signals";
import { glimpse, statusAt } from "../model/moment";
import { coverageAt, newestAt, type Row, type Then, toolOf, turnCame, wordsAt } from "../model/rows";
import { Painter } from "../raster/painter";
import type { Look } from "../raster/raster";
import type { State } from "../state";
import { denseRows } from "./afar";
import { drawRows, drawRuler } from "./draw";
import { type Ink, palettes, readInk } from "./ink";
import { marksOf } from "./marks";
import { drawMap } from "./minimap";
import { mostHeight, RULER_HEIGHT } from "./place";
import type { Breath, Scene } from "./scene";

/** What of the page the timeline stands in. */
export interface Nodes {
  readonly frame: HTMLDivElement;
  readonly ruler: HTMLCanvasElement;
  readonly rows: HTMLCanvasElement;
  readonly scroll: HTMLDivElement;
  readonly stage: HTMLDivElement;
  /** Not always there. */
  readonly map: { readonly current: HTMLCanvasElement | null };
}

/** Draws what is shown, once a frame and only if something changed. */
export function paint(state: State, nodes: Nodes, signal: AbortSignal): void {
  let ink: Ink | null = null;
  let asked = 0;
  const painter = new Painter();
  const put = (picture: Scene) => {
    if (signal.aborted) return;
    const ruler = context(nodes.ruler, picture.view.width, RULER_HEIGHT);
    const rows = context(nodes.rows, picture.view.width, picture.height);
    if (!ruler || !rows) return;
    drawRuler(ruler, picture, RULER_HEIGHT);
    drawRows(rows, picture);
  };
  const draw = () => {
    asked = 0;
    if (!state.chart || state.view.peek().width <= 0) return;
    ink ??= readInk(nodes.frame);
    const picture = scene(state, ink, nodes.scroll.scrollTop, nodes.scroll.clientHeight);
    const { bars, dense } = picture;
    if (picture.height <= 0 || (dense !== "all" && dense.size === 0)) {
      painter.forget();
      put(picture);
    } else {
      const done = (raster: CanvasImageSource) => put({ ...picture, picture: raster });
      painter.paint({ rows: bars.raster, look: lookOf(picture), done });
    }
    if (nodes.map.current) drawMap(nodes.map.current, state, ink);
  };
  const ask = () => {
    if (!asked && !signal.aborted) asked = requestAnimationFrame(draw);
  };
  const repaint = () => {
    ink = null;
    ask();
  };
  const look = () => {
    const { scrollTop, clientHeight } = nodes.scroll;
    const { first, last } = state.lanes.peek().between(scrollTop, scrollTop + clientHeight);
    state.scrolled(first, last);
    ask();
  };
  const lay = () => state.lay(Math.floor(state.height.peek() ?? mostHeight()));
  const laid = effect(() => {
    state.afar.value;
    state.height.value;
    state.shown.value;
    lay();
  });
  const stop = effect(() => {
    state.lanes.value;
    state.view.value;
    state.head.value;
    state.shown.value;
    state.selected.value;
    state.hovered.value;
    state.search.ids.value;
    ask();
  });
  const sized = new ResizeObserver(() => {
    state.resize(nodes.stage.clientWidth);
    look();
  });
  sized.observe(nodes.stage);
  sized.observe(nodes.scroll);
  nodes.scroll.addEventListener("scroll", look, { signal, passive: true });
  addEventListener("resize", lay, { signal });
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
    laid();
    stop();
    painter.close();
    sized.disconnect();
    themed.disconnect();
  });
}

const SILENT = new Set(["muted", "skipped", "blocked"]);

/** Where a part with a written rest rested, before each time that it entered. */
function breathsOf(row: Row, index: number, then: Then): Breath[] {
  const { enters } = row;
  if (typeof enters !== "number" || enters <= 0) return [];
  return row.contributions.flatMap((c) => {
    const until = c.entered ?? c.ended ?? then.at;
    const came = turnCame(row, { ...then, at: Math.min(until, then.at) });
    if (came === null || c.status === "reused") return [];
    const from = Math.max(came, c.since);
    return [{ row: index, from, to: Math.min(until, from + enters * 1000) }];
  });
}

function scene(state: State, ink: Ink, top: number, height: number): Scene {
  const { score, take } = state;
  const at = state.head.peek().time;
  const { rows } = state.shown.peek();
  const then = { take, rows, at };
  const lanes = state.lanes.peek();
  const { first, last } = lanes.between(top, top + height);
  const words = new Array<string>(rows.length).fill("");
  const breaths: Breath[] = [];
  // beside a short name there is no room for the words; else the row has room for what is to be done
  const narrow = state.view.peek().width < 600;
  for (let i = first; lanes.readable && i < Math.min(last, rows.length); i++) {
    const row = rows[i] as Row;
    breaths.push(...breathsOf(row, i, then));
    if (row.contributions.some((c) => c.entered !== null && c.entered <= at)) continue;
    const newest = newestAt(row, at);
    const silent = newest && SILENT.has(statusAt(newest, at));
    if (newest || row.section) words[i] = narrow || silent ? wordsAt(row, then) : row.task;
  }
  const chart = state.chart as NonNullable<State["chart"]>;
  const view = state.view.peek();
  return {
    bars: chart.bars,
    lanes,
    dense: denseRows(chart.bars, view, at, lanes, top, height),
    picture: null,
    rests: take?.rests ?? [],
    breaths,
    words,
    view,
    playhead: at,
    top,
    height,
    selected: state.selected.peek(),
    hovered: state.hovered.peek(),
    found: state.search.ids.peek(),
    glimpse: (id, newest) => {
      const c = state.contribution(id);
      if (!c) {
        const part = chart.sectionOf(id);
        const row = part && rows.find((other) => other.part === part);
        return row ? coverageAt(row, at) : "";
      }
      const text = glimpse(score, c, at, newest)
        .replace(/```\w*/g, " ")
        .replace(/[`#*]+/g, "")
        .replace(/\s+/g, " ")
        .trim();
      if (c.ofTake) return `from ${c.ofTake}`;
      const turn = text ? undefined : c.turns.findLast((ended) => ended.at <= at);
      const called = turn?.calls.filter((call) => call.ended === null || call.ended > at) ?? [];
      return called.length ? `calls ${called.map(({ id }) => toolOf(c, id)).join(", ")}` : text;
    },
    notes: marksOf(state),
    ink,
  };
}

/** What of a scene is drawn as one picture, in pixels of the screen. */
function lookOf({ view, lanes, dense, height, top, playhead, ink }: Scene): Look {
  const ratio = devicePixelRatio || 1;
  return {
    start: view.start,
    end: view.end,
    width: Math.round(view.width * ratio),
    height: Math.round(height * ratio),
    rowHeight: lanes.height * ratio,
    inset: lanes.inset * ratio,
    barHeight: lanes.bar * ratio,
    top: top * ratio,
    playhead,
    ...palettes(ink),
    ...(dense === "all" ? {} : { only: dense }),
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
