import { describe, expect, test } from "vitest";
import { rowsOf } from "../src/model/rows";
import { Score } from "../src/model/score";
import type { Take } from "../src/model/take";
import { Bars, Look, Mark } from "../src/timeline/bars";
import { Chart } from "../src/timeline/chart";
import { drawRows, drawRuler } from "../src/timeline/draw";
import { hit, inSight, LANES, place, ROW_HEIGHT } from "../src/timeline/place";
import type { Scene } from "../src/timeline/scene";
import { fitting, Viewport } from "../src/viewport";
import { events, NAMES } from "./fixtures";
import { type Call, recorder } from "./page";
import { INK } from "./scenes";

function chartOf(name: string): { chart: Chart; take: Take; view: Viewport } {
  const score = new Score().fold(events(name));
  const take = score.takes.get(score.head ?? "") as Take;
  return { chart: new Chart(take, rowsOf(take)), take, view: new Viewport(0, fitting(take.at, false), 1000) };
}

function scene(name: string, playhead: number, change: Partial<Scene> = {}): Scene {
  const { chart, take, view } = chartOf(name);
  return {
    bars: chart.bars,
    lanes: LANES,
    dense: new Set(),
    picture: null,
    rests: take.rests,
    breaths: [],
    words: take.plan.parts.map(() => ""),
    view,
    playhead,
    top: 0,
    height: 180,
    selected: null,
    hovered: null,
    notes: [],
    found: null,
    glimpse: () => "some words",
    ink: INK,
    ...change,
  };
}

test("a bar is where its time and its row are", () => {
  const { chart, take, view } = chartOf("plain");
  const coder = take.contributions.get(1);
  const box = place(chart.bars, 0, view, take.at, 0);
  expect(box?.x).toBeCloseTo(view.x(coder?.entered ?? 0));
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeCloseTo(view.x(coder?.ended ?? 0));
  const editor = place(chart.bars, chart.bars.indexOf(5), view, take.at, 0);
  expect(Math.floor((editor?.y ?? 0) / ROW_HEIGHT)).toBe(4);
});

test("no bar is there before it begins, and none reaches past the playhead", () => {
  for (const name of NAMES) {
    const { chart, take, view } = chartOf(name);
    for (let playhead = 0; playhead <= take.at; playhead += 97) {
      for (let i = 0; i < chart.bars.count; i++) {
        const box = place(chart.bars, i, view, playhead, 0);
        if ((chart.bars.start[i] as number) > playhead) expect(box).toBeNull();
        else
          expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(
            Math.max(view.x(playhead), (box?.x ?? 0) + 1) + 1e-9, // rounding
          );
      }
    }
  }
});

test("a click finds the bar under it, scrolled or not, and nothing where nothing is", () => {
  const { chart, take, view } = chartOf("plain");
  const middle = place(chart.bars, 1, view, take.at, 0);
  const x = (middle?.x ?? 0) + 20;
  expect(hit(chart.bars, view, take.at, 0, x, ROW_HEIGHT * 1.5)).toBe(2);
  expect(hit(chart.bars, view, take.at, ROW_HEIGHT, x, ROW_HEIGHT * 0.5)).toBe(2);
  expect(hit(chart.bars, view, take.at, 0, view.x(take.at) - 5, ROW_HEIGHT * 0.5)).toBeNull();
  expect(hit(chart.bars, view, 1, 0, x, ROW_HEIGHT * 1.5)).toBeNull();
});

test("what was taken over took no time, and can be hit all the same", () => {
  const { chart, take, view } = chartOf("reused");
  expect(hit(chart.bars, view, take.at, 0, view.x(1) + 40, ROW_HEIGHT * 0.5)).toBe(1);
});

test("what took next to no time, at the very end too, can be seen and hit", () => {
  const bars = new Bars();
  bars.put({
    id: 7,
    row: 0,
    start: 4998,
    end: 5000,
    look: Look.Played,
    scripted: false,
    again: false,
    lap: 1,
  });
  for (const [view, playhead] of [
    [new Viewport(0, 5250, 600), 5000],
    [new Viewport(0, 5000, 600), 5000],
    [new Viewport(0, 60_000, 600), 5000],
  ] as const) {
    const box = place(bars, 0, view, playhead, 0);
    expect(box?.width).toBeGreaterThanOrEqual(7);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(view.x(playhead) + 1e-9);
    expect(hit(bars, view, playhead, 0, (box?.x ?? 0) + 3, ROW_HEIGHT / 2)).toBe(7);
    expect(inSight(bars, view, playhead, 10)).toEqual([0]);
  }
});

