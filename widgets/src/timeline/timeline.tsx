/** The rows, the ruler above them, and everything that hands, wheels and keys do there. */
import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Sign } from "../icons";
import { glimpse, statusAt } from "../model/moment";
import { barName, newestAt, type Row, wordsAt } from "../model/rows";
import type { State } from "../state";
import { drawRows, drawRuler } from "./draw";
import { type Ink, readInk } from "./ink";
import { hit, inSight, place, ROW_HEIGHT } from "./place";
import type { Scene } from "./scene";

const RULER_HEIGHT = 26;
/** Beyond this many bars in sight there is no option for each: zoom in. */
const MOST_OPTIONS = 300;
/** A pointer that moves less than this, in pixels, was a click. */
const CLICK = 4;

interface Props {
  readonly state: State;
  /** Names the options of this view, apart from those of others on the page. */
  readonly id: string;
}

export function Timeline({ state, id }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const ruler = useRef<HTMLCanvasElement>(null);
  const rows = useRef<HTMLCanvasElement>(null);
  const scroll = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const parts = [frame.current, ruler.current, rows.current, scroll.current, stage.current];
    if (parts.some((part) => part === null)) return undefined;
    const ending = new AbortController();
    const nodes = {
      frame: frame.current as HTMLDivElement,
      ruler: ruler.current as HTMLCanvasElement,
      rows: rows.current as HTMLCanvasElement,
      scroll: scroll.current as HTMLDivElement,
      stage: stage.current as HTMLDivElement,
    };
    paint(state, nodes, ending.signal);
    listen(state, nodes, ending.signal);
    return () => ending.abort();
  }, [state]);

  const shown = state.shown.value;
  const selected = state.selected.value;
  const height = shown.rows.length * ROW_HEIGHT;
  const active =
    selected !== null && shown.take?.contributions.has(selected) ? `${id}-${selected}` : undefined;
  return (
    <div class="sk-timeline" ref={frame}>
      <div class="sk-ruler">
        <span class="sk-corner">Parts</span>
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the options say what it shows */}
        <canvas ref={ruler} aria-hidden="true" style={{ height: `${RULER_HEIGHT}px` }} />
      </div>
      <div class="sk-scroll" ref={scroll}>
        <div class="sk-sheet" style={{ height: `${height}px` }}>
          <div class="sk-names">
            {shown.rows.map((row) => (
              <Name key={row.part} row={row} rows={shown.rows} at={shown.at} />
            ))}
          </div>
          <div
            ref={stage}
            class="sk-stage"
            role="listbox"
            tabIndex={0}
            aria-label="Contributions"
            aria-activedescendant={active}
          >
            {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the options say what it shows */}
            <canvas ref={rows} aria-hidden="true" />
            <Options state={state} id={id} />
          </div>
        </div>
      </div>
    </div>
  );
}

function Name({ row, rows, at }: { readonly row: Row; readonly rows: readonly Row[]; readonly at: number }) {
  const newest = newestAt(row, at);
  const status = newest ? statusAt(newest, at) : "waiting";
  const scripted = newest?.player?.scripted && newest.entered !== null && newest.entered <= at;
  const words = wordsAt(row, rows, at);
  return (
    <div
      class="sk-name"
      data-status={status}
      style={{ height: `${ROW_HEIGHT}px` }}
      title={`${row.part}: ${words}`}
    >
      <Sign status={status} />
      <span class="sk-part">{row.part}</span>
      <span class="sk-words">{scripted ? `scripted, ${words}` : words}</span>
    </div>
  );
}

/** An option over each bar in sight: what the canvas shows, for assistive technology and for tests. */
function Options({ state, id }: Props) {
  const { take, at } = state.shown.value;
  const selected = state.selected.value;
  // the boxes follow what is shown; a view that moves is drawn at once and named as it rests
  const view = state.view.value;
  const bars = state.chart?.bars;
  if (!take || !bars || view.width <= 0) return null;
  let begun = 0;
  while (begun < bars.count && (bars.start[begun] as number) <= at) begun++;
  return (
    <>
      {inSight(bars, view, at, MOST_OPTIONS).map((i) => {
        const c = take.contributions.get(bars.id[i] as number);
        const box = place(bars, i, view, at, 0);
        if (!c || !box) return null;
        const left = Math.max(box.x, 0);
        const width = Math.max(Math.min(box.x + box.width, view.width) - left, 6);
        return (
          // biome-ignore lint/a11y/useFocusableInteractive: the listbox keeps the focus (aria-activedescendant)
          <div
            key={c.c}
            id={`${id}-${c.c}`}
            class="sk-option"
            role="option"
            aria-label={barName(c, at)}
            aria-description={c.player?.scripted ? "scripted" : undefined}
            aria-selected={selected === c.c}
            aria-posinset={i + 1}
            aria-setsize={begun}
            data-c={c.c}
            style={{ left: `${left}px`, top: `${box.y}px`, width: `${width}px`, height: `${box.height}px` }}
          />
        );
      })}
    </>
  );
}

