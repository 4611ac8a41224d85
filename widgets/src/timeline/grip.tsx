/** The lower edge of the rows: taken hold of, it makes room for more of them, or fewer. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Keys, onKeys } from "../keys";
import type { State } from "../state";
import { mostHeight, ROW_HEIGHT } from "./place";

/** No fewer rows than this are left. */
const LEAST = 2 * ROW_HEIGHT;
/** With fewer rows there is nothing to be gained. */
const FEW_ROWS = 5;
const STEP = ROW_HEIGHT;

interface Props {
  readonly state: State;
  readonly scroll: RefObject<HTMLDivElement | null>;
}

export function Grip({ state, scroll }: Props) {
  const { rows } = state.shown.value;
  const grip = useRef<HTMLDivElement>(null);
  const there = rows.length > FEW_ROWS;
  useLayoutEffect(() => {
    const ending = new AbortController();
    if (grip.current && scroll.current) take(state, grip.current, scroll.current, ending.signal);
    return () => ending.abort();
  }, [state, there]);
  if (!there) return null;
  const now = state.height.value ?? Math.min(mostHeight(), rows.length * ROW_HEIGHT);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is no rule
    <div
      ref={grip}
      class="sk-grip"
      role="separator"
      tabIndex={0}
      aria-label="Height of the rows"
      aria-orientation="horizontal"
      aria-valuemin={LEAST}
      aria-valuemax={Math.max(LEAST, rows.length * ROW_HEIGHT)}
      aria-valuenow={Math.round(now)}
      aria-valuetext={`${Math.round(now)} pixels`}
      title="Drag for more rows or fewer; double-click: as it was"
    />
  );
}

function take(state: State, grip: HTMLElement, scroll: HTMLElement, signal: AbortSignal): void {
  let held: { y: number; height: number } | null = null;
  const make = (height: number) => {
    const all = state.shown.peek().rows.length * ROW_HEIGHT;
    state.height.value = Math.round(Math.min(Math.max(height, LEAST), Math.max(all, LEAST)));
  };
  grip.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      held = { y: event.clientY, height: scroll.clientHeight };
      grip.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  grip.addEventListener(
    "pointermove",
    (event) => {
      if (held) make(held.height + event.clientY - held.y);
    },
    { signal },
  );
  const released = () => {
    held = null;
  };
  grip.addEventListener("pointerup", released, { signal });
  grip.addEventListener("pointercancel", released, { signal });
  const reset = () => {
    state.height.value = null;
  };
  grip.addEventListener("dblclick", reset, { signal });
  const keys: Keys = {
    ArrowUp: () => make(scroll.clientHeight - STEP),
    ArrowDown: () => make(scroll.clientHeight + STEP),
    Home: () => make(LEAST),
    End: () => make(Number.POSITIVE_INFINITY),
    Enter: reset,
  };
  onKeys(grip, keys, signal);
}
