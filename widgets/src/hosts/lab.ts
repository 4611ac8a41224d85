/**
 * The entry that JupyterLab loads, in the place of what its own builder would make: a container of
 * webpack's module federation, written by hand. JupyterLab calls `init` with what it shares, then `get`.
 */
import { loadFrom } from "../highlight";
import { beside } from "./beside";
import { extension, type WidgetClass } from "./mime";

interface Shared {
  get(): Promise<() => unknown>;
}

type Scope = Record<string, Record<string, Shared>>;

let widget: WidgetClass | undefined;

loadFrom(() => beside("code.js"));

async function init(scope: Scope): Promise<void> {
  const lumino = Object.values(scope["@lumino/widgets"] ?? {})[0];
  if (!lumino) throw new Error("score-kernel: JupyterLab shares no @lumino/widgets");
  widget = ((await lumino.get())() as { Widget: WidgetClass }).Widget;
}

function get(module: string): Promise<() => unknown> {
  if (module !== "./mimeExtension" || !widget) return Promise.reject(new Error(`score-kernel: no ${module}`));
  const exported = { __esModule: true, default: extension(widget) };
  return Promise.resolve(() => exported);
}

const page = globalThis as { _JUPYTERLAB?: Record<string, unknown> };
page._JUPYTERLAB ??= {};
page._JUPYTERLAB["score-kernel"] = { init, get };
