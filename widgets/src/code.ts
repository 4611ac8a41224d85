/**
 * The entry of `code.js`: cuts code into pieces of one kind each, by the grammars of highlight.js.
 *
 * lowlight gives what those find as a tree instead of HTML. It is a script that puts its one function on the page
 * (`pieces.ts`), and exports nothing, so that it runs as well where a module is imported as within a page.
 */
import type { ElementContent, RootContent } from "hast";
import type { LanguageFn } from "highlight.js";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import graphql from "highlight.js/lib/languages/graphql";
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
import { createLowlight } from "lowlight";
import type { Language } from "./languages";
import { type Kind, meeting, type Piece } from "./pieces";

const GRAMMARS: Record<Language, LanguageFn> = {
  ...{ bash, c, cpp, csharp, css, diff, dockerfile, go, graphql, ini, java, javascript, json, kotlin },
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

const lowlight = createLowlight(GRAMMARS);

function cut(code: string, language: Language): Piece[] {
  const pieces: { kind: Kind | ""; text: string }[] = [];
  const walk = (nodes: readonly (RootContent | ElementContent)[], kind: Kind | ""): void => {
    for (const node of nodes) {
      if (node.type === "element") walk(node.children, kindOf(node.properties.className) ?? kind);
      else if (node.type === "text") {
        const last = pieces.at(-1);
        if (last?.kind === kind) last.text += node.value;
        else pieces.push({ kind, text: node.value });
      }
    }
  };
  walk(lowlight.highlight(language, code, { prefix: "" }).children, "");
  return pieces;
}

function kindOf(names: unknown): Kind | "" | undefined {
  const [scope, finer] = names as string[];
  if (scope === "variable" && finer === "language_") return "keyword"; // `self`, `this`
  return KINDS[scope as string];
}

meeting().cut = cut;
