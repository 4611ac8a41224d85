/** The scores that a notebook shows in its outputs, and which of them is the newest. */
import type { Bundle } from "../hosts/output";
import { MIME_TYPE } from "../hosts/recording";
import { isKnown, watch } from "../hosts/registry";
import { newest } from "./newest";
import type { Cell, Notebook, OutputModel, OutputsChange, Outputs as OutputsOfCell } from "./shared";

export interface Shown {
  readonly cell: Cell;
  /** The performance's key in the page. */
  readonly key: string;
  readonly bundle: Bundle;
}

export class Outputs {
  readonly #notebook: Notebook;
  readonly #tell: () => void;
  readonly #ending = new AbortController();
  readonly #heard = new Set<OutputsOfCell>();
  readonly #changed = new WeakMap<OutputsOfCell, number>();
  readonly #awaited = new Set<string>();
  #count = 0;

  /** `tell` is called at each change that may make another output the newest, until `dispose`. */
  constructor(notebook: Notebook, tell: () => void) {
    this.#notebook = notebook;
    this.#tell = tell;
    notebook.model?.cells.changed.connect(this.#rearranged);
    this.#listen();
  }

  dispose(): void {
    this.#ending.abort();
    this.#notebook.model?.cells.changed.disconnect(this.#rearranged);
    for (const outputs of this.#heard) outputs.changed.disconnect(this.#changedIn);
    this.#heard.clear();
  }

  /** The newest score; null if the notebook shows none. */
  newest(): Shown | null {
    const found = [];
    for (const cell of this.#notebook.model?.cells ?? []) {
      const bundle = lastIn(cell.outputs);
      if (!bundle || !cell.outputs) continue;
      const { key, live } = bundle[MIME_TYPE] as { key?: unknown; live?: unknown };
      const shown = { cell, key: String(key ?? ""), bundle };
      if (live === true) this.#await(shown.key);
      found.push({
        shown,
        live: live === true && isKnown(shown.key),
        changed: this.#changed.get(cell.outputs) ?? 0,
        execution: cell.executionCount ?? 0,
      });
    }
    return newest(found)?.shown ?? null;
  }

  /** What plays may become known to the page later, or be gone. */
  #await(key: string): void {
    if (this.#awaited.has(key)) return;
    this.#awaited.add(key);
    watch(key, this.#tell, this.#ending.signal);
  }

  #listen(): void {
    for (const { outputs } of this.#notebook.model?.cells ?? []) {
      if (!outputs || this.#heard.has(outputs)) continue;
      outputs.changed.connect(this.#changedIn);
      this.#heard.add(outputs);
    }
  }

  #rearranged = (): void => {
    this.#listen();
    this.#tell();
  };

  #changedIn = (outputs: OutputsOfCell, { oldValues, newValues }: OutputsChange): void => {
    const isOther = (output: OutputModel, n: number) =>
      // trusting a notebook sets all of its outputs anew, as they were
      output === oldValues?.[n] || JSON.stringify(dataOf(output)) !== JSON.stringify(dataOf(oldValues?.[n]));
    if (newValues?.some((output, n) => dataOf(output) && isOther(output, n))) {
      this.#count += 1;
      this.#changed.set(outputs, this.#count);
    }
    this.#tell();
  };
}

function bundleOf(output: OutputModel | undefined): Bundle | null {
  const { data } = output?.toJSON() ?? {};
  return data && typeof data[MIME_TYPE] === "object" && data[MIME_TYPE] !== null ? data : null;
}

function dataOf(output: OutputModel | undefined): unknown {
  return bundleOf(output)?.[MIME_TYPE];
}

/** The last score that a cell shows. */
function lastIn(outputs: OutputsOfCell | undefined): Bundle | null {
  for (let n = (outputs?.length ?? 0) - 1; n >= 0; n -= 1) {
    const found = bundleOf(outputs?.get(n));
    if (found) return found;
  }
  return null;
}
