/**
 * Where a view stands in a page: it shows the recording that the output holds at once, goes live when
 * the kernel answers, and stays with what it has when the kernel is gone.
 */
import { mount, type View } from "../view";
import type { Event } from "../wire";
import { Connection, type Final, type Listener } from "./connection";
import { picture, type Recording } from "./recording";
import type { Model } from "./registry";

export class Stage implements Listener {
  #root: HTMLElement;
  #keep: (final: Final) => void;
  #view: View | null = null;
  #connection: Connection | null = null;
  #answered = false;
  #take = "";
  #events: Event[] = [];
  #last = 0;

  /** `keep` is called with what the output is to keep, each time that the kernel says so. */
  constructor(root: HTMLElement, keep: (final: Final) => void) {
    this.#root = root;
    this.#keep = keep;
  }

  /** Shows a recording, unless the kernel already shows more. `html` is the output's, for its picture. */
  show(recording: Recording, html: unknown): void {
    if (this.#answered) return;
    if ("events" in recording) {
      const { events, take, told } = recording;
      // an output that is written again, and shows the same: what moves goes on moving
      if (this.#view && take === this.#take && events.length === this.#events.length) return;
      this.#set(events, take, false, told);
    } else if (!this.#view) this.#write(recording.line, picture(html));
  }

  /** Plays what is shown from its start, at so many times its pace. */
  replay(speed: number): void {
    this.#view?.replay(speed);
  }

  /** Goes live with a model, as soon as its kernel answers. */
  connect(model: Model): void {
    this.#connection?.close();
    this.#connection = new Connection(model, this);
  }

  /** The model is gone: the view stays, and can conduct no more. */
  lost(): void {
    this.#connection?.close();
    this.#connection = null;
    this.#view?.link(null);
    if (this.#answered) this.#view?.reset(this.#events, { take: this.#take, live: false });
    this.#answered = false;
  }

  dispose(): void {
    this.#connection?.close();
    this.#connection = null;
    this.#view?.destroy();
    this.#view = null;
  }

  snapshot(events: Event[], take: string, live: boolean, branches: boolean): void {
    // asked for by another page: what it tells is known here
    const known = this.#answered && take === this.#take && lastSeq(events) === this.#last;
    this.#answered = true;
    if (!known) this.#set(events, take, live);
    this.#view?.link({ cue: (cue) => this.#connection?.cue(cue), branches });
  }

  events(events: Event[]): void {
    const fresh = events.filter(({ seq }) => seq === 0 || seq > this.#last); // 0: quoted
    for (const event of fresh) this.#events.push(event);
    this.#last = Math.max(this.#last, lastSeq(fresh));
    this.#view?.feed(fresh);
  }

  final(final: Final): void {
    this.#keep(final);
  }

  say(text: string): void {
    this.#view?.say(text);
  }

  #set(events: Event[], take: string, live: boolean, told = ""): void {
    this.#events = [...events];
    this.#last = lastSeq(events);
    this.#take = take;
    if (this.#view) this.#view.reset(events, { take, live, told });
    else {
      this.#root.replaceChildren();
      this.#view = mount(this.#root, events, { take, live, told });
    }
  }

  #write(line: string, image: HTMLImageElement | null): void {
    const note = document.createElement("p");
    note.textContent = line;
    note.style.font = "var(--jp-ui-font-size1, 13px) var(--jp-ui-font-family, system-ui, sans-serif)";
    note.style.color = "var(--jp-ui-font-color1, inherit)";
    this.#root.replaceChildren(...(image ? [image, note] : [note]));
  }
}

function lastSeq(events: readonly Event[]): number {
  return events.reduce((last, { seq }) => Math.max(last, seq), 0);
}
