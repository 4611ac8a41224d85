/** Which of a notebook's outputs shows the score as it is now. */

/** How an output stands among the others of its notebook. */
export interface Standing {
  /** What it shows still plays, and the page has its model. */
  readonly live: boolean;
  /** When it last changed before this page's eyes, counted; 0 if it was so when the page came. */
  readonly changed: number;
  /** The number of its cell's execution, which tells what ran last before the page came; 0 if it has none. */
  readonly execution: number;
}

/** The newest: what plays, else what changed last, else what ran last; of equals the lowest in the notebook. */
export function newest<T extends Standing>(found: Iterable<T>): T | null {
  let best: T | null = null;
  for (const one of found) if (!best || compare(one, best) >= 0) best = one;
  return best;
}

function compare(one: Standing, other: Standing): number {
  return (
    Number(one.live) - Number(other.live) || one.changed - other.changed || one.execution - other.execution
  );
}
