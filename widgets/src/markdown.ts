/**
 * What a part played, as nodes of the page.
 *
 * Text from models is text. `marked` only cuts it into tokens; every node is made here, from a list that
 * one can read to its end, and what a token says enters the page as a text node. There is no HTML to
 * clean, because none is ever made: what somebody wrote as HTML is shown as it was written. A link goes
 * to the web or to a mail address, in another tab. An image becomes a link with its words, so nothing is
 * fetched.
 */

import { Lexer, type MarkedToken, type Token, type Tokens, type TokensList } from "marked";
import { languageOf } from "./languages";

/**
 * Where text stays as it was written: beyond so many characters, in one paragraph, in one quote or item,
 * or so deep. Some text takes `marked` the square of its length, and each level is a call within a call;
 * with these the worst that was found holds up the page for a second, and what people write for a tenth.
 */
const MOST = { text: 50_000, inline: 4_000, nested: 8_000, deep: 32 };
const WEB = new Set(["http:", "https:", "mailto:"]);

class Shallow extends Lexer {
  #deep = 0;

  override blockTokens(src: string, tokens: Token[] = [], isLast?: boolean): TokensList {
    if (this.#deep === MOST.deep || (this.#deep > 0 && src.length > MOST.nested)) {
      tokens.push({ type: "code", raw: src, text: src });
    } else this.#within(() => super.blockTokens(src, tokens, isLast));
    return tokens as TokensList;
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if (this.#deep === MOST.deep || src.length > MOST.inline) {
      tokens.push({ type: "escape", raw: src, text: src });
    } else this.#within(() => super.inlineTokens(src, tokens));
    return tokens;
  }

  #within(cut: () => void): void {
    this.#deep += 1;
    cut();
    this.#deep -= 1;
  }
}

/** Markdown as a fragment of the page. */
export function render(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  if (text.length > MOST.text) preformatted(fragment).append(text);
  else fill(fragment, new Shallow().lex(text));
  return fragment;
}

type Place = ParentNode & Node;

function add<N extends keyof HTMLElementTagNameMap>(to: Place, name: N): HTMLElementTagNameMap[N] {
  return to.appendChild(document.createElement(name));
}

/** Long lines scroll in it, also for who has no mouse. */
function preformatted(to: Place): HTMLPreElement {
  const made = add(to, "pre");
  made.tabIndex = 0;
  return made;
}

function fill(to: Place, tokens: readonly Token[]): void {
  for (const token of tokens) {
    const put = PUT[token.type as keyof Makers] as ((to: Place, token: Token) => void) | undefined;
    if (put) put(to, token);
    else to.append(token.raw); // a later `marked` may know more
  }
}

type Makers = {
  readonly [K in MarkedToken["type"]]: (to: Place, token: Extract<MarkedToken, { type: K }>) => void;
};

