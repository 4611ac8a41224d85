import { describe, expect, test } from "vitest";
import type { Cue } from "../src/view";
import type { Event } from "../src/wire";
import { events } from "./fixtures";
import { allByRole, byRole, pass, press, show, useStage } from "./page";

useStage();

/** A fixture up to an event of that type: the `n`th of them, that one included. */
function upTo(name: string, type: Event["type"], n = 1): Event[] {
  let left = n;
  const all = events(name);
  return all.slice(0, all.findIndex((event) => event.type === type && --left === 0) + 1);
}

/** What comes after in a fixture, until an event of that type, that one included. */
function next(name: string, shown: readonly Event[], type: Event["type"]): Event[] {
  const rest = events(name).slice(shown.length);
  return rest.slice(0, rest.findIndex((event) => event.type === type) + 1);
}

async function conducting(shown: Event[], branches = false) {
  const { root, view } = await show(shown, { live: true });
  const cues: Cue[] = [];
  view.link({ cue: (cue) => cues.push(cue), branches });
  await pass(50);
  const click = async (name: string, within: ParentNode = root) => {
    byRole(within, "button", name).click();
    await pass(50);
  };
  const write = async (name: string, text: string) => {
    const box = byRole(root, "textbox", name) as HTMLTextAreaElement;
    box.value = text;
    box.dispatchEvent(new globalThis.Event("input", { bubbles: true }));
    await pass(20);
    return box;
  };
  return { root, view, cues, click, write };
}

const asked = (root: HTMLElement) => allByRole(root, "region", "Waits for you")[0];

