/**
 * Events as they come over the wire or out of a recording: JSON, told apart by `type`.
 *
 * `SHAPES` is the one description of what each event carries; the types are derived from it, and
 * every event is read through it, so that what lies behind can rely on what the types say. Fields that
 * are not there get the value that they have in Python; an event of a later version, of a type not
 * known here, is kept as `unknown` and changes nothing.
 */

/** An event that is not what it should be. The message is one line for people. */
export class WireError extends Error {}

type Field<T> = (value: unknown) => T;

// A field that does not fit throws this; `read` adds where.
class Misfit extends Error {}

function fail(wanted: string): never {
  throw new Misfit(wanted);
}

const string: Field<string> = (value) => (typeof value === "string" ? value : fail("text"));
const number: Field<number> = (value) =>
  typeof value === "number" && Number.isFinite(value) ? value : fail("a number");
const truth: Field<boolean> = (value) => (typeof value === "boolean" ? value : fail("true or false"));

function orElse<T>(field: Field<T>, otherwise: T): Field<T> {
  return (value) => (value === undefined ? otherwise : field(value));
}
function orNull<T>(field: Field<T>): Field<T | null> {
  return (value) => (value === undefined || value === null ? null : field(value));
}
function either<T, U>(one: Field<T>, other: Field<U>): Field<T | U> {
  return (value) => {
    try {
      return one(value);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      return other(value);
    }
  };
}
function list<T>(field: Field<T>): Field<readonly T[]> {
  return (value) => (Array.isArray(value) ? value.map(field) : fail("a list"));
}

type Shape = Record<string, Field<unknown>>;
type Of<S extends Shape> = { readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never };

function object<S extends Shape>(shape: S): Field<Of<S>> {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return fail("an object");
    return fields(value as Record<string, unknown>, shape);
  };
}

function fields<S extends Shape>(value: Record<string, unknown>, shape: S): Of<S> {
  const found: Record<string, unknown> = {};
  for (const name in shape) {
    try {
      // own: an event that names its field `constructor` must not find one
      found[name] = shape[name]?.(Object.hasOwn(value, name) ? value[name] : undefined);
    } catch (error) {
      if (error instanceof Misfit) error.message = `${name}: ${error.message}`;
      throw error;
    }
  }
  return found as Of<S>;
}

/** An entry at a version. */
export interface Read {
  readonly entry: string;
  readonly version: number;
}
const read_: Field<Read> = (value) =>
  Array.isArray(value) ? { entry: string(value[0]), version: number(value[1]) } : fail("[entry, version]");

const piece: Field<string | Read> = (value) => (typeof value === "string" ? value : read_(value));
const message = object({ role: string, content: list(piece) });
const playerRef = object({ kind: string, name: string, scripted: orElse(truth, false) });
const origin = object({ recording: string, take: string, c: number, differs: orElse(string, "") });
const evidence = object({
  text: string,
  entry: orElse(string, ""),
  read: orElse(number, 0),
  now: orElse(number, 0),
});
const part = object({
  name: string,
  role: orElse(string, ""),
  task: orElse(string, ""),
  after: orElse(list(string), []),
  each: orNull(string),
  repeat: orNull(object({ from: string, until: string, at_most: number })),
  /** A rest in seconds, or `on-cue`. */
  enters: orElse<number | string>(either(number, string), 0),
});
const plan = object({ parts: orElse(list(part), []) });
const tempo = object({
  lead: orElse(string, "free"),
  at_once: orNull(number),
  rate: orNull(number),
  deadline: orNull(number),
  budget: orNull(number),
  tokens: orNull(number),
});
const call = object({ id: string, name: string, arguments: string });

const reading = { digest: string, player: playerRef, reads: list(read_), messages: list(message) };

