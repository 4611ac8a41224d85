import { Blob as NodeBlob } from "node:buffer";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test, vi } from "vitest";
import anywidget from "../src/hosts/anywidget";
import { extension, type Widget, type WidgetClass } from "../src/hosts/mime";
import { MIME_TYPE, picture, read } from "../src/hosts/recording";
import { lines } from "./fixtures";
import { allByRole, byRole, pass, useStage } from "./page";

useStage();
let key = "";
let number = 0;
beforeEach(() => {
  key = `k${++number}`;
  vi.stubGlobal("Blob", NodeBlob); // jsdom's cannot be streamed
});

const PICTURE = '<figure><img alt="5 parts" src="data:image/svg+xml;base64,PHN2Zy8+"></figure>';
/** In the place of `code.js`: every word is a keyword to it. */
const CODE = `(globalThis[Symbol.for("score-kernel.code.1")] ??= {}).cut = (code) => [{ kind: "keyword", text: code }];`;
const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";

function data(jsonl: string, more: object = {}): Record<string, unknown> {
  const events = gzipSync(jsonl).toString("base64");
  return { format: "score-kernel", version: 1, key, take: "take1", live: false, events, ...more };
}

/** The first lines of a fixture: what has happened so far. */
const first = (count: number) => lines("plain").split("\n").slice(0, count).join("\n");
const next = (from: number, to: number) => lines("plain").split("\n").slice(from, to).join("\n");
const COUNT = lines("plain").trimEnd().split("\n").length;

class Slots {
  slots = new Set<(sender: unknown, value: never) => void>();
  connect(slot: (sender: unknown, value: never) => void): void {
    this.slots.add(slot);
  }
  disconnect(slot: (sender: unknown, value: never) => void): void {
    this.slots.delete(slot);
  }
  emit(value: unknown): void {
    for (const slot of [...this.slots]) slot(null, value as never);
  }
}

/** A widget's model with a kernel behind it. */
class FakeModel {
  sent: { type: string; cue?: unknown }[] = [];
  callbacks = new Map<string, Set<(...args: unknown[]) => void>>();
  broken = false;
  kernelChanged = new Slots();
  statusChanged = new Slots();
  widget_manager = {
    context: {
      sessionContext: {
        session: { kernel: { id: "kernel" } },
        kernelChanged: this.kernelChanged,
        statusChanged: this.statusChanged,
      },
    },
  };
  #n = 0;