describe("what waits for the conductor", () => {
  test("a held contribution is shown with its text, and can be approved or refused", async () => {
    const { root, cues, click } = await conducting(upTo("held", "take-held"));
    expect(asked(root)?.textContent).toContain("docs waits for your release".replace("docs ", "docs"));
    expect(asked(root)?.textContent).toContain("Call `f`.");
    await click("Approve", byRole(root, "group", "docs"));
    expect(asked(root)?.textContent).toContain("Sent.");
    expect(cues).toEqual([{ type: "release", part: "docs" }]);
  });

  test("refused is another word than approved", async () => {
    const { cues, click } = await conducting(upTo("held", "take-held"));
    await click("Refuse");
    expect(cues).toEqual([{ type: "release", part: "docs", no: true }]);
  });

  test("it is edited in a box that has its text, and that can be left again", async () => {
    const { root, cues, click, write } = await conducting(upTo("held", "take-held"));
    await click("Edit");
    const box = byRole(root, "textbox", "Edited text") as HTMLTextAreaElement;
    expect([box.value, document.activeElement]).toEqual(["Call `f`.\n", box]);
    expect(allByRole(root, "button", "Refuse")).toHaveLength(0);
    press(box, "Escape");
    await pass(50);
    expect(allByRole(root, "textbox", "Edited text")).toHaveLength(0);
    expect(document.activeElement?.textContent).toBe("Edit");
    await click("Edit");
    await write("Edited text", "Call `discount`.\n");
    await click("Approve");
    expect(cues).toEqual([{ type: "release", part: "docs", edit: "Call `discount`.\n" }]);
  });

  test("it is sent back with a note, not without; Ctrl+Enter sends", async () => {
    const { cues, click, write } = await conducting(upTo("held", "take-held", 2));
    await click("Send back");
    await click("Send back");
    expect(cues).toEqual([]);
    const box = await write("Note back", "Less excited, please.");
    expect(press(box, "Enter").defaultPrevented).toBe(false);
    expect(press(box, "Enter", { ctrlKey: true }).defaultPrevented).toBe(true);
    expect(cues).toEqual([{ type: "release", part: "editor", back: "Less excited, please." }]);
  });

  test("what was refused is told, and given back as it was written", async () => {
    const { root, view, click, write } = await conducting(upTo("held", "take-held"));
    await click("Edit");
    await write("Edited text", "Call it.");
    await click("Approve");
    expect(allByRole(root, "textbox", "Edited text")).toHaveLength(0);
    view.say("docs waits for nothing");
    await pass(50);
    expect((byRole(root, "textbox", "Edited text") as HTMLTextAreaElement).value).toBe("Call it.");
    expect(root.querySelector('[role="alert"]')?.textContent).toBe("docs waits for nothing");
  });

  test("answered, it is gone; the next question of the same part begins anew", async () => {
    const shown = upTo("held", "take-held", 2);
    const { root, view, click, write } = await conducting(shown);
    await click("Send back");
    await write("Note back", "Less excited, please.");
    await click("Send back");
    const until = next("held", shown, "take-held");
    view.feed(until.slice(0, -4));
    await pass(200);
    expect(asked(root)).toBeUndefined();
    view.feed(until.slice(-4));
    await pass(200);
    expect(asked(root)?.textContent).toContain("Discount codes now work.");
    byRole(root, "button", "Approve");
  });

  test("a tool is asked for with its arguments, which must stay JSON when they are edited", async () => {
    const { root, cues, click, write } = await conducting(upTo("tools", "take-held"));
    expect(asked(root)?.textContent).toContain("asks to call write_file");
    expect(asked(root)?.querySelector("pre")?.textContent).toContain('"text": "off = 0.9"');
    await click("Edit");
    await write("Edited arguments", '{"path": ');
    await click("Approve");
    expect(cues).toEqual([]);
    expect(asked(root)?.textContent).toContain("That is no JSON.");
    await write("Edited arguments", '{"path": "x"}');
    await click("Approve");
    expect(cues).toEqual([{ type: "release", part: "coder", edit: '{"path": "x"}' }]);
  });

  test("a human part has a box for it", async () => {
    const { root, cues, click, write } = await conducting(upTo("human", "take-held"));
    expect(asked(root)?.textContent).toContain("waits for your contribution");
    await click("Give contribution");
    expect(cues).toEqual([]);
    await write("Your contribution", "Yes.\n\nRelease it.");
    await click("Give contribution");
    expect(cues).toEqual([{ type: "play", part: "editor", text: "Yes.\n\nRelease it." }]);
  });

  test("an item of a section is answered by its number", async () => {
    const shown = upTo("section", "text");
    const seq = Math.max(...shown.map((event) => event.seq));
    const at = { take: "take1", at: 400, why: "hold", asks: "hold", call: "" };
    shown.push({ type: "held", seq: seq + 1, c: 2, ...at }, { type: "held", seq: seq + 2, c: 3, ...at });
    const { root, cues, click } = await conducting(shown);
    await click("Approve", byRole(root, "group", "reviewer[1]"));
    expect(cues).toEqual([{ type: "release", part: "reviewer", item: 1 }]);
    byRole(byRole(root, "group", "reviewer[0]"), "button", "Approve");
  });

  test("a spent budget says what helps", async () => {
    const { root } = await conducting(upTo("held", "take-held", 4));
    expect(asked(root)?.textContent).toContain("the budget of $0.50 is spent");
    expect(asked(root)?.textContent).toContain("Raise the budget, or stop the performance.");
  });

  test("what it waits for is said once: above, where no contribution asks for it", async () => {
    const notices = (root: HTMLElement) =>
      [...root.querySelectorAll(".sk-body > .sk-notice")].map((notice) => notice.textContent);
    expect(notices((await conducting(upTo("held", "take-held"))).root)).toEqual([]);
    expect(notices((await show(upTo("held", "take-held"), { live: true })).root)).toHaveLength(1);
    expect(notices((await conducting(upTo("led", "take-held"))).root)).toEqual(["a beat: %cue beat"]);
  });

  test("without a kernel nothing is asked", async () => {
    const { root } = await show(upTo("held", "take-held"), { live: true });
    expect(asked(root)).toBeUndefined();
    expect(allByRole(root, "button", /^(Approve|Edit|Send back|Refuse)$/)).toHaveLength(0);
  });

  test("text of a model is text here too", async () => {
    const text = "<img src=x onerror=window.hacked=1>";
    const hostile = upTo("held", "take-held").map((event) =>
      event.type === "text" ? { ...event, text } : event,
    );
    const { root } = await conducting(hostile);
    expect(asked(root)?.textContent).toContain(text);
    expect(root.querySelectorAll("img")).toHaveLength(0);
  });
});

