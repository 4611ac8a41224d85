/** A page for the view to stand in: a clock to move by hand, a size, and a canvas that writes down what is drawn. */
import { afterEach, beforeEach, vi } from "vitest";
import { mount, type Options, type View } from "../src/view";
import type { Event } from "../src/wire";

export const WIDTH = 1000;

/** One call that reached the canvas. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface Recorder {
  readonly calls: Call[];
  readonly canvas: CanvasRenderingContext2D;
}

/** A 2D context that draws nothing and remembers everything. */
export function recorder(): Recorder {
  const calls: Call[] = [];
  const canvas = new Proxy({} as Record<string, unknown>, {
    get: (target, name: string) => {
      if (name in target) return target[name];
      return (...args: unknown[]) => {
        calls.push({ name, args });
        if (name === "createImageData")
          return { data: new Uint8ClampedArray(4 * Number(args[0]) * Number(args[1])) };
        return name === "measureText" ? { width: String(args[0]).length * 6 } : undefined;
      };
    },
    set: (target, name: string, value) => {
      target[name] = value;
      return true;
    },
  }) as unknown as CanvasRenderingContext2D;
  return { calls, canvas };
}

/** The browser's `ImageData`. */
export class Pixels {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {
    if (data.length !== width * height * 4) throw new Error("pixels of another size");
  }
}

/** What observes the page and has not been told to stop. */
export const observers = new Set<object>();

class Observer {
  #callback: (entries: unknown[], observer: unknown) => void;
  constructor(callback: (entries: unknown[], observer: unknown) => void) {
    this.#callback = callback;
  }
  observe(): void {
    observers.add(this);
    this.#callback([], this);
  }
  disconnect(): void {
    observers.delete(this);
  }
}

export let calm = false;
export function setCalm(value: boolean): void {
  calm = value;
}

/** Listeners of media queries that stand. */
export const queries = new Set<unknown>();

export function useStage(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    calm = false;
    observers.clear();
    queries.clear();
    vi.stubGlobal("ResizeObserver", Observer);
    vi.stubGlobal("matchMedia", (media: string) => ({
      matches: calm && media.includes("reduced-motion"),
      addEventListener: (_: string, listener: unknown, { signal }: { signal: AbortSignal }) => {
        queries.add(listener);
        signal.addEventListener("abort", () => queries.delete(listener));
      },
    }));
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(WIDTH);
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(180);
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(
      (() => recorder().canvas) as never,
    );
    document.body.replaceChildren();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

export interface Shown {
  readonly root: HTMLElement;
  readonly view: View;
}

/** Mounts a view and lets a few frames pass. */
export async function show(events: Event[], options: Partial<Options> = {}): Promise<Shown> {
  const root = document.createElement("div");
  document.body.append(root);
  const view = mount(root, events, { take: "take1", live: false, ...options });
  await pass(600);
  return { root, view };
}

/** Lets time pass, frame by frame. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** The one element of that role and name. */
export function byRole(root: ParentNode, role: string, name: string | RegExp): HTMLElement {
  const found = allByRole(root, role, name);
  if (found.length !== 1) throw new Error(`${found.length} elements are ${role} ${name}: ${names(root)}`);
  return found[0] as HTMLElement;
}

const IMPLICIT: Readonly<Record<string, string>> = {
  button: "button",
  combobox: "select",
  slider: 'input[type="range"]',
  list: "ul",
  textbox: 'textarea, input[type="text"]',
  checkbox: 'input[type="checkbox"]',
  region: "section",
  group: "fieldset",
  spinbutton: 'input[type="number"]',
};

export function allByRole(root: ParentNode, role: string, name?: string | RegExp): HTMLElement[] {
  const implicit = IMPLICIT[role];
  const selector = [`[role="${role}"]`, ...(implicit ? [`${implicit}:not([role])`] : [])].join();
  return [...root.querySelectorAll<HTMLElement>(selector)].filter((element) => {
    const label = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
    return name === undefined || (typeof name === "string" ? label === name : name.test(label));
  });
}

export function names(root: ParentNode): string {
  return [...root.querySelectorAll("[aria-label]")]
    .map((element) => element.getAttribute("aria-label"))
    .join(" | ");
}

export function press(element: HTMLElement, key: string, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  element.dispatchEvent(event);
  return event;
}
