import { describe, expect, test, vi } from "vitest";
import type { Cue } from "../src/view";
import type { Event } from "../src/wire";
import { events, section } from "./fixtures";
import { allByRole, byRole, calm, observers, pass, press, queries, setCalm, show, useStage } from "./page";

useStage();

const options = (root: HTMLElement) =>
  allByRole(root, "option").map((option) => option.getAttribute("aria-label"));
const slider = (root: HTMLElement) => byRole(root, "slider", "Playhead") as HTMLInputElement;
const timeline = (root: HTMLElement) => byRole(root, "listbox", "Contributions");

async function scrub(root: HTMLElement, ms: number): Promise<void> {
  slider(root).value = String(ms);
  slider(root).dispatchEvent(new Event_("input", { bubbles: true }));
  await pass(50);
}
const Event_ = globalThis.Event;

describe("roles and names", () => {
  test("everything of a finished take can be found by role and name", async () => {
    const { root } = await show(events("plain"));
    for (const name of ["Play", "Back to start", "To end"]) byRole(root, "button", name);
    const speed = byRole(root, "combobox", "Speed") as HTMLSelectElement;
    expect([...speed.options].map((option) => Number(option.value))).toEqual([0.25, 0.5, 1, 2, 4, 8, 16]);
    expect(slider(root).getAttribute("aria-valuetext")).toMatch(/^2\.\d s, nothing playing$/);
    expect(byRole(root, "status", "Performance").textContent).toBe("finished, 5 of 5 parts played");
    expect(allByRole(root, "button", /performance$/)).toHaveLength(0);
    expect(allByRole(root, "region", "Inspector")).toHaveLength(0);
    expect(allByRole(root, "list", "Flags")).toHaveLength(0);
  });

  test("each bar in sight is an option, numbered, named when it ends", async () => {
    const { root } = await show(events("plain"));
    expect(options(root)).toHaveLength(5);
    expect(options(root)[0]).toMatch(/^coder, played, 0\.0 s to \d\.\d s$/);
    const last = allByRole(timeline(root), "option").at(-1);
    expect([
      last?.ariaPosInSet ?? last?.getAttribute("aria-posinset"),
      last?.getAttribute("aria-setsize"),
    ]).toEqual(["5", "5"]);
  });

  test("each row names its part and how it stands; a script is said to be one", async () => {
    const { root } = await show(events("scripted"));
    const names = [...root.querySelectorAll(".sk-name")].map((name) => name.textContent);
    expect(names[0]).toMatch(/^coderplayed \d\.\d s, scripted$/);
    expect(names[2]).toBe("legalskipped: when: false");
    expect(names[3]).toBe("shoutmuted");
    expect(allByRole(root, "option")[0]?.getAttribute("aria-description")).toBe("scripted");
    expect(byRole(root, "list", "Flags").children).toHaveLength(2);
  });

  test("a failed take says why, and what it blocked", async () => {
    const { root } = await show(events("failed"));
    expect(root.querySelector('.sk-notice[data-status="failed"]')?.textContent).toContain(
      "coder: the stream ended",
    );
    expect(root.textContent).toContain("blocked by coder");
  });

  test("a failure is told as soon as it happened, and leads to what failed", async () => {
    const failed = events("failed").find(({ type }) => type === "failed");
    const { root, view } = await show(
      events("failed").filter(({ seq }) => seq <= (failed?.seq ?? 0)),
      { live: true },
    );
    const told = () => root.querySelector('.sk-notice[data-status="failed"]');
    expect(told()?.textContent).toMatch(/^coder: the stream ended/);
    told()?.querySelector("button")?.click();
    await pass(50);
    expect(byRole(root, "region", "Inspector").querySelector("h3")?.textContent).toBe("coder");
    view.feed(events("failed"));
    await scrub(root, 2000);
    expect(told()).toBeNull();
  });

  test("of many failures few are told, and how many more there are", async () => {
    const most = section(9).map((event) =>
      event.type === "played"
        ? ({ ...event, type: "failed", reason: "error", message: "no", detail: "" } as unknown as Event)
        : event,
    );
    const { root } = await show(most);
    const told = [...root.querySelectorAll(".sk-notice")].map((notice) => notice.textContent);
    expect(told).toHaveLength(6);
    expect(told[0]).toBe("coder[0]: no");
    expect(told[5]).toBe("and 4 more failed");
  });
});

