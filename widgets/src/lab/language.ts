/**
 * The magics' cells as a language of CodeMirror's: a head of our own, and below it JupyterLab's Markdown,
 * or YAML.
 *
 * The cell's own language stays where it is, and ours is put before it, as the first of several is the
 * one that counts. So the kernel's language is back as soon as the magic is gone, and whatever else
 * JupyterLab does by a cell's MIME type, completion too, goes on as it did.
 */
import { type Head, headOf, LONGEST_HEAD, type Mark, type Written } from "./magic";
import type {
  EditorExtensions,
  Extension,
  HighlightModule,
  Input,
  LanguageModule,
  Languages,
  Parser,
  ParserModule,
  PartialParse,
  StateModule,
  Text,
  Tree,
} from "./shared";
import { begin, columnBelow, step } from "./yaml";

export interface Modules {
  readonly state: StateModule;
  readonly language: LanguageModule;
  readonly lezer: ParserModule;
  readonly highlight: HighlightModule;
}

/** Lets the code cells of all notebooks be highlighted as what they are written in. */
export function highlight(modules: Modules, editors: EditorExtensions, languages: Languages): void {
  const { Compartment, EditorState } = modules.state;
  const yaml = modules.language.StreamLanguage.define({
    name: "yaml",
    startState: begin,
    copyState: (state) => ({ ...state }),
    token: (stream, state) => {
      const { end, kind } = step(stream.string, stream.pos, state);
      stream.pos = end;
      return kind;
    },
    languageData: { commentTokens: { line: "#" } },
  });
  const known: Record<Written, Extension> = {
    // null: where the line above begins
    markdown: cellIn("markdown", modules, later(modules, languages, "markdown"), () => null),
    yaml: cellIn("yaml", modules, () => yaml.parser, columnBelow),
  };
  const none: Extension = [];
  const asWritten = (text: string) => known[headOf(text)?.language as Written] ?? none;
  const headIn = (text: Text) => text.sliceString(0, LONGEST_HEAD);

  editors.addExtension({
    name: "score-kernel:magics",
    factory: ({ model }) => {
      if (model.type !== "code") return null;
      const place = new Compartment();
      // with the change itself: at no time is a cell shown in the language it had before
      const follow = EditorState.transactionExtender.of(({ docChanged, newDoc, startState }) => {
        if (!docChanged) return null;
        const wanted = asWritten(headIn(newDoc));
        return wanted === place.get(startState) ? null : { effects: place.reconfigure(wanted) };
      });
      const extension = [place.of(asWritten(model.sharedModel.getSource())), follow];
      return { instance: () => extension, reconfigure: () => null };
    },
  });
}

/**
 * Gives the parser of a language that JupyterLab loads when it is first needed. Until it is there one that
 * skips everything, and has it read again then; null if it does not come.
 */
function later({ language }: Modules, languages: Languages, name: string): () => Parser | null {
  let parser: Parser | null | undefined;
  let loading: Promise<void> | undefined;
  const load = async () => {
    const found = await languages.getLanguage(name).catch(() => null);
    parser = found?.support?.language.parser ?? null;
  };
  return () => {
    if (parser !== undefined) return parser;
    loading ??= load();
    return language.ParseContext.getSkippingParser(loading);
  };
}

/**
 * The language of cells that are written so: `parserBelow` reads what is below their heads, `columnBelow`
 * tells where a line begins that is opened below another.
 */
function cellIn(
  written: Written,
  modules: Modules,
  parserBelow: () => Parser | null,
  columnBelow: (line: string) => number | null,
): Extension {
  const { lezer, highlight, language, state } = modules;
  const { tags, styleTags } = highlight;
  const { NodeType, Tree, parseMixed } = lezer;
  const data = language.defineLanguageFacet({ commentTokens: { line: "#" } });
  const top = NodeType.define({ id: 0, name: "Cell", top: true, props: [[language.languageDataProp, data]] });
  const below = NodeType.define({ id: 1, name: "Body" });
  const types: Record<Mark["kind"], object> = {
    comment: NodeType.define({ id: 2, name: "Comment", props: [styleTags({ Comment: tags.comment })] }),
    magic: NodeType.define({ id: 3, name: "Magic", props: [styleTags({ Magic: tags.operator })] }),
    word: NodeType.define({ id: 5, name: "Word" }),
    option: NodeType.define({ id: 4, name: "Option", props: [styleTags({ Option: tags.attributeName })] }),
  };

  const treeOf = (head: Head | null, length: number): Tree => {
    const { marks, length: end } = head ?? { marks: [], length: 0 };
    const children = marks.map(({ kind, from, to }) => new Tree(types[kind], [], [], to - from));
    const positions = marks.map(({ from }) => from);
    return new Tree(top, [...children, new Tree(below, [], [], length - end)], [...positions, end], length);
  };
  const nest = parseMixed(({ type }) => {
    const found = type === below ? parserBelow() : null;
    return found && { parser: found };
  });

  class CellParser extends lezer.Parser {
    override createParse(
      input: Input,
      fragments: readonly unknown[],
      ranges: readonly unknown[],
    ): PartialParse {
      const { length } = input;
      const outer: PartialParse = {
        parsedPos: 0,
        stoppedAt: null,
        stopAt: () => {}, // it is done at once
        advance: () => treeOf(headOf(input.read(0, Math.min(length, LONGEST_HEAD))), length),
      };
      return nest(outer, input, fragments, ranges);
    }
  }
  const cell = new language.Language(data, new CellParser(), [], written);
  // a tree of ours ends before the end of what is typed, and would say 0
  const indent = language.indentService.of((at, position) =>
    at.simulatedBreak === position ? columnBelow(at.lineAt(position, -1).text) : null,
  );
  return state.Prec.highest([cell.extension, indent]);
}
