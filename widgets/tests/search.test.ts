import { describe, expect, test } from "vitest";
import { nameOf } from "../src/model/rows";
import { Score } from "../src/model/score";
import type { Take } from "../src/model/take";
import { find } from "../src/search";
import { treeOf } from "../src/takes";
import { events } from "./fixtures";
import { allByRole, byRole, pass, press, show, useStage } from "./page";

useStage();

function scoreOf(name: string): Score {
  const score = new Score();
  for (const event of events(name)) score.apply(event);
  return score;
}

const takeOf = (name: string, id = "take1") => scoreOf(name).takes.get(id) as Take;

/** The names of what is found in a take of a fixture. */
function found_(name: string, words: string, id = "take1"): string[] {
  const score = scoreOf(name);
  return find(score, score.takes.get(id) as Take, words).map(nameOf);
}

const box = (root: HTMLElement) => byRole(root, "textbox", "Search") as HTMLInputElement;
const found = (root: HTMLElement) => root.querySelector("output")?.textContent;
const inspected = (root: HTMLElement) => root.querySelector(".sk-inspector h3")?.textContent;

async function write(root: HTMLElement, words: string): Promise<void> {
  box(root).value = words;
  box(root).dispatchEvent(new Event("input", { bubbles: true }));
  await pass(200);
}

describe("what is found", () => {
  test("names and text, in the order of entering, whatever the case", () => {
    expect(found_("plain", "TESTER")).toContain("tester");
    expect(found_("plain", "def discount")).toContain("coder");
    expect(found_("plain", "  ")).toEqual([]);
    expect(found_("plain", "no such words")).toEqual([]);
    const score = scoreOf("plain");
    const all = find(score, score.takes.get("take1") as Take, "e").map(({ enteredSeq }) => enteredSeq);
    expect(all.length).toBeGreaterThan(2);
    expect(all).toEqual([...all].sort((a, b) => a - b));
  });

  test("an item by what it is called, and by its name", () => {
    const section = [...takeOf("section").sections.values()].at(-1)?.at(-1);
    const item = section?.labels.findIndex((label) => typeof label === "string") ?? -1;
    expect(found_("section", String(section?.labels[item]).toUpperCase())).toContain(`reviewer[${item}]`);
    expect(found_("section", "[1]")).toContain("reviewer[1]");
    expect(found_("section", "[1]")).not.toContain("reviewer[0]");
  });

  test("what was taken over, too", () => {
    const take = takeOf("reused", "take2");
    const [reused] = [...take.contributions.values()].filter(({ status }) => status === "reused");
    expect(reused?.part).toBe("coder");
    expect(found_("reused", "def discount", "take2")).toContain("coder");
  });

  test("text of a try that failed is not what it played", () => {
    const score = scoreOf("tools");
    const take = score.takes.get("take1") as Take;
    const tried = [...take.contributions.values()].filter((c) => c.status === "played" && c.tries.length);
    expect(tried).not.toEqual([]);
    for (const c of tried) {
      const lost = c.chunks.slice(0, c.tries.at(-1)?.end).join("");
      expect(lost).not.toBe("");
      expect(find(score, take, lost)).not.toContain(c);
    }
  });

  test("more text is found as it comes", () => {
    const score = new Score();
    const seen = events("plain").flatMap((event) => {
      score.apply(event);
      const take = score.takes.get("take1");
      return take ? [find(score, take, "def discount").length] : [];
    });
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBeGreaterThan(0);
  });
});

