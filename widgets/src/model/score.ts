/**
 * The score as it stands: the fold of its events, by the same rules as `score_kernel/score/state.py`.
 *
 * It keeps more than Python's fold does: when each piece of text came, when it was paused, when a
 * contribution was held. So the score at any moment (`moment.ts`) is looked up and never folded again.
 */
import type { Event, EventOf, Kind, Read } from "../wire";
import {
  begun,
  type Call,
  CONTRIBUTION_LIFE,
  type Contribution,
  entryOf,
  isOver,
  type Note,
  streamed,
  TAKE_LIFE,
  type Take,
} from "./take";

/** An event that cannot follow the ones before it: a broken recording, or a bug of ours. */
export class IllegalEvent extends Error {}

type OfTake =
  | "paused" | "resumed" | "take-held" | "tempo" | "beat" | "plan-changed" | "section" | "take-ended" | "waiting"
  | "cued-in" | "entered" | "text" | "printed" | "usage" | "retried" | "tools-called" | "tool-returned"
  | "sent-to-repair" | "judged" | "played" | "reused" | "held" | "released" | "failed" | "cut" | "muted"
  | "skipped" | "blocked" | "flagged"; // biome-ignore format: a list
type Handlers = { readonly [K in OfTake]: (score: Score, take: Take, event: EventOf<K>) => void };

/** Everything that events amount to. `apply` alone changes it. */
export class Score {
  seq = 0;
  head: string | null = null;
  readonly entries = new Map<string, Map<number, string>>();
  readonly labels = new Map<string, string>();
  readonly takes = new Map<string, Take>();
  /** Every note that was sent or dropped, in that order. */
  readonly sent: Note[] = [];

  /** Takes events in. Throws `IllegalEvent` at the first that cannot follow the ones before it. */
  fold(events: Iterable<Event>): this {
    for (const event of events) this.apply(event);
    return this;
  }

  apply(event: Event): void {
    // 0: quoted in an excerpt, not a fact of its own
    if (event.seq > 0 && event.seq <= this.seq) {
      throw new IllegalEvent(`event ${event.seq} after event ${this.seq}`);
    }
    if (event.type !== "unknown") {
      if (event.take === null) this.#applyToScore(event);
      else this.#applyToTake(event, event.take);
    }
    this.seq = Math.max(this.seq, event.seq);
  }

  /** The text of an entry at a version; undefined if it was never written. */
  text({ entry, version }: Read): string | undefined {
    return this.entries.get(entry)?.get(version);
  }

  /** The label that stands on a take now, or an empty string. */
  nameOf(take: string): string {
    for (const [name, labelled] of this.labels) if (labelled === take) return name;
    return "";
  }

  write(entry: string, version: number, text: string): void {
    let texts = this.entries.get(entry);
    if (!texts) {
      texts = new Map();
      this.entries.set(entry, texts);
    }
    const known = texts.get(version);
    if (version < 1 || (known !== undefined && known !== text)) {
      throw new IllegalEvent(`${entry} has another version ${version} already`);
    }
    texts.set(version, text);
  }

  #applyToScore(event: Event): void {
    if (event.type === "entry") this.write(event.entry, event.version, event.text);
    else if (event.type === "noted" || event.type === "note-dropped") this.#note(event, this.head);
    else if (event.type === "contributed") this.#contributed(event);
  }

  // The conductor played a part: as its turn comes, this is its text.
  #contributed({ seq, part, item, version }: EventOf<"contributed">): void {
    const entry = entryOf({ part, item });
    if (this.text({ entry, version }) === undefined) {
      throw new IllegalEvent(`event ${seq}: there is no version ${version} of ${entry}`);
    }
  }

  #note(event: EventOf<"noted"> | EventOf<"note-dropped">, of: string | null): void {
    const { note, seq, at } = event;
    const [to, version] = event.type === "noted" ? [event.to, event.version] : ["", 0];
    this.sent.push({ note, to, version, of, seq, at });
  }

  #applyToTake(event: Event, id: string): void {
    const take = this.takes.get(id);
    if (event.type === "take-started" && !take) {
      this.#start(event, id);
      return;
    }
    if (!take) throw new IllegalEvent(`event ${event.seq}: ${id} has not started`);
    if (event.type === "take-named") {
      this.labels.set(event.name, id);
      return;
    }
    if (isOver(take)) throw new IllegalEvent(`event ${event.seq}: ${id} has ended`);
    if (event.type === "noted" || event.type === "note-dropped") this.#note(event, id);
    else if (event.type === "contributed") this.#contributed(event);
    else {
      const handler = HANDLERS[event.type as OfTake] as
        | ((score: Score, take: Take, event: Event) => void)
        | undefined;
      if (!handler) throw new IllegalEvent(`event ${event.seq}: ${event.type} is of no take`);
      handler(this, take, event);
    }
    const at = event.at ?? 0;
    take.at = Math.max(take.at, at);
    if (!QUIET.has(event.type) && take.moments.at(-1) !== at) take.moments.push(at);
    const changed = "c" in event && !SMALL.has(event.type) ? take.contributions.get(event.c) : undefined;
    if (changed) take.changed.add(changed);
  }

  #start(event: EventOf<"take-started">, id: string): void {
    this.takes.set(id, {
      id,
      number: event.number,
      parent: event.parent,
      parentSeq: event.parent_seq,
      began: event.began,
      title: event.title,
      plan: event.plan,
      tempos: [{ at: 0, tempo: event.tempo }],
      beats: 0,
      sections: new Map(),
      status: "playing",
      at: 0,
      why: "",
      waitsFor: "",
      contributions: new Map(),
      rests: [],
      moments: [0],
      shape: 0,
      changed: new Set(),
    });
    this.head = id;
  }
}

