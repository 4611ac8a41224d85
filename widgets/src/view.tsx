/**
 * The score view: a performance in the page, live, replayed or looked back at.
 *
 * Data runs one way: events (`wire`) fold to a score (`model`), `state` adds where one looks and where
 * the playhead is, and the components and the canvas (`timeline`) show that. Only what
 * conducts (`conducting`, the notes, a row's buttons) ever asks the kernel, through the `Link` it is given.
 */
import { effect } from "@preact/signals";
import { render } from "preact";
import { WaitsForYou } from "./conducting";
import { Announcer, Flags, Header, Keys, Notices, Transport } from "./controls";
import { Graph } from "./graph";
import { Inspector } from "./inspector";
import { NoteBox, Notes } from "./notes";
import { State } from "./state";
import { TempoBar } from "./tempo";
import css from "./theme.css";
import { Timeline } from "./timeline/timeline";
import type { Event, Tempo } from "./wire";

export type Cue =
  | { type: "pause"; now?: boolean }
  | { type: "resume" }
  | { type: "stop" }
  | { type: "note"; to: string; text: string; now: boolean }
  | { type: "drop"; note: string }
  | { type: "enter"; part: string; item?: number }
  | { type: "mute" | "unmute"; part: string }
  | { type: "release"; part: string; item?: number; edit?: string; back?: string; no?: boolean }
  | { type: "beat"; n: number }
  | ({ type: "tempo" } & Partial<Tempo>)
  | { type: "play"; part: string; text: string; item?: number }
  | { type: "branch"; moment: string };

/** A kernel that lives, and what it can be asked. */
export interface Link {
  cue(cue: Cue): void;
  /** Whether a branch can be conducted from here. */
  readonly branches?: boolean;
}

export interface Options {
  /** Which take to show: `take2`. */
  take: string;
  /** It still plays, and events will follow. */
  live: boolean;
  /** One line that the cell says of it. */
  told?: string;
}

export interface View {
  /** More events, in order. */
  feed(events: Event[]): void;
  /** A snapshot: starts anew, and keeps zoom, selection and playhead where that makes sense. */
  reset(events: Event[], options: Options): void;
  /** The performance's controls are there, and work, while there is a link. */
  link(link: Link | null): void;
  /** One line from the kernel: a cue was refused. */
  say(text: string): void;
  /** Plays from the start, at so many times the pace. */
  replay(speed: number): void;
  /** Leaves the page as it was. */
  destroy(): void;
}

let mounted = 0;

/** Shows events in `root`, which it shares with nobody until `destroy`. */
export function mount(root: HTMLElement, events: Event[], options: Options): View {
  const ending = new AbortController();
  const { signal } = ending;
  const id = `score-kernel-${++mounted}`;

  const place = document.createElement("div");
  place.className = "score-kernel";
  suppressShortcuts(place, true);
  const style = document.createElement("style");
  style.textContent = css;
  const body = document.createElement("div");
  body.className = "sk-body";
  place.append(style, body);
  root.append(place);

  let asked = 0;
  const frame = (now: number) => {
    asked = 0;
    if (state.frame(now)) wake();
  };
  const wake = () => {
    if (!asked && !signal.aborted) asked = requestAnimationFrame(frame);
  };
  const state = new State(options, wake);

  const motion = matchMedia("(prefers-reduced-motion: reduce)");
  state.calm = motion.matches;
  motion.addEventListener("change", () => (state.calm = motion.matches), { signal });

  keepKeys(place, signal);
  giveFocusBack(place, state, signal);
  state.reset(events, options, performance.now());
  render(<Whole state={state} id={id} />, body);
  const stop = effect(() => {
    state.head.value;
    wake();
  });

  return {
    feed: (more) => state.feed(more),
    reset: (snapshot, anew) => state.reset(snapshot, anew, performance.now()),
    link: (link) => {
      state.link.value = link;
    },
    say: (text) => state.refused(text),
    replay: (speed) => state.replay(speed),
    destroy: () => {
      ending.abort();
      state.hearing.close();
      cancelAnimationFrame(asked);
      stop();
      render(null, body);
      place.remove();
    },
  };
}

function Whole({ state, id }: { readonly state: State; readonly id: string }) {
  return (
    <>
      <Header state={state} />
      <Notices state={state} />
      <WaitsForYou state={state} />
      <TempoBar state={state} />
      <Announcer state={state} />
      <Transport state={state} />
      <Graph state={state} />
      <div class="sk-middle">
        <Timeline state={state} id={id} />
        <Keys state={state} />
      </div>
      <NoteBox state={state} />
      <Notes state={state} />
      <Flags state={state} />
      <Inspector state={state} />
    </>
  );
}

/** Keys that are text's own with a modifier too: select all, copy, move by words. */
const OF_TEXT = new Set([
  ...["a", "c", "v", "x", "y", "z", "Backspace", "Delete"],
  ...["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"],
]);

/** Whether a key is meant for the view; else it is a shortcut of the page: Ctrl+S saves the notebook. */
function isOwn(event: KeyboardEvent): boolean {
  // Ctrl+Enter sends what is in a box; elsewhere it runs the cell
  if (event.key === "Enter" && event.composedPath()[0] instanceof HTMLTextAreaElement) return true;
  // that types a character; what Lumino plays again is no KeyboardEvent
  if (event instanceof KeyboardEvent && event.getModifierState("AltGraph")) return true;
  if (!event.ctrlKey && !event.metaKey && !event.altKey) return true;
  return OF_TEXT.has(event.key.length === 1 ? event.key.toLowerCase() : event.key);
}

/** Tells JupyterLab whether its shortcuts hold in here. */
function suppressShortcuts(place: HTMLElement, suppress: boolean): void {
  if (suppress) place.dataset.lmSuppressShortcuts = "true";
  else delete place.dataset.lmSuppressShortcuts;
}

/** Keeps JupyterLab's shortcuts away while the focus is in here, for D D would delete the cell. */
function keepKeys(place: HTMLElement, signal: AbortSignal): void {
  // JupyterLab listens on the document, on the event's way down or up as it is set: only the window is before it
  window.addEventListener(
    "keydown",
    (event) => {
      if (!event.composedPath().includes(place)) return;
      const own = isOwn(event);
      suppressShortcuts(place, own);
      // some shortcuts are bound to whatever has the focus, so that what is around it is never asked
      if (event.target instanceof HTMLElement) suppressShortcuts(event.target, own);
    },
    { signal, capture: true },
  );
  place.addEventListener(
    "keydown",
    (event) => {
      if (isOwn(event)) event.stopPropagation();
    },
    { signal },
  );
}

/** Escape gives the focus back to where it was, or to the notebook around. */
function giveFocusBack(place: HTMLElement, state: State, signal: AbortSignal): void {
  let before: HTMLElement | null = null;
  place.addEventListener(
    "focusin",
    (event) => {
      const from = event.relatedTarget;
      if (from instanceof HTMLElement && !place.contains(from)) before = from;
    },
    { signal },
  );
  place.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      if (state.keys.peek()) {
        state.keys.value = false;
        return;
      }
      const around = place.parentElement?.closest<HTMLElement>(".jp-Notebook, [tabindex]");
      const target = before?.isConnected ? before : around;
      (document.activeElement as HTMLElement | null)?.blur();
      target?.focus({ preventScroll: true });
    },
    { signal },
  );
}
