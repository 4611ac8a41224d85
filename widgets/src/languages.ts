/** The languages that code is coloured in, by the names that fences have for them. */

/** What the library calls a language, and what else models write for it. */
const NAMES = {
  bash: "sh shell zsh",
  c: "h",
  cpp: "c++ cc cxx hpp hxx",
  csharp: "cs c#",
  css: "",
  diff: "patch udiff",
  dockerfile: "docker containerfile",
  go: "golang",
  graphql: "gql",
  ini: "toml cfg conf properties editorconfig",
  java: "jsp",
  javascript: "js jsx mjs cjs node",
  json: "jsonc json5 jsonl ndjson ipynb",
  kotlin: "kt kts",
  makefile: "make mk",
  markdown: "md mdx",
  php: "",
  python: "py py3 python3 ipython pyi",
  "python-repl": "pycon",
  r: "rscript",
  ruby: "rb irb",
  rust: "rs",
  session: "console shell-session shellsession terminal",
  sql: "sqlite postgres postgresql pgsql mysql tsql",
  swift: "",
  typescript: "ts tsx mts cts",
  xml: "html xhtml htm svg rss plist",
  yaml: "yml",
} as const;

export type Language = keyof typeof NAMES;

const BY_NAME = new Map(
  Object.entries(NAMES).flatMap(([language, names]) =>
    `${language} ${names}`
      .trim()
      .split(" ")
      .map((name) => [name, language as Language] as const),
  ),
);

/** The language that a fence says (`py`, `Python title="x"`), if it is one of these. */
export function languageOf(info: string): Language | undefined {
  return BY_NAME.get(/^[\w+#-]+/.exec(info.toLowerCase())?.[0] ?? "");
}
