/**
 * Code in its colours: comments, strings, numbers and keywords, of the languages that models write most.
 *
 * It finds words, and understands nothing: each family of languages is one regular expression, that takes
 * time in proportion to the code. What it does not know stays plain.
 */

export type Kind = "comment" | "string" | "number" | "keyword";
const KINDS: readonly Kind[] = ["comment", "string", "number", "keyword"];

/** A piece of code; `kind` is empty where it has no colour. */
export interface Piece {
  readonly kind: Kind | "";
  readonly text: string;
}

const HASH = "(?<!\\S)#.*";
const SLASHES = "//.*|/\\*[\\s\\S]*?(?:\\*/|$)";
const QUOTED = `"(?:\\\\.|[^"\\\\\\n])*"?|'(?:\\\\.|[^'\\\\\\n])*'?`;
const TRIPLE = `[bfruBFRU]{0,2}(?:"""[\\s\\S]*?(?:"""|$)|'''[\\s\\S]*?(?:'''|$)|${QUOTED})`;
const NUMBER = "\\b\\d[\\w.]*";

const PYTHON =
  "False None True and as assert async await break case class continue def del elif else except finally for from " +
  "global if import in is lambda match nonlocal not or pass raise return self try while with yield";
const BRACES =
  "abstract any as async await bool boolean break byte case catch char class const continue default defer delete do " +
  "double else enum export extends false final finally float fn for from func function go if impl implements import " +
  "in instanceof int interface let long loop match mod move mut namespace new nil null number of package private " +
  "protected pub public readonly return self short static string struct super switch this throw throws trait true " +
  "try type typeof undefined unsafe unsigned use using var void where while yield";
const SHELL =
  "alias case do done echo elif else esac exit export fi for function if in local read return set source then unset until while";
const SQL =
  "all alter and as asc begin between by case check commit constraint create cross default delete desc distinct drop " +
  "else end exists foreign from full group having in index inner insert into is join key left like limit not null " +
  "offset on or order outer over partition primary references right rollback select set table then union unique " +
  "update using values view when where with";
const VALUES = "true false null yes no on off";

function family(comment: string, string: string, keywords: string, flags = ""): RegExp {
  const words = `\\b(?:${keywords.replaceAll(" ", "|")})\\b`;
  return new RegExp(`(${comment})|(${string})|(${NUMBER})|(${words})`, `g${flags}`);
}

const FAMILIES: readonly (readonly [string, RegExp])[] = [
  ["python py python3 ipython pycon", family(HASH, TRIPLE, PYTHON)],
  [
    "javascript js jsx mjs typescript ts tsx java c h cpp c++ csharp cs go golang rust rs kotlin kt swift scala php dart",
    family(SLASHES, `\`(?:\\\\[\\s\\S]|[^\`\\\\])*\`?|${QUOTED}`, BRACES),
  ],
  ["bash sh shell zsh console", family(HASH, QUOTED, SHELL)],
  ["sql sqlite postgresql mysql", family(`--.*|${SLASHES}`, QUOTED, SQL, "i")],
  ["json jsonc json5 jsonl", family(SLASHES, QUOTED, VALUES)],
  ["yaml yml toml ini dockerfile makefile r ruby rb", family(HASH, QUOTED, VALUES)],
];
const BY_NAME = new Map(
  FAMILIES.flatMap(([names, pattern]) => names.split(" ").map((name) => [name, pattern] as const)),
);

/** Code in pieces, by the language that its fence says (`py`, `python title="x"`). */
export function coloured(code: string, language: string): Piece[] {
  const pattern = BY_NAME.get(/^[\w+#]*/.exec(language.toLowerCase())?.[0] ?? "");
  if (!pattern) return [{ kind: "", text: code }];
  const found: Piece[] = [];
  let done = 0;
  for (const match of code.matchAll(pattern)) {
    if (match.index > done) found.push({ kind: "", text: code.slice(done, match.index) });
    const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)] as Kind;
    found.push({ kind, text: match[0] });
    done = match.index + match[0].length;
  }
  if (done < code.length) found.push({ kind: "", text: code.slice(done) });
  return found;
}
