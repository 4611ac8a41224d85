/** The rows and the ruler above them: names beside a canvas, and an option over each bar on it. */
import type { RefObject, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon, type IconName, Sign } from "../icons";
import {
  barName,
  letIn,
  newestAt,
  type Row,
  rowStatusAt,
  sectionName,
  standingAt,
  wordsAt,
} from "../model/rows";
import type { Contribution } from "../model/take";
import { search } from "../raster/rows";
import { SearchBox } from "../search";
import type { State } from "../state";
import { Grip } from "./grip";
import { listen } from "./hands";
import { NoteMarks } from "./marks";
import { Minimap } from "./minimap";
import { paint } from "./paint";
import { inSight, type Lanes, place, RULER_HEIGHT } from "./place";

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
  const map = useRef<HTMLCanvasElement>(null);
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
      map,
    };
    paint(state, nodes, ending.signal);
    listen(state, nodes, ending.signal);
    return () => ending.abort();
  }, [state]);

  const shown = state.shown.value;
  const height = state.lanes.value.top(shown.rows.length);
  const most = state.height.value;
  return (
    <div class="sk-timeline" ref={frame}>
      <div class="sk-ruler">
        <SearchBox state={state} />
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the options say what it shows */}
        <canvas ref={ruler} aria-hidden="true" style={{ height: `${RULER_HEIGHT}px` }} />
        <div class="sk-over">
          <NoteMarks state={state} onRuler={true} />
        </div>
      </div>
      <div class="sk-scroll" ref={scroll} style={most === null ? "" : { maxHeight: `${most}px` }}>
        <div class="sk-sheet" style={{ height: `${height}px` }}>
          <Names state={state} />
          <Contributions state={state} id={id} stage={stage} canvas={rows} />
        </div>
      </div>
      <Grip state={state} scroll={scroll} />
      <Minimap state={state} canvas={map} />
    </div>
  );
}

/** The names of the rows in sight; the others take up room alone. */
function Names({ state }: { readonly state: State }) {
  const { rows } = state.shown.value;
  const { first, last } = state.rowsInSight.value;
  const lanes = state.lanes.value;
  if (!lanes.readable) return <FewNames rows={rows} lanes={lanes} />;
  const begin = Math.min(Math.max(first, 0), rows.length);
  return (
    <div class="sk-names" style={{ paddingTop: `${lanes.top(begin)}px` }}>
      {rows.slice(begin, last).map((row) => (
        <Name key={row.key} state={state} row={row} height={lanes.height} />
      ))}
    </div>
  );
}

/** A name from afar needs so many pixels. */
const NAME_HEIGHT = 15;

/** Where rows are too low for each to have its name: the parts', as far as there is room. */
function FewNames({ rows, lanes }: { readonly rows: readonly Row[]; readonly lanes: Lanes }) {
  const named: VNode[] = [];
  let free = 0; // from here down there is room
  for (const [r, row] of rows.entries()) {
    const top = lanes.top(r);
    const least = lanes.height < NAME_HEIGHT && row.item !== null;
    if (least || Math.max(top, free) - top > lanes.height) continue;
    const middle = top + (Math.min(lanes.height, 2 * NAME_HEIGHT) - NAME_HEIGHT) / 2;
    const y = Math.max(Math.min(middle, lanes.top(rows.length) - NAME_HEIGHT), free);
    free = y + NAME_HEIGHT;
    named.push(
      <span key={row.key} class="sk-few" style={{ top: `${y}px` }} title={row.key}>
        {row.key}
      </span>,
    );
  }
  return <div class="sk-names">{named}</div>;
}

interface NameProps {
  readonly state: State;
  readonly row: Row;
  readonly height: number;
}

function Name({ state, row, height }: NameProps) {
  const shown = state.shown.value;
  const { at } = shown;
  const newest = newestAt(row, at);
  const status = rowStatusAt(row, at);
  const scripted = newest?.player?.scripted && newest.entered !== null && newest.entered <= at;
  const words = wordsAt(row, shown);
  // where there is room for half of it: the bar itself says from which take
  const short = status === "reused" ? `scripted, ${words}` : `${words}, scripted`;
  const name = row.label ? `${row.key} ${row.label}` : row.key;
  return (
    <div
      class="sk-name"
      data-status={status}
      data-item={row.item ?? undefined}
      style={{ height: `${height}px` }}
      title={`${name}: ${words}`}
    >
      <Sign status={status} />
      <span class="sk-part">
        {row.item === null ? row.part : row.label || row.key}
        {row.label ? <span class="sk-index">{row.item}</span> : null}
      </span>
      <span class="sk-words">{scripted ? short : words}</span>
      <span class="sk-tools">
        <RowButtons state={state} row={row} />
      </span>
    </div>
  );
}

