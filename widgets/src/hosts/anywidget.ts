/**
 * The anywidget. In JupyterLab and Notebook it only makes the performance's model known on the page,
 * where the MIME extension finds it; elsewhere it shows the view itself.
 */
import { loadFrom } from "../highlight";
import { codeOf } from "./asked";
import { type Model, register } from "./registry";
import { Stage } from "./stage";

interface Signal<T> {
  connect(slot: (sender: unknown, value: T) => void): void;
  disconnect(slot: (sender: unknown, value: T) => void): void;
}

interface Kernel {
  id: string;
}

interface SessionContext {
  session: { kernel: Kernel | null } | null;
  kernelChanged: Signal<{ newValue: Kernel | null }>;
  statusChanged: Signal<string>;
}

interface WidgetModel extends Model {
  widget_manager?: { context?: { sessionContext?: SessionContext } };
}

const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);

/** Calls back once, when nothing will answer any more. Returns what ends the watch. */
function whenGone(model: WidgetModel, gone: () => void): () => void {
  const context = model.widget_manager?.context?.sessionContext;
  const kernel = context?.session?.kernel?.id;
  // a restart fires `comm_live_update`, a shutdown only changes the kernel, a crash only the status
  const changed = (_: unknown, { newValue }: { newValue: Kernel | null }) => {
    if (newValue?.id !== kernel) gone();
  };
  const status = (_: unknown, value: string) => {
    if (GONE.has(value)) gone();
  };
  model.on("comm_live_update", gone);
  context?.kernelChanged.connect(changed);
  context?.statusChanged.connect(status);
  return () => {
    model.off("comm_live_update", gone);
    context?.kernelChanged.disconnect(changed);
    context?.statusChanged.disconnect(status);
  };
}

function initialize({ model }: { model: WidgetModel }): () => void {
  const forget = register(String(model.get("key")), model);
  const end = whenGone(model, () => {
    forget();
    end();
  });
  return () => {
    forget();
    end();
  };
}

function render({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  const gone = new AbortController();
  const stage = new Stage(el, () => {});
  stage.show({ key: "", live: true, line: "Waiting for the kernel." }, null);
  stage.connect(model);
  loadFrom(() => codeOf(model, gone.signal));
  const end = whenGone(model, () => {
    gone.abort();
    stage.lost();
  });
  return () => {
    end();
    gone.abort();
    stage.dispose();
  };
}

export default { initialize, render };
