/** Everything that pointers, wheels and keys do on the timeline. */
import { effect } from "@preact/signals";
import { type Keys, onKeys } from "../keys";
import type { State } from "../state";
import type { Nodes } from "./paint";
import { hit } from "./place";

/** A pointer that moves less than this, in pixels, was a click. */
const CLICK = 4;

export function listen(state: State, nodes: Nodes, signal: AbortSignal): void {
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
    return bars ? hit(bars, state.view.peek(), state.head.peek().time, 0, x, y, state.lanes.peek()) : null;
  };

  // two fingers zoom, and take along what lies between them; up and down is the page's
  const fingers = new Map<number, number>();
  const pinch = (event: PointerEvent) => {
    const [a = 0, b = 0] = fingers.values();
    fingers.set(event.pointerId, event.clientX);
    const [c = 0, d = 0] = fingers.values();
    const left = stage.getBoundingClientRect().left;
    state.pan((a + b) / 2 - (c + d) / 2);
    const [before, after] = [Math.abs(a - b), Math.abs(c - d)];
    if (before > CLICK && after > CLICK) state.zoom(after / before, (c + d) / 2 - left);
  };

  stage.addEventListener(
    "pointerdown",
    (event) => {
      dragged = false;
      if (event.pointerType === "touch") fingers.set(event.pointerId, event.clientX);
      if (fingers.size > 1) {
        drag = null;
        return;
      }
      if (event.button === 0)
        drag = { x: event.clientX, y: event.clientY, top: scroll.scrollTop, moved: false };
    },
    { signal },
  );
  stage.addEventListener(
    "pointermove",
    (event) => {
      if (fingers.size === 2 && fingers.has(event.pointerId)) {
        pinch(event);
        return;
      }
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
  const released = (event: PointerEvent) => {
    dragged = (drag?.moved ?? false) || fingers.size > 1;
    fingers.delete(event.pointerId);
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

  const keys: Keys = {
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
    n: () => {
      const box = stage.closest(".score-kernel")?.querySelector<HTMLElement>(".sk-write");
      box?.focus();
    },
    "/": () => nodes.frame.querySelector<HTMLElement>(".sk-search input")?.focus(),
    b: () => state.branch(),
    "?": () => {
      state.keys.value = !state.keys.peek();
    },
    Enter: () => {
      if (state.selected.peek() === null) state.selectNext(1);
      const open = stage.closest(".score-kernel")?.querySelector<HTMLElement>(".sk-text");
      open?.focus();
    },
  };
  onKeys(stage, keys, signal);

  const scrollThere = () => {
    const sought = state.sought.peek();
    const bars = state.chart?.bars;
    const bar = sought && bars ? bars.indexOf(sought.c) : -1;
    if (!bars || bar < 0) return;
    const lanes = state.lanes.peek();
    const above = lanes.top(bars.row[bar] as number);
    const most = above + lanes.height - scroll.clientHeight;
    if (scroll.scrollTop > above) scroll.scrollTop = above;
    else if (scroll.scrollTop < most) scroll.scrollTop = most;
  };
  const stop = effect(() => {
    if (!state.sought.value) return;
    scrollThere();
    requestAnimationFrame(scrollThere); // a section that was just unfolded has its room only then
  });
  signal.addEventListener("abort", stop);
}