/** What a row can be asked: to unfold, and of the kernel, to enter, to be silent, and to play after all. */
function RowButtons({ state, row }: { readonly state: State; readonly row: Row }) {
  const shown = state.shown.value;
  const { part, item } = row;
  const standing = state.conducts ? standingAt(row, Number.POSITIVE_INFINITY) : [];
  const now = { ...shown, at: Number.POSITIVE_INFINITY };
  const muted = standing.length > 0 && standing.every((c) => c.status === "muted");
  const mutes = standing.some((c) => ["waiting", "playing", "held"].includes(c.status));
  const unfolded = state.unfolded.value.has(part);
  const mute = muted ? "Unmute" : "Mute";
  return (
    <>
      {state.conducts && letIn(row, now) ? (
        <RowButton
          icon="enter"
          label={`Enter ${row.key}`}
          strong={true}
          onClick={() => state.cue({ type: "enter", part, ...(item === null ? {} : { item }) })}
        />
      ) : null}
      {item === null && (muted || mutes) ? (
        <RowButton
          icon={muted ? "sound" : "mute"}
          label={`${mute} ${part}`}
          strong={muted}
          onClick={() => state.cue({ type: muted ? "unmute" : "mute", part })}
        />
      ) : null}
      {row.section ? (
        <RowButton
          icon={unfolded ? "fold" : "unfold"}
          label={`${unfolded ? "Fold" : "Unfold"} ${part}`}
          expanded={unfolded}
          strong={true}
          onClick={() => state.fold(part)}
        />
      ) : null}
    </>
  );
}

interface RowButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  /** Seen without looking for it. */
  readonly strong: boolean;
  readonly expanded?: boolean;
}

function RowButton({ icon, label, onClick, strong, expanded }: RowButtonProps) {
  return (
    <button
      type="button"
      class="sk-row-button"
      aria-label={label}
      aria-expanded={expanded}
      title={label}
      data-strong={strong}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
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

function optionsOf(state: State, prefix: string): VNode[] {
  const { take, rows, at } = state.shown.value;
  const selected = state.selected.value;
  // the boxes follow what is shown; a view that moves is drawn at once and named as it rests
  const view = state.view.value;
  const lanes = state.lanes.value;
  const bars = state.chart?.bars;
  if (!take || !bars || view.width <= 0) return [];
  const begun = bars.position(search(bars.start, at, 0, bars.count, true) - 1);
  return inSight(bars, view, at, MOST_OPTIONS, state.rowsInSight.value, lanes).flatMap((i) => {
    const id = bars.id[i] as number;
    const c = take.contributions.get(id);
    const section = c ? undefined : rows[bars.row[i] as number];
    const box = place(bars, i, view, at, 0, lanes);
    if (!(c || section) || !box) return [];
    const name = c
      ? barName(c, at)
      : sectionName(section as Row, bars.start[i] as number, bars.end[i] as number, at);
    const left = Math.max(box.x, 0);
    const width = Math.max(Math.min(box.x + box.width, view.width) - left, 6);
    return (
      // biome-ignore lint/a11y/useFocusableInteractive: the listbox keeps the focus (aria-activedescendant)
      <div
        key={id}
        id={`${prefix}-${id}`}
        class="sk-option"
        role="option"
        aria-label={name}
        aria-description={c ? described(c) : "a section: its items can be unfolded"}
        aria-selected={selected === id}
        aria-posinset={bars.position(i)}
        aria-setsize={begun}
        data-c={id}
        style={{ left: `${left}px`, top: `${box.y}px`, width: `${width}px`, height: `${box.height}px` }}
      />
    );
  });
}

/** What a bar's name does not say. */
function described(c: Contribution): string | undefined {
  const words = [c.player?.scripted ? "scripted" : "", c.lap > 1 ? `pass ${c.lap}` : ""].filter(Boolean);
  return words.length ? words.join(", ") : undefined;
}
