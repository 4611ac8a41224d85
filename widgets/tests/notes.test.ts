import { describe, expect, test } from "vitest";
import { deliveryAt, notesAt, sentDuring } from "../src/model/notes";
import { Score } from "../src/model/score";
import type { Take } from "../src/model/take";
import type { Cue } from "../src/view";
import type { Event } from "../src/wire";
import { events } from "./fixtures";
import { allByRole, byRole, pass, press, show, useStage } from "./page";

useStage();

const all = events("noted");
const first = all.filter((event) => event.seq <= (all.find((e) => e.type === "take-ended")?.seq ?? 0));

function folded(events: Event[], take = "take1"): { score: Score; take: Take } {
  const score = new Score().fold(events);
  return { score, take: score.takes.get(take) as Take };
}

/** What became of each note that stood in take1 at a moment. */
function became(at: number, id = "take1"): Record<string, string> {
  const { score, take } = folded(all, id);
  return Object.fromEntries(
    notesAt(score, take, at).map((note) => [`${note.note} to ${note.to}`, deliveryAt(note, take, at)]),
  );
}

describe("what became of a note", () => {
  test("at the end: delivered to whom, or never; one that was dropped is not there", () => {
    const { take } = folded(all);
    expect(became(take.at)).toEqual({
      "1 to editor": "delivered to editor",
      "opening to all": "delivered to all 5 parts",
      "2 to checker": "delivered to checker",
      "3 to coder": "delivered to coder (2nd and 3rd)",
      "4 to tester": "delivered to tester (2nd and 3rd)",
      "5 to docs": "delivered to docs (2nd and 3rd)",
      "6 to all": "delivered to all 5 parts",
      "8 to editor": "never delivered",
    });
  });

  test("then: a note that was not sent yet is not there, and one that was not read yet is sent", () => {
    expect(became(0)).toEqual({ "1 to editor": "sent", "opening to all": "sent" });
    expect(became(10)["opening to all"]).toBe("delivered to coder, tester and docs");
    expect(became(1299)["3 to coder"]).toBeUndefined();
    expect(became(1301)["3 to coder"]).toBe("sent");
    expect(became(1302)["3 to coder"]).toBe("delivered to coder (2nd)");
    expect(became(1600)["4 to tester"]).toBe("sent");
  });

  test("a note stands until it is dropped", () => {
    const { score, take } = folded(all);
    const sent = sentDuring(score, take).find(({ note }) => note.note === "7");
    expect(became(sent?.at ?? 0)["7 to editor"]).toBe("sent");
    expect(became((sent?.until ?? 0) - 1)["7 to editor"]).toBe("sent");
    expect(became(sent?.until ?? 0)["7 to editor"]).toBeUndefined();
  });

  test("the next take has what still stands, and what was sent between the two, from its start", () => {
    expect(Object.keys(became(0, "take2"))).toEqual([
      ...[
        "1 to editor",
        "opening to all",
        "2 to checker",
        "3 to coder",
        "4 to tester",
        "5 to docs",
        "6 to all",
      ],
      "9 to editor",
    ]);
    expect(became(0)).not.toHaveProperty("9 to editor");
    const { score, take } = folded(all, "take2");
    expect(sentDuring(score, take)).toEqual([]);
  });

  test("a note that an excerpt only quotes stands before everything", () => {
    const quoted: Event = { type: "noted", seq: 0, take: null, at: null, note: "4", to: "coder", version: 1 };
    const text: Event = {
      type: "entry",
      seq: 0,
      take: null,
      at: null,
      entry: "note/4",
      version: 1,
      text: "x",
    };
    const { score, take } = folded([text, quoted, ...events("reused-excerpt")], "take2");
    expect(notesAt(score, take, 0).map(({ note }) => note)).toContain("4");
  });
});

