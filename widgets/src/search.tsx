/** The search: over names, labels and text, wherever the playhead is. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { KeyboardEvent, TargetedEvent } from "preact/compat";
import { count } from "./format";
import { Icon } from "./icons";
import { textAt } from "./model/moment";
import { nameOf } from "./model/rows";
import type { Score } from "./model/score";
import type { Contribution, Take } from "./model/take";
import type { State } from "./state";

/** What a contribution can be found by, kept until more of it has come. */
const known = new WeakMap<Contribution, { readonly pieces: number; readonly text: string }>();

function textOf(score: Score, take: Take, c: Contribution): string {
  const pieces = c.chunks.length + c.tries.length + c.turns.length + (c.ended === null ? 0 : 1);
  const kept = known.get(c);
  if (kept?.pieces === pieces) return kept.text;
  const labels = take.sections.get(c.part)?.at(-1)?.labels ?? [];
  const label = c.item === null ? "" : String(labels[c.item] ?? "");
  const text = `${nameOf(c)}\n${label}\n${textAt(score, c, Number.POSITIVE_INFINITY)}`.toLowerCase();
  known.set(c, { pieces, text });
  return text;
}

/** The contributions in which the words are found, in the order in which they entered. */
export function find(score: Score, take: Take, words: string): Contribution[] {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return [];
  return [...take.contributions.values()]
    .filter((c) => c.entered !== null && textOf(score, take, c).includes(wanted))
    .sort((a, b) => a.enteredSeq - b.enteredSeq);
}

/** What is searched for, and what was found; null while nothing is. */
export class Search {
  readonly words = signal("");
  readonly found: ReadonlySignal<readonly Contribution[] | null>;
  readonly ids: ReadonlySignal<ReadonlySet<number> | null>;

  constructor(state: State) {
    this.found = computed(() => {
      const words = this.words.value;
      const { take } = state.shown.value;
      return take && words.trim() ? find(state.score, take, words) : null;
    });
    this.ids = computed(() => {
      const found = this.found.value;
      return found && new Set(found.map(({ c }) => c));
    });
  }

  /** What comes after the selected one, or before it, round and round. */
  next(selected: number | null, way: 1 | -1): Contribution | undefined {
    const found = this.found.peek() ?? [];
    const here = found.findIndex(({ c }) => c === selected);
    const place = here < 0 ? (way === 1 ? 0 : -1) : (here + way) % found.length;
    return found.at(place);
  }
}

interface Props {
  readonly state: State;
}

/** Enter goes to the next that is found, shift and enter to the one before, escape back to the timeline. */
export function SearchBox({ state }: Props) {
  const { search } = state;
  const found = search.found.value;
  const keys = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      const next = search.next(state.selected.peek(), event.shiftKey ? -1 : 1);
      if (next) state.goTo(next);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      search.words.value = "";
      const timeline = event.currentTarget.closest(".sk-timeline")?.querySelector<HTMLElement>(".sk-stage");
      timeline?.focus({ preventScroll: true });
    }
  };
  const place = found?.findIndex(({ c }) => c === state.selected.value) ?? -1;
  return (
    <span class="sk-search">
      <Icon name="search" />
      <input
        type="text"
        aria-label="Search"
        placeholder="Search parts and text"
        title="Search parts and text (/)"
        autocomplete="off"
        spellcheck={false}
        value={search.words.value}
        onInput={(event: TargetedEvent<HTMLInputElement>) => {
          search.words.value = event.currentTarget.value;
        }}
        onKeyDown={keys}
      />
      <output aria-label="Found">
        {found ? (place < 0 ? count(found.length) : `${count(place + 1)} of ${count(found.length)}`) : ""}
      </output>
    </span>
  );
}