describe("the playhead", () => {
  test("scrubbing shows the past: bars, words, and the text as it was", async () => {
    const { root } = await show(events("plain"));
    allByRole(root, "option")[0]?.click();
    await scrub(root, 360);
    expect(options(root)).toEqual([
      "coder, playing, from 0.0 s",
      "tester, playing, from 0.0 s",
      "docs, playing, from 0.0 s",
    ]);
    expect(slider(root).getAttribute("aria-valuetext")).toBe("0.4 s, coder, tester and docs playing");
    const inspector = byRole(root, "region", "Inspector");
    expect(inspector.querySelector(".sk-text")?.textContent).toContain("Here it is:");
    expect(inspector.textContent).not.toContain("def discount");
    expect(root.textContent).toContain("waits for coder, docs, checker");
  });

  test("it plays from the beginning at its speed, and stops at the end", async () => {
    const { root } = await show(events("plain"));
    const speed = byRole(root, "combobox", "Speed") as HTMLSelectElement;
    speed.value = "0.25";
    speed.dispatchEvent(new Event_("change", { bubbles: true }));
    byRole(root, "button", "Play").click();
    await pass(1000);
    expect(slider(root).valueAsNumber).toBeGreaterThan(200);
    expect(slider(root).valueAsNumber).toBeLessThan(300);
    byRole(root, "button", "Pause").click();
    await pass(500);
    expect(slider(root).valueAsNumber).toBeLessThan(300);
    byRole(root, "button", "Play").click();
    await pass(20_000);
    byRole(root, "button", "Play");
    expect(options(root)).toHaveLength(5);
  });

  test("Back to start and To end go there", async () => {
    const { root } = await show(events("plain"));
    const end = slider(root).valueAsNumber;
    byRole(root, "button", "Back to start").click();
    await pass(50);
    expect(slider(root).valueAsNumber).toBe(0);
    byRole(root, "button", "To end").click();
    await pass(50);
    expect(slider(root).valueAsNumber).toBe(end);
  });
});

