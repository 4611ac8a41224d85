/**
 * The entry of `code.js`: cuts code into pieces of one kind each, by the grammars of highlight.js.
 *
 * It is a script that puts its one function on the page (`pieces.ts`), and exports nothing, so that it runs as well
 * where a module is imported as within a page. Of highlight.js the part is used that finds; what it would make HTML
 * of are pieces here.
 */
import type { Emitter, LanguageFn } from "highlight.js";
import core from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import makefile from "highlight.js/lib/languages/makefile";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import pythonRepl from "highlight.js/lib/languages/python-repl";
import r from "highlight.js/lib/languages/r";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import session from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import type { Language } from "./languages";
import { type Kind, meeting, type Piece } from "./pieces";

const GRAMMARS: Record<Language, LanguageFn> = {
  ...{ bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript, json, kotlin },
  ...{ makefile, markdown, php, python, "python-repl": pythonRepl, r, ruby, rust, session, sql, swift },
  ...{ typescript, xml, yaml },
};

/** What highlight.js finds (its "scopes"), in our kinds. What is not here has the kind of what it stands in. */
const KINDS: Readonly<Record<string, Kind | "">> = {
  comment: "comment",
  quote: "comment",
  string: "string",
  regexp: "string",
  symbol: "string",
  link: "string",
  char: "string",
  number: "number",
  keyword: "keyword",
  literal: "keyword",
  name: "keyword",
  "selector-tag": "keyword",
  title: "title",
  section: "title",
  "selector-id": "title",
  "selector-class": "title",
  type: "type",
  built_in: "type",
  attr: "attr",
  attribute: "attr",
  property: "attr",
  variable: "attr",
  "template-variable": "attr",
  "selector-attr": "attr",
  "selector-pseudo": "attr",
  bullet: "attr",
  meta: "attr",
  addition: "addition",
  deletion: "deletion",
  // what stands in a string for a value
  subst: "",
};

/**
 * Some text takes a grammar the square of its length, or its cube. So it is given so many ms since it began to
 * look at the code, and is asked for them as often as it finds something. No clock can end a single search: for
 * that lines are limited, their number, and in some languages (that look for `word word word (`, or `a.b.c =`)
 * the whole. With these the worst that was found takes some 60 ms (docs/decisions.md, 15).
 */
const MOST = { ms: 40, line: 500, lines: 1_000, words: 3_000 };
const OF_WORDS: ReadonlySet<Language> = new Set(["c", "cpp", "csharp", "ini", "java"]);
let until = Number.POSITIVE_INFINITY;

class TooLong extends Error {}

/** What highlight.js tells what it finds to, in the place of what makes HTML. */
class Pieces implements Emitter {
  readonly found: { kind: Kind | ""; text: string }[] = [];
  #kinds: (Kind | "")[] = [""];

  constructor() {
    // here, too: code of one language within another has its own, again and again
    inTime();
  }

  #add(kind: Kind | "", text: string): void {
    inTime();
    const last = this.found.at(-1);
    if (last?.kind === kind) last.text += text;
    else if (text) this.found.push({ kind, text });
  }

  get #kind(): Kind | "" {
    return this.#kinds.at(-1) ?? "";
  }

  addText(text: string): void {
    this.#add(this.#kind, text);
  }

  startScope(scope: string): void {
    this.#kinds.push(kindOf(scope) ?? this.#kind);
  }

  endScope(): void {
    this.#kinds.pop();
  }

  // what the two are called where a scope spans more than a word
  openNode(scope: string): void {
    this.startScope(scope);
  }

  closeNode(): void {
    this.endScope();
  }

  __addSublanguage(other: Pieces): void {
    for (const { kind, text } of other.found) this.#add(kind || this.#kind, text);
  }

  finalize(): void {}

  toHTML(): string {
    return "";
  }
}

function inTime(): void {
  if (performance.now() > until) throw new TooLong();
}

function kindOf(scope: string): Kind | "" | undefined {
  if (scope === "variable.language") return "keyword"; // `self`, `this`
  return KINDS[/^[^.]+/.exec(scope)?.[0] ?? ""];
}

const library = core.newInstance();
library.configure({ __emitter: Pieces });
for (const [name, grammar] of Object.entries(GRAMMARS)) library.registerLanguage(name, grammar);

/** Throws where it takes too long, or would, or a grammar gives up. */
function cut(code: string, language: Language): readonly Piece[] {
  const lines = code.split("\n");
  const long = lines.length > MOST.lines || (OF_WORDS.has(language) && code.length > MOST.words);
  if (long || lines.some((line) => line.length > MOST.line)) throw new TooLong();
  until = Number.POSITIVE_INFINITY;
  library.highlight("", { language }); // a grammar is made ready as it is first used, which is not the code's fault
  until = performance.now() + MOST.ms;
  const result = library.highlight(code, { language, ignoreIllegals: true });
  if (result.errorRaised) throw result.errorRaised;
  return (result._emitter as Pieces).found;
}

meeting().cut = cut;
