/**
 * What the extension adds to notebooks in JupyterLab and Notebook: the magics' cells in their colours,
 * and the score at the side. A module of its own, that the entry (`hosts/lab.ts`) loads.
 */
import { highlight, type Modules } from "./language";
import { type OutputClass, panel } from "./panel";
import type {
  Application,
  ComponentsModule,
  EditorExtensions,
  Languages,
  NotebookTracker,
  Palette,
  Plugin,
  Restorer,
  Share,
  Token,
  WidgetClass,
} from "./shared";

const SHOW = "score-kernel:show";

// Bars, as the view draws them: each a contribution, one after the other
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">
<path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M1.5 2.5H8v2.8H1.5zM4.5 6.6h7v2.8h-7zM8 10.7h6.5v2.8H8z"/>
</svg>`;

/** The plugins, made of what JupyterLab shares. Of a token that nobody provides, a plugin is given null. */
export async function plugins(share: Share, Output: OutputClass): Promise<Plugin[]> {
  const module = async <T>(name: string) => (await share(name)) as T;
  const [editors, notebooks, application, apputils, { PageConfig }, { LabIcon }, { Widget }] =
    await Promise.all([
      module<{ IEditorExtensionRegistry: Token; IEditorLanguageRegistry: Token }>("@jupyterlab/codemirror"),
      module<{ INotebookTracker: Token }>("@jupyterlab/notebook"),
      module<{ ILayoutRestorer: Token }>("@jupyterlab/application"),
      module<{ ICommandPalette: Token }>("@jupyterlab/apputils"),
      module<{ PageConfig: { getOption(name: string): string } }>("@jupyterlab/coreutils"),
      module<ComponentsModule>("@jupyterlab/ui-components"),
      module<{ Widget: WidgetClass }>("@lumino/widgets"),
    ]);
  const [state, language, lezer, tags] = await Promise.all([
    module<Modules["state"]>("@codemirror/state"),
    module<Modules["language"]>("@codemirror/language"),
    module<Modules["lezer"]>("@lezer/common"),
    module<Modules["highlight"]>("@lezer/highlight"),
  ]);

  const cells: Plugin = {
    id: "score-kernel:cells",
    description: "Highlights the Markdown and YAML in the cells of Score Kernel's magics.",
    autoStart: true,
    optional: [editors.IEditorExtensionRegistry, editors.IEditorLanguageRegistry],
    activate: (_: Application, extensions: EditorExtensions | null, languages: Languages | null) => {
      if (extensions && languages)
        highlight({ state, language, lezer, highlight: tags }, extensions, languages);
    },
  };

  const side: Plugin = {
    id: "score-kernel:panel",
    description: "Shows the score of the current notebook at the side.",
    autoStart: true,
    optional: [notebooks.INotebookTracker, apputils.ICommandPalette, application.ILayoutRestorer],
    activate: (
      app: Application,
      tracker: NotebookTracker | null,
      palette: Palette | null,
      restorer: Restorer | null,
    ) => {
      // Notebook has a page for each kind of document: only on one of these can there be a score
      const page = PageConfig.getOption("notebookPage");
      if (!tracker || (page && page !== "notebooks")) return;
      const icon = new LabIcon({ name: "score-kernel:score", svgstr: ICON });
      const score = panel(Widget, Output, tracker, icon);
      app.shell.add(score, "right", { rank: 700 });
      app.commands.addCommand(SHOW, {
        label: "Show Score",
        caption: "Show the score of the current notebook at the side",
        execute: () => app.shell.activateById(score.id),
      });
      palette?.addItem({ command: SHOW, category: "Score Kernel" });
      restorer?.add(score, score.id);
    },
  };

  return [cells, side];
}
