import { expect, test } from "vitest";
import { advanced, atEnd, Present, played, scrubbed } from "../src/playhead";
import { fitting, ticks, Viewport } from "../src/viewport";

const whole = new Viewport(0, 10_000, 1000);

test("time to pixels and back", () => {
  const view = new Viewport(2000, 6000, 800);
  expect(view.x(2000)).toBe(0);
  expect(view.x(4000)).toBe(400);
  for (const x of [0, 17, 799]) expect(view.x(view.time(x))).toBeCloseTo(x, 9);
});

test("zooming keeps what is under the pointer where it is", () => {
  const zoomed = whole.zoomed(4, 300, 10_000);
  expect(zoomed.span).toBe(2500);
  expect(zoomed.time(300)).toBeCloseTo(whole.time(300), 9);
});

test("nothing before the beginning and nothing after the end is shown, and zoom has bounds", () => {
  expect(whole.zoomed(2, 0, 10_000).panned(-500, 10_000).start).toBe(0);
  expect(whole.zoomed(2, 0, 10_000).panned(5000, 10_000).end).toBe(10_000);
  expect(whole.zoomed(0.1, 500, 10_000).span).toBe(10_000);
  expect(whole.zoomed(1e9, 500, 10_000).span).toBe(20);
});

test("showing moves no more than it must", () => {
  const view = new Viewport(0, 1000, 1000);
  expect(view.showing(500, 10_000)).toBe(view);
  expect(view.showing(950, 10_000).start).toBeCloseTo(50, 9);
});

test("ticks are round numbers, far enough apart to be read", () => {
  for (const span of [30, 400, 9_000, 70_000, 4_000_000]) {
    const view = new Viewport(0, span, 900);
    const { step, ticks: found } = ticks(view);
    const major = found.filter((tick) => tick.major);
    expect((step / span) * 900).toBeGreaterThanOrEqual(76);
    expect(major.length).toBeGreaterThan(1);
    for (const { time } of major) expect(Math.abs(time / step - Math.round(time / step))).toBeLessThan(1e-6);
  }
});

test("a take that plays has room ahead, in few steps; one that is over fills the width", () => {
  expect(fitting(8000, false)).toBeCloseTo(8400);
  const spans = new Set(Array.from({ length: 600 }, (_, i) => fitting(i * 100, true)));
  expect(spans.size).toBeLessThan(10);
  for (let length = 0; length < 60_000; length += 777) expect(fitting(length, true)).toBeGreaterThan(length);
});

test("the playhead follows the present, replays at its speed, and stops at the end", () => {
  expect(advanced(atEnd(100), 16, 116, true).time).toBe(116);
  const head = played({ ...atEnd(1000), speed: 4 }, 1000);
  expect(head).toMatchObject({ time: 0, rolling: true, following: false });
  expect(advanced(head, 100, 1000, false).time).toBe(400);
  expect(advanced(head, 500, 1000, false)).toMatchObject({ time: 1000, rolling: false });
});

test("a replay that catches up with what still plays goes on with it", () => {
  const head = { ...scrubbed(atEnd(1000), 990, 1000), rolling: true };
  expect(advanced(head, 50, 1010, true)).toMatchObject({ time: 1010, following: true, rolling: false });
});

test("scrubbed, it stays where it is while the take plays on", () => {
  const head = scrubbed(atEnd(1000), 300, 1000);
  expect(advanced(head, 16, 1016, true)).toBe(head);
  expect(scrubbed(head, 5000, 1000).time).toBe(1000);
});

test("the present goes on between events and never back", () => {
  const present = new Present();
  present.heard(1000, 50);
  expect(present.time(66)).toBe(1016);
  present.heard(1010, 80); // came late
  expect(present.time(80)).toBe(1030);
});
