/** What differs between two texts, word by word. */
import type { Piece } from "./difference";

/** So many words may differ: finding the fewest takes the square of it. Beyond, all of the middle differs. */
const MOST = 1000;
const WORD = /\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;

/** `old` and `now` as pieces: what both have, what only `old` has, what only `now` has. */
export function wordsChanged(old: string, now: string): Piece[] {
  const a = old.match(WORD) ?? [];
  const b = now.match(WORD) ?? [];
  let head = 0;
  while (head < a.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const from = a.slice(head, a.length - tail);
  const to = b.slice(head, b.length - tail);

  const changes = new Changes();
  changes.keep(a.slice(0, head));
  let [i, j] = [0, 0];
  for (const [x, y] of matches(from, to)) {
    changes.change(from.slice(i, x), to.slice(j, y));
    changes.keep([from[x] as string]);
    [i, j] = [x + 1, y + 1];
  }
  changes.change(from.slice(i), to.slice(j));
  changes.keep(a.slice(a.length - tail));
  return changes.pieces();
}

/** Between two changes, so few letters that are the same are chance: they are read as one change. */
const CHANCE = 3;

/** Gathers words into pieces. */
class Changes {
  #found: Piece[] = [];
  #old = "";
  #new = "";
  #same = "";

  keep(words: readonly string[]): void {
    this.#same += words.join("");
  }

  change(old: readonly string[], now: readonly string[]): void {
    if (old.length === 0 && now.length === 0) return;
    if ((this.#old || this.#new) && this.#same.trim().length <= CHANCE) {
      this.#old += this.#same;
      this.#new += this.#same;
      this.#same = "";
    } else this.pieces();
    this.#old += old.join("");
    this.#new += now.join("");
  }

  pieces(): Piece[] {
    if (this.#old) this.#found.push({ kind: "old", text: this.#old });
    if (this.#new) this.#found.push({ kind: "new", text: this.#new });
    if (this.#same) this.#found.push({ kind: "same", text: this.#same });
    this.#old = this.#new = this.#same = "";
    return this.#found;
  }
}

/** Which words are the same ones: the longest such list (Myers, An O(ND) Difference Algorithm, 1986). */
function matches(a: readonly string[], b: readonly string[]): [number, number][] {
  const most = Math.min(a.length + b.length, MOST);
  const middle = most + 1;
  // how far down `a` each diagonal of the edit graph was followed, and the same before each step
  const far = new Int32Array(2 * most + 3);
  const before: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    before.push(far.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(far, middle + k - 1) < at(far, middle + k + 1));
      let x = down ? at(far, middle + k + 1) : at(far, middle + k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      far[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return walked(before, a.length, b.length);
    }
  }
  return [];
}

/** The way back through the steps. */
function walked(before: readonly Int32Array[], endX: number, endY: number): [number, number][] {
  const found: [number, number][] = [];
  let [x, y] = [endX, endY];
  for (let d = before.length - 1; d >= 0; d--) {
    const far = before[d] as Int32Array;
    const k = x - y;
    const down = k === -d || (k !== d && at(far, d + k) < at(far, d + k + 2));
    const fromX = down ? at(far, d + k + 2) : at(far, d + k);
    const fromY = fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY && x > 0 && y > 0) found.push([--x, --y]);
    [x, y] = [fromX, fromY];
  }
  return found.reverse();
}

function at(far: Int32Array, index: number): number {
  return far[index] as number;
}