describe("the search box", () => {
  test("/ goes there from the timeline, escape back, and ends the search", async () => {
    const { root } = await show(events("plain"));
    const timeline = byRole(root, "listbox", "Contributions");
    timeline.focus();
    press(timeline, "/");
    expect(document.activeElement).toBe(box(root));
    await write(root, "discount");
    expect(found(root)).toMatch(/^\d$/);
    press(box(root), "Escape");
    await pass(50);
    expect(document.activeElement).toBe(timeline);
    expect(box(root).value).toBe("");
    expect(found(root)).toBe("");
  });

  test("enter goes to the next that is found, round and round, shift and enter back", async () => {
    const { root } = await show(events("plain"));
    await write(root, "tester");
    const number = Number(found(root));
    const seen: (string | null | undefined)[] = [];
    for (let n = 0; n <= number; n++) {
      press(box(root), "Enter");
      await pass(50);
      seen.push(found(root));
    }
    expect(seen[0]).toBe(`1 of ${number}`);
    expect(seen.at(-1)).toBe(`1 of ${number}`);
    press(box(root), "Enter", { shiftKey: true });
    await pass(50);
    expect(found(root)).toBe(`${number} of ${number}`);
    expect(inspected(root)).toBeTruthy();
  });

  test("what had not begun yet moves the playhead there", async () => {
    const { root } = await show(events("plain"));
    byRole(root, "button", "Back to start").click();
    await pass(50);
    await write(root, "editor");
    press(box(root), "Enter");
    await pass(100);
    expect(inspected(root)).toBeTruthy();
    expect(byRole(root, "slider", "Playhead").getAttribute("aria-valuetext")).not.toMatch(/^0\.0 s/);
  });

  test("an item in a folded section is unfolded and shown", async () => {
    const { root } = await show(events("section"));
    await write(root, "[1]");
    press(box(root), "Enter");
    await pass(100);
    expect(inspected(root)).toContain("[1]");
    expect(allByRole(root, "button", /^Fold /).length).toBeGreaterThan(0);
  });

  test("typing in it is not a key of the timeline, nor of the notebook", async () => {
    const { root } = await show(events("plain"));
    let heard = 0;
    root.addEventListener("keydown", () => heard++);
    press(box(root), "b");
    press(box(root), " ");
    await pass(50);
    expect(heard).toBe(0);
    expect(allByRole(root, "button", "Play")).toHaveLength(1);
  });
});

describe("takes", () => {
  test("each stands below the one that it branched from", () => {
    const takes = new Map<string, Take>();
    for (const [id, parent] of [
      ["take1", null],
      ["take2", "take1"],
      ["take3", "take1"],
      ["take4", "take2"],
      ["take6", "take5"],
    ] as const) {
      takes.set(id, { ...takeOf("plain"), id, parent });
    }
    const tree = treeOf(takes).map(({ take, depth }) => `${depth} ${take.id}`);
    expect(tree).toEqual(["0 take1", "1 take2", "2 take4", "1 take3", "0 take6"]);
  });

  test("one take is the choice, several are to be chosen from", async () => {
    const one = await show(events("plain"));
    const { options, value } = byRole(one.root, "combobox", "Take") as HTMLSelectElement;
    expect([options.length, value]).toEqual([1, "take1"]);
    one.view.destroy();
    const takes = [...scoreOf("reused").takes.keys()];
    expect(takes.length).toBeGreaterThan(1);
    const { root } = await show(events("reused"), { take: takes.at(-1) as string });
    const chooser = byRole(root, "combobox", "Take") as HTMLSelectElement;
    expect([...chooser.options].map(({ value }) => value)).toEqual(takes);
    expect(chooser.options[1]?.textContent).toMatch(/^\u2514 /);
    const last = allByRole(root, "option").map((option) => option.getAttribute("aria-label"));
    chooser.value = "take1";
    chooser.dispatchEvent(new Event("change", { bubbles: true }));
    await pass(400);
    expect((byRole(root, "combobox", "Take") as HTMLSelectElement).value).toBe("take1");
    const first = allByRole(root, "option").map((option) => option.getAttribute("aria-label"));
    expect(first).not.toEqual(last);
    expect(byRole(root, "status", "Performance")).toBeTruthy();
    chooser.value = takes.at(-1) as string;
    chooser.dispatchEvent(new Event("change", { bubbles: true }));
    await pass(400);
    expect(allByRole(root, "option").map((option) => option.getAttribute("aria-label"))).toEqual(last);
  });
});
