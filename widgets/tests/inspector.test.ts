import { describe, expect, test } from "vitest";
import { firstCode } from "../src/markdown";
import { pieces } from "../src/model/difference";
import type { Event } from "../src/wire";
import { events } from "./fixtures";
import { allByRole, byRole, pass, press, show, useStage } from "./page";

useStage();

function played(text: string): Event[] {
  const at = (seq: number, ms: number) => ({ seq, take: "take1", at: ms });
  const plan = {
    parts: [{ name: "coder", role: "", task: "", after: [], each: null, repeat: null, enters: 0 }],
  };
  const tempo = { lead: "free", at_once: null, rate: null, deadline: null, budget: null, tokens: null };
  const message = { role: "user", content: [text, { entry: "intent", version: 1 }] };
  const c = 1;
  return [
    { type: "entry", seq: 1, take: null, at: null, entry: "intent", version: 1, text },
    {
      type: "take-started",
      ...at(2, 0),
      number: 1,
      parent: null,
      parent_seq: 0,
      began: "",
      plan,
      tempo,
      title: "",
    },
    { type: "waiting", ...at(3, 0), c, part: "coder", item: null, lap: 1 },
    {
      type: "entered",
      ...at(4, 1),
      c,
      digest: "d",
      player: { kind: "model", name: text, scripted: false },
      reads: [{ entry: "intent", version: 1 }],
      messages: [message],
      origin: null,
    },
    { type: "tools-called", ...at(5, 2), c, calls: [{ id: text, name: text, arguments: text }] },
    { type: "tool-returned", ...at(6, 2), c, call: text, result: text, failed: true, arguments: `"${text}"` },
    { type: "sent-to-repair", ...at(7, 2), c, say: text },
    { type: "text", ...at(8, 2), c, text },
    { type: "printed", ...at(9, 3), c, text },
    { type: "judged", ...at(10, 3), c, about: text, predicate: text, ok: false, why: text, criterion: text },
    { type: "flagged", ...at(11, 4), c, flag: text, evidence: { text, entry: "", read: 0, now: 0 } },
    { type: "failed", ...at(12, 2000), c, reason: text, message: text, detail: text },
    { type: "take-ended", ...at(13, 2001), status: "failed", why: text },
  ];
}

async function inspected(events: Event[]): Promise<{ root: HTMLElement; inspector: HTMLElement }> {
  const { root } = await show(events);
  allByRole(root, "option")[0]?.click();
  await pass(50);
  return { root, inspector: byRole(root, "region", "Inspector") };
}