describe("keys", () => {
  test("arrows step from event to event, home and end go to the ends, space plays", async () => {
    const { root } = await show(events("stopped"));
    press(timeline(root), "Home");
    await pass(50);
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) {
      press(timeline(root), "ArrowRight");
      await pass(50);
      seen.push(slider(root).valueAsNumber);
    }
    expect(seen).toEqual([2, 3, 620, 720]);
    press(timeline(root), "ArrowLeft");
    await pass(50);
    expect(slider(root).valueAsNumber).toBe(620);
    press(timeline(root), "End");
    await pass(50);
    expect(slider(root).valueAsNumber).toBe(4801);
    press(timeline(root), " ");
    await pass(50);
    byRole(root, "button", "Pause");
  });

  test("up and down select, enter goes into the text", async () => {
    const { root } = await show(events("plain"));
    press(timeline(root), "ArrowDown");
    press(timeline(root), "ArrowDown");
    await pass(50);
    const selected = root.querySelector('[aria-selected="true"]');
    expect(selected?.getAttribute("aria-label")).toMatch(/^tester/);
    expect(timeline(root).getAttribute("aria-activedescendant")).toBe(selected?.id);
    press(timeline(root), "Enter");
    expect(document.activeElement?.className).toBe("sk-text");
  });

  test("plus and minus zoom, 0 shows all: only what is in sight is an option", async () => {
    const { root } = await show(events("plain"));
    for (let i = 0; i < 8; i++) press(timeline(root), "+");
    await pass(50);
    expect(options(root).length).toBeLessThan(5);
    press(timeline(root), "0");
    await pass(600);
    expect(options(root)).toHaveLength(5);
  });

  test("? shows the keys; escape closes them, then gives the focus back", async () => {
    const cell = document.createElement("button");
    const { root } = await show(events("plain"));
    document.body.prepend(cell);
    cell.focus();
    timeline(root).focus();
    press(timeline(root), "?");
    await pass(50);
    byRole(root, "dialog", "Keys");
    press(timeline(root), "Escape");
    await pass(50);
    expect(allByRole(root, "dialog")).toHaveLength(0);
    expect(document.activeElement).toBe(timeline(root));
    press(timeline(root), "Escape");
    expect(document.activeElement).toBe(cell);
  });

  test("no key leaves the view, and JupyterLab is told to keep its shortcuts out", async () => {
    const { root } = await show(events("plain"));
    const heard = vi.fn();
    root.addEventListener("keydown", heard);
    press(timeline(root), "d");
    press(slider(root), "ArrowRight");
    expect(heard).not.toHaveBeenCalled();
    expect(timeline(root).closest("[data-lm-suppress-shortcuts]")).not.toBeNull();
  });

  test("keys with a modifier are the browser's", async () => {
    const { root } = await show(events("plain"));
    expect(press(timeline(root), "+", { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(press(timeline(root), "+").defaultPrevented).toBe(true);
  });

  test("JupyterLab hears shortcuts with a modifier, but none that is text's own", async () => {
    const { root } = await show(events("plain"));
    const heard: string[] = [];
    const asJupyterLab = (event: KeyboardEvent) => {
      const suppressed = (event.target as Element).closest("[data-lm-suppress-shortcuts]");
      if (!suppressed) heard.push(event.key);
    };
    // on the event's way down or on its way up, as it is set
    for (const capture of [true, false]) document.addEventListener("keydown", asJupyterLab, capture);
    press(timeline(root), "s", { ctrlKey: true });
    press(slider(root), "s", { metaKey: true });
    press(timeline(root), "1", { altKey: true });
    for (const key of ["d", "Enter", "Escape"]) press(timeline(root), key);
    for (const key of ["a", "C", "Backspace", "ArrowLeft"]) press(timeline(root), key, { ctrlKey: true });
    for (const capture of [true, false]) document.removeEventListener("keydown", asJupyterLab, capture);
    expect(heard).toEqual(["s", "s", "s", "s", "1", "1"]);
    expect(timeline(root).closest("[data-lm-suppress-shortcuts]")).not.toBeNull();
  });

  test("the active option is one that is in the page: none while the selected bar is out of sight", async () => {
    const { root } = await show(events("plain"));
    press(timeline(root), "Home");
    await pass(50);
    press(timeline(root), "End");
    await pass(50);
    press(timeline(root), "ArrowUp"); // the last one
    await pass(50);
    const active = () => timeline(root).getAttribute("aria-activedescendant");
    expect(document.getElementById(active() ?? "")?.getAttribute("aria-label")).toMatch(/^editor/);
    press(timeline(root), "Home");
    await pass(50);
    expect(byRole(root, "region", "Inspector").querySelector("h3")?.textContent).toBe("editor");
    expect(active()).toBeNull();
    press(timeline(root), "End");
    await pass(50);
    expect(active()).not.toBeNull();
  });
});

describe("the pointer", () => {
  const wheel = (root: HTMLElement, init: WheelEventInit) => {
    const event = new WheelEvent("wheel", { bubbles: true, cancelable: true, ...init });
    timeline(root).dispatchEvent(event);
    return event;
  };

  test("the wheel scrolls the page; with ctrl it zooms", async () => {
    const { root } = await show(events("plain"));
    expect(wheel(root, { deltaY: 100 }).defaultPrevented).toBe(false);
    expect(options(root)).toHaveLength(5);
    expect(wheel(root, { deltaY: -600, ctrlKey: true }).defaultPrevented).toBe(true);
    await pass(50);
    expect(options(root)).toHaveLength(3); // zoomed in at the left, where three play
    expect(wheel(root, { deltaY: 100_000, shiftKey: true }).defaultPrevented).toBe(true);
    await pass(50);
    expect(options(root).at(-1)).toMatch(/^editor/);
  });

  test("a click on a bar selects it and opens the inspector, Close closes it", async () => {
    const { root } = await show(events("plain"));
    allByRole(root, "option")[2]?.click();
    await pass(50);
    const inspector = byRole(root, "region", "Inspector");
    expect(inspector.querySelector("h3")?.textContent).toBe("docs");
    byRole(inspector, "button", "Close").click();
    await pass(50);
    expect(allByRole(root, "region", "Inspector")).toHaveLength(0);
  });
});

describe("live", () => {
  const all = events("plain");
  const until = (ms: number) => all.filter((event) => event.take === null || (event.at ?? 0) <= ms);
  const since = (ms: number) => all.filter((event) => event.take !== null && (event.at ?? 0) > ms);

  test("bars grow between events, and the playhead follows the present", async () => {
    const { root } = await show(until(500), { live: true });
    const first = slider(root).valueAsNumber;
    expect(first).toBeGreaterThan(500);
    await pass(1000);
    expect(slider(root).valueAsNumber - first).toBeGreaterThan(900);
    expect(options(root)).toContain("coder, playing, from 0.0 s");
    byRole(root, "button", "Pause");
  });

  test("what is fed is shown, and at the end the playhead is at the end", async () => {
    const { root, view } = await show(until(500), { live: true });
    view.feed(since(500));
    await pass(700);
    expect(options(root)).toHaveLength(5);
    expect(slider(root).valueAsNumber).toBe(all.at(-1)?.at);
    byRole(root, "button", "Play");
  });

  test("scrubbed back it stays there while the take plays on; To end is the present again", async () => {
    const { root, view } = await show(until(500), { live: true });
    await scrub(root, 300);
    view.feed(since(500).slice(0, 10));
    await pass(1000);
    expect(slider(root).valueAsNumber).toBe(300);
    byRole(root, "button", "To end").click();
    await pass(100);
    expect(slider(root).valueAsNumber).toBeGreaterThan(1000);
  });

  test("paused with nothing in the air, the clock stands still; resumed, it goes on from there", async () => {
    const { root, view } = await show(events("playing"), { live: true });
    const seq = Math.max(...events("playing").map((event) => event.seq));
    const at = { take: "take1", at: 2000 };
    const open = [1, 2, 3].filter(
      (c) => !events("playing").some((event) => event.type === "played" && event.c === c),
    );
    view.feed([
      { type: "paused", seq: seq + 1, by: "conductor", ...at },
      ...open.map((c, i) => ({ type: "cut" as const, seq: seq + 2 + i, c, by: "pause", ...at })),
    ]);
    if (events("playing").some((event) => event.type === "entered" && event.c === 4)) {
      view.feed([{ type: "cut", seq: seq + 10, c: 4, by: "pause", ...at }]);
    }
    await pass(6000);
    expect(slider(root).valueAsNumber).toBe(2000);
    expect(vi.getTimerCount()).toBe(0);
    view.feed([{ type: "resumed", seq: seq + 11, take: "take1", at: 60_000 }]);
    await pass(500);
    expect(slider(root).valueAsNumber).toBeGreaterThan(60_300);
  });

  test("a batch that overlaps a snapshot does no harm", async () => {
    const { root, view } = await show(until(500), { live: true });
    view.feed(all);
    await pass(700);
    expect(options(root)).toHaveLength(5);
    expect(root.querySelector('.sk-notice[data-status="failed"]')).toBeNull();
  });

  test("thousands of events a second are folded once a frame", async () => {
    const { root, view } = await show(until(500), { live: true });
    let seq = 10_000;
    for (let batch = 0; batch < 30; batch++) {
      const more: Event[] = Array.from({ length: 1000 }, () => ({
        type: "text",
        seq: ++seq,
        take: "take1",
        at: 500 + batch * 33,
        c: 1,
        text: "word ",
      }));
      view.feed(more);
      await pass(33);
    }
    allByRole(root, "option")[0]?.click();
    await pass(200);
    expect(root.querySelector(".sk-text")?.textContent?.match(/word/g)).toHaveLength(30_000);
  });

  test("assistive technology hears of it at most every five seconds", async () => {
    const { root, view } = await show(until(500), { live: true });
    const status = byRole(root, "status", "Performance");
    const heard: string[] = [];
    new MutationObserver(() => heard.push(status.textContent ?? "")).observe(status, {
      characterData: true,
      childList: true,
      subtree: true,
    });
    for (const event of since(500)) {
      view.feed([event]);
      await pass(50);
    }
    await pass(5100);
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.length).toBeLessThanOrEqual(3);
    expect(status.textContent).toBe("finished, 5 of 5 parts played");
  });

  test("where less motion is wanted, zooming out is a step and not a glide", async () => {
    setCalm(true);
    expect(calm).toBe(true);
    const { root, view } = await show(until(500), { live: true });
    view.feed(all);
    await pass(40); // two frames: a glide takes a quarter of a second
    const box = allByRole(root, "option")[0] as HTMLElement;
    const width = box.style.width;
    await pass(600);
    expect((allByRole(root, "option")[0] as HTMLElement).style.width).toBe(width);
  });
});

describe("conducting", () => {
  test("the buttons are there while there is a link and the take is not over, and ask for what they say", async () => {
    const { root, view } = await show(events("playing"), { live: true });
    expect(allByRole(root, "button", /performance$/)).toHaveLength(0);
    const cues: Cue[] = [];
    view.link({ cue: (cue) => cues.push(cue) });
    await pass(50);
    const pause = byRole(root, "button", "Pause performance");
    pause.click();
    const seq = Math.max(...events("playing").map((event) => event.seq));
    view.feed([{ type: "paused", seq: seq + 1, take: "take1", at: 1500, by: "conductor" }]);
    await pass(50);
    expect(byRole(root, "button", "Resume performance")).toBe(pause); // the focus stays on it
    pause.click();
    byRole(root, "button", "Stop performance").click();
    expect(cues).toEqual([{ type: "pause" }, { type: "resume" }, { type: "stop" }]);
    view.link(null);
    await pass(50);
    expect(allByRole(root, "button", /performance$/)).toHaveLength(0);
  });

  test("over, it conducts nothing, link or not", async () => {
    const { root, view } = await show(events("plain"));
    view.link({ cue: () => {} });
    await pass(50);
    expect(allByRole(root, "button", /performance$/)).toHaveLength(0);
  });

  test("what the kernel says of a cue is shown and announced", async () => {
    const { root, view } = await show(events("playing"), { live: true });
    view.say("take1 is paused already");
    await pass(20);
    expect(root.querySelector('[role="alert"]')?.textContent).toBe("take1 is paused already");
  });
});

describe("a snapshot", () => {
  test("keeps the playhead and the selection of the same take", async () => {
    const { root, view } = await show(events("plain"));
    allByRole(root, "option")[1]?.click();
    await scrub(root, 600);
    view.reset(events("plain"), { take: "take1", live: false });
    await pass(50);
    expect(slider(root).valueAsNumber).toBe(600);
    expect(byRole(root, "region", "Inspector").querySelector("h3")?.textContent).toBe("tester");
  });

  test("of another take starts at its end with nothing selected", async () => {
    const { root, view } = await show(events("reused"));
    allByRole(root, "option")[1]?.click();
    await scrub(root, 600);
    view.reset(events("reused"), { take: "take2", live: false });
    await pass(50);
    expect(allByRole(root, "region", "Inspector")).toHaveLength(0);
    expect(options(root)[0]).toBe("coder, reused, 0.0 s to 0.0 s");
  });

  test("in mid-take goes on live", async () => {
    const { root, view } = await show([], { live: true });
    expect(root.textContent).toContain("There is no performance");
    view.reset(events("playing"), { take: "take1", live: true });
    const first = slider(root)?.valueAsNumber ?? 0;
    await pass(500);
    expect(slider(root).valueAsNumber).toBeGreaterThan(first + 300);
  });
});

describe("what is broken", () => {
  test("an event that cannot follow is told, and what came before is shown", async () => {
    const broken = events("plain");
    broken.splice(40, 0, { type: "text", seq: 0, take: "take1", at: 1, c: 99, text: "?" });
    const { root } = await show(broken);
    expect(root.textContent).toContain(
      "The recording is broken: event 0: contribution 99 of take1 is not playing.",
    );
    expect(options(root)).toHaveLength(3);
  });

  test("a take that is not there is told", async () => {
    const { root } = await show(events("plain"), { take: "take7" });
    expect(root.textContent).toContain("There is no performance in this recording.");
  });
});

test("destroyed, nothing is left: no node, no listener, no frame, no timer", async () => {
  const added = vi.spyOn(EventTarget.prototype, "addEventListener");
  const { root, view } = await show(events("playing"), { live: true });
  view.destroy();
  expect(root.childNodes).toHaveLength(0);
  expect(observers.size).toBe(0);
  expect(queries.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  const outside = added.mock.calls.filter((_, i) => {
    const target = added.mock.contexts[i];
    return !(target instanceof Node && !document.contains(target)) && !(target instanceof AbortSignal);
  });
  for (const [, , init] of outside)
    expect((init as AddEventListenerOptions | undefined)?.signal?.aborted).toBe(true);
  view.feed(events("plain"));
  await pass(100);
  expect(vi.getTimerCount()).toBe(0);
});