  get(name: string): unknown {
    return name === "key" ? key : undefined;
  }
  send(content: { type: string }): void {
    if (this.broken) throw new Error("Canceled");
    this.sent.push(content);
  }
  on(name: string, callback: (...args: never[]) => void): void {
    const known = this.callbacks.get(name) ?? new Set();
    this.callbacks.set(name, known.add(callback as () => void));
  }
  off(name: string, callback: (...args: never[]) => void): void {
    this.callbacks.get(name)?.delete(callback as () => void);
  }
  hear(message: object, content?: string | Uint8Array<ArrayBuffer>): void {
    this.#n += 1;
    const sent = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const buffers = sent ? [new DataView(sent.buffer, sent.byteOffset, sent.byteLength)] : [];
    for (const callback of [...(this.callbacks.get("msg:custom") ?? [])]) {
      callback({ ...message, n: this.#n }, buffers);
    }
  }
  lose(): void {
    this.#n += 1;
  }
  fire(name: string): void {
    for (const callback of [...(this.callbacks.get(name) ?? [])]) callback();
  }
  get listeners(): number {
    const own = [...this.callbacks.values()].reduce((sum, { size }) => sum + size, 0);
    return own + this.kernelChanged.slots.size + this.statusChanged.slots.size;
  }
  hellos(): number {
    return this.sent.filter(({ type }) => type === "hello").length;
  }
}

class FakeWidget implements Widget {
  node = document.createElement("div");
  isDisposed = false;
  dispose(): void {
    this.isDisposed = true;
  }
}

interface Renderer extends Widget {
  renderModel(model: MimeModel): Promise<void>;
}

class MimeModel {
  data: Record<string, unknown>;
  written = 0;
  constructor(recording: unknown) {
    this.data = { [MIME_TYPE]: recording, [WIDGET_VIEW]: { model_id: "m" }, "text/html": PICTURE };
  }
  setData(options: { data: Record<string, unknown> }): void {
    this.written += 1;
    this.data = options.data;
  }
}

async function rendered(recording: unknown): Promise<{ renderer: Renderer; output: MimeModel }> {
  const { rendererFactory } = extension(FakeWidget as WidgetClass) as {
    rendererFactory: { createRenderer(): Renderer };
  };
  const renderer = rendererFactory.createRenderer();
  document.body.append(renderer.node);
  const output = new MimeModel(recording);
  await renderer.renderModel(output);
  return { renderer, output };
}

const controls = (renderer: Renderer) => allByRole(renderer.node, "button", /performance$/).length;
const bars = (renderer: Renderer) => allByRole(renderer.node, "option").length;

/** A renderer whose kernel has answered its hello with the first events. */
async function live(count = COUNT - 5) {
  const model = new FakeModel();
  const forget = anywidget.initialize({ model });
  const { renderer, output } = await rendered(data("", { live: true }));
  model.hear({ type: "snapshot", take: "take1", live: true }, first(count));
  await vi.waitFor(() => expect(controls(renderer)).toBeGreaterThan(0));
  return { model, renderer, output, forget };
}

describe("a recording in an output", () => {
  test("is its events", async () => {
    const found = await read(data(lines("plain")));
    expect("events" in found && found.events).toHaveLength(COUNT);
  });

  test.each([
    [data("", { version: 2 }), /newer Score Kernel.*format 2.*pip install -U score-kernel/],
    [data("", { events: "bm90IGd6aXA=" }), /cannot be read/],
    [data("", { events: undefined, text: "Too long.", file: "x.score" }), /^Too long. It is in x.score.$/],
    [data("{"), /cannot be read/],
    [null, /cannot be read/],
    ["text", /cannot be read/],
  ])("that cannot be shown is one line", async (broken, line) => {
    const { renderer } = await rendered(broken);
    expect(renderer.node.textContent).toMatch(line);
    expect(renderer.node.querySelector("img")?.alt).toBe("5 parts");
  });

  test("has a picture only where the HTML holds our own data URI", () => {
    expect(picture(PICTURE)?.src).toBe("data:image/svg+xml;base64,PHN2Zy8+");
    expect(picture('<img src="https://example.org/x.svg">')).toBeNull();
    expect(picture(undefined)).toBeNull();
    expect(picture(PICTURE.replace("<img", '<img onload="alert(1)"'))?.outerHTML).not.toContain("onload");
  });
});

describe("the MIME renderer", () => {
  test("draws the recording at once, with nothing to conduct", async () => {
    const { renderer } = await rendered(data(lines("plain")));
    expect(byRole(renderer.node, "slider", "Playhead")).toBeTruthy();
    expect(controls(renderer)).toBe(0);
  });

  test("goes live when the kernel answers its hello, and not before", async () => {
    const { renderer } = await rendered(data("", { live: true }));
    const model = new FakeModel();
    anywidget.initialize({ model });
    expect(model.hellos()).toBe(1);
    expect(controls(renderer)).toBe(0);
    model.hear({ type: "snapshot", take: "take1", live: true }, first(COUNT - 5));
    await vi.waitFor(() => expect(controls(renderer)).toBeGreaterThan(0));
    byRole(renderer.node, "button", "Pause performance").click();
    expect(model.sent.at(-1)).toMatchObject({ type: "cue", cue: { type: "pause" } });
  });

  test("conducts a branch where the kernel says that it can", async () => {
    const { model, renderer } = await live();
    expect(allByRole(renderer.node, "button", "Branch here")).toHaveLength(0);
    model.hear({ type: "snapshot", take: "take1", live: true, branches: true }, first(COUNT - 5));
    await vi.waitFor(() => expect(allByRole(renderer.node, "button", "Branch here")).toHaveLength(1));
    byRole(renderer.node, "button", "Branch here").click();
    expect(model.sent.at(-1)).toMatchObject({ type: "cue", cue: { type: "branch" } });
  });

  test("asks again after a gap, and takes nothing in until it is answered", async () => {
    const { model, renderer } = await live(20);
    const before = bars(renderer);
    model.lose();
    model.hear({ type: "events" }, next(20, COUNT));
    await vi.waitFor(() => expect(model.hellos()).toBe(2));
    expect(bars(renderer)).toBe(before);
    model.hear({ type: "snapshot", take: "take1", live: false }, lines("plain"));
    await vi.waitFor(() => expect(bars(renderer)).toBeGreaterThan(before));
  });

  test("takes what it has already only once", async () => {
    const { model, renderer } = await live(20);
    model.hear({ type: "events" }, next(10, COUNT));
    await vi.waitFor(() => expect(allByRole(renderer.node, "option", /played/)).toHaveLength(5));
    expect(renderer.node.textContent).not.toMatch(/broken/i);
  });

  test("stays with what it has when the model goes, and conducts no more", async () => {
    const { renderer, forget } = await live();
    const before = bars(renderer);
    forget();
    await vi.waitFor(() => expect(controls(renderer)).toBe(0));
    expect(bars(renderer)).toBe(before);
  });

  test("is the recording, and no error, where a model has no kernel", async () => {
    const model = new FakeModel();
    model.broken = true;
    anywidget.initialize({ model });
    const { renderer } = await rendered(data(lines("plain")));
    expect(byRole(renderer.node, "slider", "Playhead")).toBeTruthy();
    expect(controls(renderer)).toBe(0);
  });

  test("writes the last word into an output that missed it, and takes the widget out", async () => {
    const { model, output } = await live();
    const last = data(lines("plain"));
    model.hear({ type: "final", data: last, html: "<p>", plain: "<Take>" });
    await vi.waitFor(() => expect(output.written).toBe(1));
    expect(output.data).toEqual({ [MIME_TYPE]: last, "text/html": "<p>", "text/plain": "<Take>" });
  });

  test("leaves an output alone that has the last word", async () => {
    const { model, renderer, output } = await live();
    output.data = { [MIME_TYPE]: data(lines("plain")) };
    await renderer.renderModel(output);
    model.hear({ type: "final", data: data("") });
    model.hear({ type: "refused", text: "The take has ended." });
    await vi.waitFor(() => expect(renderer.node.textContent).toContain("The take has ended."));
    expect(output.written).toBe(0);
  });

  test("leaves nothing behind", async () => {
    const { model, renderer, forget } = await live();
    renderer.dispose();
    forget();
    expect(renderer.node.textContent).toBe("");
    expect(model.listeners).toBe(0);
  });
});

describe("a replay", () => {
  const playhead = (renderer: Renderer) =>
    (byRole(renderer.node, "slider", "Playhead") as HTMLInputElement).valueAsNumber;
  const rolls = (renderer: Renderer) => allByRole(renderer.node, "button", "Pause").length === 1;

  test("plays from the start at its speed, and goes on when the output no longer says so", async () => {
    const { renderer, output } = await rendered(data(lines("plain"), { replay: 0.5 }));
    expect(rolls(renderer)).toBe(true);
    expect((byRole(renderer.node, "combobox", "Speed") as HTMLSelectElement).value).toBe("0.5");
    await pass(400);
    const before = playhead(renderer);
    expect(before).toBeGreaterThan(100);
    expect(before).toBeLessThan(300);
    output.data = { [MIME_TYPE]: data(lines("plain")) };
    await renderer.renderModel(output);
    expect(playhead(renderer)).toBe(before);
    await pass(200);
    expect(rolls(renderer)).toBe(true);
    expect(playhead(renderer)).toBeGreaterThan(before);
    await pass(20_000);
    expect(rolls(renderer)).toBe(false);
    expect(bars(renderer)).toBe(5);
  });

  test("plays although the output is written again before it was read", async () => {
    const { rendererFactory } = extension(FakeWidget as WidgetClass) as {
      rendererFactory: { createRenderer(): Renderer };
    };
    const renderer = rendererFactory.createRenderer();
    document.body.append(renderer.node);
    const first = renderer.renderModel(new MimeModel(data(lines("plain"), { replay: 3 })));
    await Promise.all([first, renderer.renderModel(new MimeModel(data(lines("plain"))))]);
    expect(rolls(renderer)).toBe(true);
    expect((byRole(renderer.node, "combobox", "Speed") as HTMLSelectElement).value).toBe("3");
  });

  test("is none in a notebook that is opened: it stands at its end", async () => {
    const { renderer } = await rendered(data(lines("plain")));
    expect(rolls(renderer)).toBe(false);
    expect(bars(renderer)).toBe(5);
  });

  test.each([
    [1000, "16"],
    [0, "0.25"],
  ])("asked for at %d runs at what the view can do", async (replay, speed) => {
    const { renderer } = await rendered(data(lines("plain"), { replay }));
    expect((byRole(renderer.node, "combobox", "Speed") as HTMLSelectElement).value).toBe(speed);
  });
});

describe("the anywidget", () => {
  test.each([
    ["restart", (model: FakeModel) => model.fire("comm_live_update")],
    ["shutdown", (model: FakeModel) => model.kernelChanged.emit({ newValue: null })],
    ["crash", (model: FakeModel) => model.statusChanged.emit("autorestarting")],
  ])("is taken off the page at a %s", async (_, happen) => {
    const { model, renderer } = await live();
    happen(model);
    await vi.waitFor(() => expect(controls(renderer)).toBe(0));
  });

  test("stays while the kernel only works", async () => {
    const { model, renderer } = await live();
    model.statusChanged.emit("busy");
    model.kernelChanged.emit({ newValue: { id: "kernel" } });
    expect(controls(renderer)).toBeGreaterThan(0);
  });

  test("shows the view itself where there is no extension", async () => {
    const model = new FakeModel();
    const el = document.createElement("div");
    document.body.append(el);
    const end = anywidget.render({ model, el });
    expect(el.textContent).toBe("Waiting for the kernel.");
    model.hear({ type: "snapshot", take: "take1", live: false }, lines("plain"));
    await vi.waitFor(() => byRole(el, "slider", "Playhead"));
    end();
    expect(el.textContent).toBe("");
    expect(model.listeners).toBe(0);
  });

  test("asks its kernel for what colours code, once, and only when there is code to see", async () => {
    // Node imports no Blob: the same text as an address of data
    const urls = {
      createObjectURL: () => `data:text/javascript,${encodeURIComponent(CODE)}`,
      revokeObjectURL: vi.fn(),
    };
    Object.assign(URL, urls);
    const [one, other] = [new FakeModel(), new FakeModel()];
    const asks = () => [...one.sent, ...other.sent].filter(({ type }) => type === "code").length;
    const shown: HTMLElement[] = [];
    const ends = [one, other].map((model) => {
      const el = document.body.appendChild(document.createElement("div"));
      shown.push(el);
      const end = anywidget.render({ model, el });
      model.hear({ type: "snapshot", take: "take1", live: false }, lines("plain"));
      return end;
    });
    await vi.waitFor(() => shown.map((el) => byRole(el, "slider", "Playhead")));
    expect(asks()).toBe(0);
    for (const el of shown) allByRole(el, "option", /^coder/)[0]?.click();
    await vi.waitFor(() => expect(asks()).toBe(1));
    const colours = () => shown.map((el) => el.querySelectorAll("code span").length);
    expect(colours()).toEqual([0, 0]);
    (one.sent.some(({ type }) => type === "code") ? one : other).hear({ type: "code" }, gzipSync(CODE));
    await vi.waitFor(() => expect(Math.min(...colours())).toBeGreaterThan(0));
    expect(asks()).toBe(1);
    expect(urls.revokeObjectURL).toHaveBeenCalledTimes(1);
    for (const end of ends) end();
    expect([one.listeners, other.listeners]).toEqual([0, 0]);
  });
});
