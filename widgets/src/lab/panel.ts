/**
 * The side panel: the score of the notebook that one looks at, live while it plays.
 *
 * It shows the very output that is the newest in the notebook (`outputs`), with the view that shows
 * outputs everywhere. What is mounted is there only while the panel is seen.
 */
import type { Bundle } from "../hosts/output";
import { Outputs, type Shown } from "./outputs";
import css from "./panel.css";
import type { Notebook, NotebookTracker, Widget, WidgetClass } from "./shared";

/** What shows an output in an element; the entry of the extension brings it. */
export type OutputClass = new (root: HTMLElement) => { show(bundle: Bundle): Promise<void>; dispose(): void };

const ID = "score-kernel-panel";

export function panel(
  Base: WidgetClass,
  Output: OutputClass,
  tracker: NotebookTracker,
  icon: object,
): Widget {
  class ScorePanel extends Base {
    #heading = document.createElement("h2");
    #go = document.createElement("button");
    #score = document.createElement("div");
    #none = document.createElement("p");
    #notebook: Notebook | null = null;
    #outputs: Outputs | null = null;
    #output: InstanceType<OutputClass> | null = null;
    #shown: Shown | null = null;
    #asked = 0;

    constructor() {
      super();
      this.id = ID;
      this.title.caption = "Score";
      this.title.icon = icon;
      this.addClass("sk-panel");
      this.node.tabIndex = -1;
      this.node.setAttribute("role", "region");
      this.node.setAttribute("aria-label", "Score");

      const style = document.createElement("style");
      style.textContent = css;
      const head = document.createElement("div");
      head.className = "sk-panel-head";
      this.#go.type = "button";
      this.#go.textContent = "Go to its cell";
      this.#go.addEventListener("click", () => this.#goToCell());
      head.append(this.#heading, this.#go);
      this.#score.className = "sk-panel-score";
      this.#none.className = "sk-panel-none";
      this.node.append(style, head, this.#score, this.#none);
      tracker.currentChanged.connect(this.#follow);
    }

    override onAfterAttach(message: unknown): void {
      super.onAfterAttach(message);
      if (this.isVisible) this.#follow();
    }

    override onAfterShow(message: unknown): void {
      super.onAfterShow(message);
      this.#follow();
    }

    override onAfterHide(message: unknown): void {
      super.onAfterHide(message);
      this.#leave();
    }

    override onActivateRequest(message: unknown): void {
      super.onActivateRequest(message);
      this.node.focus({ preventScroll: true });
    }

    override dispose(): void {
      tracker.currentChanged.disconnect(this.#follow);
      this.#leave();
      super.dispose();
    }

    #follow = (): void => {
      if (!this.isVisible) return;
      const notebook = tracker.currentWidget;
      if (notebook !== this.#notebook || !this.#outputs) {
        this.#leave();
        this.#notebook = notebook;
        this.#outputs = notebook && new Outputs(notebook, this.#later);
        notebook?.title.changed.connect(this.#later);
      }
      this.#later();
    };

    #leave(): void {
      cancelAnimationFrame(this.#asked);
      this.#asked = 0;
      this.#notebook?.title.changed.disconnect(this.#later);
      this.#outputs?.dispose();
      this.#notebook = this.#outputs = null;
      this.#clear();
    }

    #clear(): void {
      this.#output?.dispose();
      this.#output = this.#shown = null;
      this.#score.replaceChildren();
    }

    // outputs may change many times between two frames
    #later = (): void => {
      this.#asked ||= requestAnimationFrame(() => {
        this.#asked = 0;
        this.#update();
      });
    };

    #update(): void {
      const found = this.#outputs?.newest() ?? null;
      this.#heading.textContent = this.#notebook?.title.label ?? "Score";
      this.#go.hidden = this.#score.hidden = !found;
      this.#none.hidden = !!found;
      if (!found) {
        this.#clear();
        this.#none.replaceChildren(...this.#hint());
        return;
      }
      const before = this.#shown;
      if (before?.cell !== found.cell || before.key !== found.key) this.#clear();
      this.#output ??= new Output(this.#score);
      this.#shown = found;
      if (before?.bundle !== found.bundle) void this.#output.show(found.bundle);
    }

    #hint(): (string | HTMLElement)[] {
      if (!this.#notebook) return ["Open a notebook: its score is shown here."];
      const [load, conduct] = ["%load_ext score_kernel", "%%conduct"].map((text) => {
        const code = document.createElement("code");
        code.textContent = text;
        return code;
      }) as [HTMLElement, HTMLElement];
      return [
        "No score here yet. Type ",
        load,
        " in a cell to begin; what ",
        conduct,
        " plays is shown here.",
      ];
    }

    #goToCell(): void {
      const [notebook, cell] = [this.#notebook, this.#shown?.cell];
      const index = cell ? [...(notebook?.model?.cells ?? [])].indexOf(cell) : -1;
      if (!notebook || index < 0) return;
      notebook.content.activeCellIndex = index;
      void notebook.content.scrollToItem(index);
    }
  }

  return new ScorePanel();
}
