import { describe, expect, test } from "vitest";
import { render } from "../src/markdown";

/** The page's own account of what was made; links without what all of them have. */
function html(text: string): string {
  const box = document.createElement("div");
  box.append(render(text));
  return box.innerHTML.replaceAll(' rel="noopener noreferrer" target="_blank"', "");
}

test.each([
  // character references, which `marked` leaves to the HTML that is not made here
  ["a &amp; b \\* &copy; &#35; &#X22; &#0;", '<p>a &amp; b * © # " \ufffd</p>'],
  ["&#38;lt; &amp;lt; \\&lt;", "<p>&amp;lt; &amp;lt; &amp;lt;</p>"],
  ["&nosuch; &copy &notion; &semi; &ngE; &;", "<p>&amp;nosuch; &amp;copy &amp;notion; ; ≧̸ &amp;;</p>"],
  ["`&amp; \\* <b>`", "<p><code>&amp;amp; \\* &lt;b&gt;</code></p>"],
  ["    &amp;\n", '<pre tabindex="0"><code>&amp;amp;\n</code></pre>'],
  ["a < b && c > d", "<p>a &lt; b &amp;&amp; c &gt; d</p>"],
  // blocks
  ["# One\n\nTwo\n===\n\n###### Six", "<h1>One</h1><h1>Two</h1><h6>Six</h6>"],
  ["one\ntwo  \nthree\\\nfour", "<p>one\ntwo<br>three<br>four</p>"],
  ["> a\n> > b\n\n---", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><hr>"],
  ["- a\n- b\n  1. c", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>"],
  ["3. a\n\n4. b", '<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>'],
  ["- [x] a\n- [ ] b", "<ul><li>☑ a</li><li>☐ b</li></ul>"],
  ["```\nx < 1\n```", '<pre tabindex="0"><code>x &lt; 1\n</code></pre>'],
  [
    "| a | b |\n|---|--:|\n| 1 | *2* |",
    '<table><thead><tr><th>a</th><th align="right">b</th></tr></thead><tbody><tr><td>1</td><td align="right"><em>2</em></td></tr></tbody></table>',
  ],
  ["| a |\n|---|", "<table><thead><tr><th>a</th></tr></thead></table>"],
  ["<div>\n*a*\n</div>\n\n*b*", "<p>&lt;div&gt;\n*a*\n&lt;/div&gt;</p><p><em>b</em></p>"],
  // in a line
  ["**a _b_ ~~c~~**", "<p><strong>a <em>b</em> <del>c</del></strong></p>"],
  ["a <b>b</b> <!-- c -->", "<p>a &lt;b&gt;b&lt;/b&gt; &lt;!-- c --&gt;</p>"],
  // links
  [
    '[a *b*](https://x.example/?a&amp;b "title")',
    '<p><a href="https://x.example/?a&amp;b">a <em>b</em></a></p>',
  ],
  ["[a][r]\n\n[r]: https://x.example/", '<p><a href="https://x.example/">a</a></p>'],
  [
    "https://x.example/?a&amp;b",
    '<p><a href="https://x.example/?a&amp;amp;b">https://x.example/?a&amp;amp;b</a></p>',
  ],
  [
    "[a](HTTPS://X.example) [b](//x.example) [c](/x) [d](#x)",
    '<p><a href="https://x.example/">a</a> <a>b</a> <a>c</a> <a>d</a></p>',
  ],
  ["![a *b*](https://x.example/y.png)", '<p><a href="https://x.example/y.png">a b</a></p>'],
  ["![](https://x.example/y.png)", '<p><a href="https://x.example/y.png">https://x.example/y.png</a></p>'],
  ["[![a](https://x.example/y.png)](https://z.example/)", '<p><a href="https://z.example/">a</a></p>'],
])("%j", (text, expected) => {
  expect(html(text)).toBe(expected);
});

describe("what would hold up the page stays as it was written", () => {
  const deepest = (text: string) => {
    let depth = 0;
    for (const element of render(text).querySelectorAll("*")) {
      let above = 0;
      for (let at: Element | null = element; at; at = at.parentElement) above += 1;
      depth = Math.max(depth, above);
    }
    return depth;
  };

  test.each([
    ["quotes", ">".repeat(20_000)],
    ["quotes of text", `${"> ".repeat(900)}end`],
    ["lists", Array.from({ length: 300 }, (_, i) => `${"  ".repeat(i)}- a`).join("\n")],
    ["lists in a line", `${"- ".repeat(900)}end`],
    ["emphasis", "*a **b ".repeat(300) + "b** a*".repeat(300)],
    ["links", `${"[".repeat(900)}a${"](https://x.example)".repeat(900)}`],
  ])("too deep: %s", (_, text) => {
    expect(deepest(text)).toBeLessThan(80);
  });

  test("nothing of what is too deep is lost", () => {
    expect(render(`${"> ".repeat(900)}end`).textContent).toMatch(/> > end\n$/);
    expect(render(`${"- ".repeat(900)}end`).textContent).toMatch(/- - end\n$/);
  });

  test("a text, a paragraph and an item that are too long", () => {
    const star = "*a* ";
    expect(html(star.repeat(20_000))).toBe(`<pre tabindex="0">${star.repeat(20_000)}</pre>`);
    expect(html(`${star.repeat(2_000)}\n\n*b*`)).toBe(`<p>${star.repeat(2_000)}</p><p><em>b</em></p>`);
    const long = "*a*\n".repeat(3_000).trim();
    expect(html(`- ${long}`)).toBe(`<ul><li><pre tabindex="0"><code>${long}\n</code></pre></li></ul>`);
  });
});
