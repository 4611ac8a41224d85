import { describe, expect, test } from "vitest";
import { coverageAt, rowStatusAt, rowsOf, sectionName, standingAt, wordsAt } from "../src/model/rows";
import { Score } from "../src/model/score";
import type { Take } from "../src/model/take";
import { Chart } from "../src/timeline/chart";
import { hit, inSight, place, ROW_HEIGHT } from "../src/timeline/place";
import { Viewport } from "../src/viewport";
import { events, section } from "./fixtures";
import { allByRole, byRole, pass, press, show, useStage } from "./page";

useStage();

function folded(name: string): Take {
  return new Score().fold(events(name)).takes.get("take1") as Take;
}

function beforeItsPlanChanged(name: string): Take {
  const all = events(name);
  const changes = all.findIndex(({ type }) => type === "plan-changed");
  return new Score().fold(all.slice(0, changes < 0 ? all.length : changes)).takes.get("take1") as Take;
}

const rowNames = (root: HTMLElement) =>
  [...root.querySelectorAll(".sk-part")].map((name) => name.textContent);
const options = (root: HTMLElement) =>
  allByRole(root, "option").map((option) => option.getAttribute("aria-label"));

describe("rows", () => {
  test("a section is one row with how much of it has played, unfolded a row for each item", () => {
    const take = folded("section");
    const rows = rowsOf(take);
    expect(rows.map(({ key }) => key)).toEqual(["reviewer", "editor"]);
    const then = { take, rows, at: take.at };
    expect(rows.map((row) => wordsAt(row, then))).toEqual(["2 of 3 played, 1 failed", "played 0.3 s"]);
    expect(rows.map((row) => rowStatusAt(row, take.at))).toEqual(["failed", "played"]);
    const open = rowsOf(take, new Set(["reviewer"]));
    expect(open.map(({ key, label }) => [key, label])).toEqual([
      ["reviewer", ""],
      ["reviewer[0]", "shop.py"],
      ["reviewer[1]", "codes.py"],
      ["reviewer[2]", "tests.py"],
      ["editor", ""],
    ]);
    expect(open.slice(1, 4).map((row) => wordsAt(row, { take, rows: open, at: take.at }))).toEqual([
      ...["played 0.4 s", "failed: refusal", "played 0.3 s"],
    ]);
  });

  test("it is as it was: not opened yet, waiting, playing, then waited for", () => {
    const take = folded("section");
    const rows = rowsOf(take);
    const words = (at: number) => rows.map((row) => wordsAt(row, { take, rows, at }));
    expect(words(0)).toEqual(["waiting", "waits for reviewer"]);
    expect(words(1)).toEqual(["3 items, waiting", "waits for reviewer"]);
    expect(words(430)).toEqual(["1 of 3 played, 2 playing", "waits for reviewer"]);
    expect(rowStatusAt(rows[0] as never, 430)).toBe("playing");
    expect(sectionName(rows[0] as never, 2, take.at + 1, 430)).toBe(
      "reviewer, 1 of 3 played, 2 playing, from 0.0 s",
    );
  });

  test("in a further pass it has other items, and another number of them", () => {
    const take = folded("loop");
    const rows = rowsOf(take);
    const checker = rows.find(({ part }) => part === "checker") as (typeof rows)[number];
    const [first, second] = checker.opened;
    expect([first?.items.length, second?.items.length]).toEqual([3, 2]);
    expect(coverageAt(checker, (second?.at ?? 0) - 1)).toBe("3 of 3 played");
    expect(coverageAt(checker, take.at)).toBe("2 of 2 played");
    expect(standingAt(checker, take.at).map((c) => [c.item, c.lap])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(wordsAt(rows[0] as never, { take, rows, at: take.at })).toMatch(/^played .* s, pass 2$/);
    expect(checker.after).toEqual(["drafter"]);
  });

  test.each([
    ["led", 1, ["waits for a beat", "waits for a beat", "waits for its cue", "waits for coder"]],
    ["held", 500, ["held: your release", "waits for docs", "waits for editor"]],
    ["tools", 1400, ["held: asks for write_file"]],
    ["human", 5000, ["played 0 ms", "played 0 ms", "held: your contribution"]],
    [
      "muted",
      510,
      [
        ...["playing", "muted", "skipped: has_licence says no: there is no licence"],
        ...["skipped: all it needs is skipped: legal", "waits for coder"],
      ],
    ],
  ] as const)("%s says at %i what each part does, or waits for", (name, at, expected) => {
    const take = beforeItsPlanChanged(name);
    const rows = rowsOf(take);
    expect(rows.map((row) => wordsAt(row, { take, rows, at }))).toEqual(expected);
  });

  test("a rest that is written in the plan is rested, after what the part waits for", () => {
    const take = beforeItsPlanChanged("led");
    const rows = rowsOf(take);
    const coder = rows[0]?.contributions[0]?.ended ?? 0;
    const words = (at: number) => wordsAt(rows[3] as never, { take, rows, at });
    expect([words(coder - 1), words(coder + 1400), words(coder + 1500)]).toEqual([
      ...["waits for coder", "rests 1.5 s", "playing"],
    ]);
  });

  test("a plan that changes in mid-take brings rows; who left it stands last", async () => {
    const before = events("led").slice(
      0,
      events("led").findIndex((e) => e.type === "plan-changed"),
    );
    const { root, view } = await show(before, { live: true });
    expect(rowNames(root)).toEqual(["coder", "docs", "shout", "editor"]);
    view.feed(events("led").slice(before.length, before.length + 1));
    await pass(200);
    expect(rowNames(root)).toEqual(["coder", "translator", "docs", "shout", "editor"]);
  });
});

describe("the chart", () => {
  const view = new Viewport(0, 2000, 1000);

  test("of a folded section is one bar from the first beginning to the last end", () => {
    const take = folded("section");
    const { bars } = new Chart(take, rowsOf(take));
    const whole = inSight(bars, view, take.at, 10)[0] as number;
    expect(bars.members.get(whole)).toHaveLength(3);
    const ended = [...take.contributions.values()].flatMap((c) => (c.item === null ? [] : [c.ended ?? 0]));
    expect([bars.start[whole], bars.end[whole]]).toEqual([2, Math.max(...ended)]);
    expect(inSight(bars, view, take.at, 10)).toHaveLength(2);
    // hand-offs go from it, once
    expect(bars.seen.count).toBe(1);
    expect(bars.arrows.count).toBe(2);
    expect(bars.seen.from[0]).toBe(whole);
  });

  test("of an unfolded one has every bar in its row, and can be folded again", () => {
    const take = folded("section");
    const chart = new Chart(take, rowsOf(take));
    const { bars } = chart;
    chart.arrange(take, rowsOf(take, new Set(["reviewer"])));
    const third = bars.indexOf(4);
    expect(bars.row[third]).toBe(3);
    expect(bars.row[bars.indexOf(1)]).toBe(4);
    const box = place(bars, third, view, take.at, 0);
    expect(hit(bars, view, take.at, 0, (box?.x ?? 0) + 5, ROW_HEIGHT * 3.5)).toBe(4);
    expect(inSight(bars, view, take.at, 10, { first: 2, last: 4 })).toEqual([bars.indexOf(3), third]);
    chart.arrange(take, rowsOf(take));
    expect(inSight(bars, view, take.at, 10)).toHaveLength(2);
    expect(chart.sectionOf(hit(bars, view, take.at, 0, 30, 10) ?? 0)).toBe("reviewer");
  });

  test("a section has not ended while something of it is open", () => {
    const all = events("section");
    const until = all.filter((e) => (e.at ?? 0) <= 650);
    const take = new Score().fold(until).takes.get("take1") as Take;
    const { bars } = new Chart(take, rowsOf(take));
    const whole = inSight(bars, view, take.at, 10)[0] as number;
    expect(bars.end[whole]).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the view of a section", () => {
  test("is folded at first: one option for all, which the inspector tells of", async () => {
    const { root } = await show(events("section"));
    expect(options(root)).toEqual([
      expect.stringMatching(/^reviewer, 2 of 3 played, 1 failed, 0\.0 s to 0\.\d s$/),
      expect.stringMatching(/^editor, played/),
    ]);
    allByRole(root, "option")[0]?.click();
    await pass(50);
    const inspector = byRole(root, "region", "Inspector");
    expect(inspector.querySelector("h3")?.textContent).toBe("reviewer");
    const items = [...byRole(inspector, "list", "Items").children].map((item) => item.textContent);
    expect(items).toEqual([
      "reviewer[0]shop.pyplayed",
      "reviewer[1]codes.pyfailed",
      "reviewer[2]tests.pyplayed",
    ]);
    byRole(inspector, "list", "Items").querySelectorAll("button")[1]?.click();
    await pass(50);
    expect(byRole(root, "region", "Inspector").textContent).toContain("the model refused");
    expect(byRole(root, "region", "Inspector").textContent).toContain("Item 2 of 3 codes.py");
  });

  test("unfolds to a row and an option for each item, and folds again", async () => {
    const { root } = await show(events("section"));
    const button = byRole(root, "button", "Unfold reviewer");
    expect(button.getAttribute("aria-expanded")).toBe("false");
    button.click();
    await pass(50);
    expect(rowNames(root)).toEqual(["reviewer", "shop.py0", "codes.py1", "tests.py2", "editor"]);
    expect(options(root).slice(1)).toEqual([
      "reviewer[0], played, 0.0 s to 0.4 s",
      "reviewer[1], failed, 0.0 s to 0.6 s",
      expect.stringMatching(/^reviewer\[2\], played/),
      expect.stringMatching(/^editor, played/),
    ]);
    byRole(root, "button", "Fold reviewer").click();
    await pass(50);
    expect(options(root)).toHaveLength(2);
  });

  test("passes of a loop are bars of one row, and said to be passes", async () => {
    const { root } = await show(events("loop"));
    const described = allByRole(root, "option").map((option) => option.getAttribute("aria-description"));
    expect(described.filter((words) => words === "pass 2")).toHaveLength(2);
    expect(rowNames(root)).toEqual(["drafter", "checker", "critic", "editor"]);
  });

  test("of thousands of items has in the page only what is in sight", async () => {
    const { root } = await show(section(5000), { live: true });
    expect(options(root)).toEqual([expect.stringMatching(/^coder, 5,000 of 5,000 played/)]);
    byRole(root, "button", "Unfold coder").click();
    await pass(50);
    expect(root.querySelectorAll(".sk-name").length).toBeLessThan(40);
    expect(allByRole(root, "option").length).toBeLessThan(40);
    expect(allByRole(root, "option")[1]?.getAttribute("aria-setsize")).toBe("5001");
    const scroll = root.querySelector(".sk-scroll") as HTMLElement;
    scroll.scrollTop = 4000 * ROW_HEIGHT;
    scroll.dispatchEvent(new globalThis.Event("scroll"));
    await pass(50);
    expect(options(root)).toContain("coder[4000], played, 4.0 s to 4.0 s");
    // the keys go where nothing is laid out yet
    const listbox = byRole(root, "listbox", "Contributions");
    press(listbox, "ArrowDown");
    expect(scroll.scrollTop).toBe(0);
    for (let i = 0; i < 10; i++) press(listbox, "ArrowDown");
    expect(scroll.scrollTop).toBe(11 * ROW_HEIGHT - scroll.clientHeight);
  });
});
