import { beforeEach, expect, test, vi } from "vitest";
import { denseRows } from "../src/timeline/afar";
import { Bars, Look, Mark } from "../src/timeline/bars";
import { drawRows } from "../src/timeline/draw";
import { hit, inSight, LANES, Lanes, place, ROW_HEIGHT } from "../src/timeline/place";
import type { Scene } from "../src/timeline/scene";
import { Viewport } from "../src/viewport";
import { section } from "./fixtures";
import { byRole, Pixels, pass, press, recorder, show, useStage } from "./page";
import { INK } from "./scenes";

useStage();

beforeEach(() => {
  vi.stubGlobal("ImageData", Pixels);
});

const VIEW = new Viewport(0, 1000, 1000);

/** `count` bars in each of the rows, one after another, as long as the gaps between them; some fail. */
function bars(rows: number, count: number, failing = (_: number) => false): Bars {
  const made = new Bars();
  const step = 1000 / count;
  for (let n = 0; n < count; n++) {
    for (let row = 0; row < rows; row++) {
      const id = n * rows + row;
      const look = failing(id) ? Look.Failed : Look.Played;
      const [start, end] = [n * step, (n + 0.5) * step];
      made.put({ id, row, start, end, look, scripted: false, again: false, lap: 1 });
    }
  }
  return made;
}

function scene(of: Bars, change: Partial<Scene> = {}): Scene {
  const fixed = { rests: [], breaths: [], notes: [], words: [], top: 0, glimpse: () => "words", ink: INK };
  const lanes = change.lanes ?? LANES;
  const height = change.height ?? 180;
  const dense = denseRows(of, VIEW, change.playhead ?? 1000, lanes, 0, height);
  return {
    ...fixed,
    ...{ bars: of, view: VIEW, lanes, dense, height, playhead: 1000 },
    ...{ picture: null, selected: null, hovered: null, found: null },
    ...change,
  };
}

test("rows lie below one another at any height, and bars within them", () => {
  for (const height of [0.4, 1, 2.5, 3.5, 7.9, 8, 15, 21, 22, 36]) {
    const lanes = new Lanes(height);
    expect(lanes.inset + lanes.bar).toBeLessThanOrEqual(height + 1e-9);
    expect(lanes.bar).toBeGreaterThan(height / 3);
    for (const row of [0, 1, 17, 999]) {
      expect(lanes.at(lanes.top(row) + height / 2)).toBe(row);
    }
    expect(lanes.between(lanes.top(3) + height / 4, lanes.top(5) + height / 4)).toEqual({
      first: 3,
      last: 6,
    });
  }
});

test("a bar of a low row is found by a click, and has its option", () => {
  const lanes = new Lanes(2);
  const made = bars(200, 3);
  const box = place(made, made.indexOf(2 * 200 + 150), VIEW, 1000, 0, lanes);
  expect(box).toMatchObject({ y: 300, height: 2 });
  expect(hit(made, VIEW, 1000, 0, (box?.x ?? 0) + 3, 301, lanes)).toBe(2 * 200 + 150);
  expect(hit(made, VIEW, 1000, 0, (box?.x ?? 0) + 3, 303, lanes)).toBe(2 * 200 + 151);
  // no more than may be, of the first rows
  const options = inSight(made, VIEW, 1000, 30, undefined, lanes).map((i) => made.row[i] as number);
  expect(options).toHaveLength(30);
  expect(Math.max(...options)).toBe(9);
});

test("a row with more bars than one can tell apart is part of the picture; others are drawn bar by bar", () => {
  const made = bars(2, 10);
  for (let n = 0; n < 400; n++) {
    const [start, end] = [n * 2.5, n * 2.5 + 1];
    made.put({ id: 9000 + n, row: 2, start, end, look: Look.Played, scripted: false, again: false, lap: 1 });
  }
  const afterwards = scene(made);
  expect(afterwards.dense).toEqual(new Set([2]));
  const { canvas, calls } = recorder();
  const picture = document.createElement("canvas");
  drawRows(canvas, { ...afterwards, picture });
  expect(calls.filter(({ name }) => name === "drawImage").map(({ args }) => args)).toEqual([
    [picture, 0, 0, 1000, 180],
  ]);
  const words = calls.filter(({ name, args }) => name === "fillText" && String(args[0]).startsWith("words"));
  expect(words).toHaveLength(20);
  // looked at from nearer, and at its beginning, there are few
  const near = new Viewport(0, 100, 1000);
  expect(denseRows(made, near, 1000, LANES, 0, 180)).toEqual(new Set());
  expect(denseRows(made, VIEW, 100, LANES, 0, 180)).toEqual(new Set());
  // scrolled out of sight it needs no picture
  expect(denseRows(made, VIEW, 1000, LANES, 0, ROW_HEIGHT)).toEqual(new Set());
});

test("from afar what failed has a sign beside its colour, once it has failed", () => {
  const made = bars(100, 10, (id) => id === 203 || id === 640);
  const lanes = new Lanes(1.8);
  const crosses = (playhead: number) => {
    const { canvas, calls } = recorder();
    drawRows(canvas, scene(made, { lanes, playhead, picture: document.createElement("canvas") }));
    // two lines with an edge around them
    return calls.filter(({ name }) => name === "moveTo").length / 4;
  };
  expect(crosses(200)).toBe(0);
  expect(crosses(260)).toBe(1);
  expect(crosses(1000)).toBe(2);
});