describe("the list of notes", () => {
  const items = (root: HTMLElement) =>
    [...byRole(root, "list", "Notes").querySelectorAll("li")].map((item) => item.textContent);

  test("says to whom, what, and what became of it, at the playhead", async () => {
    const { root } = await show(first);
    expect(items(root)).toContain("Note 8 to editorThank the testers.never delivered");
    const slider = byRole(root, "slider", "Playhead") as HTMLInputElement;
    slider.value = "1301";
    slider.dispatchEvent(new globalThis.Event("input", { bubbles: true }));
    await pass(50);
    expect(items(root).at(-1)).toMatch(/^Note 3 to coderKeep the codes in a table of their own\..*sent$/s);
    expect(items(root)).toHaveLength(4);
  });

  test("is not there where there is no note", async () => {
    const { root } = await show(events("failed"));
    expect(allByRole(root, "list", "Notes")).toHaveLength(0);
  });

  test("a text of several lines is folded to its first, and a sign on the timeline opens it", async () => {
    const { root } = await show(first);
    const long = byRole(root, "list", "Notes").querySelector("details") as HTMLDetailsElement;
    expect(long.querySelector("summary")?.textContent).toBe("Keep the codes in a table of their own.");
    expect(long.open).toBe(false);
    Element.prototype.scrollIntoView = () => {};
    const signs = [...root.querySelectorAll<HTMLElement>(".sk-mark")];
    expect(signs.map((sign) => sign.title.split(":")[0])).toEqual([
      "Note 6 to all", // on the ruler
      "Note 2 to checker",
      "Note 3 to coder",
      "Note 4 to tester",
      "Note 5 to docs",
      "Note 7 to editor, dropped",
      "Note 8 to editor",
    ]);
    signs[2]?.click();
    await pass(50);
    expect(long.open).toBe(true);
    expect(allByRole(root, "region", "Inspector")).toHaveLength(0);
  });

  test("the sign of a note that was dropped leads to when it stood", async () => {
    Element.prototype.scrollIntoView = () => {};
    const { root } = await show(first);
    expect(items(root).join()).not.toContain("Leave the prices out.");
    root.querySelector<HTMLElement>('.sk-mark[title*="dropped"]')?.click();
    await pass(50);
    expect(items(root).join()).toContain("Leave the prices out.");
  });

  test("a note is text, and never run", async () => {
    const text = "<img src=x onerror=window.hacked=1>\n<script>window.hacked = 1</script>";
    const hostile = first.map((event) =>
      event.type === "entry" && event.entry === "note/3" ? { ...event, text } : event,
    );
    const { root } = await show(hostile);
    expect(byRole(root, "list", "Notes").textContent).toContain("<img src=x");
    expect(root.querySelectorAll("img, script")).toHaveLength(0);
  });
});

