import { describe, expect, test } from "vitest";
import { graphOf } from "../src/model/graph";
import type { Row } from "../src/model/rows";
import { events } from "./fixtures";
import { allByRole, byRole, pass, show, useStage } from "./page";

useStage();

/** Rows of parts, as `editor: coder docs`. */
function rows(...parts: string[]): Row[] {
  return parts.map((text) => {
    const [name = "", after = ""] = text.split(":");
    return {
      key: name,
      part: name,
      item: null,
      label: "",
      task: "",
      after: after.split(" ").filter(Boolean),
      enters: 0,
      section: false,
      opened: [],
      contributions: [],
    };
  });
}

/** `name: column place`. */
const laid = (...parts: string[]) =>
  Object.fromEntries(
    graphOf(rows(...parts)).nodes.map(({ row, column, place }) => [row.part, [column, place]]),
  );

describe("the layout", () => {
  test("each part stands after all that it waits for, wherever the plan has it", () => {
    const found = laid("editor: checker docs", "checker: coder", "coder", "docs");
    expect(
      Object.entries(found)
        .map(([name, [column]]) => `${name} ${column}`)
        .sort(),
    ).toEqual(["checker 1", "coder 0", "docs 0", "editor 2"]);
  });

  test("no two stand in one place, and a hand-off passes a layer where no part stands", () => {
    const { nodes, paths, columns, places } = graphOf(rows("a", "b: a", "c: b", "d: a c", "e: a b d"));
    expect([columns, places]).toEqual([5, 3]);
    const seen = [...nodes, ...new Set(paths.flat().filter(({ row }) => !row))];
    expect(new Set(seen.map(({ column, place }) => `${column} ${place}`)).size).toBe(seen.length);
    const long = paths.find((path) => path[0]?.row?.part === "a" && path.at(-1)?.row?.part === "e");
    expect(long?.map(({ column }) => column)).toEqual([0, 1, 2, 3, 4]);
    // what a hands to d and to e passes through the same places
    const other = paths.find((path) => path[0]?.row?.part === "a" && path.at(-1)?.row?.part === "d");
    expect(other?.[1]).toBe(long?.[1]);
  });

  test("lines that need not cross do not", () => {
    const { y1, y2, x1, x2 } = laid("x1", "x2", "y2: x2", "y1: x1") as Record<string, [number, number]>;
    expect(Math.sign((y1?.[1] ?? 0) - (y2?.[1] ?? 0))).toBe(Math.sign((x1?.[1] ?? 0) - (x2?.[1] ?? 0)));
  });

  test("what is not in the plan any more holds nothing up", () => {
    expect(Object.keys(laid("a: b gone", "b: a", "c: gone c"))).toHaveLength(3);
    expect(graphOf([])).toEqual({ nodes: [], paths: [], columns: 0, places: 0 });
  });
});

describe("the graph", () => {
  test("is there when it is asked for, as it was at the playhead; a part leads to what it played", async () => {
    const { root } = await show(events("plain"));
    expect(allByRole(root, "region", "Orchestration")).toHaveLength(0);
    byRole(root, "button", "Orchestration graph").click();
    await pass(50);
    const graph = byRole(root, "region", "Orchestration");
    const statuses = () =>
      [...graph.querySelectorAll<HTMLElement>(".sk-node")].map((node) => node.dataset.status);
    expect(statuses()).toEqual(["played", "played", "played", "played", "played"]);
    [...graph.querySelectorAll<HTMLElement>(".sk-node")].find((node) => node.textContent === "docs")?.click();
    await pass(50);
    expect(root.querySelector(".sk-inspector h3")?.textContent).toBe("docs");
    byRole(root, "button", "Back to start").click();
    await pass(50);
    expect(statuses()).toContain("waiting");
    expect(graph.querySelectorAll(".sk-head").length).toBeGreaterThan(3);
    byRole(root, "button", "Orchestration graph").click();
    await pass(50);
    expect(allByRole(root, "region", "Orchestration")).toHaveLength(0);
  });
});