test("a text is as long as its bar has room for, with its dots", () => {
  for (let span = 2000; span < 40_000; span += 331) {
    const { calls, canvas } = recorder();
    const words = "How to take a discount code. Call apply_code with the price, the code and today";
    drawRows(canvas, scene("plain", 1e6, { view: new Viewport(0, span, 700), glimpse: () => words }));
    for (const [i, { name, args }] of calls.entries()) {
      if (name !== "fillText" || !String(args[0]).endsWith("…")) continue;
      const clip = calls.slice(0, i).findLast((call) => call.name === "rect")?.args as number[];
      expect(String(args[0]).length * 6).toBeLessThanOrEqual(clip[2] as number);
    }
  }
});

test("only what is in sight is an option", () => {
  const { chart, take } = chartOf("plain");
  const late = new Viewport(take.at - 100, take.at, 1000);
  expect(inSight(chart.bars, late, take.at, 100).map((i) => chart.bars.id[i])).toEqual([5]);
});

test("hand-offs go from who played to who read it", () => {
  const { bars } = chartOf("plain").chart;
  const found = Array.from({ length: bars.arrows.count }, (_, a) => [
    bars.id[bars.arrows.from[a] as number],
    bars.id[bars.arrows.to[a] as number],
  ]);
  expect(found.sort()).toEqual([
    [1, 4],
    [1, 5],
    [2, 4],
    [3, 5],
    [4, 5],
  ]);
});

test("a chart that is kept up to date is the chart of the whole", () => {
  for (const name of NAMES) {
    const all = events(name);
    const score = new Score();
    let chart: Chart | null = null;
    for (const event of all) {
      score.apply(event);
      const take = score.takes.get("take1");
      if (take && chart) {
        if (chart.update(take)) chart.arrange(take, rowsOf(take));
      } else if (take) chart = new Chart(take, rowsOf(take));
    }
    const take = score.takes.get("take1");
    if (!take) continue;
    const whole = new Chart(take, rowsOf(take)).bars;
    const bars = (chart as Chart).bars;
    const column = (of: typeof bars, name: "id" | "row" | "start" | "end" | "look" | "tried") =>
      Array.from(of[name].slice(0, of.count));
    for (const name of ["id", "row", "start", "end", "look", "tried"] as const) {
      expect(column(bars, name)).toEqual(column(whole, name));
    }
    expect(bars.arrows.count).toBe(whole.arrows.count);
    expect(bars.marks.count).toBe(whole.marks.count);
  }
});

test("everything but the grid, the words and the playhead itself is clipped at the playhead", () => {
  for (const name of NAMES) {
    const { calls, canvas } = recorder();
    const picture = scene(name, 900);
    drawRows(canvas, picture);
    const clip = calls.find((call, i) => call.name === "rect" && calls[i + 1]?.name === "clip");
    expect(clip?.args).toEqual([0, 0, Math.min(picture.view.x(900), 1000), 180]);
  }
});

test("what is given again is outlined while it grows, when it was cut, and after its end", () => {
  const filled = (name: string, playhead: number) => {
    const { canvas } = recorder();
    let count = 0;
    const fill = () => {
      if (canvas.globalAlpha === INK.fill) count += 1;
    };
    Object.defineProperty(canvas, "fill", { value: fill });
    drawRows(canvas, scene(name, playhead));
    return count;
  };
  expect(filled("plain", 500)).toBe(3);
  expect(filled("recorded", 500)).toBe(0);
  expect(filled("recorded", 1e6)).toBe(3); // what was played: the tester's second, checker, editor
  const { chart, take } = chartOf("recorded");
  expect(take.contributions.get(1)?.status).toBe("reused");
  expect(take.contributions.get(2)?.status).toBe("cut");
  const { bars } = chart;
  expect([1, 2, 3, 4].map((id) => bars.again[bars.indexOf(id)])).toEqual([1, 1, 1, 0]);
  expect(bars.look[bars.indexOf(2)]).toBe(Look.Cut);
  expect(bars.look[bars.indexOf(1)]).toBe(Look.Played); // it took its time, and is as wide
});

