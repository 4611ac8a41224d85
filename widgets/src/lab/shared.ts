/**
 * What is used of the modules that JupyterLab and Notebook share with their extensions. They bring no
 * types to an extension that is built without JupyterLab's builder, so these are written down here,
 * and the browser tests hold them to what is there.
 */

/** Gives a shared module by its name. */
export type Share = (name: string) => Promise<unknown>;

/** A token of Lumino: what a plugin asks for, and another provides. */
export type Token = object;

export interface Signal<Sender, Value> {
  connect(slot: (sender: Sender, value: Value) => void): boolean;
  disconnect(slot: (sender: Sender, value: Value) => void): boolean;
}

// CodeMirror ---------------------------------------------------------------------------------------

export type Extension = object;
export type StateEffect = object;

export interface EditorState {
  readonly doc: Text;
}

export interface Text {
  sliceString(from: number, to: number): string;
}

export interface Transaction {
  readonly startState: EditorState;
  readonly newDoc: Text;
  readonly docChanged: boolean;
}

export interface Compartment {
  of(extension: Extension): Extension;
  reconfigure(extension: Extension): StateEffect;
  get(state: EditorState): Extension | undefined;
}

/** `@codemirror/state` */
export interface StateModule {
  readonly Compartment: new () => Compartment;
  readonly EditorState: {
    readonly transactionExtender: {
      of(extender: (transaction: Transaction) => { effects: StateEffect } | null): Extension;
    };
  };
  readonly Prec: { highest(extension: Extension): Extension };
}

export type NodeType = object;
export type NodePropSource = object;
export type Tree = object;

export interface Input {
  readonly length: number;
  read(from: number, to: number): string;
}

export interface PartialParse {
  readonly parsedPos: number;
  readonly stoppedAt: number | null;
  stopAt(position: number): void;
  advance(): Tree | null;
}

export interface Parser {
  createParse(input: Input, fragments: readonly unknown[], ranges: readonly unknown[]): PartialParse;
}

/** `@lezer/common` */
export interface ParserModule {
  readonly NodeType: {
    define(spec: {
      id: number;
      name: string;
      top?: boolean;
      props?: readonly (NodePropSource | readonly [object, unknown])[];
    }): NodeType;
  };
  readonly Parser: abstract new () => Parser;
  readonly Tree: new (
    type: NodeType,
    children: readonly Tree[],
    positions: readonly number[],
    length: number,
  ) => Tree;
  parseMixed(
    nest: (node: { readonly type: NodeType }) => { parser: Parser } | null,
  ): (
    parse: PartialParse,
    input: Input,
    fragments: readonly unknown[],
    ranges: readonly unknown[],
  ) => PartialParse;
}

/** `@lezer/highlight` */
export interface HighlightModule {
  styleTags(styles: Readonly<Record<string, object>>): NodePropSource;
  readonly tags: Readonly<Record<"comment" | "operator" | "attributeName", object>>;
}

/** Where a line is to begin; `simulatedBreak` is where one is about to be opened. */
export interface IndentContext {
  readonly simulatedBreak: number | null;
  lineAt(position: number, bias: -1 | 1): { readonly text: string };
}

/** Reads a document in steps, line by line. */
export interface StreamParser<State> {
  name: string;
  startState(): State;
  copyState(state: State): State;
  token(stream: { readonly string: string; pos: number }, state: State): string | null;
  languageData: Readonly<Record<string, unknown>>;
}

/** `@codemirror/language` */
export interface LanguageModule {
  readonly Language: new (
    data: object,
    parser: Parser,
    extensions: readonly Extension[],
    name: string,
  ) => { readonly extension: Extension };
  readonly ParseContext: { getSkippingParser(until: Promise<unknown>): Parser };
  readonly StreamLanguage: { define<State>(parser: StreamParser<State>): { readonly parser: Parser } };
  readonly indentService: {
    of(service: (at: IndentContext, position: number) => number | null | undefined): Extension;
  };
  readonly languageDataProp: object;
  defineLanguageFacet(data: Readonly<Record<string, unknown>>): object;
}

/** `IEditorLanguageRegistry` of `@jupyterlab/codemirror` */
export interface Languages {
  getLanguage(name: string): Promise<{ support?: { language: { parser: Parser } } } | null>;
}

/** `IEditorExtensionRegistry` of `@jupyterlab/codemirror` */
export interface EditorExtensions {
  addExtension(factory: {
    name: string;
    factory(options: { model: EditorModel }): {
      instance(): Extension;
      reconfigure(): null;
    } | null;
  }): void;
}

/** The model of an editor; only that of a cell has a type. */
export interface EditorModel {
  readonly type?: string;
  readonly sharedModel: { getSource(): string };
}

// Notebooks ----------------------------------------------------------------------------------------

export interface OutputModel {
  toJSON(): { readonly data?: Readonly<Record<string, unknown>> };
}

export interface OutputsChange {
  readonly oldValues: readonly OutputModel[];
  readonly newValues: readonly OutputModel[];
}

export interface Outputs {
  readonly length: number;
  get(index: number): OutputModel;
  readonly changed: Signal<Outputs, OutputsChange>;
}

export interface Cell {
  readonly type: string;
  /** Of code cells only, as is the next. */
  readonly outputs?: Outputs;
  readonly executionCount?: number | null;
}

export interface Cells extends Iterable<Cell> {
  readonly changed: Signal<Cells, unknown>;
}

/** `NotebookPanel` of `@jupyterlab/notebook` */
export interface Notebook {
  readonly title: { readonly label: string; readonly changed: Signal<unknown, unknown> };
  readonly model: { readonly cells: Cells } | null;
  readonly content: {
    activeCellIndex: number;
    scrollToItem(index: number): Promise<void>;
  };
}

/** `INotebookTracker` of `@jupyterlab/notebook` */
export interface NotebookTracker {
  readonly currentWidget: Notebook | null;
  readonly currentChanged: Signal<NotebookTracker, Notebook | null>;
}

// The application ----------------------------------------------------------------------------------

/** `Widget` of `@lumino/widgets` */
export interface Widget {
  id: string;
  readonly node: HTMLElement;
  readonly title: { caption: string; icon: object };
  readonly isDisposed: boolean;
  readonly isVisible: boolean;
  addClass(name: string): void;
  dispose(): void;
  onAfterAttach(message: unknown): void;
  onAfterShow(message: unknown): void;
  onAfterHide(message: unknown): void;
  onActivateRequest(message: unknown): void;
}
export type WidgetClass = new () => Widget;

/** `JupyterFrontEnd` of `@jupyterlab/application` */
export interface Application {
  readonly shell: {
    add(widget: Widget, area: string, options: { rank: number }): void;
    activateById(id: string): void;
  };
  readonly commands: {
    addCommand(id: string, options: { label: string; caption: string; execute(): void }): void;
  };
}

/** `ICommandPalette` of `@jupyterlab/apputils` */
export interface Palette {
  addItem(item: { command: string; category: string }): void;
}

/** `ILayoutRestorer` of `@jupyterlab/application` */
export interface Restorer {
  add(widget: Widget, name: string): void;
}

/** `@jupyterlab/ui-components` */
export interface ComponentsModule {
  readonly LabIcon: new (options: { name: string; svgstr: string }) => object;
}

export interface Plugin {
  readonly id: string;
  readonly description: string;
  readonly autoStart: true;
  readonly optional: readonly Token[];
  // what each was given for its tokens, in their order; null where nobody provides it
  activate(app: Application, ...given: never[]): void;
}
