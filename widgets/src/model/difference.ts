/** A word diff, `the [-old-]{+new+} word`, as pieces that can be shown. */

export type Piece = {
  /** `what`: the name of what differs, at the head of its lines; `left`: how much that is the same is left out. */
  readonly kind: "what" | "same" | "old" | "new" | "left";
  readonly text: string;
};

/** So many lines around a change are shown, and the rest left out where it is as many as `MANY`. */
const AROUND = 3;
const MANY = 8;

/** The same pieces, without what is the same far from any change. */
export function abridged(pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap((piece, i) => {
    if (piece.kind !== "same") return [piece];
    const lines = piece.text.split("\n");
    const above = i > 0 ? AROUND : 0;
    const below = lines.length - (i < pieces.length - 1 ? AROUND : 0);
    if (below - above < MANY) return [piece];
    const kept = (from: number, to: number): Piece => ({
      kind: "same",
      text: lines.slice(from, to).join("\n"),
    });
    const left: Piece = { kind: "left", text: `${below - above} lines are the same` };
    return [kept(0, above), left, kept(below, lines.length)].filter(({ text }) => text);
  });
}

const MARKED = /\[-([\s\S]*?)-\]|\{\+([\s\S]*?)\+\}/g;
// as `score_kernel/score/changes.py` and `nearest.py` name what can differ
const WHAT =
  /^(?:the intent|the criteria|the opening note|material \S+|what \S+ played|note \S+|its \w+|\w+ .+ itself)(?=: |$)/gm;

/** The pieces of a word diff of several things: each begins a line, `what: text with [-old-]{+new+}`. */
export function pieces(diff: string): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  const same = (until: number) => {
    for (const piece of named(diff, done, until)) if (piece.text) found.push(piece);
  };
  for (const match of diff.matchAll(MARKED)) {
    same(match.index);
    found.push(
      match[1] === undefined ? { kind: "new", text: match[2] ?? "" } : { kind: "old", text: match[1] },
    );
    done = match.index + match[0].length;
  }
  same(diff.length);
  return found;
}

function* named(diff: string, from: number, until: number): Generator<Piece> {
  const text = diff.slice(from, until);
  let done = 0;
  for (const match of text.matchAll(WHAT)) {
    if (match.index === 0 && from > 0) continue; // it follows a change, in the middle of a line
    yield { kind: "same", text: text.slice(done, match.index).replace(/\n$/, "") };
    yield { kind: "what", text: match[0] };
    done = match.index + match[0].length;
    if (text.startsWith(": ", done)) done += 2;
  }
  yield { kind: "same", text: text.slice(done) };
}
