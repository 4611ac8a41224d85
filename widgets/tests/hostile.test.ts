/**
 * Text that wants to be more than text. `tests/browser/test_hostile.py` does the same in a browser, where
 * it could, with all of it in every place; jsdom is too slow for that.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import "../src/code";
import { cutter, loadFrom, paint } from "../src/highlight";
import { languageOf } from "../src/languages";
import { render } from "../src/markdown";
import { decode } from "../src/wire";
import { allByRole, byRole, pass, show, useStage } from "./page";

useStage();

const FOLDER = join(import.meta.dirname, "../../tests/fixtures/hostile");
const attacks = JSON.parse(readFileSync(join(FOLDER, "attacks.json"), "utf8")) as Record<string, string[]>;
const { texts = [], urls = [], links = [] } = attacks;
/** A recording with `@@` in every place for a text, and the inspector of each contribution open in turn. */
const places = readFileSync(join(FOLDER, "places.jsonl"), "utf8");

const TAGS = new Set(
  "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre span strong table tbody td th thead tr ul"
    .toUpperCase()
    .split(" "),
);
const ATTRIBUTES = new Set(["href", "tabindex", "rel", "target", "start", "align", "data-language"]);

function expectCalm(markdown: ParentNode): void {
  for (const element of markdown.querySelectorAll("*")) {
    expect(TAGS).toContain(element.tagName);
    if (element.tagName === "SPAN") {
      expect(element.getAttributeNames()).toEqual(["class"]);
      expect(element.className).toMatch(
        /^sk-code-(comment|string|number|keyword|title|type|attr|addition|deletion)$/,
      );
    } else for (const name of element.getAttributeNames()) expect(ATTRIBUTES).toContain(name);
    // of the names that a fence may have, it is never the fence's own
    const language = element.getAttribute("data-language");
    if (language !== null) expect(languageOf(language)).toBe(language);
    if (element.tagName !== "A") continue;
    const link = element as HTMLAnchorElement;
    if (link.hasAttribute("href")) expect(link.getAttribute("href")).toMatch(/^(https?:\/\/|mailto:)/);
    expect([link.rel, link.target]).toEqual(["noopener noreferrer", "_blank"]);
  }
}

describe("Markdown", () => {
  test.each(texts)("%j", (text) => expectCalm(render(text)));

  test.each(links.flatMap((link) => urls.map((url) => link.replaceAll("%", () => url))))("%j", (text) => {
    expectCalm(render(text));
  });
});

describe("code", () => {
  beforeAll(async () => {
    loadFrom(() => Promise.resolve());
    const box = document.createElement("div");
    box.append(render("```py\n1\n```"));
    paint(box);
    await vi.waitFor(() => expect(cutter.value).not.toBeNull());
  });

  test.each(texts)("%j", (text) => {
    for (const language of ["html", "js", "php", "md", "py", "yaml", "css", "sh"]) {
      const box = document.createElement("div");
      const fence = "`".repeat(1 + Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length)));
      box.append(render(`${fence}${language}\n${text}\n${fence}`));
      paint(box);
      expectCalm(box);
      expect(box.querySelector("[data-language]")?.textContent).toBe(`${text.replace(/\r\n|\r/g, "\n")}\n`);
      expect(box.querySelectorAll("code *:not(span)")).toHaveLength(0);
    }
  });
});

describe("everywhere", () => {
  const FETCHING =
    "script, img, iframe, object, embed, link, video, audio, image, use, form, base, meta, [src], [srcset], [style*=url]";

  test.each(texts.filter((_, i) => i % 10 === 0))("%j", async (text) => {
    const { root } = await show(decode(places.replaceAll("@@", () => JSON.stringify(text).slice(1, -1))));
    const options = allByRole(root, "option");
    expect(options.length).toBeGreaterThan(1);
    for (const option of options.slice(0, 2)) {
      option.click();
      await pass(50);
      for (const shown of byRole(root, "region", "Inspector").querySelectorAll(".sk-text")) expectCalm(shown);
      expect(root.querySelectorAll(FETCHING)).toHaveLength(0);
      for (const element of root.querySelectorAll("*")) {
        for (const name of element.getAttributeNames()) expect(name).not.toMatch(/^(on|data-command)/);
      }
    }
    expect((window as { hacked?: unknown }).hacked).toBeUndefined();
  });
});
