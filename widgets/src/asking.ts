/** What the conductor is asked by what is held, and what is being written in answer. */
import { type Signal, signal } from "@preact/signals";
import { type Contribution, type Hold, isOver, type Take } from "./model/take";

/** An answer that is not given yet, or (`sent`) not taken yet. */
export interface Answer {
  /** Which box is open: another text (`edit`), a note (`back`), or none. */
  readonly box: "" | "edit" | "back";
  readonly text: string;
  readonly sent: boolean;
}

const NOTHING: Answer = { box: "", text: "", sent: false };

/** A contribution that waits for the conductor now. */
export interface Question {
  /** Tells it from an earlier question of the same contribution. */
  readonly key: string;
  readonly c: Contribution;
  readonly hold: Hold;
}

/** Everything that waits for the conductor now, in the order that it came to. */
export function questions(take: Take | null): Question[] {
  if (!take || isOver(take)) return [];
  const found: Question[] = [];
  for (const c of take.contributions.values()) {
    const hold = c.holds.at(-1);
    if (c.status === "held" && hold) found.push({ key: `${c.c} ${c.holds.length}`, c, hold });
  }
  return found.sort((a, b) => a.hold.from - b.hold.from);
}

export class Asking {
  readonly #answers: Signal<ReadonlyMap<string, Answer>> = signal(new Map<string, Answer>());

  of(key: string): Answer {
    return this.#answers.value.get(key) ?? NOTHING;
  }

  set(key: string, change: Partial<Answer>): void {
    const answers = new Map(this.#answers.peek());
    this.#answers.value = answers.set(key, { ...NOTHING, ...answers.get(key), ...change });
  }

  /** What was sent was not taken: it is given back, to be sent otherwise. */
  refused(): void {
    for (const [key, { sent }] of this.#answers.peek()) if (sent) this.set(key, { sent: false });
  }

  /** Forgets the answers to what is asked no more. */
  follow(take: Take): void {
    const answers = this.#answers.peek();
    if (answers.size === 0) return;
    const open = new Set(questions(take).map(({ key }) => key));
    const left = [...answers].filter(([key]) => open.has(key));
    if (left.length < answers.size) this.#answers.value = new Map(left);
  }
}
