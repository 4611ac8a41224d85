/** The colours and fonts to draw with, as the style sheet has them here and now. */
import { FAILED } from "./bars";

export interface Ink {
  readonly text: string;
  readonly muted: string;
  readonly faint: string;
  readonly line: string;
  readonly grid: string;
  readonly paper: string;
  readonly later: string;
  readonly accent: string;
  readonly failed: string;
  readonly flag: string;
  readonly note: string;
  /** One for each row, in turn. */
  readonly hues: readonly string[];
  /** How much of a hue a bar is filled with. */
  readonly fill: number;
  readonly font: string;
}

const NAMES = [
  "text",
  "muted",
  "faint",
  "line",
  "grid",
  "paper",
  "later",
  "accent",
  "failed",
  "flag",
  "note",
] as const;
const HUES = 6;

/** Reads them from `--sk-*` as they hold for `root`. A canvas understands no variables. */
export function readInk(root: HTMLElement): Ink {
  const probe = document.createElement("span");
  probe.hidden = true;
  root.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--sk-${name})`;
    return getComputedStyle(probe).color;
  };
  const named = Object.fromEntries(NAMES.map((name) => [name, colour(name)])) as Record<
    (typeof NAMES)[number],
    string
  >;
  const hues = Array.from({ length: HUES }, (_, i) => colour(`hue-${i}`));
  const style = getComputedStyle(root);
  probe.remove();
  const dark = style.colorScheme === "dark" || (style.colorScheme.includes("dark") && prefersDark());
  return { ...named, hues, fill: dark ? 0.3 : 0.17, font: style.fontFamily };
}

function prefersDark(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** The colours of `Bars.raster`, as pixels. What plays is not known to fail. */
export function palettes(ink: Ink): { palette: Uint32Array; playing: Uint32Array } {
  const hues = Array.from({ length: FAILED }, (_, i) => pixelOf(ink.hues[i % ink.hues.length] as string));
  return {
    palette: new Uint32Array([...hues, pixelOf(ink.failed)]),
    playing: new Uint32Array([...hues, pixelOf(ink.text)]),
  };
}

/** `rgb(1, 2, 3)`, as browsers tell a computed colour, as it lies in memory. */
function pixelOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return new Uint32Array(new Uint8Array([red, green, blue, 255]).buffer)[0] as number;
}
