import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Bundle } from "../src/hosts/output";
import { MIME_TYPE } from "../src/hosts/recording";
import { type Model, register } from "../src/hosts/registry";
import { newest } from "../src/lab/newest";
import { Outputs } from "../src/lab/outputs";
import { panel } from "../src/lab/panel";
import type { Notebook, NotebookTracker, OutputModel, Widget, WidgetClass } from "../src/lab/shared";

class FakeSignal {
  slots = new Set<(sender: never, value: never) => void>();
  connect(slot: (sender: never, value: never) => void): boolean {
    return !!this.slots.add(slot);
  }
  disconnect(slot: (sender: never, value: never) => void): boolean {
    return this.slots.delete(slot);
  }
  emit(sender: unknown, value: unknown): void {
    for (const slot of [...this.slots]) slot(sender as never, value as never);
  }
}

class FakeOutputs {
  changed = new FakeSignal();
  #held: OutputModel[];
  constructor(bundles: Bundle[]) {
    this.#held = bundles.map((data) => ({ toJSON: () => ({ data }) }));
  }
  get length(): number {
    return this.#held.length;
  }
  get(index: number): OutputModel {
    return this.#held[index] as OutputModel;
  }
  set(data: Bundle, index = 0): void {
    const before = this.#held[index];
    const now = { toJSON: () => ({ data }) };
    this.#held[index] = now;
    this.changed.emit(this, { oldValues: before ? [before] : [], newValues: [now] });
  }
}

class FakeCell {
  readonly type = "code";
  readonly outputs: FakeOutputs;
  readonly executionCount: number | null;
  constructor(executionCount: number | null, ...bundles: Bundle[]) {
    this.executionCount = executionCount;
    this.outputs = new FakeOutputs(bundles);
  }
}

class FakeNotebook {
  title = { label: "piece.ipynb", changed: new FakeSignal() };
  cells: (FakeCell | { type: "markdown" })[] & { changed?: FakeSignal };
  content = { activeCellIndex: 0, scrollToItem: vi.fn(async () => {}) };
  constructor(...cells: (FakeCell | { type: "markdown" })[]) {
    this.cells = Object.assign(cells, { changed: new FakeSignal() });
  }
  get model() {
    return { cells: this.cells };
  }
  get listeners(): number {
    const signals = [this.title.changed, this.cells.changed as FakeSignal];
    for (const cell of this.cells) if (cell instanceof FakeCell) signals.push(cell.outputs.changed);
    return signals.reduce((sum, { slots }) => sum + slots.size, 0);
  }
  as(): Notebook {
    return this as unknown as Notebook;
  }
}

const score = (key: string, more: object = {}): Bundle => ({
  [MIME_TYPE]: { key, live: false, ...more },
});
const text: Bundle = { "text/plain": "42" };
const model: Model = { get: () => null, send: () => {}, on: () => {}, off: () => {} };

describe("the newest", () => {
  const standing = (live: boolean, changed: number, execution: number) => ({ live, changed, execution });
  test("is what plays, then what changed last, then what ran last, then the lowest", () => {
    const order = [
      standing(false, 0, 0),
      standing(false, 0, 9),
      standing(false, 0, 9),
      standing(false, 1, 0),
      standing(false, 2, 0),
      standing(true, 0, 0),
      standing(true, 1, 0),
    ];
    for (let count = 1; count <= order.length; count += 1) {
      expect(newest(order.slice(0, count))).toBe(order[count - 1]);
    }
    expect(newest([...order.slice(1)].reverse())).toBe(order.at(-1));
    expect(newest([])).toBeNull();
  });
});

describe("the outputs of a notebook", () => {
  test("are looked through in all code cells, the last score of each", () => {
    const cell = new FakeCell(2, score("a"), score("b"), text);
    const outputs = new Outputs(
      new FakeNotebook({ type: "markdown" }, cell, new FakeCell(3, text)).as(),
      () => {},
    );
    expect(outputs.newest()?.key).toBe("b");
    expect(outputs.newest()?.cell).toBe(cell);
  });

  test("that are set anew as they were are no newer", () => {
    const [first, second] = [new FakeCell(1, score("a")), new FakeCell(2, score("b"))];
    const tell = vi.fn();
    const outputs = new Outputs(new FakeNotebook(first, second).as(), tell);
    first.outputs.set(score("a")); // as trusting a notebook does
    expect(outputs.newest()?.key).toBe("b");
    first.outputs.set(score("c"));
    expect(outputs.newest()?.key).toBe("c");
    second.outputs.set(text, 1);
    expect(outputs.newest()?.key).toBe("c");
    expect(tell).toHaveBeenCalledTimes(3);
  });

  test("say that something plays only while the page has its model", () => {
    const playing = new FakeCell(1, score("live-1", { live: true }));
    const tell = vi.fn();
    const outputs = new Outputs(new FakeNotebook(playing, new FakeCell(2, score("b"))).as(), tell);
    expect(outputs.newest()?.key).toBe("b"); // saved in mid-performance, long ago
    const forget = register("live-1", model);
    expect(tell).toHaveBeenCalledTimes(1);
    expect(outputs.newest()?.key).toBe("live-1");
    forget();
    expect(tell).toHaveBeenCalledTimes(2);
    expect(outputs.newest()?.key).toBe("b");
    outputs.dispose();
    register("live-1", model)();
    expect(tell).toHaveBeenCalledTimes(2);
  });

  test("of cells that come later are heard too, and none any more in the end", () => {
    const notebook = new FakeNotebook(new FakeCell(1, text));
    const tell = vi.fn();
    const outputs = new Outputs(notebook.as(), tell);
    const late = new FakeCell(null);
    notebook.cells.push(late);
    notebook.cells.changed?.emit(notebook.cells, {});
    late.outputs.set(score("late"));
    expect(outputs.newest()?.key).toBe("late");
    expect(tell).toHaveBeenCalledTimes(2);
    outputs.dispose();
    expect(notebook.listeners).toBe(0);
  });
});