test("signs do not cover one another: one stands for all that failed there", () => {
  const made = bars(400, 10, () => true);
  const { canvas, calls } = recorder();
  drawRows(canvas, scene(made, { lanes: new Lanes(0.45), picture: document.createElement("canvas") }));
  const crosses = calls.filter(({ name }) => name === "moveTo").length / 4;
  expect(crosses).toBeGreaterThan(100);
  expect(crosses).toBeLessThan(10 * 24);
});

test("from afar too it is seen who waits for the conductor, and how many do where there is no room for each", () => {
  const made = bars(100, 1);
  for (const row of [10, 11, 12, 80]) {
    made.held[row] = 1;
    made.marks.add(row, Mark.Hold, 200 + row, row === 12 ? 250 : 480);
  }
  const lanes = new Lanes(1.8);
  const held = (playhead: number, change: Partial<Scene> = {}) => {
    const { canvas, calls } = recorder();
    drawRows(canvas, scene(made, { lanes, playhead, picture: document.createElement("canvas"), ...change }));
    const told = calls.filter(({ name, args }) => name === "fillText" && String(args[0]).endsWith("held"));
    return told.map(({ args: [word, , y] }) => [word, Math.floor(Number(y) / lanes.height)]);
  };
  expect(held(100)).toEqual([]);
  expect(held(240)).toEqual([["3 held", 10]]);
  expect(held(400)).toEqual([
    ["2 held", 10],
    ["held", 80],
  ]);
  expect(held(490)).toEqual([]);
  expect(held(400, { view: new Viewport(0, 300, 1000) })).toEqual([]); // the playhead is out of sight
});

test("what is selected, and what was searched, is seen from afar", () => {
  const made = bars(100, 10);
  const lanes = new Lanes(1.8);
  const picture = document.createElement("canvas");
  const outlines = (change: Partial<Scene>) => {
    const { canvas, calls } = recorder();
    drawRows(canvas, scene(made, { lanes, picture, ...change }));
    return calls;
  };
  expect(outlines({}).filter(({ name }) => name === "roundRect")).toEqual([]);
  const [outline] = outlines({ selected: 555 }).filter(({ name }) => name === "roundRect");
  expect(outline?.args[3]).toBeGreaterThanOrEqual(5);
  const rects = (found: Set<number> | null) =>
    outlines({ found }).filter(({ name }) => name === "fillRect").length;
  // a veil over all, and one for each that was found
  expect(rects(new Set([1, 2, 3])) - rects(null)).toBe(4);
});

test("all rows at once, and back: names of parts, options and height follow", async () => {
  const { root } = await show(section(60));
  const rows = 62;
  byRole(root, "button", "Unfold coder").click();
  await pass(100);
  const sheet = root.querySelector(".sk-sheet") as HTMLElement;
  expect(sheet.style.height).toBe(`${rows * ROW_HEIGHT}px`);
  const all = () => byRole(root, "button", "All rows");
  const grip = byRole(root, "separator", "Height of the rows");
  press(grip, "Home"); // too low for all of them
  await pass(100);
  expect(all().getAttribute("aria-pressed")).toBe("false");
  all().click();
  await pass(100);
  expect(all().getAttribute("aria-pressed")).toBe("true");
  expect(sheet.style.height).toBe(`${2 * ROW_HEIGHT}px`);
  const parts = [...root.querySelectorAll(".sk-few")].map((name) => name.textContent);
  expect(parts).toEqual(["coder", "editor"]);
  const option = root.querySelector<HTMLElement>(".sk-option");
  expect(Number.parseFloat(option?.style.height ?? "")).toBeLessThan(ROW_HEIGHT / 2);
  all().click();
  await pass(100);
  expect(sheet.style.height).toBe(`${rows * ROW_HEIGHT}px`);
  expect(root.querySelector(".sk-few")).toBeNull();
});

test("the height of the rows is changed by keys and by dragging, and put back", async () => {
  const { root } = await show(section(60));
  byRole(root, "button", "Unfold coder").click();
  await pass(100);
  const grip = byRole(root, "separator", "Height of the rows");
  const scroll = root.querySelector(".sk-scroll") as HTMLElement;
  expect(scroll.style.maxHeight).toBe("");
  press(grip, "ArrowDown");
  await pass(50);
  expect(scroll.style.maxHeight).toBe(`${180 + ROW_HEIGHT}px`);
  expect(grip.getAttribute("aria-valuenow")).toBe(String(180 + ROW_HEIGHT));
  press(grip, "Home");
  await pass(50);
  expect(scroll.style.maxHeight).toBe(`${2 * ROW_HEIGHT}px`);
  const drag = (type: string, clientY: number) =>
    grip.dispatchEvent(
      Object.assign(new MouseEvent(type, { clientY, button: 0, bubbles: true }), { pointerId: 1 }),
    );
  Object.assign(grip, { setPointerCapture: () => {} });
  drag("pointerdown", 300);
  drag("pointermove", 320);
  drag("pointerup", 320);
  drag("pointermove", 500);
  await pass(50);
  expect(scroll.style.maxHeight).toBe("200px");
  grip.dispatchEvent(new MouseEvent("dblclick"));
  await pass(50);
  expect(scroll.style.maxHeight).toBe("");
});
