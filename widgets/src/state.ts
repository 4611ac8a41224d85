/**
 * What the view knows, and everything that can be done to it. The components only show it.
 *
 * What the kernel tells is the score; where one looks, where the playhead is and what is selected are
 * the page's own, and never leave it.
 */
import { batch, type Signal, signal } from "@preact/signals";
import { Asking } from "./asking";
import { Hearing } from "./hearing";
import { countUntil, takeStatusAt } from "./model/moment";
import { type Row, rowsOf } from "./model/rows";
import { IllegalEvent, Score } from "./model/score";
import { soundsBetween } from "./model/sounds";
import { type Contribution, isOver, type Take } from "./model/take";
import { advanced, atEnd, type Playhead, Present, played, rested, scrubbed } from "./playhead";
import { Search } from "./search";
import { Chart } from "./timeline/chart";
import { LANES, Lanes, type RowRange } from "./timeline/place";
import type { Cue, Link, Options } from "./view";
import { fitting, Viewport } from "./viewport";
import { type Event, WireError } from "./wire";

/** What is shown, and as it was when. It changes at once for what one does, else about ten times a second. */
export interface Shown {
  readonly take: Take | null;
  readonly rows: readonly Row[];
  readonly at: number;
}

/** A note that is not sent yet. */
export interface Draft {
  readonly to: string;
  readonly text: string;
  /** What plays is to be cut, and to enter again with it. */
  readonly now: boolean;
}

/** How often words follow what moves by itself, in ms: more often nobody can read. */
const WORDS_EVERY = 100;
const GLIDE = 260;
/** A playhead that moves by itself moves no further than this in a frame, in ms. */
const LEAP = 250;

export class State {
  score = new Score();
  take: Take | null = null;
  chart: Chart | null = null;
  readonly shown: Signal<Shown> = signal({ take: null, rows: [], at: 0 });
  readonly head: Signal<Playhead> = signal(atEnd(0));
  readonly view: Signal<Viewport> = signal(new Viewport(0, 4000, 0));
  readonly selected: Signal<number | null> = signal(null);
  readonly hovered: Signal<number | null> = signal(null);
  readonly link: Signal<Link | null> = signal(null);
  /** One line that something could not be done. */
  readonly notice = signal("");
  /** One line that the cell says of the take. */
  readonly remark = signal("");
  /** What is wrong with the events; the view shows what it had before. */
  readonly broken = signal("");
  readonly keys = signal(false);
  /** Whether the orchestration graph is there. */
  readonly graph = signal(false);
  /** The note that is being written. */
  readonly draft: Signal<Draft> = signal({ to: "all", text: "", now: false });
  /** What became of the note that was sent last, in one line. */
  readonly told = signal("");
  /** What the conductor is asked, and what is being answered. */
  readonly asking = new Asking();
  readonly search = new Search(this);
  readonly hearing = new Hearing();
  /** What was asked to be brought into sight. */
  readonly sought: Signal<{ readonly c: number } | null> = signal(null);
  /** The sections whose items have rows of their own. */
  readonly unfolded: Signal<ReadonlySet<string>> = signal(new Set<string>());
  /** Where rows lie: high enough to be read, or so low that all of them are in sight. */
  readonly lanes: Signal<Lanes> = signal(LANES);
  /** Whether all rows are to be in sight. */
  readonly afar = signal(false);
  /** How high the timeline was made by hand, in pixels; null as long as nobody did. */
  readonly height: Signal<number | null> = signal(null);
  /** The rows that are scrolled into sight, and some around them. */
  readonly rowsInSight: Signal<RowRange> = signal({ first: 0, last: 40 });
  /** A note that was picked on the timeline. */
  readonly openedNote: Signal<{ readonly note: string } | null> = signal(null);
  /** Whether the take still plays, and events follow. */
  live = false;
  /** Whether motion is to be kept small. */
  calm = false;