describe("the panel", () => {
  const shows: string[] = [];
  const alive = new Set<object>();
  class FakeOutput {
    constructor(readonly root: HTMLElement) {
      alive.add(this);
      root.append(document.createElement("output"));
    }
    async show(bundle: Bundle): Promise<void> {
      shows.push((bundle[MIME_TYPE] as { key: string }).key);
    }
    dispose(): void {
      alive.delete(this);
    }
  }
  class FakeWidget implements Widget {
    id = "";
    node = document.createElement("div");
    title = { caption: "", icon: {} };
    isDisposed = false;
    isVisible = false;
    addClass(): void {}
    dispose(): void {
      this.isDisposed = true;
    }
    onAfterAttach(): void {}
    onAfterShow(): void {}
    onAfterHide(): void {}
    onActivateRequest(): void {}
  }
  const frames: FrameRequestCallback[] = [];
  const frame = () => {
    for (const one of frames.splice(0)) one(0);
  };
  beforeEach(() => {
    shows.length = 0;
    alive.clear();
    frames.length = 0;
    vi.stubGlobal("requestAnimationFrame", (callback: FrameRequestCallback) => frames.push(callback));
    vi.stubGlobal("cancelAnimationFrame", () => {
      frames.length = 0;
    });
  });

  function opened(notebook: FakeNotebook | null) {
    const tracker = { currentWidget: notebook, currentChanged: new FakeSignal() };
    const side = panel(
      FakeWidget as WidgetClass,
      FakeOutput,
      tracker as unknown as NotebookTracker,
      {},
    ) as unknown as FakeWidget;
    const see = (seen: boolean) => {
      side.isVisible = seen;
      if (seen) (side as Widget).onAfterShow(null);
      else (side as Widget).onAfterHide(null);
      frame();
    };
    const goTo = (other: FakeNotebook | null) => {
      tracker.currentWidget = other;
      tracker.currentChanged.emit(tracker, other);
      frame();
    };
    const said = () => [...side.node.querySelectorAll("p")].filter(({ hidden }) => !hidden)[0]?.textContent;
    return { side, tracker, see, goTo, said };
  }

  test("says what to type where nothing was played, and where no notebook is open", () => {
    const { see, said, goTo } = opened(new FakeNotebook(new FakeCell(1, text)));
    see(true);
    expect(said()).toContain("%load_ext score_kernel");
    expect(said()).toContain("%%conduct");
    goTo(null);
    expect(said()).toContain("Open a notebook");
    expect(alive.size).toBe(0);
  });

  test("shows an update in the view that is there, and another performance in one of its own", () => {
    const cell = new FakeCell(1, score("a"));
    const { see, said } = opened(new FakeNotebook(cell));
    see(true);
    expect(said()).toBeUndefined();
    const [first] = alive;
    cell.outputs.set(score("a", { take: "take2" }));
    cell.outputs.set(score("a", { take: "take3" }));
    frame();
    expect([...alive]).toEqual([first]);
    cell.outputs.set(text, 1); // nothing of ours
    frame();
    expect(shows).toEqual(["a", "a"]);
    cell.outputs.set(score("b"));
    frame();
    expect(shows).toEqual(["a", "a", "b"]);
    expect(alive.size).toBe(1);
    expect(alive.has(first as object)).toBe(false);
  });

  test("hears nothing and holds nothing while it is not seen, nor once it is disposed", () => {
    const [first, second] = [new FakeNotebook(new FakeCell(1, score("a"))), new FakeNotebook()];
    const { side, see, goTo, tracker } = opened(first);
    expect(first.listeners).toBe(0);
    see(true);
    expect(first.listeners).toBeGreaterThan(0);
    goTo(second);
    expect(first.listeners).toBe(0);
    expect(alive.size).toBe(0);
    see(false);
    expect(second.listeners).toBe(0);
    goTo(first);
    expect([first.listeners, alive.size]).toEqual([0, 0]);
    see(true);
    expect(alive.size).toBe(1);
    side.dispose();
    expect([first.listeners, alive.size, tracker.currentChanged.slots.size]).toEqual([0, 0, 0]);
    expect(side.node.querySelector("output")).toBeNull();
  });

  test("goes to the cell, wherever it is by then", () => {
    const notebook = new FakeNotebook(new FakeCell(1, score("a")));
    const { side, see } = opened(notebook);
    see(true);
    notebook.cells.unshift({ type: "markdown" });
    side.node.querySelector("button")?.click();
    expect(notebook.content.activeCellIndex).toBe(1);
    expect(notebook.content.scrollToItem).toHaveBeenCalledWith(1);
  });
});