describe("how it came about", () => {
  const list = (inspector: HTMLElement, name: string) =>
    [...inspector.querySelectorAll(`[aria-label="${name}"] > li`)].map((item) => item.textContent);

  test("turns with their tools: arguments as they were asked for and as they counted, results, failures", async () => {
    const { inspector } = await inspected(events("tools"));
    const [first, second, third, more] = list(inspector, "Turns");
    expect(more).toBeUndefined();
    expect(first).toMatch(/^turn 1, ended at 0\.4 sLet me look at what there is\.list_files/);
    expect(first).toContain('Result["codes.py"]');
    expect(first).toContain("prices failed");
    expect(first).toContain("What it was toldConnectionError: no shop");
    expect(second).toMatch(
      /Arguments\{.*"off = 0\.9".*Run with other arguments\{.*"OFF = 0\.1".*Resultwritten/s,
    );
    expect(third).toContain("sent to repair that is no JSON of the form Patch: answer with it alone");
    expect(inspector.querySelector(".sk-text")?.textContent).toContain('{"path": "codes.py", "lines": 1}');
    expect(inspector.querySelector(".sk-data")?.textContent).toContain("Held1.4 s to 5.3 s: edited");
  });

  test("what predicates said, with the reason of a no", async () => {
    const { inspector } = await inspected(events("tools"));
    expect(list(inspector, "Checks")).toEqual([
      "compiles: yes",
      "c2, never_negative: no, discount(-1) is -0.9",
    ]);
    expect(inspector.textContent).toContain("criterion c2, never_negative: discount(-1) is -0.9");
  });

  test("in the past there is only what had happened", async () => {
    const { root, inspector } = await inspected(events("tools"));
    const slider = byRole(root, "slider", "Playhead") as HTMLInputElement;
    slider.value = "450";
    slider.dispatchEvent(new globalThis.Event("input", { bubbles: true }));
    await pass(50);
    expect(list(inspector, "Turns")).toHaveLength(1);
    expect(list(inspector, "Turns")[0]).toContain("no result yet");
    expect(list(inspector, "Checks")).toEqual([]);
  });

  test("what the conductor edited is there as it was played too", async () => {
    const { inspector } = await inspected(events("held"));
    expect(inspector.querySelector(".sk-text")?.textContent).toContain("Call discount.");
    expect(inspector.textContent).toContain("what it had played before it was editedCall `f`.");
  });

  test("a pass of a loop says which", async () => {
    const { root } = await show(events("loop"));
    allByRole(root, "option", /^critic/)[1]?.click();
    await pass(50);
    const inspector = byRole(root, "region", "Inspector");
    expect(inspector.querySelector("header")?.textContent).toContain("pass 2");
    expect(list(inspector, "Checks")).toEqual(["c1, plain_words: yes", "until short_enough: yes"]);
  });
});

describe("Markdown", () => {
  const shown = async (text: string) =>
    (await inspected(played(text))).inspector.querySelector(".sk-text")?.innerHTML.trim();

  test("an image becomes a link with its words", async () => {
    expect(await shown("![a cat](https://example.org/cat.png)")).toBe(
      '<p><a href="https://example.org/cat.png" rel="noopener noreferrer" target="_blank">a cat</a></p>',
    );
  });

  test("HTML is shown as it was written", async () => {
    expect(await shown("a <b>bold</b> word")).toBe("<p>a &lt;b&gt;bold&lt;/b&gt; word</p>");
  });

  test("links to the web and to mail stay", async () => {
    expect(await shown("<ada@example.org> https://example.org/?a=1&b=2")).toContain(
      'href="mailto:ada@example.org"',
    );
    expect(await shown("https://example.org/?a=1&b=2")).toContain('href="https://example.org/?a=1&amp;b=2"');
  });

  test("a dollar is a dollar, a table a table, a task a sign", async () => {
    expect(await shown("$x$ costs $5")).toBe("<p>$x$ costs $5</p>");
    expect(await shown("| a |\n|:-:|\n| 1 |")).toContain('<td align="center">1</td>');
    expect(await shown("- [x] done")).toContain("☑");
  });

  test("the first fenced block is the code, indented text is none", () => {
    expect(firstCode("Here:\n\n    not this\n\n```python\nx = 1\n```\n\n~~~\ny\n~~~\n")).toBe("x = 1\n");
    expect(firstCode("no code, `inline` only")).toBeNull();
    expect(firstCode("```\n```\n")).toBe("");
    expect(firstCode("  ~~~py\n  x\n    y\n```\nz")).toBe("x\n  y\n```\nz");
    expect(firstCode("``` a`b\nx")).toBeNull();
  });
});

test("a failed contribution shows its error with the detail, its flags, and the text it had", async () => {
  const { root, inspector } = await inspected(played("text of it"));
  expect(inspector.querySelector(".sk-error")?.textContent).toContain("text of it");
  expect(inspector.querySelector(".sk-error details pre")?.textContent).toBe("text of it");
  expect(inspector.querySelector(".sk-text")?.textContent?.trim()).toBe("text of it");
  expect(inspector.querySelector(".sk-printed")?.textContent).toBe("text of it");
  expect(byRole(root, "list", "Flags").textContent).toContain("text of it");
});

test("what it read is there at its version, and the messages as they were sent", async () => {
  const { inspector } = await inspected(played("the text"));
  const entry = inspector.querySelector(".sk-read details");
  expect(entry?.querySelector("summary")?.textContent).toBe("intent version 1");
  expect(entry?.querySelector("pre")?.textContent).toBe("the text");
  expect(inspector.querySelector(".sk-sent pre")?.textContent).toBe("the textthe text");
});

test("Copy text and Copy code copy just that", async () => {
  const copied: string[] = [];
  Object.assign(navigator, {
    clipboard: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
  });
  const { inspector } = await inspected(played("Here:\n\n```py\nx = 1\n```\n"));
  byRole(inspector, "button", "Copy text").click();
  byRole(inspector, "button", "Copy code").click();
  await pass(20);
  expect(copied).toEqual(["Here:\n\n```py\nx = 1\n```\n", "x = 1\n"]);
});

test("keys that are typed in the inspector do not move the playhead", async () => {
  const { root, inspector } = await inspected(played("words"));
  const slider = byRole(root, "slider", "Playhead") as HTMLInputElement;
  const before = slider.value;
  expect(press(inspector.querySelector(".sk-text") as HTMLElement, "Home").defaultPrevented).toBe(false);
  await pass(50);
  expect(slider.value).toBe(before);
});

/** Two tries fail, the second with text; the third begins after 7 s. */
function retried(...end: Event[]): Event[] {
  const begin = played("first words").slice(0, 5); // up to that text
  const at = (seq: number, ms: number) => ({ seq, take: "take1", at: ms });
  const c = 1;
  return [
    ...begin.slice(0, 4),
    { type: "retried", ...at(10, 100), c, reason: "rate-limit", message: "too many requests", wait: 0 },
    { type: "text", ...at(11, 200), c, text: "lost words" },
    { type: "retried", ...at(12, 300), c, reason: "stall", message: "nothing came for 60 s", wait: 7000 },
    ...end,
  ];
}

function fact(inspector: HTMLElement, name: string): string | null | undefined {
  return [...inspector.querySelectorAll("dt")].find((dt) => dt.textContent === name)?.nextElementSibling
    ?.textContent;
}

describe("attempts", () => {
  const at = (seq: number, ms: number) => ({ seq, take: "take1", at: ms });
  const c = 1;

  test("each failed one is there with its reason, its wait and its text, which is not what was played", async () => {
    const { inspector } = await inspected(
      retried(
        { type: "text", ...at(13, 7400), c, text: "kept words" },
        { type: "played", ...at(14, 7500), c, version: 1, finish: "stop" },
        { type: "take-ended", ...at(15, 7500), status: "finished", why: "" },
      ),
    );
    expect(fact(inspector, "Attempts")).toBe("3");
    expect(inspector.querySelector(".sk-text")?.textContent?.trim()).toBe("kept words");
    const tries = [...inspector.querySelectorAll(".sk-played details")];
    expect(tries.map((tried) => tried.querySelector("summary")?.textContent)).toEqual([
      "rate-limit too many requests at 0.1 s",
      "stall nothing came for 60 s at 0.3 s, then waited 7.0 s",
    ]);
    expect(tries.map((tried) => tried.querySelector("pre")?.textContent)).toEqual([
      "No text had come.",
      "lost words",
    ]);
  });

  test("one that was waited for and never began is none", async () => {
    const { inspector } = await inspected(
      retried(
        { type: "cut", ...at(13, 1300), c, by: "stop" },
        { type: "take-ended", ...at(14, 1300), status: "stopped", why: "" },
      ),
    );
    expect(fact(inspector, "Attempts")).toBe("2");
  });

  test("while it waits, it says when the next one begins", async () => {
    const { root, inspector } = await inspected(
      retried(
        { type: "played", ...at(13, 9000), c, version: 1, finish: "stop" },
        { type: "take-ended", ...at(14, 9000), status: "finished", why: "" },
      ),
    );
    const slider = byRole(root, "slider", "Playhead") as HTMLInputElement;
    slider.value = "1000";
    slider.dispatchEvent(new globalThis.Event("input", { bubbles: true }));
    await pass(50);
    expect(fact(inspector, "Attempts")).toBe("2, the next at 7.3 s");
  });
});

describe("what else is known", () => {
  const opened = async (fixture: string, option: RegExp, take: string) => {
    const { root } = await show(events(fixture), { take });
    allByRole(root, "option", option)[0]?.click();
    await pass(50);
    return { root, inspector: byRole(root, "region", "Inspector") };
  };
  const choose = async (inspector: HTMLElement, name: string) => {
    const select = inspector.querySelector('[aria-label="Compare with"]') as HTMLSelectElement;
    select.value = [...select.options].find((option) => option.text === name)?.value ?? "?";
    select.dispatchEvent(new globalThis.Event("change", { bubbles: true }));
    await pass(50);
    return byRole(inspector, "region", "Difference");
  };

  test("it is compared with what the part played in another take, word by word", async () => {
    const { inspector } = await opened("reused", /^editor/, "take2");
    const difference = await choose(inspector, "take1");
    const texts = (kind: string) =>
      [...difference.querySelectorAll(`pre ${kind}`)].map((one) => one.textContent);
    expect(difference.querySelector("pre")?.textContent).toMatch(/^Discount codes/);
    expect(texts("del").join("|")).toContain("VIP");
    expect(texts("ins").join("|")).toContain("three lines");
    expect(inspector.querySelector(".sk-text")?.textContent).not.toContain("VIP");
  });

  test("what is the same is said to be", async () => {
    const { inspector } = await opened("reused", /^coder/, "take2");
    expect((await choose(inspector, "take1")).textContent).toBe(
      "Word for word as in take1.Both read the same.",
    );
  });

  test("and so is why it differs: what either was given, entry by entry", async () => {
    const { inspector } = await opened("reused", /^editor/, "take2");
    const difference = await choose(inspector, "take1");
    const given = [...difference.querySelectorAll("details")];
    expect(given.map((one) => one.querySelector("summary")?.textContent)).toEqual(["part/docs"]);
    const marked = (kind: string) =>
      [...(given[0]?.querySelectorAll(kind) ?? [])].map((one) => one.textContent);
    expect(marked("del").join("")).not.toBe("");
    expect(marked("ins").join("")).not.toBe("");
  });

  test("it is compared with what it played earlier in its take, and not with what is to come", async () => {
    const names = (inspector: HTMLElement) =>
      [...inspector.querySelectorAll('[aria-label="Compare with"] option')].map(
        (option) => option.textContent,
      );
    const { root } = await show(events("loop"));
    const later = allByRole(root, "option", /^critic/)[1] as HTMLElement;
    later.click();
    await pass(50);
    expect(names(byRole(root, "region", "Inspector"))).toEqual(["nothing", "take1"]);
    allByRole(root, "option", /^critic/)[0]?.click();
    await pass(50);
    expect(names(byRole(root, "region", "Inspector"))).toEqual(["nothing", "take1, entrance 2"]);
    byRole(root, "button", "Back to start").click();
    await pass(50);
    expect(names(byRole(root, "region", "Inspector"))).toEqual([]);
  });

  test("where nothing else was played there is nothing to choose", async () => {
    const { inspector } = await opened("plain", /^coder/, "take1");
    expect(inspector.querySelector('[aria-label="Compare with"]')).toBeNull();
  });

  test("of what has a newer version, the difference is there", async () => {
    const { inspector } = await inspected(stale());
    expect(inspector.querySelector(".sk-newer")?.textContent).toBe("version 2 stands");
    const since = byRole(inspector, "region", "intent, what changed since");
    expect(since.querySelector("pre del")?.textContent).toBe("blue");
    expect(since.querySelector("pre ins")?.textContent).toBe("green");
  });

  test("a flag leads to what it tells of: to an entry that it read", async () => {
    const { inspector } = await inspected(stale());
    const entry = inspector.querySelector<HTMLDetailsElement>('[data-entry="intent"]');
    expect(entry?.open).toBe(false);
    byRole(inspector, "button", /^stale/).click();
    expect(entry?.open).toBe(true);
    expect(document.activeElement).toBe(entry?.querySelector("summary"));
  });

  test("to the part that should have been read", async () => {
    const { root, inspector } = await opened("section", /^editor|^summary|^lead/, "take1");
    byRole(inspector, "button", /^dropped/).click();
    await pass(50);
    expect(byRole(root, "region", "Inspector").querySelector("h3")?.textContent).toBe("reviewer[1]");
  });

  test("to what the check said", async () => {
    const { inspector } = await inspected(events("tools"));
    byRole(inspector, "button", /^criterion/).click();
    expect((document.activeElement as HTMLElement).getAttribute("aria-label")).toBe("Checks");
  });

  test("to the text, where it tells of no more", async () => {
    const { inspector } = await inspected(events("failed"));
    byRole(inspector, "button", /^incomplete/).click();
    expect((document.activeElement as HTMLElement).className).toBe("sk-text");
  });

  test("from an entry of another part one comes to how it was played", async () => {
    const { root, inspector } = await opened("plain", /^editor/, "take1");
    byRole(
      inspector.querySelector('[data-entry="part/docs"]') as HTMLElement,
      "button",
      "how it was played",
    ).click();
    await pass(50);
    expect(byRole(root, "region", "Inspector").querySelector("h3")?.textContent).toBe("docs");
  });

  test("how long the first text took", async () => {
    const { root, inspector } = await opened("plain", /^coder/, "take1");
    expect(fact(inspector, "First text")).toMatch(/^after 0\.\d s$/);
    byRole(root, "button", "Back to start").click();
    await pass(50);
    expect(fact(byRole(root, "region", "Inspector"), "First text")).toBeUndefined();
  });
});

/** It read an intent that was written anew as it played. */
function stale(): Event[] {
  const [entry, ...rest] = played("words").slice(0, 4) as [Event & { text: string }, ...Event[]];
  const at = (seq: number, ms: number) => ({ seq, take: "take1", at: ms });
  const evidence = { text: "intent has a newer version", entry: "intent", read: 1, now: 2 };
  return [
    { ...entry, text: "Paint it blue, please." },
    ...rest,
    { ...entry, seq: 5, version: 2, text: "Paint it green, please." },
    { type: "text", ...at(6, 2), c: 1, text: "words" },
    { type: "flagged", ...at(7, 3), c: 1, flag: "stale", evidence },
    { type: "played", ...at(8, 2000), c: 1, version: 1, finish: "stop" },
    { type: "take-ended", ...at(9, 2000), status: "finished", why: "" },
  ] as Event[];
}

describe("what is given again", () => {
  const opened = async (option: RegExp, fixture = "recorded") => {
    const { root } = await show(events(fixture));
    allByRole(root, "option", option)[0]?.click();
    await pass(50);
    return { root, inspector: byRole(root, "region", "Inspector") };
  };

  test("says from which take of which recording, and asks for no attempts", async () => {
    const { root, inspector } = await opened(/^coder/);
    expect(inspector.querySelector(".sk-again")?.textContent).toBe(
      "given again from take1 of shop.score.jsonl",
    );
    expect(inspector.querySelector("h4")?.textContent).toBe("Played in take1 of shop.score.jsonl");
    expect(fact(inspector, "Attempts")).toBeUndefined();
    expect(fact(inspector, "Time")).toMatch(/^0\.0 s to 0\.\d s/);
    expect(root.querySelector(".sk-words")?.textContent).toBe("from shop.score.jsonl");
  });

  test("recorded for another reading, it shows in what that differed", async () => {
    const { inspector } = await opened(/^docs/);
    expect(inspector.querySelector(".sk-again")?.textContent).toContain("recorded for another reading");
    const diff = byRole(inspector, "region", "What differed").querySelector("pre") as HTMLElement;
    const texts = (selector: string) =>
      [...diff.querySelectorAll(selector)].map((found) => found.textContent);
    expect(texts("strong")).toEqual(["material spec", "its task"]);
    expect(texts("del")).toEqual(["15", ", in three lines, for a clerk"]);
    expect(texts("ins")).toEqual(["10", "| VIP | 25 % |\n"]);
  });

  test("what was played before a note is shown as the part's own turn", async () => {
    const { inspector } = await opened(/^docs, played, 3/, "noted");
    const own = inspector.querySelector('.sk-message[data-role="assistant"]');
    expect(own?.querySelector(".sk-role")?.textContent).toBe("assistant: what it had played before the note");
    expect(own?.querySelector("pre")?.textContent).toBe("Call `discount`.\nGive it a total\nand a code.\n");
    const entries = [...inspector.querySelectorAll(".sk-read summary")].map((summary) => summary.textContent);
    expect(entries).toContain("what it had played before the note");
  });

  test("nothing of that stands where nothing was played before", async () => {
    const { inspector } = await opened(/^docs, played/, "noted");
    expect(inspector.textContent).not.toContain("what it had played");
    expect(inspector.querySelector(".sk-again")).toBeNull();
  });
});

test.each([
  ["the [-old-]{+new+} word", ["same the ", "old old", "new new", "same  word"]],
  ["the intent: a\nits task: b", ["what the intent", "same a", "what its task", "same b"]],
  ["model gpt itself", ["what model gpt itself"]],
  ["x[-\nits task: y-] its task: z", ["same x", "old \nits task: y", "same  its task: z"]],
  ["a [- b", ["same a [- b"]],
])("%j is a difference in pieces", (diff, expected) => {
  expect(pieces(diff).map(({ kind, text }) => `${kind} ${text}`)).toEqual(expected);
});