describe("who enters", () => {
  test("beats are given while the conductor leads, and counted until they are used", async () => {
    const shown = upTo("led", "take-held");
    const { root, view, cues, click } = await conducting(shown);
    await click("Beat");
    expect(cues).toEqual([{ type: "beat", n: 1 }]);
    view.feed(next("led", shown, "beat"));
    await pass(100);
    expect(byRole(root, "button", "Beat").textContent).toBe("Beat (2 left)");
    const given = upTo("led", "beat");
    view.feed(next("led", given, "entered"));
    await pass(100);
    expect(byRole(root, "button", "Beat").textContent).toBe("Beat (1 left)");
    view.feed(next("led", upTo("led", "entered"), "tempo"));
    await pass(100);
    expect(allByRole(root, "button", "Beat")).toHaveLength(0);
  });

  test("a part that waits for a cue is let in, or muted; a muted one plays after all", async () => {
    const { root, cues, click } = await conducting(upTo("led", "take-held"));
    await click("Enter shout");
    await click("Mute shout");
    expect(cues).toEqual([
      { type: "enter", part: "shout" },
      { type: "mute", part: "shout" },
    ]);
    expect(allByRole(root, "button", /^Unmute/)).toHaveLength(0);
    const other = await conducting(upTo("muted", "muted"));
    expect(
      allByRole(other.root, "button", /^(Mute|Unmute)/).map((b) => b.getAttribute("aria-label")),
    ).toEqual(["Mute coder", "Unmute docs", "Mute editor"]);
    expect(allByRole(other.root, "button", /^Enter/)).toHaveLength(0);
    await other.click("Unmute docs");
    expect(other.cues).toEqual([{ type: "unmute", part: "docs" }]);
  });

  test("who was cued in needs no other cue", async () => {
    const shown = upTo("led", "take-held");
    const { root, view } = await conducting(shown);
    const seq = Math.max(...shown.map((event) => event.seq));
    view.feed([{ type: "cued-in", seq: seq + 1, take: "take1", at: 5, c: 3, by: "conductor" }]);
    await pass(100);
    expect(allByRole(root, "button", "Enter shout")).toHaveLength(0);
    byRole(root, "button", "Enter docs");
  });

  test("without a kernel no row can be asked anything", async () => {
    const { root } = await show(upTo("led", "take-held"), { live: true });
    expect(allByRole(root, "button", /^(Mute|Enter|Beat)/)).toHaveLength(0);
  });
});

