/**
 * An output of a notebook, shown in an element: the recording that it holds at once, and live as soon
 * as the page has the model of its performance.
 */
import type { Final } from "./connection";
import { MIME_TYPE, read, replayOf } from "./recording";
import { type Model, watch } from "./registry";
import { Stage } from "./stage";

/** The data of an output, by MIME type. */
export type Bundle = Readonly<Record<string, unknown>>;

export class Output {
  #stage: Stage;
  #key: string | null = null;
  #watching = new AbortController();
  #turn = 0;
  #replay: number | null = null;

  /** `keep` is called with what the output is to keep, each time that the kernel says so. */
  constructor(root: HTMLElement, keep: (final: Final) => void = () => {}) {
    this.#stage = new Stage(root, keep);
  }

  /** Shows what the output holds now. It is told again each time that the kernel updates it. */
  async show(bundle: Bundle): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    // the update that takes it out again may come before this is read
    this.#replay = replayOf(bundle[MIME_TYPE]) ?? this.#replay;
    const recording = await read(bundle[MIME_TYPE]);
    if (turn !== this.#turn) return;
    this.#stage.show(recording, bundle["text/html"]);
    if (this.#replay !== null) this.#stage.replay(this.#replay);
    this.#replay = null;
    if (recording.key === this.#key) return;
    this.#key = recording.key;
    this.#watching.abort();
    this.#watching = new AbortController();
    const found = (live: Model | null) => (live ? this.#stage.connect(live) : this.#stage.lost());
    watch(recording.key, found, this.#watching.signal);
  }

  dispose(): void {
    this.#turn += 1; // what is just being read comes too late
    this.#watching.abort();
    this.#stage.dispose();
  }
}
