/** The languages that code is coloured in, by the names that fences have for them. */

/** What the library calls a language, and what else models write for it. */
const NAMES = {
  bash: "sh shell zsh",
  c: "h",
  cpp: "c++ cc hpp",
  csharp: "cs c#",
  css: "",
  diff: "patch",
  dockerfile: "docker",
  go: "golang",
  ini: "toml cfg conf",
  java: "",
  javascript: "js jsx mjs node",
  json: "jsonc json5 jsonl",
  kotlin: "kt",
  makefile: "make",
  markdown: "md mdx",
  php: "",
  python: "py python3 ipython",
  "python-repl": "pycon",
  r: "",
  ruby: "rb",
  rust: "rs",
  session: "console",
  sql: "sqlite postgresql mysql",
  swift: "",
  typescript: "ts tsx",
  xml: "html svg",
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
