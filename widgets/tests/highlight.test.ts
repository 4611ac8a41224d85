/** Code in its colours: how it is cut, that it comes when it is wanted, and that without it code stays as it is. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { render } from "../src/markdown";
import { type Cut, meeting } from "../src/pieces";

/** The page without what colours code, and the view as it is loaded there. */
async function anew() {
  vi.resetModules();
  const found = meeting();
  delete found.cut;
  delete found.asked;
  return import("../src/highlight");
}

/** `code.js`, as a host loads it. */
async function arrive(): Promise<void> {
  vi.resetModules();
  await import("../src/code");
}

const settled = () => new Promise((done) => setTimeout(done));

/** A page with that text in it. */
function shown(text: string): HTMLElement {
  const root = document.createElement("div");
  root.append(render(text));
  return root;
}

describe("what is cut", () => {
  beforeEach(arrive);

  test.each([
    [
      "python",
      "@cache\ndef add(a: int, b=1.5):  # sum\n    return f'{a}' if self else None\n",
      "<attr @cache>\n<keyword def> <title add>(a: <type int>, b=<number 1.5>):  <comment # sum>\n" +
        "    <keyword return> <string f'>{a}<string '> <keyword if> <keyword self> <keyword else> <keyword None>\n",
    ],
    [
      "tsx",
      'type A = string; // no\nfunction go(n = 1) { return "a" + n }\n',
      "<keyword type> A = <type string>; <comment // no>\n" +
        '<keyword function> <title go>(n = <number 1>) { <keyword return> <string "a"> + n }\n',
    ],
    [
      "JSON",
      '{"a": [1.5, true, null, "b"]}\n',
      '{<attr "a">: [<number 1.5>, <keyword true>, <keyword null>, <string "b">]}\n',
    ],
    [
      'yml title="x"',
      "jobs:\n  - name: 'x' # b\n    n: 3\n",
      "<attr jobs:>\n  <attr -> <attr name:> <string 'x'> <comment # b>\n    <attr n:> <number 3>\n",
    ],
    [
      "diff",
      "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n",
      "<comment --- a>\n<comment +++ b>\n<attr @@ -1 +1 @@>\n<deletion -old>\n<addition +new>\n same\n",
    ],
    ["sh", 'echo "$x" # c\n', '<type echo> <string "><attr $x><string "> <comment # c>\n'],
    [
      "html",
      '<a href="x">b</a><script>let a = 1</script>\n',
      '<<keyword a> <attr href>=<string "x">>b</<keyword a>>' +
        "<<keyword script>><keyword let> a = <number 1></<keyword script>>\n",
    ],
    ["c++", "// a\nint main() {}\n", "<comment // a>\n<type int> <title main>() {}\n"],
    ["c#", 'var a = "b";\n', '<keyword var> a = <string "b">;\n'],
  ])("%s: %j", async (language, code, expected) => {
    const { paint, loadFrom } = await anew();
    loadFrom(arrive);
    const root = shown(`\`\`\`${language}\n${code}\`\`\``);
    paint(root);
    expect(root.querySelector("code")?.innerHTML).not.toContain("<span"); // plain first
    await vi.waitFor(() => {
      paint(root);
      const kinds = [...(root.querySelector("code")?.childNodes ?? [])].map((node) =>
        node instanceof HTMLSpanElement
          ? `<${node.className.replace("sk-code-", "")} ${node.textContent}>`
          : node.textContent,
      );
      expect(kinds.join("")).toBe(expected);
    });
    expect(root.querySelector("code")?.textContent).toBe(code);
  });

  test("every language that is known to the view can be cut", async () => {
    const { languageOf } = await import("../src/languages");
    const names =
      "bash c cpp csharp css diff dockerfile go ini java javascript json kotlin makefile markdown php";
    const more =
      "python python-repl r ruby rust session sql swift typescript xml yaml toml jsx c# c++ console";
    for (const name of `${names} ${more}`.split(" ")) {
      const language = languageOf(name);
      if (!language) throw new Error(name);
      const pieces = meeting().cut?.('# "a" 1\n', language) ?? [];
      expect(pieces.map(({ text }) => text).join(""), name).toBe('# "a" 1\n');
    }
  });
});

