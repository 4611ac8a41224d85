/**
 * A view's line to the performance in the kernel: custom messages of the widget's comm.
 *
 * Nothing is replayed to a page that comes late, so each one says `hello` and is answered with a
 * snapshot. Messages are numbered (`n`); after a gap the page says hello again. What is broadcast
 * reaches every page, a snapshot that another page asked for too.
 */
import type { Cue } from "../view";
import type { Event } from "../wire";
import { unpack } from "./recording";
import type { Model } from "./registry";

export interface Final {
  /** The recording, as the output is to keep it. */
  data: unknown;
  /** What goes beside it, for where no view can show. */
  html?: string;
  plain?: string;
}

export interface Listener {
  /** The take so far, and whether the kernel can conduct a branch of it. */
  snapshot(events: Event[], take: string, live: boolean, branches: boolean): void;
  /** What happened since. */
  events(events: Event[]): void;
  /** What the output keeps of the ended take. */
  final(final: Final): void;
  /** A cue was refused, or a message could not be read: one line. */
  say(text: string): void;
  /** Nothing can be sent any more. */
  lost(): void;
}

type Message = { n: number } & (
  | { type: "snapshot"; take: string; live: boolean; branches?: boolean }
  | { type: "events" }
  | ({ type: "final" } & Final)
  | { type: "refused"; text: string }
);

export class Connection {
  #model: Model;
  #listener: Listener;
  #n = 0;
  #greeting = true;
  #closed = false;
  // buffers are unpacked asynchronously: one message after the other, as they came
  #queue = Promise.resolve();

  constructor(model: Model, listener: Listener) {
    this.#model = model;
    this.#listener = listener;
    model.on("msg:custom", this.#receive);
    this.#send({ type: "hello" });
  }

  cue(cue: Cue): void {
    this.#send({ type: "cue", cue });
  }

  close(): void {
    this.#closed = true;
    this.#model.off("msg:custom", this.#receive);
  }

  #receive = (message: Message, buffers: readonly (ArrayBuffer | ArrayBufferView)[] = []): void => {
    this.#queue = this.#queue
      .then(() => this.#hear(message, buffers[0]))
      .catch(() => this.#listener.say("What the kernel sent could not be read: run the cell again."));
  };

  async #hear(message: Message, buffer: ArrayBuffer | ArrayBufferView | undefined): Promise<void> {
    if (message.type === "snapshot") {
      const events = await unpack(bytes(buffer));
      if (this.#closed) return;
      this.#n = message.n;
      this.#greeting = false;
      this.#listener.snapshot(events, message.take, message.live, message.branches === true);
      return;
    }
    if (this.#greeting || this.#closed) return;
    if (message.n !== this.#n + 1) {
      this.#greeting = true;
      this.#send({ type: "hello" });
      return;
    }
    this.#n = message.n;
    if (message.type === "events") {
      const events = await unpack(bytes(buffer));
      if (!this.#closed) this.#listener.events(events);
    } else if (message.type === "final") this.#listener.final(message);
    else if (message.type === "refused") this.#listener.say(message.text);
  }

  #send(content: { type: "hello" } | { type: "cue"; cue: Cue }): void {
    try {
      this.#model.send(content);
    } catch {
      // a comm whose kernel is gone throws, and tells in no other way
      this.close();
      this.#listener.lost();
    }
  }
}

/** The bytes of a message's buffer. */
export function bytes(buffer: ArrayBuffer | ArrayBufferView | undefined): Uint8Array<ArrayBuffer> {
  if (buffer === undefined) return new Uint8Array();
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}