describe("the tempo", () => {
  const number = (root: HTMLElement, name: string) => byRole(root, "spinbutton", name) as HTMLInputElement;
  const set = async (input: HTMLInputElement, value: string, type = "change") => {
    input.value = value;
    input.dispatchEvent(new globalThis.Event("input", { bubbles: true }));
    if (type === "change") input.dispatchEvent(new globalThis.Event("change", { bubbles: true }));
    await pass(20);
  };

  test("shows what holds, and follows a change", async () => {
    const shown = upTo("led", "take-held");
    const { root, view } = await conducting(shown);
    const lead = byRole(root, "combobox", "Lead") as HTMLSelectElement;
    expect([...lead.options].map(({ value }) => value)).toEqual([
      ...["free", "conductor", "clock", "coder", "docs", "shout", "editor"],
    ]);
    expect([lead.value, number(root, "Rate").value, number(root, "At once").value]).toEqual([
      ...["conductor", "60", ""],
    ]);
    view.feed(next("led", shown, "tempo"));
    await pass(100);
    expect(lead.value).toBe("free");
    const limits = ["At once", "Rate", "Budget", "Deadline"].map((name) => number(root, name).value);
    expect(limits).toEqual(["3", "", "0.5", "600"]);
    expect(root.querySelector(".sk-tempo summary")?.textContent).toBe(
      "Tempo free, 3 at once, $0.50 at most, 20,000 tokens at most, 600.0 s at most",
    );
  });

  test("each is a cue of its own; empty lifts the limit, and nothing new says nothing", async () => {
    const { root, cues } = await conducting(upTo("led", "take-held"));
    const lead = byRole(root, "combobox", "Lead") as HTMLSelectElement;
    lead.value = "coder";
    lead.dispatchEvent(new globalThis.Event("change", { bubbles: true }));
    await set(number(root, "At once"), "2");
    await set(number(root, "Rate"), "");
    await set(number(root, "Rate"), "");
    await set(number(root, "Budget"), "0.25");
    await set(number(root, "Deadline"), "90.5");
    await set(number(root, "Deadline"), "-1");
    expect(cues).toEqual([
      { type: "tempo", lead: "coder" },
      { type: "tempo", at_once: 2 },
      { type: "tempo", rate: 0 },
      { type: "tempo", budget: 0.25 },
      { type: "tempo", deadline: 90.5 },
    ]);
  });

  test("what is typed is sent once, as the typing has come to rest, and is not written over", async () => {
    const { root, cues } = await conducting(upTo("led", "beat"));
    const rate = number(root, "Rate");
    await set(rate, "1", "input");
    await pass(300);
    await set(rate, "120", "input");
    expect(cues).toEqual([]);
    await pass(1000);
    expect([cues, rate.value]).toEqual([[{ type: "tempo", rate: 120 }], "120"]);
    rate.dispatchEvent(new globalThis.Event("change", { bubbles: true }));
    expect(cues).toHaveLength(1);
  });

  test("refused, it shows again what holds", async () => {
    const { root, view } = await conducting(upTo("led", "take-held"));
    await set(number(root, "Rate"), "1000");
    view.say("no provider allows that");
    await pass(50);
    expect(number(root, "Rate").value).toBe("60");
  });

  test("is not there without a kernel, nor when the take is over", async () => {
    const { root } = await show(upTo("led", "take-held"), { live: true });
    expect(allByRole(root, "combobox", "Lead")).toHaveLength(0);
    const over = await conducting(events("led"));
    expect(allByRole(over.root, "spinbutton")).toHaveLength(0);
  });
});

describe("branching", () => {
  async function scrub(root: HTMLElement, ms: number): Promise<void> {
    const slider = byRole(root, "slider", "Playhead") as HTMLInputElement;
    slider.value = String(ms);
    slider.dispatchEvent(new globalThis.Event("input", { bubbles: true }));
    await pass(50);
  }
  const button = (root: HTMLElement) => allByRole(root, "button", "Branch here")[0] as HTMLButtonElement;

  test("is from the playhead, of a take that is over too, by the button or its key", async () => {
    const { root, cues, click } = await conducting(events("reused"), true);
    await scrub(root, 350.7);
    await click("Branch here");
    await scrub(root, 1005); // 1.005 * 1000 is a bit less than 1005
    press(byRole(root, "listbox", "Contributions"), "b");
    expect(cues).toEqual([
      { type: "branch", moment: "take1@0.35s" },
      { type: "branch", moment: "take1@1005ms" },
    ]);
  });

  test("cannot be pressed without a kernel, and is not there where the kernel conducts none", async () => {
    const { root, view } = await show(events("plain"));
    expect(button(root).disabled).toBe(true);
    press(byRole(root, "listbox", "Contributions"), "b");
    view.link({ cue: () => expect.unreachable(), branches: false });
    await pass(50);
    expect(button(root)).toBeUndefined();
    press(byRole(root, "listbox", "Contributions"), "b");
    view.link({ cue: () => {}, branches: true });
    await pass(50);
    expect(button(root).disabled).toBe(false);
  });
});