const PUT: Makers = {
  space: () => {},
  def: () => {},
  paragraph: (to, { tokens }) => fill(add(to, "p"), tokens),
  blockquote: (to, { tokens }) => fill(add(to, "blockquote"), tokens),
  strong: (to, { tokens }) => fill(add(to, "strong"), tokens),
  em: (to, { tokens }) => fill(add(to, "em"), tokens),
  del: (to, { tokens }) => fill(add(to, "del"), tokens),
  heading: (to, { depth, tokens }) => fill(add(to, `h${depth}` as "h1"), tokens),
  hr: (to) => add(to, "hr"),
  br: (to) => add(to, "br"),
  codespan: (to, { text }) => add(to, "code").append(text),
  code: (to, { text, lang }) => {
    const code = add(preformatted(to), "code");
    code.append(text.replace(/\n?$/, "\n"));
    const language = languageOf(lang ?? "");
    if (language) code.dataset.language = language; // for `highlight.ts`
  },
  list: (to, { ordered, start, items }) => {
    const list = add(to, ordered ? "ol" : "ul");
    if (ordered && start !== 1) list.setAttribute("start", String(start));
    fill(list, items);
  },
  list_item: (to, { tokens }) => fill(add(to, "li"), tokens),
  checkbox: (to, { checked }) => to.append(checked ? "☑ " : "☐ "),
  table: (to, { header, rows }) => {
    const table = add(to, "table");
    row(add(table, "thead"), header, "th");
    const body = rows.length > 0 ? add(table, "tbody") : table;
    for (const cells of rows) row(body, cells, "td");
  },
  link: (to, { href, text, tokens, autolink }) => {
    if (autolink)
      link(to, href).append(text); // `&amp;` is no reference in it
    else fill(link(to, resolved(href)), tokens);
  },
  image: (to, { href, tokens }) => {
    const box = document.createElement("span");
    fill(box, tokens);
    const words = box.textContent || href;
    // a picture on a link: the link is the page's, the picture has none of its own
    if (to instanceof Element && to.closest("a")) to.append(words);
    else link(to, resolved(href)).append(words);
  },
  html: (to, { raw, block }) => (block ? add(to, "p") : to).append(raw),
  escape: (to, { text }) => to.append(text),
  text: (to, token) => {
    if ("tokens" in token && token.tokens) fill(to, token.tokens);
    else to.append(resolved(token.raw));
  },
};

function row(to: Place, cells: readonly Tokens.TableCell[], name: "th" | "td"): void {
  const line = add(to, "tr");
  for (const { tokens, align } of cells) {
    const cell = add(line, name);
    if (align) cell.align = align;
    fill(cell, tokens);
  }
}

/** A link, which one can follow if it goes to the web or to a mail address. */
function link(to: Place, href: string): HTMLAnchorElement {
  const made = add(to, "a");
  const url = parsed(href);
  if (url && WEB.has(url.protocol)) made.href = url.href;
  made.rel = "noopener noreferrer";
  made.target = "_blank";
  return made;
}

function parsed(href: string): URL | null {
  try {
    return new URL(href);
  } catch {
    return null; // it leads to somewhere beside this page: to nowhere
  }
}

const REFERENCE = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|[a-zA-Z][a-zA-Z\d]{1,31});/g;

/** Character references as CommonMark (section 2.5) has them: `&amp;` is `&`, what is none stays. */
function resolved(text: string): string {
  return text.replace(REFERENCE, (reference, decimal, hex) => {
    if (decimal === undefined && hex === undefined) return named(reference);
    const code = Number.parseInt(decimal ?? hex, decimal ? 10 : 16);
    const none = code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
    return none ? "\ufffd" : String.fromCodePoint(code);
  });
}

/** The browser knows the two thousand names. Of `&name;` it can make nothing but text. */
function named(reference: string): string {
  const text = new DOMParser().parseFromString(reference, "text/html").documentElement.textContent ?? "";
  // for old pages it takes `&notin` of `&notion;`: what is left then tells
  return text.endsWith(";") && text !== ";" ? reference : text;
}

const FENCE = /^( {0,3})(`{3,}|~{3,})(.*)$/;

/**
 * The content of the first fenced code block, or null: what `c.code` is in Python, line by line.
 *
 * A fence that is never closed runs to the end, as in CommonMark section 4.5.
 */
export function firstCode(text: string): string | null {
  let inside: string[] | null = null;
  let [fence, indent] = ["", 0];
  for (const line of text.split("\n")) {
    const [, space = "", marks = "", info = ""] = FENCE.exec(line) ?? [];
    if (inside === null) {
      if (marks && !(marks.startsWith("`") && info.includes("`"))) {
        [inside, fence, indent] = [[], marks, space.length];
      }
    } else if (marks.startsWith(fence) && info.trim() === "") {
      return inside.map((kept) => `${kept}\n`).join("");
    } else {
      const dedent = Math.min(indent, line.length - line.trimStart().length);
      inside.push(line.slice(dedent));
    }
  }
  return inside?.join("\n") ?? null;
}