test("a note is drawn when it was sent, on its part's row or the ruler; dropped, it is hollow", () => {
  const notes = [
    { at: 400, row: 1, until: 900 },
    { at: 600, row: null, until: Number.POSITIVE_INFINITY },
  ];
  const bubbles = (playhead: number, draw: (canvas: CanvasRenderingContext2D, picture: Scene) => void) => {
    const { canvas } = recorder();
    const fills: unknown[] = [];
    const points: unknown[][] = [];
    Object.defineProperties(canvas, {
      fill: { value: () => fills.push(canvas.fillStyle) },
      stroke: { value: () => fills.push(canvas.strokeStyle) },
      quadraticCurveTo: { value: (...at: unknown[]) => points.push(at) },
    });
    draw(canvas, scene("plain", playhead, { notes, bars: new Bars(), words: [] }));
    const own = fills.map((_, i) => fills.slice(i, i + 3)).filter(([halo]) => halo === INK.paper);
    return { signs: own.filter((sign) => sign[2] === INK.note).map((sign) => sign[1]), points };
  };
  const rows = (canvas: CanvasRenderingContext2D, picture: Scene) => drawRows(canvas, picture);
  const ruler = (canvas: CanvasRenderingContext2D, picture: Scene) => drawRuler(canvas, picture, 30);
  expect(bubbles(399, rows).signs).toEqual([]);
  expect(bubbles(500, rows).signs).toEqual([INK.note]);
  expect(bubbles(900, rows).signs).toEqual([INK.paper]);
  expect(bubbles(500, ruler).signs).toEqual([]);
  expect(bubbles(700, ruler).signs).toEqual([INK.note]);
  const { view } = scene("plain", 500);
  for (const [x, y] of bubbles(500, rows).points as [number, number][]) {
    expect(Math.abs(x - view.x(400))).toBeLessThan(14);
    expect(Math.floor(y / ROW_HEIGHT)).toBe(1);
  }
});

test("the same bar looks different for each status without colour", () => {
  const names = (name: string, id: number) => {
    const picture = scene(name, 1e6);
    const only = { ...picture, glimpse: (of: number) => (of === id ? "x" : "") };
    const { calls, canvas } = recorder();
    drawRows(canvas, only);
    return calls.map((call) => call.name);
  };
  // hatched, with a cross; torn; outlined with an arrow that turns round
  const count = (calls: string[], name: string) => calls.filter((call) => call === name).length;
  expect(count(names("failed", 1), "moveTo")).toBeGreaterThan(count(names("plain", 1), "moveTo"));
  expect(count(names("stopped", 1), "arcTo")).toBeGreaterThan(0);
  expect(count(names("plain", 1), "arcTo")).toBe(0);
  expect(count(names("reused", 1), "arc")).toBe(3);
});

test("the ruler has labels in seconds, and the playhead's handle only in sight", () => {
  const { calls, canvas } = recorder();
  drawRuler(canvas, scene("plain", 500), 26);
  expect(calls.filter((call) => call.name === "fillText").map((call) => call.args[0])).toContain("0.4 s");
  const away = recorder();
  drawRuler(away.canvas, scene("plain", 0, { view: new Viewport(1000, 2000, 1000) }), 26);
  expect(away.calls.filter((call) => call.name === "fill")).toHaveLength(0);
});

