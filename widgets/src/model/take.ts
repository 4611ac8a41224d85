/** What is known of a take and its contributions: what the fold fills, and the view looks things up in. */
import type { Evidence, Message, Origin, Plan, PlayerRef, Read, Tempo } from "../wire";

/** What may follow a status (contract, section 8); what nothing follows is final. */
export const TAKE_LIFE: Readonly<Record<string, readonly string[]>> = {
  playing: ["paused", "held", "stopped", "finished", "failed"],
  paused: ["playing", "stopped"],
  held: ["playing", "stopped"],
  stopped: [],
  finished: [],
  failed: [],
};
export const CONTRIBUTION_LIFE: Readonly<Record<string, readonly string[]>> = {
  waiting: ["playing", "reused", "muted", "skipped", "blocked", "cut"],
  playing: ["held", "played", "failed", "cut"],
  held: ["playing", "played", "cut"],
  played: [],
  reused: [],
  muted: [],
  skipped: [],
  blocked: [],
  failed: [],
  cut: [],
};

/** Something that lasted; `to` is null while it lasts. Times are ms since the take began. */
export interface Span {
  readonly from: number;
  to: number | null;
  readonly kind: string;
  readonly why: string;
}

/** A contribution that waited for the conductor. */
export interface Hold extends Span {
  /** For what: `hold` (a release), `tool` (a yes to the `call`), `contribution`, `budget`. */
  readonly asks: string;
  readonly call: string;
  /** How it was answered. */
  how: string;
}

/** A piece of a contribution that is not its text: from which of its pieces of text, to which. */
interface Stretch {
  readonly at: number;
  readonly begin: number;
  readonly end: number;
}

/** A try that failed. */
export interface Try extends Stretch {
  readonly reason: string;
  readonly message: string;
  readonly wait: number;
  readonly end: number;
}

/** A call of a tool; `result` is null until it came. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly at: number;
  /** With what it was run, if the conductor changed that. */
  changed: string;
  result: string | null;
  failed: boolean;
  ended: number | null;
}

/** A turn before the last: the tools that it called, or what was said to it to mend its answer. */
export interface Turn extends Stretch {
  readonly calls: readonly Call[];
  readonly say: string;
}

/** What a predicate of the notebook said. */
export interface Verdict {
  readonly at: number;
  readonly about: string;
  readonly predicate: string;
  readonly ok: boolean;
  readonly why: string;
  readonly criterion: string;
}

/** The items that a part is played over, from `at` on, and what they are called. */
export interface Section {
  readonly at: number;
  readonly items: readonly Read[];
  readonly labels: readonly (string | number)[];
  readonly lap: number;
}

export interface Usage {
  readonly at: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly cost: number | null;
  readonly estimated: boolean;
  readonly model: string;
}

export interface Flag {
  readonly flag: string;
  readonly at: number;
  readonly evidence: Evidence;
}

/** One contribution. Times are ms since the take began. */
export interface Contribution {
  readonly c: number;
  readonly part: string;
  readonly item: number | null;
  /** Which pass of its loop it is. */
  readonly lap: number;
  /** When it began to wait. */
  readonly since: number;
  status: string;
  /** When it was cued in, and by whom. */
  cued: { readonly at: number; readonly by: string } | null;
  /** For what it is held, if it is, and which call that is about. */
  asks: string;
  call: string;
  entered: number | null;
  /** The event that it entered with: several may enter at one moment. */
  enteredSeq: number;
  ended: number | null;
  digest: string;
  player: PlayerRef | null;
  reads: readonly Read[];
  messages: readonly Message[];
  /** Every piece of text of every try, and when it came. */
  readonly chunks: string[];
  readonly times: number[];
  readonly printed: { readonly at: number; readonly text: string }[];
  readonly tries: Try[];
  readonly turns: Turn[];
  readonly verdicts: Verdict[];
  readonly usage: Usage[];
  readonly flags: Flag[];
  readonly holds: Hold[];
  version: number;
  finish: string;
  ofTake: string;
  ofC: number;
  kept: boolean;
  /** Where it was recorded, if it is given again and nobody was asked. */
  origin: Origin | null;
  why: string;
  message: string;
  detail: string;
}

/** A note as it was sent or (`version` 0) dropped: in the take `of` (null: before all of them) with event `seq`. */
export interface Note {
  readonly note: string;
  readonly to: string;
  readonly version: number;
  readonly of: string | null;
  readonly seq: number;
  /** ms since that take began; null if it was sent between takes. */
  readonly at: number | null;
}

export interface Take {
  readonly id: string;
  readonly number: number;
  readonly parent: string | null;
  /** The last event of its parent that it builds on. */
  readonly parentSeq: number;
  readonly began: string;
  readonly title: string;
  /** As it is now. */
  plan: Plan;
  /** Each tempo that it had, and from when. */
  readonly tempos: { readonly at: number; readonly tempo: Tempo }[];
  /** Entrances that may happen, with the conductor in the lead. */
  beats: number;
  /** By part, its section each time that it was opened. */
  readonly sections: Map<string, Section[]>;
  status: string;
  /** The last moment that is known of it, ms since it began. */
  at: number;
  why: string;
  waitsFor: string;
  readonly contributions: Map<number, Contribution>;
  /** Where it was paused or held. */
  readonly rests: Span[];
  /** When something happened that one may want to step to, in order. */
  readonly moments: number[];
  /** How often its plan changed, or a section of it was opened. */
  shape: number;
  /** Contributions whose life changed since whoever draws them last emptied this. */
  readonly changed: Set<Contribution>;
}

/** The entry that a contribution's text becomes: `part/coder`, `part/coder[3]`. */
export function entryOf({ part, item }: Pick<Contribution, "part" | "item">): string {
  return item === null ? `part/${part}` : `part/${part}[${item}]`;
}

/** Whether a take has ended, and so never changes again. */
export function isOver(take: Take): boolean {
  return TAKE_LIFE[take.status]?.length === 0;
}

/** From which piece of text the present try, or turn, begins. */
export function begun({ tries, turns }: Contribution): number {
  return Math.max(tries.at(-1)?.end ?? 0, turns.at(-1)?.end ?? 0);
}

/** The text of the present try, as far as it came. */
export function streamed(c: Contribution): string {
  return c.chunks.slice(begun(c)).join("");
}
