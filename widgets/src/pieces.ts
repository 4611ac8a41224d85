/**
 * What `code.js` and the view have to do with each other: code, cut into pieces of one kind each.
 *
 * The two are loaded apart, so they meet on the page, under a name. Views that have nothing else in common
 * share what is there, and ask for it once. A change of its shape needs another name.
 */
import type { Language } from "./languages";

export type Kind =
  | "comment"
  | "string"
  | "number"
  | "keyword"
  | "title"
  | "type"
  | "attr"
  | "addition"
  | "deletion";

/** A piece of code; `kind` is empty where it has no colour. */
export interface Piece {
  readonly kind: Kind | "";
  readonly text: string;
}

/** Code in pieces, which together are the code. */
export type Cut = (code: string, language: Language) => readonly Piece[];

interface Meeting {
  cut?: Cut;
  /** That it is being loaded. */
  asked?: Promise<unknown> | undefined;
}

const NAME = Symbol.for("score-kernel.code.1");

export function meeting(): Meeting {
  const page = globalThis as { [NAME]?: Meeting };
  page[NAME] ??= {};
  return page[NAME];
}
