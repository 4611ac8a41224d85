import { describe, expect, test } from "vitest";
import { coloured } from "../src/highlight";
import { render } from "../src/markdown";

/** `def` as `<k def>`: the first letter of each kind. */
const seen = (code: string, language: string) =>
  coloured(code, language)
    .map(({ kind, text }) => (kind ? `<${kind[0]} ${text}>` : text))
    .join("");

test.each([
  ["py", "def f(x1):  # it's\n  return x1 + 0x1F", "<k def> f(x1):  <c # it's>\n  <k return> x1 + <n 0x1F>"],
  ["python", "f'a \\' # b' + r\"c\" + '''d\n# e'''", "<s f'a \\' # b'> + <s r\"c\"> + <s '''d\n# e'''>"],
  ["py", "define = a.default", "define = a.default"],
  ["TypeScript", "const a = `b\nc` // d", "<k const> a = <s `b\nc`> <c // d>"],
  ["rust", "/* fn\n1 */ fn a() {}", "<c /* fn\n1 */> <k fn> a() {}"],
  ["sh", 'echo $# "a#b" # c', '<k echo> $# <s "a#b"> <c # c>'],
  ["sql", "SELECT 1 FROM t -- x", "<k SELECT> <n 1> <k FROM> t <c -- x>"],
  ["json", '{"a": [1.5, true, null]}', '{<s "a">: [<n 1.5>, <k true>, <k null>]}'],
  ["yaml", "a: yes # b", "a: <k yes> <c # b>"],
  ["py", "x = 'not closed\ny", "x = <s 'not closed>\ny"],
  ["py", '"""not closed\ny', '<s """not closed\ny>'],
  ["prose", "if 1 'x'", "if 1 'x'"],
  ["", "if 1 'x'", "if 1 'x'"],
])("%s: %j", (language, code, expected) => {
  expect(seen(code, language)).toBe(expected);
});

describe("in Markdown", () => {
  const code = (text: string) => (render(text).firstElementChild as HTMLElement).innerHTML;

  test("a fence's language colours it, with nothing but spans", () => {
    expect(code('```py title="x"\nif a: # <b>\n```')).toBe(
      '<code><span class="sk-code-keyword">if</span> a: <span class="sk-code-comment"># &lt;b&gt;</span>\n</code>',
    );
  });

  test("no language, or one that is not known, leaves it plain", () => {
    expect(code("```\nif\n```")).toBe("<code>if\n</code>");
    expect(code('```"><img src=x>\nif\n```')).toBe("<code>if\n</code>");
    expect(code("```constructor\nif\n```")).toBe("<code>if\n</code>");
  });
});
