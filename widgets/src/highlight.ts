/**
 * Code in its colours.
 *
 * What knows the languages is a library, heavier than most of the view, so it is no part of it: the host
 * loads it (`code.ts`) when the first code is shown that it could colour. Until then, and where it never comes, code
 * is plain. It only cuts: the nodes are made here, of pieces that must together be the code.
 */
import { type Signal, signal } from "@preact/signals";
import type { Language } from "./languages";
import { type Cut, meeting, type Piece } from "./pieces";

/**
 * Beyond so many characters code stays plain, and once a text has taken so many ms to colour, what follows in it:
 * nobody waits for colours. `code.ts` has limits of its own for what takes longer than it looks.
 */
const MOST = { text: 10_000, ms: 100 };

/** What cuts code; null as long as it is not there. */
export const cutter: Signal<Cut | null> = signal(null);

let load: (() => Promise<unknown>) | null = null;

/** How this host loads `code.js`. It is asked once, and only if it is needed. */
export function loadFrom(how: () => Promise<unknown>): void {
  load = how;
}

/** Colours the code within an element that tells its language, if that can be done now; else asks for what can. */
export function paint(within: ParentNode): void {
  const began = performance.now();
  for (const code of within.querySelectorAll<HTMLElement>("code[data-language]")) {
    const text = code.textContent;
    if (text.length > MOST.text || code.firstElementChild) continue;
    if (!cutter.peek()) {
      void ask();
      return;
    }
    fill(code, text);
    if (performance.now() - began > MOST.ms) return;
  }
}

function fill(code: HTMLElement, text: string): void {
  const found = pieces(text, code.dataset.language as Language);
  if (found.length === 0) return;
  code.replaceChildren(
    ...found.map(({ kind, text: piece }) => {
      if (!kind) return piece;
      const span = document.createElement("span");
      return Object.assign(span, { className: `sk-code-${kind}`, textContent: piece });
    }),
  );
}

// what is played now is laid out anew ten times a second, and most of its code is as it was
const known = new Map<string, readonly Piece[]>();
const MOST_KNOWN = 50;

function pieces(text: string, language: Language): readonly Piece[] {
  const name = `${language} ${text}`;
  const found = known.get(name) ?? cutUp(text, language);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, found);
  return found;
}

/** The pieces of code; none where it cannot be cut, or the pieces are not the code: what is read is what was played. */
function cutUp(text: string, language: Language): readonly Piece[] {
  try {
    const found = cutter.peek()?.(text, language) ?? [];
    return found.map((piece) => piece.text).join("") === text ? found : [];
  } catch {
    return []; // a grammar gives up
  }
}

async function ask(): Promise<void> {
  const how = load;
  if (!how) return;
  load = null;
  const found = meeting();
  try {
    found.asked ??= how();
    await found.asked;
    cutter.value = found.cut ?? null;
  } catch {
    found.asked = undefined; // another view on this page may reach it
  }
}
