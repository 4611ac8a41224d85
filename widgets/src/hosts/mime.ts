/** The renderer of `application/vnd.score-kernel+json` for JupyterLab and Notebook. */
import type { Final } from "./connection";
import { MIME_TYPE, read, replayOf } from "./recording";
import { type Model, watch } from "./registry";
import { Stage } from "./stage";

/** What is used of Lumino's Widget, which JupyterLab shares with its extensions. */
export interface Widget {
  readonly node: HTMLElement;
  readonly isDisposed: boolean;
  dispose(): void;
}
export type WidgetClass = new () => Widget;

/** What is used of JupyterLab's `IRenderMime.IMimeModel`. */
interface MimeModel {
  readonly data: Record<string, unknown>;
  setData(options: { data: Record<string, unknown> }): void;
}

/** A MIME extension, as JupyterLab's `IRenderMime.IExtension` has it. */
export function extension(Base: WidgetClass): object {
  class Renderer extends Base {
    #stage = new Stage(this.node, (final) => this.#write(final));
    #model: MimeModel | null = null;
    #key: string | null = null;
    #watching = new AbortController();
    #turn = 0;
    #replay: number | null = null;

    /** Called again on this instance each time that the kernel updates the output. */
    async renderModel(model: MimeModel): Promise<void> {
      this.#model = model;
      this.#turn += 1;
      const turn = this.#turn;
      // the update that takes it out again may come before this is read
      this.#replay = replayOf(model.data[MIME_TYPE]) ?? this.#replay;
      const recording = await read(model.data[MIME_TYPE]);
      if (turn !== this.#turn || this.isDisposed) return;
      this.#stage.show(recording, model.data["text/html"]);
      if (this.#replay !== null) this.#stage.replay(this.#replay);
      this.#replay = null;
      if (recording.key === this.#key) return;
      this.#key = recording.key;
      this.#watching.abort();
      this.#watching = new AbortController();
      const found = (live: Model | null) => (live ? this.#stage.connect(live) : this.#stage.lost());
      watch(recording.key, found, this.#watching.signal);
    }

    override dispose(): void {
      this.#watching.abort();
      this.#stage.dispose();
      super.dispose();
    }

    // A page that was reloaded in mid-performance gets no update of this output: the kernel's last
    // word comes by comm, and is put into the notebook here. The widget must not stay in it.
    #write({ data, html, plain }: Final): void {
      const model = this.#model;
      const held = model?.data[MIME_TYPE] as { live?: unknown } | undefined;
      if (!model || held?.live !== true) return;
      const bundle: Record<string, unknown> = { ...model.data, [MIME_TYPE]: data };
      delete bundle["application/vnd.jupyter.widget-view+json"];
      if (html) bundle["text/html"] = html;
      if (plain) bundle["text/plain"] = plain;
      model.setData({ data: bundle });
    }
  }

  return {
    id: "score-kernel:mime",
    description: "Shows performances of Score Kernel, live and saved.",
    // before the widgets' -10: of one output with both, this renderer is taken
    rank: -20,
    dataType: "json",
    rendererFactory: { safe: true, mimeTypes: [MIME_TYPE], createRenderer: () => new Renderer() },
  };
}
