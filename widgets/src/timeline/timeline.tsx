/** The rows and the ruler above them: names beside a canvas, and an option over each bar on it. */
import type { RefObject, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Sign } from "../icons";
import { statusAt } from "../model/moment";
import { barName, newestAt, type Row, wordsAt } from "../model/rows";
import type { State } from "../state";
import { listen } from "./hands";
import { NoteMarks } from "./marks";
import { paint } from "./paint";
import { inSight, place, ROW_HEIGHT, RULER_HEIGHT } from "./place";

/** Beyond this many bars in sight there is no option for each: zoom in. */
const MOST_OPTIONS = 300;

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
  const height = shown.rows.length * ROW_HEIGHT;
  return (
    <div class="sk-timeline" ref={frame}>
      <div class="sk-ruler">
        <span class="sk-corner">Parts</span>
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the options say what it shows */}
        <canvas ref={ruler} aria-hidden="true" style={{ height: `${RULER_HEIGHT}px` }} />
        <div class="sk-over">
          <NoteMarks state={state} onRuler={true} />
        </div>
      </div>
      <div class="sk-scroll" ref={scroll}>
        <div class="sk-sheet" style={{ height: `${height}px` }}>
          <div class="sk-names">
            {shown.rows.map((row) => (
              <Name key={row.part} row={row} rows={shown.rows} at={shown.at} />
            ))}
          </div>
          <Contributions state={state} id={id} stage={stage} canvas={rows} />
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
  // where there is room for half of it: the bar itself says from which take
  const short = status === "reused" ? `scripted, ${words}` : `${words}, scripted`;
  return (
    <div
      class="sk-name"
      data-status={status}
      style={{ height: `${ROW_HEIGHT}px` }}
      title={`${row.part}: ${words}`}
    >
      <Sign status={status} />
      <span class="sk-part">{row.part}</span>
      <span class="sk-words">{scripted ? short : words}</span>
    </div>
  );
}

interface ContributionsProps extends Props {
  readonly stage: RefObject<HTMLDivElement | null>;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
}

/** An option over each bar in sight: what the canvas shows, for assistive technology and for tests. */
function Contributions({ state, id, stage, canvas }: ContributionsProps) {
  const selected = state.selected.value;
  const options = optionsOf(state, id);
  return (
    <div
      ref={stage}
      class="sk-stage"
      role="listbox"
      tabIndex={0}
      aria-label="Contributions"
      aria-activedescendant={options.some(({ key }) => key === selected) ? `${id}-${selected}` : undefined}
    >
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the options say what it shows */}
      <canvas ref={canvas} aria-hidden="true" />
      {options}
      <NoteMarks state={state} onRuler={false} />
    </div>
  );
}

function optionsOf(state: State, id: string): VNode[] {
  const { take, at } = state.shown.value;
  const selected = state.selected.value;
  // the boxes follow what is shown; a view that moves is drawn at once and named as it rests
  const view = state.view.value;
  const bars = state.chart?.bars;
  if (!take || !bars || view.width <= 0) return [];
  let begun = 0;
  while (begun < bars.count && (bars.start[begun] as number) <= at) begun++;
  return inSight(bars, view, at, MOST_OPTIONS).flatMap((i) => {
    const c = take.contributions.get(bars.id[i] as number);
    const box = place(bars, i, view, at, 0);
    if (!c || !box) return [];
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
  });
}