describe("conducting, on the canvas", () => {
  const words = (calls: readonly Call[]) =>
    calls.filter(({ name }) => name === "fillText").map(({ args }) => args[0]);
  function drawn(name: string, playhead: number, change: Partial<Scene> = {}): readonly Call[] {
    const { calls, canvas } = recorder();
    drawRows(canvas, scene(name, playhead, change));
    return calls;
  }

  test("what is held says so in words, though its time stands still, and is hatched", () => {
    const until = new Score().fold(events("held").slice(0, heldFirst("held") + 1)).takes.get("take1") as Take;
    const { bars } = new Chart(until, rowsOf(until));
    const view = new Viewport(0, fitting(until.at, false), 1000);
    const { calls, canvas } = recorder();
    drawRows(canvas, scene("held", until.at, { bars, view, rests: [] }));
    expect(words(calls)).toContain("held");
    const stripes = (of: readonly Call[]) => of.filter(({ name }) => name === "moveTo").length;
    const before = drawn("held", until.at - 10, { bars, view, rests: [] });
    expect(words(before)).not.toContain("held");
    expect(stripes(calls)).toBeGreaterThan(stripes(before));
  });

  test("a further pass of a loop says which it is", () => {
    expect(words(drawn("loop", 1e6)).filter((word) => word === "pass 2")).toHaveLength(2);
    expect(words(drawn("loop", 700))).not.toContain("pass 2");
  });

  test("each call of a tool is a mark on its bar, hollow where it failed", () => {
    const { chart } = chartOf("tools");
    const kinds = Array.from(chart.bars.marks.kind.slice(0, chart.bars.marks.count));
    expect(kinds.filter((kind) => kind === Mark.Call)).toHaveLength(2);
    expect(kinds.filter((kind) => kind === Mark.FailedCall)).toHaveLength(1);
    expect(kinds.filter((kind) => kind === Mark.Repair)).toHaveLength(1);
    const squares = (at: number) =>
      drawn("tools", at).filter(({ name, args }) => name === "rect" && args[2] === 5 && args[3] === 5);
    expect([squares(300), squares(450), squares(1e6)].map((of) => of.length)).toEqual([0, 2, 3]);
  });

  test("a written rest is a line up to where the part enters, with its name where there is room", () => {
    const calls = drawn("led", 1e6, { breaths: [{ row: 3, from: 1000, to: 2500 }] });
    expect(words(calls)).toContain("rest");
    expect(
      calls.filter(({ name, args }) => name === "setLineDash" && String(args[0]) === "1.5,4"),
    ).toHaveLength(1);
    expect(words(drawn("led", 1100, { breaths: [{ row: 3, from: 1000, to: 2500 }] }))).not.toContain("rest");
  });

  test("a folded section is as high as its items that play, and ticked where one failed", () => {
    const { take, view } = chartOf("section");
    const filled = drawn("section", take.at).filter(({ name }) => name === "fillRect");
    const heights = filled.map(({ args }) => args[3] as number);
    const full = LANES.bar - 2;
    // two at once, then one
    expect(heights).toContain(full);
    expect(heights).toContain(full / 2);
    const failed = [...take.contributions.values()].find(({ status }) => status === "failed");
    const tick = filled.find(({ args }) => args[2] === 2 && args[3] === 5);
    expect(tick?.args[0]).toBeCloseTo(view.x(failed?.ended ?? 0) - 2.5);
  });
});

function heldFirst(name: string): number {
  return events(name).findIndex(({ type }) => type === "held");
}

test("what is found by rows is what is found by looking at every bar", () => {
  const bars = new Bars();
  for (let i = 0; i < 4000; i++) {
    const start = i * 3;
    const end = i % 7 === 0 ? Number.POSITIVE_INFINITY : start + ((i * 37) % 400);
    const look = i % 11 === 0 ? Look.Reused : Look.Played;
    bars.put({ id: i, row: i % 23, start, end, look, scripted: false, again: false, lap: 1 });
  }
  const range = { first: 3, last: 11 };
  const search = (view: Viewport, playhead: number) =>
    Array.from({ length: bars.count }, (_, i) => i).filter((i) => {
      const row = bars.row[i] as number;
      const box = row >= range.first && row < range.last ? place(bars, i, view, playhead, 0) : null;
      return box !== null && box.x < view.width && box.x + box.width > 0;
    });
  const views = [new Viewport(0, 12_000, 1000), new Viewport(5000, 5200, 1000), new Viewport(900, 4000, 10)];
  for (const view of views) {
    for (const playhead of [100, 5100, 5103, 12_000]) {
      expect(inSight(bars, view, playhead, bars.count, range)).toEqual(search(view, playhead));
    }
  }
  const [view, playhead] = [views[0] as Viewport, 8000];
  expect(hit(bars, view, playhead, 0, view.x(3000), 5 * ROW_HEIGHT + 15)).not.toBeNull();
});