  #queue: Event[] = [];
  // the note that was sent last, as long as it may be refused
  #sent: Draft | null = null;
  #rows: readonly Row[] = [];
  #shape = 0;
  #present = new Present();
  #fits = true;
  #glide: { from: Viewport; to: Viewport; began: number } | null = null;
  #scrolls = true;
  #last = 0;
  #moved = false;
  #worded = Number.NEGATIVE_INFINITY;
  #stale = true;
  #wanted: string;
  #wake: () => void;

  /** `wake` is called when there is something to do in the next frame. */
  constructor(options: Options, wake: () => void) {
    this.#wanted = options.take;
    this.live = options.live;
    this.#wake = wake;
  }

  // From the kernel ---------------------------------------------------------------------------

  feed(events: readonly Event[]): void {
    for (const event of events) this.#queue.push(event);
    this.#wake();
  }

  /** Starts anew from a snapshot; what the page's own is stays where it makes sense. */
  reset(events: readonly Event[], options: Options, now: number): void {
    const same = options.take === this.#wanted;
    const [head, selected] = [this.head.peek(), this.selected.peek()];
    this.score = new Score();
    this.take = null;
    this.chart = null;
    this.#queue = [...events];
    this.#wanted = options.take;
    this.live = options.live;
    this.remark.value = options.told ?? "";
    this.#present = new Present();
    this.broken.value = "";
    this.#takeIn(now);
    batch(() => {
      const end = this.end(now);
      this.head.value =
        same && !head.following ? { ...head, time: Math.min(head.time, end) } : atEnd(end, head.speed);
      this.selected.value = same && selected !== null && this.contribution(selected) ? selected : null;
      if (!same) this.unfolded.value = new Set();
      if (!same) this.#fits = this.#scrolls = true;
      if (this.#fits) this.view.value = this.#fitted(now);
      this.#show();
    });
    this.#wake();
  }

  /** Shows another take of the recording, at its end. */
  showTake(id: string): void {
    if (id === this.#wanted || !this.score.takes.has(id)) return;
    this.#wanted = id;
    this.#present = new Present();
    batch(() => {
      this.#choose(this.#last);
      const end = this.end(this.#last);
      this.head.value = atEnd(end, this.head.peek().speed);
      this.selected.value = null;
      this.unfolded.value = new Set();
      this.fit();
      this.#show();
    });
  }

  /** Whether the kernel can be asked anything about this take. */
  get conducts(): boolean {
    return this.link.value !== null && this.take !== null && !isOver(this.take);
  }

  /** Asks the kernel for something, in answer to a button. */
  cue(cue: Cue): void {
    this.notice.value = "";
    this.link.peek()?.cue(cue);
  }

  /** Conducts from the playhead on. */
  branch(): void {
    const { take } = this;
    if (!take || !this.link.peek()?.branches) return;
    const ms = Math.floor(this.head.peek().time);
    const seconds = ms / 1000;
    // as seconds, unless that reads as a moment before
    const when = seconds * 1000 >= ms ? `${seconds}s` : `${ms}ms`;
    this.cue({ type: "branch", moment: `${take.id}@${when}` });
  }

  // Notes -------------------------------------------------------------------------------------

  /** Sends what is written. */
  sendNote(): void {
    const link = this.link.peek();
    const draft = this.draft.peek();
    const { to, text, now } = draft;
    if (!link || text.trim() === "") return;
    this.#sent = draft;
    batch(() => {
      this.notice.value = "";
      this.told.value = `Sent to ${to}${now ? ", at once" : ""}.`;
      this.draft.value = { to, text: "", now: false };
    });
    link.cue({ type: "note", to, text, now });
  }

  dropNote(note: string): void {
    this.notice.value = this.told.value = "";
    this.link.peek()?.cue({ type: "drop", note });
  }

  /** One line from the kernel: a cue was refused. A note is given back, to be sent otherwise. */
  refused(text: string): void {
    batch(() => {
      this.notice.value = text;
      this.told.value = "";
      this.asking.refused();
      if (this.#sent && this.draft.peek().text === "") this.draft.value = this.#sent;
      this.#sent = null;
    });
  }

  /** Shows a note in the list; one that was dropped (`at`: ms), as it was sent. */
  openNote(note: string, at: number | null): void {
    if (at !== null) this.scrub(at);
    this.openedNote.value = { note };
  }

  // Time --------------------------------------------------------------------------------------

  /** Whether its clock runs: while it is paused and nothing is in the air, it stands still. */
  get runs(): boolean {
    const { take } = this;
    if (!this.live || !take || isOver(take)) return false;
    if (take.status === "playing") return true;
    for (const { status } of take.contributions.values()) if (status === "playing") return true;
    return false;
  }

  /** The present of what still plays, else the last moment of the take. */
  end(now: number): number {
    const known = this.take?.at ?? 0;
    return this.runs ? Math.max(known, this.#present.time(now)) : known;
  }

  /** One frame. Returns whether another must follow. */
  frame(now: number): boolean {
    // neither a page that slept nor a playhead that stood leaps
    const elapsed = this.#moved ? Math.min(now - this.#last, LEAP) : 0;
    this.#last = now;
    this.#moved = batch(() => {
      const structure = this.#takeIn(now);
      const end = this.end(now);
      const before = this.head.peek();
      const head = advanced(before, elapsed, end, this.runs);
      this.head.value = head;
      this.#hear(before, head);
      const moves = this.#follow(head, now);
      if (structure || this.#stale || now - this.#worded >= WORDS_EVERY) {
        if (this.#stale || structure || this.shown.peek().at !== head.time) {
          this.#worded = now;
          this.#show();
        }
      }
      const waits = this.#stale || this.shown.peek().at !== head.time;
      return moves || waits || head.rolling || (head.following && this.runs);
    });
    return this.#moved;
  }

  // What the playhead has just passed by itself; a leap is silent.
  #hear(before: Playhead, { time }: Playhead): void {
    const moves = before.rolling || (before.following && this.runs);
    if (!this.take || !moves || !this.hearing.on.peek()) return;
    const speed = before.following ? 1 : before.speed;
    if (time <= before.time || time - before.time > LEAP * speed) return;
    this.hearing.play(soundsBetween(this.take, before.time, time), before.time, speed);
  }

  // Folds what came; a broken event stops it there, and is told.
  #takeIn(now: number): boolean {
    if (this.#queue.length === 0) return false;
    const events = this.#queue;
    this.#queue = [];
    if (this.broken.peek()) return false;
    const ran = this.runs;
    try {
      for (const event of events) {
        if (event.seq > 0 && event.seq <= this.score.seq) continue; // a batch that overlaps a snapshot
        this.score.apply(event);
        if (event.type === "noted") this.#sent = null;
      }
    } catch (error) {
      if (!(error instanceof IllegalEvent || error instanceof WireError)) throw error;
      this.broken.value = `The recording is broken: ${error.message}. What came before is shown.`;
    }
    return this.#choose(now, ran);
  }

  // Shows the take that is wanted, as it is now. Returns whether there is more to it than new text.
  #choose(now: number, ran = false): boolean {
    const { take } = this;
    this.take = this.score.takes.get(this.#wanted) ?? null;
    if (!this.take) return false;
    if (ran || !this.runs) this.#present.heard(this.take.at, now);
    else this.#present.restart(this.take.at, now);
    let structure = this.take !== take;
    if (this.chart && !structure) {
      structure = this.chart.update(this.take) || this.take.shape !== this.#shape;
    }
    this.#shape = this.take.shape;
    if (structure || !this.chart || this.#rows.length === 0) {
      this.#rows = rowsOf(this.take, this.unfolded.peek());
      if (this.take === take && this.chart) this.chart.arrange(this.take, this.#rows);
      else this.chart = new Chart(this.take, this.#rows);
    }
    this.asking.follow(this.take);
    // text alone may wait for its turn; the end of a take may not
    this.#stale = true;
    return structure || isOver(this.take);
  }

  #show(): void {
    this.#stale = false;
    this.shown.value = { take: this.take, rows: this.#rows, at: this.head.peek().time };
  }

  // Where one looks ---------------------------------------------------------------------------

  /** How far one can look. */
  limit(now = this.#last): number {
    return fitting(this.end(now), this.live && this.take !== null && !isOver(this.take));
  }

  #fitted(now: number): Viewport {
    return new Viewport(0, this.limit(now), this.view.peek().width);
  }

  // Keeps all of it, or the playhead, in sight. Returns whether it is still moving there.
  #follow(head: Playhead, now: number): boolean {
    if (this.#fits) {
      const to = this.#fitted(now);
      const { start, end } = this.#glide?.to ?? this.view.peek();
      if (to.start !== start || to.end !== end || to.width !== this.view.peek().width) {
        const glides = !this.calm && this.view.peek().width === to.width && to.width > 0;
        this.#glide = glides ? { from: this.view.peek(), to, began: now } : null;
        if (!glides) this.view.value = to;
      }
    } else if (this.#scrolls && (head.rolling || (head.following && this.runs))) {
      const view = this.view.peek();
      if (this.calm) {
        if (head.time > view.end || head.time < view.start) {
          this.view.value = view.panned(view.x(head.time) - view.width * 0.1, this.limit(now));
        }
      } else this.view.value = view.showing(head.time, this.limit(now));
    }
    if (!this.#glide) return false;
    const share = Math.min(1, (now - this.#glide.began) / GLIDE);
    this.view.value = this.#glide.from.toward(this.#glide.to, 1 - (1 - share) ** 3);
    if (share === 1) this.#glide = null;
    return this.#glide !== null;
  }

  #look(view: Viewport): void {
    this.#glide = null;
    this.#fits = view.span >= this.limit() - 0.5;
    this.view.value = this.#fits ? this.#fitted(this.#last) : view;
    this.#stale = true;
    this.#wake();
  }

  resize(width: number): void {
    if (width === this.view.peek().width) return;
    this.#glide = null;
    this.view.value = this.#fits ? new Viewport(0, this.limit(), width) : this.view.peek().resized(width);
    this.#stale = true;
    this.#wake();
  }

  /** Zooms by a factor, at a pixel; without one at the playhead, or the middle where that is out of sight. */
  zoom(factor: number, x?: number): void {
    const view = this.view.peek();
    const head = view.x(this.head.peek().time);
    const fixed = x ?? (head >= 0 && head <= view.width ? head : view.width / 2);
    this.#look(view.zoomed(factor, fixed, this.limit()));
  }

  pan(pixels: number): void {
    this.#scrolls = false;
    this.#look(this.view.peek().panned(pixels, this.limit()));
  }

  /** Whether all of the time is in sight, or the view is on its way there. */
  get fits(): boolean {
    return this.#fits;
  }

  /** Shows the time from here to there. */
  lookAt(start: number, end: number): void {
    this.#scrolls = false;
    this.#look(new Viewport(start, end, this.view.peek().width).zoomed(1, 0, this.limit()));
  }

  /** All of it in sight. */
  fit(): void {
    this.#fits = this.#scrolls = true;
    this.#stale = true;
    this.#wake();
  }

  // The playhead ------------------------------------------------------------------------------

  #put(head: Playhead, show = true): void {
    this.head.value = head;
    this.#scrolls = true;
    if (show && !this.#fits) {
      const view = this.view.peek().showing(head.time, this.limit(), 0.05);
      this.view.value = view;
    }
    this.#stale = true;
    this.#wake();
  }

  get moving(): boolean {
    const head = this.head.value;
    return head.rolling || (head.following && this.runs);
  }

  toggle(): void {
    if (this.moving) this.#put(rested(this.head.peek()));
    else this.#put(played(this.head.peek(), this.end(this.#last)));
  }

  /** From the start, at a speed, with all of it in sight. */
  replay(speed: number): void {
    this.fit();
    this.head.value = { time: 0, rolling: true, following: false, speed };
    this.#stale = true;
  }

  scrub(time: number): void {
    this.#put(scrubbed(rested(this.head.peek()), time, this.end(this.#last)), false);
  }

  toStart(): void {
    this.#put(scrubbed(this.head.peek(), 0, this.end(this.#last)));
  }

  toEnd(): void {
    this.#put(atEnd(this.end(this.#last), this.head.peek().speed));
  }

  setSpeed(speed: number): void {
    this.head.value = { ...this.head.peek(), speed };
  }

  /** To the next thing that happened, or the one before. */
  step(way: 1 | -1): void {
    const moments = this.take?.moments ?? [];
    const { time } = this.head.peek();
    const after = countUntil(moments, time);
    const here = moments[after - 1] === time ? after - 2 : after - 1;
    const target = way === 1 ? moments[after] : moments[here];
    if (target !== undefined) this.#put(scrubbed(rested(this.head.peek()), target, this.end(this.#last)));
  }

  // Rows --------------------------------------------------------------------------------------

  /** Gives each item of a section a row of its own, or takes those away again. */
  fold(part: string): void {
    const unfolded = new Set(this.unfolded.peek());
    if (!unfolded.delete(part)) unfolded.add(part);
    this.unfolded.value = unfolded;
    if (!this.take) return;
    this.#rows = rowsOf(this.take, unfolded);
    this.chart?.arrange(this.take, this.#rows);
    this.#show();
    this.#wake();
  }

  /** Lays all rows into `height` pixels, if that is what is wanted. */
  lay(height: number): void {
    const least = this.afar.peek() ? height / Math.max(this.#rows.length, 1) : LANES.height;
    if (this.lanes.peek().height !== Math.min(least, LANES.height)) {
      this.lanes.value = least < LANES.height ? new Lanes(least) : LANES;
    }
  }

  /** What is scrolled into sight, in rows. */
  scrolled(first: number, last: number): void {
    // in steps, so that names and options are not laid out anew for each pixel
    const [from, to] = [Math.floor(first / 8) * 8 - 8, Math.ceil(last / 8) * 8 + 8];
    const known = this.rowsInSight.peek();
    if (known.first !== from || known.last !== to) this.rowsInSight.value = { first: from, last: to };
  }

  // Selection ---------------------------------------------------------------------------------

  contribution(id: number | null): Contribution | undefined {
    return id === null ? undefined : this.take?.contributions.get(id);
  }

  /** The part whose section is selected as a whole. */
  get section(): string | undefined {
    const id = this.selected.value;
    return id === null ? undefined : this.chart?.sectionOf(id);
  }

  select(id: number | null): void {
    this.selected.value = id;
    this.#stale = true;
    this.#wake();
  }

  /** Selects a contribution, wherever it is, and brings it into sight. */
  goTo(c: Contribution): void {
    if (c.entered === null) return;
    const { time } = this.head.peek();
    batch(() => {
      if (c.item !== null && !this.unfolded.peek().has(c.part)) this.fold(c.part);
      if ((c.entered ?? 0) > time) this.scrub(c.ended ?? c.entered ?? 0);
      this.select(c.c);
      this.#bringIntoSight(c.entered ?? 0, c.ended ?? Number.POSITIVE_INFINITY);
      this.sought.value = { c: c.c };
    });
  }

  #bringIntoSight(start: number, end: number): void {
    const view = this.view.peek();
    if (end >= view.start && start <= view.end) return;
    this.#scrolls = false;
    this.#look(view.showing(start, this.limit()));
  }

  /** Selects the bar after the selected one, or before, among those that had begun. */
  selectNext(way: 1 | -1): void {
    const bars = this.chart?.bars;
    if (!bars) return;
    const { time } = this.head.peek();
    const seen: number[] = [];
    for (let i = 0; i < bars.count && (bars.start[i] as number) <= time; i++)
      if (bars.isSeen(i)) seen.push(i);
    if (seen.length === 0) return;
    const selected = this.selected.peek();
    const at = selected === null ? -1 : seen.indexOf(bars.indexOf(selected));
    const place =
      at < 0 ? (way === 1 ? 0 : seen.length - 1) : Math.min(Math.max(at + way, 0), seen.length - 1);
    const next = seen[place] as number;
    this.select(bars.id[next] as number);
    this.#bringIntoSight(bars.start[next] as number, bars.end[next] as number);
    this.sought.value = { c: bars.id[next] as number };
  }

  /** The take's status at the playhead. */
  status(): string {
    const { take, at } = this.shown.value;
    return take ? takeStatusAt(take, at) : "";
  }
}
