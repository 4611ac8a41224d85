import { beforeEach, describe, expect, test, vi } from "vitest";
import { Score } from "../src/model/score";
import { STEPS, soundsBetween } from "../src/model/sounds";
import type { Take } from "../src/model/take";
import { events } from "./fixtures";
import { allByRole, byRole, pass, show, useStage } from "./page";

function takeOf(name: string): Take {
  return new Score().fold(events(name)).takes.get("take1") as Take;
}

/** All sounds of a take, as a playhead hears them that moves by `step` ms. */
const heard = (take: Take, step: number) =>
  Array.from({ length: Math.ceil((take.at + 1) / step) }, (_, n) =>
    soundsBetween(take, n * step - 1, (n + 1) * step - 1),
  ).flat();

describe("what can be heard", () => {
  test("each piece of text once, in the voice of its part, in order", () => {
    const take = takeOf("plain");
    const notes = heard(take, 16).filter(({ kind }) => kind === "note");
    const times = [...take.contributions.values()].flatMap((c) => c.times);
    expect(notes.length).toBeGreaterThan(5);
    expect(notes.length).toBeLessThanOrEqual(times.length);
    expect(notes.map(({ at }) => at)).toEqual(notes.map(({ at }) => at).sort((a, b) => a - b));
    expect(new Set(notes.map(({ voice }) => voice)).size).toBe(take.plan.parts.length);
    for (const { at, step } of notes) {
      expect(times).toContain(at);
      expect(step).toBeLessThan(STEPS);
    }
  });

  test("the same text is the same tune, every time", () => {
    expect(heard(takeOf("plain"), 50)).toEqual(heard(takeOf("plain"), 50));
  });

  test("what is off-key, what waits and what failed, when it was", () => {
    for (const [name, kind] of [
      ["section", "flag"],
      ["held", "hold"],
      ["failed", "failed"],
    ] as const) {
      const take = takeOf(name);
      const found = heard(take, 40).filter((sound) => sound.kind === kind);
      expect(found.length, name).toBeGreaterThan(0);
      const c = [...take.contributions.values()];
      const times = {
        flag: c.flatMap(({ flags }) => flags.map(({ at }) => at)),
        hold: c.flatMap(({ holds }) => holds.map(({ from }) => from)),
        failed: c.filter(({ status }) => status === "failed").map(({ ended }) => ended),
      };
      expect(found.map(({ at }) => at).sort()).toEqual([...times[kind]].sort());
    }
  });

  test("however much comes at once, few notes of each part", () => {
    const take = takeOf("plain");
    const notes = soundsBetween(take, -1, take.at).filter(({ kind }) => kind === "note");
    expect(notes.length).toBeLessThanOrEqual(4 * take.contributions.size);
  });
});

describe("the button", () => {
  useStage();
  const tones: { type: string; at: number }[] = [];
  const states: string[] = [];

  class Context {
    currentTime = 5;
    destination = {};
    resume = async () => states.push("resume");
    suspend = async () => states.push("suspend");
    close = async () => states.push("close");
    createDynamicsCompressor = () => ({ connect: () => {} });
    createGain = () => ({ connect: () => {}, gain: ramps() });
    createOscillator = () => {
      const tone = {
        type: "",
        frequency: ramps(),
        connect: () => {},
        start: (at: number) => tones.push({ type: tone.type, at }),
        stop: () => {},
      };
      return tone;
    };
  }
  const ramps = () => ({
    setValueAtTime: () => {},
    linearRampToValueAtTime: () => {},
    exponentialRampToValueAtTime: () => {},
  });

  beforeEach(() => {
    tones.length = states.length = 0;
    vi.stubGlobal("AudioContext", Context);
  });

  test("it is silent until it is asked for, and again when it is not", async () => {
    const { root, view } = await show(events("plain"));
    byRole(root, "button", "Back to start").click();
    byRole(root, "button", "Play").click();
    await pass(600);
    expect([tones, states]).toEqual([[], []]);
    const button = byRole(root, "button", "Hear it");
    expect(button.getAttribute("aria-pressed")).toBe("false");
    button.click();
    await pass(600);
    expect(states).toEqual(["resume"]);
    expect(button.getAttribute("aria-pressed")).toBe("true");
    expect(tones.length).toBeGreaterThan(2);
    expect(new Set(tones.map(({ type }) => type)).size).toBeGreaterThan(1);
    expect(Math.min(...tones.map(({ at }) => at))).toBeGreaterThan(5);
    button.click();
    const before = tones.length;
    await pass(300);
    expect([tones.length, states]).toEqual([before, ["resume", "suspend"]]);
    view.destroy();
    expect(states).toEqual(["resume", "suspend", "close"]);
  });

  test("scrubbing is silent: only what plays is heard", async () => {
    const { root } = await show(events("plain"));
    byRole(root, "button", "Hear it").click();
    const slider = byRole(root, "slider", "Playhead") as HTMLInputElement;
    for (const at of [0, 800, 200, 1500]) {
      slider.value = String(at);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await pass(50);
    }
    byRole(root, "button", "To end").click();
    await pass(100);
    expect(tones).toEqual([]);
  });

  test("where the browser has no sound there is no button", async () => {
    vi.stubGlobal("AudioContext", undefined);
    const { root } = await show(events("plain"));
    expect(allByRole(root, "button", "Hear it")).toHaveLength(0);
  });
});
