/**
 * YAML in its colours, as the kernel reads it: 1.2, so `yes`, `no`, `on` and `off` are texts.
 *
 * JupyterLab's own reads 1.1, and does not know the first key of a mapping in braces, which is how
 * teams are often written (`coder: {role: Implementer}`). A line is read in steps, each from the state
 * that the step before left.
 */

/** `content` and `separator` are plain, but words of their own, that JupyterLab's completer goes by. */
export type Kind =
  | "propertyName"
  | "string"
  | "number"
  | "bool"
  | "null"
  | "comment"
  | "meta"
  | "labelName"
  | "typeName"
  | "content"
  | "separator";

export interface State {
  /** How many braces and brackets are open. */
  flow: number;
  /** The quote that a text over several lines began with. */
  quote: "" | "'" | '"';
  /** The column of what has a text below it (`task: |`): whatever stands further right is the text; else -1. */
  block: number;
}

export const begin = (): State => ({ flow: 0, quote: "", block: -1 });

const REST = { "'": /(?:[^']|'')*('?)/y, '"': /(?:[^"\\]|\\.?)*("?)/y };
const QUOTED_KEY = /(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")(?=\s*:)/y;
const NAMED = /[&*]([^\s,[\]{}]+)|![^\s,[\]{}]*/y;
const SINGLE = /[-?:](?=\s|$)/y;
const HEADER = /[|>][-+\d]*(?=\s*$|\s+#)/y;
const DOCUMENT = /(?:---|\.\.\.)(?=\s|$)|%.*/y;
const PLAIN = /(?:[^\s:]|:(?!\s|$)|\s+(?![\s#]|:(?:\s|$)|$))+/y;
const PLAIN_IN_FLOW = /(?:[^\s:,[\]{}]|:(?![\s,[\]{}]|$)|\s+(?![\s#,[\]{}]|:(?:[\s,[\]{}]|$)|$))+/y;
const COLON = /\s*:(?=\s|$)/y;
const COLON_IN_FLOW = /\s*:(?=[\s,[\]{}]|$)/y;
const NUMBER =
  /^(?:[-+]?(?:\d+|(?:\.\d+|\d+\.\d*)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.(?:inf|Inf|INF))|0o[0-7]+|0x[\da-fA-F]+|\.(?:nan|NaN|NAN))$/;
const BOOL = /^(?:true|True|TRUE|false|False|FALSE)$/;
const NULL = /^(?:null|Null|NULL|~)$/;

/** Reads on in a line: where the step ends, which is beyond `at`, and what it is; null for space. */
export function step(line: string, at: number, state: State): { end: number; kind: Kind | null } {
  const found = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(line);
  };
  const quoted = (quote: "'" | '"', from: number): number => {
    const pattern = REST[quote];
    pattern.lastIndex = from;
    state.quote = pattern.exec(line)?.[1] ? "" : quote;
    return pattern.lastIndex;
  };

  if (at === 0 && !state.quote) {
    const column = line.search(/\S/);
    if (state.block >= 0 && column > state.block) return { end: line.length, kind: "string" };
    state.block = -1;
    const [document] = found(DOCUMENT) ?? [];
    if (document && !state.flow) return { end: document.length, kind: "meta" };
  }
  if (state.quote) return { end: quoted(state.quote, at), kind: "string" };
  const space = found(/\s+/y);
  if (space) return { end: at + space[0].length, kind: null };
  const character = line[at] ?? "";
  if (character === "#" && !/\S/.test(line[at - 1] ?? "")) return { end: line.length, kind: "comment" };
  if (character === "'" || character === '"') {
    const key = found(QUOTED_KEY);
    if (key) return { end: at + key[0].length, kind: "propertyName" };
    return { end: quoted(character, at + 1), kind: "string" };
  }
  if ("{[".includes(character)) state.flow += 1;
  if ("}]".includes(character)) state.flow = Math.max(0, state.flow - 1);
  if ("{[]},".includes(character) || found(SINGLE)) return { end: at + 1, kind: "separator" };
  const named = found(NAMED);
  if (named) return { end: at + named[0].length, kind: named[1] ? "labelName" : "typeName" };
  const header = state.flow ? null : found(HEADER);
  if (header) {
    state.block = columnOf(line, at);
    return { end: at + header[0].length, kind: "meta" };
  }
  const [text] = found(state.flow ? PLAIN_IN_FLOW : PLAIN) ?? [];
  if (!text) return { end: at + 1, kind: "content" };
  const colon = state.flow ? COLON_IN_FLOW : COLON;
  colon.lastIndex = at + text.length;
  return { end: at + text.length, kind: colon.test(line) ? "propertyName" : kindOf(text) };
}

function kindOf(text: string): Kind {
  return NUMBER.test(text) ? "number" : BOOL.test(text) ? "bool" : NULL.test(text) ? "null" : "content";
}

/** The column of the key, or else of the dash, that a text below belongs to. */
function columnOf(line: string, at: number): number {
  const first = /^(?:\s|-(?=\s))*/.exec(line)?.[0].length ?? 0;
  return first < at ? first : Math.max(0, line.lastIndexOf("-", at));
}

/** Where one goes on below a line: further right below a key with nothing after it, beside a key in a list. */
export function columnBelow(line: string): number {
  const [, before = "", key, rest = ""] =
    /^((?:\s|-(?=\s))*)([^\s#'"[{][^#]*?:(?=\s|$))?(.*)$/.exec(line) ?? [];
  if (!key) return line.search(/\S|$/);
  return before.length + (/^\s*(?:[|>][-+\d]*\s*)?(?:#.*)?$/.test(rest) ? 2 : 0);
}
