import { describe, expect, test } from "vitest";
import { headOf, LONGEST_HEAD } from "../src/lab/magic";

const marked = (text: string) =>
  headOf(text)?.marks.map(({ kind, from, to }) => `${kind} ${text.slice(from, to)}`);

describe("how a cell begins", () => {
  test.each([
    ["%%compose", "markdown"],
    ["%%compose Discount codes -u spec --draft ollama/llama3.2\n# Intent", "markdown"],
    ["%%orchestrate\nparts:", "yaml"],
    ["%%orchestrate -f team.yaml", "yaml"],
    ["%%conduct draft --only coder\nbe brief", "markdown"],
    ["%%play critic\nNo.", "markdown"],
    ["%%cue note all\nfor everybody", "markdown"],
  ])("%j is %s below", (text, language) => {
    expect(headOf(text)?.language).toBe(language);
  });

  test.each([
    "",
    "for x in y: pass",
    "%conduct",
    " %%compose",
    "%%composer",
    "%%compose?",
    "%%conduct??",
    "%%score",
    "%%bash\n%%compose",
    "x = 1\n%%compose",
    '"""\n%%compose\n"""',
    "%%orchestrat",
  ])("%j is the kernel's language", (text) => {
    expect(headOf(text)).toBeNull();
  });

  test.each([
    "\n\n%%compose\nx",
    "# why\n  # and how\n\n%%compose\nx",
    "%%time\n%%compose\nx",
    "%%capture out --no-stderr\n\n%%compose\nx",
  ])("%j has the magic in its head, and only the text below it", (text) => {
    expect(text.slice(headOf(text)?.length)).toBe("x");
  });

  test("names the magic, its options and the comments above, and nothing of the title", () => {
    expect(marked("# a -x\n%%compose Well-made -u spec -- --draft m\n-u %%no # no")).toEqual([
      "comment # a -x",
      "magic %%compose",
      "word Well-made",
      "option -u",
      "word spec",
      "word --",
      "option --draft",
      "word m",
    ]);
  });

  test("of a long Python cell no more is read than a head may be", () => {
    const comments = "# words\n".repeat(LONGEST_HEAD);
    expect(headOf(`${comments}%%compose`)).toBeNull();
    expect(headOf(`%%compose\n${comments}`)?.length).toBe(10);
  });
});
