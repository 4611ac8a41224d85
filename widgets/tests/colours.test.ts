/**
 * Colours can be told apart, also by the colour-blind.
 *
 * The three common forms are simulated with the matrices of Machado, Oliveira and Fernandes, "A
 * Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), severity 1, on linear
 * RGB; distances are those of CIE 1976 in L*a*b*. 2.3 is a difference that is just seen.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

const VISION: Readonly<Record<string, Matrix>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
const TO_XYZ: Matrix = [
  [0.4124 / 0.95047, 0.3576 / 0.95047, 0.1805 / 0.95047],
  [0.2126, 0.7152, 0.0722],
  [0.0193 / 1.08883, 0.1192 / 1.08883, 0.9505 / 1.08883],
];

const css = readFileSync(join(import.meta.dirname, "../src/theme.css"), "utf8");

/** One channel of sRGB, 0 to 255, as light; and light as that. */
function toLinear(encoded: number): number {
  const value = encoded / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
function toEncoded(linear: number): number {
  return 255 * (linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055);
}

function colour(name: string, theme: string): Triple {
  const found = new RegExp(`--sk-${name}: [^;]*light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css);
  const hex = found?.[theme === "light" ? 1 : 2] ?? "";
  const channel = (at: number) => toLinear(Number.parseInt(hex.slice(at, at + 2), 16));
  return [channel(1), channel(3), channel(5)];
}

function times(matrix: Matrix, [r, g, b]: Triple): Triple {
  const row = ([x, y, z]: Triple) => Math.min(1, Math.max(0, x * r + y * g + z * b));
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
}

function lab(linear: Triple): Triple {
  const bent = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const [x, y, z] = times(TO_XYZ, linear).map(bent) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function distance(a: Triple, b: Triple): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function contrast(a: Triple, b: Triple): number {
  const light = (linear: Triple) => 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05;
  return Math.max(light(a), light(b)) / Math.min(light(a), light(b));
}

/** The two colours that are nearest to each other, and how near. */
function nearest(names: readonly string[], theme: string, vision: string): [number, string] {
  const seen = names.map((name) => lab(times(VISION[vision] as Matrix, colour(name, theme))));
  let found: [number, string] = [Number.POSITIVE_INFINITY, ""];
  for (const [i, a] of seen.entries()) {
    for (const [j, b] of seen.entries()) {
      if (j <= i || distance(a, b) >= found[0]) continue;
      found = [distance(a, b), `${names[i]} and ${names[j]}`];
    }
  }
  return found;
}

const HUES = [0, 1, 2, 3, 4, 5].map((n) => `hue-${n}`);

const KINDS = "comment string number keyword title type attr addition deletion".split(" ");

const NIGHT: Triple = [0x11, 0x11, 0x11].map(toLinear) as unknown as Triple; // JupyterLab's dark paper

/** A colour with what lies over it where code stands: `--sk-hover`. */
function shaded(under: Triple, theme: string): Triple {
  const found = /--sk-hover: light-dark\(rgb\(0 0 0 \/ (\d+)%\), rgb\(255 255 255 \/ (\d+)%\)\)/.exec(css);
  const share = Number(found?.[theme === "light" ? 1 : 2]) / 100;
  const over = theme === "light" ? 0 : 255;
  const mixed = (channel: number) => toLinear(toEncoded(channel) * (1 - share) + over * share);
  return [mixed(under[0]), mixed(under[1]), mixed(under[2])];
}

test("the distance is the one of CIE 1976", () => {
  expect(distance(lab([1, 1, 1]), lab([0, 0, 0]))).toBeCloseTo(100, 0);
  expect(lab([1, 0, 0]).map(Math.round)).toEqual([53, 80, 67]);
});

describe.each(["light", "dark"])("in the %s theme", (theme) => {
  test.each(Object.keys(VISION))("bars can be told apart, to %s eyes", (vision) => {
    const [apart, which] = nearest(HUES, theme, vision);
    expect(apart, which).toBeGreaterThan(20);
  });

  test.each(Object.keys(VISION))(
    "so can what failed, what is flagged and what is well, to %s eyes",
    (vision) => {
      const [apart, which] = nearest(["failed", "flag", "good"], theme, vision);
      expect(apart, which).toBeGreaterThan(12);
    },
  );

  test("bars and marks stand out from the paper, and words can be read on it", () => {
    const paper = colour("paper", theme);
    for (const name of [...HUES, "accent", "failed", "flag", "good"]) {
      expect(contrast(colour(name, theme), paper), name).toBeGreaterThan(3);
    }
    for (const name of ["text", "muted"]) {
      expect(contrast(colour(name, theme), paper), name).toBeGreaterThan(4.5);
    }
  });

  test("code can be read on what it stands on, in whichever paper", () => {
    const papers: Triple[] = [colour("paper", theme), theme === "light" ? [1, 1, 1] : NIGHT];
    for (const under of papers) {
      const ground = shaded(under, theme);
      for (const kind of KINDS) {
        expect(contrast(colour(`code-${kind}`, theme), ground), kind).toBeGreaterThan(4.5);
      }
    }
  });
});
