/** What the cells of the magics are written in, told by how a cell begins. */

export type Written = "markdown" | "yaml";

const LANGUAGES: ReadonlyMap<string, Written> = new Map([
  ["compose", "markdown"],
  ["orchestrate", "yaml"],
  ["conduct", "markdown"],
  ["play", "markdown"],
  ["cue", "markdown"],
]);

/** A cell that begins with more than this many characters of comments is taken for Python. */
export const LONGEST_HEAD = 4000;

// As the kernel reads it: blank lines and comments may stand above the magic, and so may IPython's own
// that run the rest of the cell. A question mark asks for help, and has no cell.
const ABOVE = String.raw`[^\S\n]*(?:#.*)?\n|%%(?:time|timeit|capture)(?![\w?]).*\n`;
const HEAD = new RegExp(String.raw`^(?:${ABOVE})*%%(${[...LANGUAGES.keys()].join("|")})(?![\w?]).*\n?`);

export interface Mark {
  /** A word is plain, but one of its own, that JupyterLab's completer goes by. */
  readonly kind: "comment" | "magic" | "option" | "word";
  readonly from: number;
  readonly to: number;
}

/** The lines of a cell down to the magic's, and what is written below them. */
export interface Head {
  readonly language: Written;
  /** Where the text below begins. */
  readonly length: number;
  readonly marks: readonly Mark[];
}

/** The head of a cell that begins so; null where it is not one of the magics'. */
export function headOf(text: string): Head | null {
  const found = HEAD.exec(text.slice(0, LONGEST_HEAD));
  const language = LANGUAGES.get(found?.[1] ?? "");
  if (!found || !language) return null;
  return { language, length: found[0].length, marks: marksOf(found[0]) };
}

function marksOf(head: string): Mark[] {
  const found: Mark[] = [];
  const marks = /(?<comment>^[^\S\n]*#.*)|(?<magic>^%%\w+)|(?<option>(?<=\s)--?[a-z][\w-]*)|(?<word>\S+)/gm;
  for (const { index, groups = {} } of head.matchAll(marks)) {
    for (const [kind, text] of Object.entries(groups)) {
      if (text) found.push({ kind: kind as Mark["kind"], from: index, to: index + text.length });
    }
  }
  return found;
}