// Too many to look at a bar again for each.
const SMALL: ReadonlySet<Kind> = new Set<Kind>(["text", "printed", "usage"]);
// Too many, or too small, to step through one by one.
const QUIET: ReadonlySet<Kind> = new Set<Kind>([...SMALL, "waiting", "cued-in", "judged"]);

function turn(take: Take, status: string, event: Event): void {
  if (!TAKE_LIFE[take.status]?.includes(status)) {
    throw new IllegalEvent(`event ${event.seq}: ${take.id} is ${take.status} and cannot become ${status}`);
  }
  const at = event.at ?? 0;
  const rest = take.rests.at(-1);
  if (rest && rest.to === null) rest.to = at;
  take.status = status;
}

function find(take: Take, event: Event & { c: number }): Contribution {
  const found = take.contributions.get(event.c);
  if (!found) throw new IllegalEvent(`event ${event.seq}: ${take.id} has no contribution ${event.c}`);
  return found;
}

function move(take: Take, event: Event & { c: number }, status: string): Contribution {
  const found = find(take, event);
  if (!CONTRIBUTION_LIFE[found.status]?.includes(status)) {
    throw new IllegalEvent(
      `event ${event.seq}: ${found.part} is ${found.status} and cannot become ${status}`,
    );
  }
  const hold = found.holds.at(-1);
  if (hold && hold.to === null) hold.to = event.at ?? 0;
  found.status = status;
  if (CONTRIBUTION_LIFE[status]?.length === 0) found.ended = event.at;
  return found;
}

function inTheAir(take: Take, event: Event & { c: number }): Contribution {
  const found = take.contributions.get(event.c);
  if (found?.status !== "playing" && found?.status !== "held") {
    throw new IllegalEvent(`event ${event.seq}: contribution ${event.c} of ${take.id} is not playing`);
  }
  return found;
}

/** What comes between the last turn and the next. */
function present(found: Contribution): { begin: number; end: number } {
  return { begin: begun(found), end: found.chunks.length };
}

function enter(found: Contribution, event: EventOf<"entered"> | EventOf<"reused">): void {
  found.entered = event.at;
  found.enteredSeq = event.seq;
  found.digest = event.digest;
  found.player = event.player;
  found.reads = event.reads;
  found.messages = event.messages;
}

