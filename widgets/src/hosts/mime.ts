/** The renderer of `application/vnd.score-kernel+json` for JupyterLab and Notebook. */
import type { Final } from "./connection";
import { Output } from "./output";
import { MIME_TYPE } from "./recording";

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
    #output = new Output(this.node, (final) => this.#write(final));
    #model: MimeModel | null = null;

    /** Called again on this instance each time that the kernel updates the output. */
    renderModel(model: MimeModel): Promise<void> {
      this.#model = model;
      return this.#output.show(model.data);
    }

    override dispose(): void {
      this.#output.dispose();
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