describe("writing a note", () => {
  const playing = events("playing");
  const seq = Math.max(...playing.map((event) => event.seq));

  async function conducting() {
    const shown = await show(playing, { live: true });
    const cues: Cue[] = [];
    shown.view.link({ cue: (cue) => cues.push(cue) });
    await pass(50);
    const { root } = shown;
    const box = byRole(root, "textbox", "Note") as HTMLTextAreaElement;
    const to = byRole(root, "combobox", "Note to") as HTMLSelectElement;
    const now = byRole(root, "checkbox", "At once") as HTMLInputElement;
    const told = byRole(root, "status", "Note sent");
    const write = async (text: string) => {
      box.value = text;
      box.dispatchEvent(new globalThis.Event("input", { bubbles: true }));
      await pass(20);
    };
    return { ...shown, cues, box, to, now, told, write };
  }

  test("it goes to all, or to the part that is chosen, now if that is wanted; then the box is empty", async () => {
    const { root, cues, box, to, now, told, write } = await conducting();
    expect([...to.options].map(({ value }) => value)).toEqual([
      ...["all", "coder", "tester", "docs", "checker", "editor"],
    ]);
    await write("Plain words, please.");
    byRole(root, "button", "Send note").click();
    await pass(20);
    expect([box.value, told.textContent]).toEqual(["", "Sent to all."]);
    to.value = "docs";
    to.dispatchEvent(new globalThis.Event("change", { bubbles: true }));
    now.click();
    await write("Three lines.\nNo more.");
    expect(press(box, "Enter").defaultPrevented).toBe(true);
    await pass(20);
    expect([box.value, now.checked, to.value]).toEqual(["", false, "docs"]);
    expect(told.textContent).toBe("Sent to docs, at once.");
    expect(cues).toEqual([
      { type: "note", to: "all", text: "Plain words, please.", now: false },
      { type: "note", to: "docs", text: "Three lines.\nNo more.", now: true },
    ]);
  });

  test("an empty one is not sent; shift and enter is a new line, and a word being composed is not ended", async () => {
    const { root, cues, box, write } = await conducting();
    byRole(root, "button", "Send note").click();
    await write("  \n");
    press(box, "Enter");
    await write("word");
    expect(press(box, "Enter", { shiftKey: true }).defaultPrevented).toBe(false);
    expect(press(box, "Enter", { isComposing: true }).defaultPrevented).toBe(false);
    expect(cues).toEqual([]);
  });

  test("n on the timeline goes there, escape back; what is typed is no key of the timeline", async () => {
    const { root, box } = await conducting();
    const timeline = byRole(root, "listbox", "Contributions");
    timeline.focus();
    expect(press(timeline, "n").defaultPrevented).toBe(true);
    expect(document.activeElement).toBe(box);
    expect(press(box, " ").defaultPrevented).toBe(false);
    press(box, "Escape");
    expect(document.activeElement).toBe(timeline);
  });

  test("escape goes back to the notebook for who came from there", async () => {
    const { box } = await conducting();
    const cell = document.createElement("button");
    document.body.prepend(cell);
    cell.focus();
    box.focus();
    press(box, "Escape");
    expect(document.activeElement).toBe(cell);
  });

  test("a refused one is told, and given back to be sent otherwise", async () => {
    const { root, view, box, told, write } = await conducting();
    await write("Sing!");
    press(box, "Enter");
    view.say("there is no part 'choir'");
    await pass(50);
    expect(box.value).toBe("Sing!");
    expect(told.textContent).toBe("");
    expect(root.querySelector('[role="alert"]')?.textContent).toBe("there is no part 'choir'");
  });

  test("a sent one is in the list, and can be dropped; a refusal of something else gives nothing back", async () => {
    const { root, view, cues, box, write } = await conducting();
    await write("Be brief.");
    press(box, "Enter");
    const at = { take: "take1", at: 2000 };
    view.feed([
      { type: "entry", seq: seq + 1, take: null, at: null, entry: "note/3", version: 1, text: "Be brief." },
      { type: "noted", seq: seq + 2, ...at, note: "3", to: "all", version: 1 },
    ]);
    await pass(200);
    expect(byRole(root, "list", "Notes").textContent).toContain("Note 3 to allBe brief.sent");
    byRole(root, "button", "Drop note 3").click();
    expect(cues.at(-1)).toEqual({ type: "drop", note: "3" });
    view.say("no note 3 stands");
    await pass(50);
    expect(box.value).toBe("");
    view.feed([{ type: "note-dropped", seq: seq + 3, ...at, note: "3" }]);
    await pass(200);
    expect(byRole(root, "list", "Notes").textContent).not.toContain("Be brief.");
  });

  test("is not there without a kernel, nor when the take is over", async () => {
    const { root, view } = await conducting();
    view.link(null);
    await pass(50);
    expect(allByRole(root, "textbox", "Note")).toHaveLength(0);
    expect(allByRole(root, "button", /^Drop note/)).toHaveLength(0);
    const over = await show(first);
    over.view.link({ cue: () => {} });
    await pass(50);
    expect(allByRole(over.root, "textbox", "Note")).toHaveLength(0);
    expect(press(byRole(over.root, "listbox", "Contributions"), "n").defaultPrevented).toBe(true);
  });
});