const HANDLERS: Handlers = {
  paused: (_, take, e) => {
    turn(take, "paused", e);
    take.rests.push({ from: e.at ?? 0, to: null, kind: "paused", why: e.by });
  },
  resumed: (_, take, e) => {
    turn(take, "playing", e);
    take.waitsFor = "";
  },
  "take-held": (_, take, e) => {
    turn(take, "held", e);
    take.waitsFor = e.waits_for;
    take.rests.push({ from: e.at ?? 0, to: null, kind: "held", why: e.waits_for });
  },
  tempo: (_, take, e) => {
    take.tempos.push({ at: e.at ?? 0, tempo: e.tempo });
  },
  beat: (_, take, e) => {
    take.beats += e.n;
  },
  "plan-changed": (_, take, e) => {
    take.plan = e.plan;
    take.shape += 1;
  },
  section: (_, take, e) => {
    const { items, labels, lap } = e;
    const known = take.sections.get(e.part) ?? [];
    known.push({ at: e.at ?? 0, items, labels, lap });
    take.sections.set(e.part, known);
    take.shape += 1;
  },
  "take-ended": (_, take, e) => {
    for (const { status } of take.contributions.values()) {
      if (status === "playing" || status === "held") {
        throw new IllegalEvent(`event ${e.seq}: ${take.id} cannot end while something plays`);
      }
    }
    turn(take, e.status, e);
    take.why = e.why;
  },
  waiting: (_, take, e) => {
    if (take.contributions.has(e.c)) {
      throw new IllegalEvent(`event ${e.seq}: ${take.id} has a contribution ${e.c} already`);
    }
    take.contributions.set(e.c, {
      c: e.c,
      part: e.part,
      item: e.item,
      lap: e.lap,
      since: e.at ?? 0,
      status: "waiting",
      cued: null,
      asks: "",
      call: "",
      entered: null,
      enteredSeq: 0,
      ended: null,
      digest: "",
      player: null,
      reads: [],
      messages: [],
      chunks: [],
      times: [],
      printed: [],
      tries: [],
      turns: [],
      verdicts: [],
      usage: [],
      flags: [],
      holds: [],
      version: 0,
      finish: "",
      ofTake: "",
      ofC: 0,
      kept: false,
      origin: null,
      why: "",
      message: "",
      detail: "",
    });
  },
  "cued-in": (_, take, e) => {
    const found = find(take, e);
    if (found.status !== "waiting") {
      throw new IllegalEvent(`event ${e.seq}: contribution ${e.c} of ${take.id} does not wait`);
    }
    found.cued = { at: e.at ?? 0, by: e.by };
  },
  entered: (_, take, e) => {
    const found = move(take, e, "playing");
    if (take.tempos.at(-1)?.tempo.lead === "conductor" && !found.cued && !e.origin) {
      take.beats = Math.max(0, take.beats - 1);
    }
    enter(found, e);
    found.origin = e.origin;
  },
  text: (_, take, e) => {
    const found = inTheAir(take, e);
    found.chunks.push(e.text);
    found.times.push(e.at ?? 0);
  },
  printed: (_, take, e) => {
    inTheAir(take, e).printed.push({ at: e.at ?? 0, text: e.text });
  },
  usage: (_, take, e) => {
    inTheAir(take, e).usage.push({
      at: e.at ?? 0,
      tokensIn: e.tokens_in,
      tokensOut: e.tokens_out,
      cost: e.cost,
      estimated: e.estimated,
      model: e.model,
    });
  },
  retried: (_, take, e) => {
    const found = inTheAir(take, e);
    const { reason, message, wait } = e;
    found.tries.push({ at: e.at ?? 0, reason, message, wait, ...present(found) });
  },
  "tools-called": (_, take, e) => {
    const found = inTheAir(take, e);
    const at = e.at ?? 0;
    const calls: Call[] = e.calls.map((call) => ({
      ...call,
      at,
      changed: "",
      result: null,
      failed: false,
      ended: null,
    }));
    found.turns.push({ at, calls, say: "", ...present(found) });
  },
  "tool-returned": (_, take, e) => {
    const found = inTheAir(take, e);
    const call = found.turns.at(-1)?.calls.find(({ id, result }) => id === e.call && result === null);
    if (!call) throw new IllegalEvent(`event ${e.seq}: ${found.part} has called no tool ${e.call}`);
    call.result = e.result;
    call.failed = e.failed;
    call.ended = e.at;
    if (e.arguments !== call.arguments) call.changed = e.arguments;
  },
  "sent-to-repair": (_, take, e) => {
    const found = inTheAir(take, e);
    found.turns.push({ at: e.at ?? 0, calls: [], say: e.say, ...present(found) });
  },
  judged: (_, take, e) => {
    const { about, predicate, ok, why, criterion } = e;
    find(take, e).verdicts.push({ at: e.at ?? 0, about, predicate, ok, why, criterion });
  },
  played: (score, take, e) => {
    const found = move(take, e, "played");
    if (found.origin) found.status = "reused"; // nobody played it: it was given again
    found.version = e.version;
    found.finish = e.finish;
    score.write(entryOf(found), e.version, streamed(found));
  },
  reused: (score, take, e) => {
    const found = move(take, e, "reused");
    enter(found, e);
    found.ofTake = e.of_take;
    found.ofC = e.of_c;
    found.version = e.version;
    found.kept = e.kept;
    const entry = entryOf(found);
    if (score.text({ entry, version: e.version }) === undefined) {
      throw new IllegalEvent(`event ${e.seq}: there is no version ${e.version} of ${entry}`);
    }
  },
  held: (_, take, e) => {
    const found = move(take, e, "held");
    const { why, asks, call } = e;
    found.why = why;
    found.asks = asks;
    found.call = call;
    found.holds.push({ from: e.at ?? 0, to: null, kind: "held", why, asks, call, how: "" });
  },
  released: (score, take, e) => {
    const found = move(take, e, e.version ? "played" : "playing");
    found.why = found.asks = found.call = "";
    const hold = found.holds.at(-1);
    if (hold) hold.how = e.how;
    if (!e.version) return;
    found.version = e.version;
    found.why = e.how;
    const entry = entryOf(found);
    if (score.text({ entry, version: e.version }) === undefined) {
      score.write(entry, e.version, streamed(found));
    }
  },
  failed: (_, take, e) => {
    const found = move(take, e, "failed");
    found.why = e.reason;
    found.message = e.message;
    found.detail = e.detail;
  },
  cut: (_, take, e) => {
    move(take, e, "cut").why = e.by;
  },
  muted: (_, take, e) => {
    move(take, e, "muted");
  },
  skipped: (_, take, e) => {
    move(take, e, "skipped").why = e.why;
  },
  blocked: (_, take, e) => {
    move(take, e, "blocked").why = e.by;
  },
  flagged: (_, take, e) => {
    find(take, e).flags.push({ flag: e.flag, at: e.at ?? 0, evidence: e.evidence });
  },
};
