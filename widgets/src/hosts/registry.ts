/**
 * The models of live performances on this page, by key.
 *
 * The anywidget (its code comes from the kernel) puts them in; the MIME renderer (its code is installed
 * with JupyterLab) looks for them. The two are separate bundles, perhaps of different versions, and
 * share nothing but this object on the page: a change of its shape needs another name.
 */

/** What this needs of a widget's model. */
export interface Model {
  get(name: string): unknown;
  send(content: unknown): void;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
}

type Watcher = (model: Model | null) => void;

interface Registry {
  models: Map<string, Model>;
  watchers: Map<string, Set<Watcher>>;
}

const NAME = Symbol.for("score-kernel.models.1");

function registry(): Registry {
  const page = globalThis as { [NAME]?: Registry };
  page[NAME] ??= { models: new Map(), watchers: new Map() };
  return page[NAME];
}

/** Makes a model known. Returns what takes it away again. */
export function register(key: string, model: Model): () => void {
  const { models } = registry();
  models.set(key, model);
  tell(key, model);
  return () => {
    if (models.get(key) !== model) return;
    models.delete(key);
    tell(key, null);
  };
}

/** Whether the page has the model of that key. */
export function isKnown(key: string): boolean {
  return registry().models.has(key);
}

/** Calls back with the model of that key now, if there is one, and at every change until `signal` aborts. */
export function watch(key: string, watcher: Watcher, signal: AbortSignal): void {
  const { models, watchers } = registry();
  const known = watchers.get(key) ?? new Set();
  watchers.set(key, known.add(watcher));
  signal.addEventListener("abort", () => {
    known.delete(watcher);
    if (known.size === 0) watchers.delete(key);
  });
  const model = models.get(key);
  if (model) watcher(model);
}

function tell(key: string, model: Model | null): void {
  for (const watcher of [...(registry().watchers.get(key) ?? [])]) watcher(model);
}