describe("when it is loaded", () => {
  const python = "```python\nif a: pass\n```";

  test("once, with the first code in a language that is known", async () => {
    const { paint, loadFrom, cutter } = await anew();
    const load = vi.fn(arrive);
    loadFrom(load);
    for (const other of [
      "if",
      "```\nif\n```",
      "```nothing\nif\n```",
      "```constructor\nif\n```",
      "    if\n",
    ]) {
      paint(shown(other));
    }
    expect(load).not.toHaveBeenCalled();
    for (let i = 0; i < 3; i++) paint(shown(python));
    await vi.waitFor(() => expect(cutter.value).not.toBeNull());
    const root = shown(`${python}\n\n\`\`\`nothing\nif\n\`\`\`\n\n\`\`\`\nif\n\`\`\``);
    paint(root);
    expect(root.querySelectorAll("span")).toHaveLength(2);
    expect(load).toHaveBeenCalledTimes(1);
  });

  test("once for all views that are loaded on a page", async () => {
    const one = await anew();
    vi.resetModules();
    const other = await import("../src/highlight");
    const load = vi.fn(arrive);
    for (const { loadFrom, paint } of [one, other]) {
      loadFrom(load);
      paint(shown(python));
    }
    await vi.waitFor(() => expect(one.cutter.value && other.cutter.value).toBeTruthy());
    expect(load).toHaveBeenCalledTimes(1);
  });

  test.each([
    ["cannot be reached", () => Promise.reject(new Error("offline"))],
    ["is something else", () => Promise.resolve()],
  ])("what %s leaves code plain, and is not asked for again", async (_, how) => {
    const { paint, loadFrom, cutter } = await anew();
    const load = vi.fn(how);
    loadFrom(load);
    const root = shown(python);
    for (let i = 0; i < 3; i++) {
      paint(root);
      await settled();
    }
    expect(load).toHaveBeenCalledTimes(1);
    expect(cutter.value).toBeNull();
    expect(root.querySelector("pre")?.innerHTML).toBe('<code data-language="python">if a: pass\n</code>');
  });

  test("a view that could not reach it does not keep another from it", async () => {
    const one = await anew();
    one.loadFrom(() => Promise.reject(new Error("the kernel is gone")));
    one.paint(shown(python));
    await settled();
    vi.resetModules();
    const other = await import("../src/highlight");
    other.loadFrom(arrive);
    other.paint(shown(python));
    await vi.waitFor(() => expect(other.cutter.value).not.toBeNull());
  });
});

describe("what stays plain", () => {
  const fenced = (code: string) => shown(`\`\`\`python\n${code}\n\`\`\``);

  test("code that is too long, for which nothing is loaded", async () => {
    const { paint, loadFrom, cutter } = await anew();
    const load = vi.fn(arrive);
    loadFrom(load);
    const long = fenced("if\n".repeat(4_000).trim());
    paint(long);
    expect(load).not.toHaveBeenCalled();
    paint(fenced("if"));
    await vi.waitFor(() => expect(cutter.value).not.toBeNull());
    paint(long);
    expect(long.querySelector("span")).toBeNull();
  });

  test.each([
    ["has a line that is too long", "python", `x = "${"a".repeat(500)}"\n`, 'x = "a"\n'],
    ["has too many lines", "ruby", `x = 1${"\n".repeat(1_000)}`, "x = 1\n"],
    ["is long, in a language that is searched for words", "java", "int a;\n".repeat(600), "int a;\n"],
  ])("code that %s", async (_, language, code, short) => {
    const { paint, loadFrom, cutter } = await anew();
    loadFrom(arrive);
    const [long, other] = [code, short].map((text) => shown(`\`\`\`${language}\n${text}\`\`\``)) as [
      HTMLElement,
      HTMLElement,
    ];
    paint(other);
    await vi.waitFor(() => expect(cutter.value).not.toBeNull());
    paint(long);
    expect(long.querySelector("span")).toBeNull();
    expect(long.querySelector("code")?.textContent).toBe(code);
    paint(other);
    expect(other.querySelector("span")).not.toBeNull();
  });

  test("code that takes long, by the clock, and it is not tried again", async () => {
    const { paint, loadFrom, cutter } = await anew();
    loadFrom(arrive);
    paint(fenced("if"));
    await vi.waitFor(() => expect(cutter.value).not.toBeNull());
    let now = 0;
    const looked = vi.spyOn(performance, "now").mockImplementation(() => (now += 1));
    const [short, long] = [fenced("if 1: pass"), fenced("if 1: pass\n".repeat(20))];
    paint(long);
    expect(long.querySelector("span")).toBeNull();
    paint(short);
    expect(short.querySelector("span")).not.toBeNull();
    looked.mockClear();
    paint(long);
    expect(looked.mock.calls.length).toBeLessThan(5);
  });

  const losing: Cut = () => [{ kind: "", text: "els" }];
  const breaking: Cut = () => {
    throw new Error("a grammar");
  };
  test.each([
    ["loses text", losing],
    ["breaks", breaking],
  ])("code with which the library %s", async (_, cut) => {
    const { paint, loadFrom, cutter } = await anew();
    loadFrom(async () => {
      meeting().cut = cut;
    });
    const root = fenced("else");
    paint(root);
    await vi.waitFor(() => expect(cutter.value).not.toBeNull());
    paint(root);
    expect(root.querySelector("pre")?.innerHTML).toBe('<code data-language="python">else\n</code>');
  });
});