interface Nodes {
  readonly frame: HTMLDivElement;
  readonly ruler: HTMLCanvasElement;
  readonly rows: HTMLCanvasElement;
  readonly scroll: HTMLDivElement;
  readonly stage: HTMLDivElement;
}

/** Draws what is shown, once a frame and only if something changed. */
function paint(state: State, nodes: Nodes, signal: AbortSignal): void {
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
      return narrow ? wordsAt(row, rows, at) : row.task || wordsAt(row, rows, at);
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
      return c.status === "reused" ? `from ${c.ofTake}` : text;
    },
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

function listen(state: State, nodes: Nodes, signal: AbortSignal): void {
  const { stage, ruler, scroll } = nodes;
  let drag: { x: number; y: number; top: number; moved: boolean } | null = null;
  let dragged = false; // the click that ends a drag selects nothing

  const at = (event: MouseEvent) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const under = (event: MouseEvent): number | null => {
    const bars = state.chart?.bars;
    const { x, y } = at(event);
    return bars ? hit(bars, state.view.peek(), state.head.peek().time, 0, x, y) : null;
  };

  stage.addEventListener(
    "pointerdown",
    (event) => {
      dragged = false;
      if (event.button === 0)
        drag = { x: event.clientX, y: event.clientY, top: scroll.scrollTop, moved: false };
    },
    { signal },
  );
  stage.addEventListener(
    "pointermove",
    (event) => {
      if (!drag) {
        state.hovered.value = under(event);
        stage.dataset.over = state.hovered.value === null ? "" : "bar";
        return;
      }
      if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < CLICK) return;
      if (!drag.moved) stage.setPointerCapture(event.pointerId);
      drag.moved = true;
      state.pan(drag.x - event.clientX);
      scroll.scrollTop = drag.top + drag.y - event.clientY;
      drag.x = event.clientX;
    },
    { signal },
  );
  const released = () => {
    dragged = drag?.moved ?? false;
    drag = null;
  };
  stage.addEventListener("pointerup", released, { signal });
  stage.addEventListener("pointercancel", released, { signal });
  stage.addEventListener(
    "pointerleave",
    () => {
      state.hovered.value = null;
    },
    { signal },
  );
  stage.addEventListener(
    "click",
    (event) => {
      if (dragged) return;
      const option = (event.target as Element).closest<HTMLElement>("[data-c]");
      const found = option ? Number(option.dataset.c) : under(event);
      if (found !== null) state.select(found);
    },
    { signal },
  );

  const wheel = (event: WheelEvent) => {
    const x = event.clientX - stage.getBoundingClientRect().left;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) state.zoom(Math.exp((-event.deltaY * lines) / 240), x);
    else if (event.shiftKey) state.pan((event.deltaY || event.deltaX) * lines);
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) state.pan(event.deltaX * lines);
    else return; // the page's, or the rows' where they overflow
    event.preventDefault();
  };
  stage.addEventListener("wheel", wheel, { signal, passive: false });
  ruler.addEventListener("wheel", wheel, { signal, passive: false });

  const scrub = (event: PointerEvent) => {
    const x = event.clientX - ruler.getBoundingClientRect().left;
    state.scrub(state.view.peek().time(x));
  };
  ruler.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      ruler.setPointerCapture(event.pointerId);
      scrub(event);
    },
    { signal },
  );
  ruler.addEventListener(
    "pointermove",
    (event) => {
      if (ruler.hasPointerCapture(event.pointerId)) scrub(event);
    },
    { signal },
  );

  const keys: Readonly<Record<string, () => void>> = {
    " ": () => state.toggle(),
    ArrowLeft: () => state.step(-1),
    ArrowRight: () => state.step(1),
    ArrowUp: () => state.selectNext(-1),
    ArrowDown: () => state.selectNext(1),
    Home: () => state.toStart(),
    End: () => state.toEnd(),
    "+": () => state.zoom(1.5),
    "=": () => state.zoom(1.5),
    "-": () => state.zoom(1 / 1.5),
    "0": () => state.fit(),
    "?": () => {
      state.keys.value = !state.keys.peek();
    },
    Enter: () => {
      if (state.selected.peek() === null) state.selectNext(1);
      const open = stage.closest(".score-kernel")?.querySelector<HTMLElement>(".sk-text");
      open?.focus();
    },
  };
  stage.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const key = keys[event.key];
      if (!key) return;
      event.preventDefault();
      key();
      const box = scroll.getBoundingClientRect();
      const option = stage.querySelector('[aria-selected="true"]')?.getBoundingClientRect();
      if (option && option.top < box.top) scroll.scrollTop -= box.top - option.top + 8;
      if (option && option.bottom > box.bottom) scroll.scrollTop += option.bottom - box.bottom + 8;
    },
    { signal },
  );
}