const SHAPES = {
  entry: { entry: string, version: number, text: string },
  composed: { title: string, intent: number, criteria: number, materials: list(read_) },
  orchestrated: { plan },
  noted: { note: string, to: string, version: number },
  "note-dropped": { note: string },
  contributed: { part: string, version: number, item: orNull(number) },
  "take-started": {
    number,
    parent: orNull(string),
    parent_seq: number,
    began: string,
    plan,
    tempo: orElse(tempo, tempo({})),
    title: orElse(string, ""),
  },
  "take-named": { name: string },
  paused: { by: orElse(string, "conductor") },
  resumed: {},
  "take-held": { waits_for: string },
  tempo: { tempo },
  beat: { n: number },
  "plan-changed": { plan },
  section: {
    part: string,
    items: list(read_),
    labels: orElse(list(either(string, number)), []),
    lap: orElse(number, 1),
  },
  "take-ended": { status: string, why: orElse(string, "") },
  waiting: { c: number, part: string, item: orNull(number), lap: orElse(number, 1) },
  "cued-in": { c: number, by: orElse(string, "conductor") },
  entered: { c: number, ...reading, origin: orNull(origin) },
  text: { c: number, text: string },
  printed: { c: number, text: string },
  usage: {
    c: number,
    tokens_in: number,
    tokens_out: number,
    cost: orNull(number),
    estimated: truth,
    model: orElse(string, ""),
  },
  retried: { c: number, reason: string, message: string, wait: number },
  "tools-called": { c: number, calls: list(call) },
  "tool-returned": {
    c: number,
    call: string,
    result: string,
    failed: orElse(truth, false),
    arguments: orElse(string, ""),
  },
  "sent-to-repair": { c: number, say: string },
  judged: {
    c: number,
    about: string,
    predicate: string,
    ok: truth,
    why: orElse(string, ""),
    criterion: orElse(string, ""),
  },
  played: { c: number, version: number, finish: orElse(string, "") },
  reused: {
    c: number,
    of_take: string,
    of_c: number,
    version: number,
    kept: orElse(truth, false),
    ...reading,
  },
  held: { c: number, why: string, asks: orElse(string, "hold"), call: orElse(string, "") },
  released: { c: number, how: string, version: orElse(number, 0) },
  failed: { c: number, reason: string, message: string, detail: orElse(string, "") },
  cut: { c: number, by: string },
  muted: { c: number },
  skipped: { c: number, why: string },
  blocked: { c: number, by: string },
  flagged: { c: number, flag: string, evidence },
} satisfies Record<string, Shape>;

interface Stamp {
  readonly seq: number;
  readonly take: string | null;
  readonly at: number | null;
}
const STAMP = { seq: orElse(number, 0), take: orNull(string), at: orNull(number) };

type Known = {
  [K in keyof typeof SHAPES]: { readonly type: K } & Stamp & Of<(typeof SHAPES)[K]>;
}[keyof typeof SHAPES];

/** What a later version may tell and this one does not know. */
export type Unknown = { readonly type: "unknown"; readonly was: string } & Stamp;

/** Anything that happened. */
export type Event = Known | Unknown;
export type Kind = Event["type"];
export type EventOf<K extends Kind> = Extract<Event, { type: K }>;

export type Message = Of<{ role: Field<string>; content: Field<readonly (string | Read)[]> }>;
export type PlayerRef = ReturnType<typeof playerRef>;
export type Origin = ReturnType<typeof origin>;
export type Evidence = ReturnType<typeof evidence>;
export type Part = ReturnType<typeof part>;
export type Plan = ReturnType<typeof plan>;
export type Tempo = ReturnType<typeof tempo>;

/** One event of its JSON value. Throws `WireError` if it is none. */
export function read(value: unknown): Event {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError("An event must be a JSON object.");
  }
  const record = value as Record<string, unknown>;
  const { type } = record;
  if (typeof type !== "string") throw new WireError("An event has no type.");
  try {
    if (!Object.hasOwn(SHAPES, type)) return { type: "unknown", was: type, ...fields(record, STAMP) };
    const shape: Shape = SHAPES[type as Known["type"]];
    return { type, ...fields(record, STAMP), ...fields(record, shape) } as Event;
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new WireError(
      `Event ${String(record.seq ?? "?")} (${type}) is broken: ${error.message} is wanted.`,
    );
  }
}

/** The events of JSON Lines; a recording's header is no event. Throws `WireError`, with the line's number. */
export function decode(lines: string): Event[] {
  const events: Event[] = [];
  let number = 0;
  for (const line of lines.split("\n")) {
    number += 1;
    if (line.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new WireError(`Line ${number} is not JSON.`);
    }
    if ((value as { type?: unknown } | null)?.type === "header") continue;
    events.push(read(value));
  }
  return events;
}
