/**
 * The entry that JupyterLab loads, in the place of what its own builder would make: a container of
 * webpack's module federation, written by hand. JupyterLab calls `init` with what it shares, then `get`.
 *
 * The view of outputs is in this file. What the extension adds to notebooks (`../lab`) is in a file of
 * its own, beside it, so that nothing else waits for it; it is given the view, and has no second one.
 */
import { loadFrom } from "../highlight";
import { beside } from "./beside";
import { extension, type WidgetClass } from "./mime";
import { Output } from "./output";

interface Shared {
  get(): Promise<() => unknown>;
  readonly loaded?: unknown;
}

type Scope = Record<string, Record<string, Shared>>;

let scope: Scope = {};
let widget: WidgetClass | undefined;

loadFrom(() => beside("code.js"));

/** A module that JupyterLab shares. Of several versions, the one that it uses itself. */
async function shared(name: string): Promise<unknown> {
  const versions = Object.values(scope[name] ?? {});
  const found = versions.find(({ loaded }) => loaded) ?? versions[0];
  if (!found) throw new Error(`score-kernel: JupyterLab shares no ${name}`);
  return (await found.get())();
}

async function init(given: Scope): Promise<void> {
  scope = given;
  widget = ((await shared("@lumino/widgets")) as { Widget: WidgetClass }).Widget;
}

/** What is added to notebooks, where there are any: Voila loads this too, and has no editors. */
async function inNotebooks(): Promise<unknown[]> {
  if (!scope["@codemirror/state"]) return [];
  const { plugins } = (await beside("notebook.js")) as typeof import("../lab/extension");
  return plugins(shared, Output);
}

async function get(module: string): Promise<() => unknown> {
  if (module === "./mimeExtension" && widget) {
    const exported = { __esModule: true, default: extension(widget) };
    return () => exported;
  }
  if (module === "./extension") {
    const exported = { __esModule: true, default: await inNotebooks() };
    return () => exported;
  }
  throw new Error(`score-kernel: no ${module}`);
}

const page = globalThis as { _JUPYTERLAB?: Record<string, unknown> };
page._JUPYTERLAB ??= {};
page._JUPYTERLAB["score-kernel"] = { init, get };
