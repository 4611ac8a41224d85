/** The orchestration as a graph in layers: who hands over to whom. */
import type { Row } from "./rows";

/** A part in the graph or, without a row, a place where a hand-off passes between parts. */
export interface Node {
  readonly row: Row | null;
  /** Its layer: one more than the deepest of those that it waits for. */
  readonly column: number;
  /** Its place in the layer, from the top; layers stand in the middle of the longest. */
  place: number;
}

export interface Graph {
  readonly nodes: readonly (Node & { readonly row: Row })[];
  /** Each hand-off: from whom, through which places, to whom. */
  readonly paths: readonly (readonly Node[])[];
  readonly columns: number;
  readonly places: number;
}

const SWEEPS = 4;

/**
 * Lays the parts out: each after all that it waits for, and near those.
 *
 * The layers, the places that long hand-offs pass through, and the sweeps by the mean of the neighbours'
 * places are those of Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System
 * Structures" (1981).
 */
export function graphOf(rows: readonly Row[]): Graph {
  const heads = rows.filter(({ item }) => item === null);
  const names = new Set(heads.map(({ part }) => part));
  const nodes = new Map<string, Node & { readonly row: Row }>();
  // a plan has no circles, but what has left it may: those stand first
  for (let rest = heads, stuck = false; rest.length; ) {
    const later: Row[] = [];
    for (const row of rest) {
      const before = row.after.filter((name) => names.has(name) && name !== row.part);
      if (!stuck && before.some((name) => !nodes.has(name))) {
        later.push(row);
        continue;
      }
      const column = Math.max(-1, ...before.map((name) => nodes.get(name)?.column ?? -1)) + 1;
      nodes.set(row.part, { row, column, place: 0 });
    }
    stuck = later.length === rest.length;
    rest = later;
  }

  const layers: Node[][] = [];
  const stand = (node: Node) => {
    layers[node.column] ??= [];
    layers[node.column]?.push(node);
    return node;
  };
  for (const node of nodes.values()) stand(node);
  // what one part hands to several passes through the same places
  const passed = new Map<string, Node>();
  const pass = (from: string, column: number) => {
    const key = `${column} ${from}`;
    const known = passed.get(key) ?? stand({ row: null, column, place: 0 });
    passed.set(key, known);
    return known;
  };
  const paths = [...nodes.values()].flatMap((to) =>
    to.row.after.flatMap((name) => {
      const from = nodes.get(name);
      if (!from || from.column >= to.column) return [];
      const between = Array.from({ length: to.column - from.column - 1 }, (_, n) =>
        pass(name, from.column + 1 + n),
      );
      return [[from, ...between, to]];
    }),
  );

  const before = new Map<Node, Node[]>();
  const after = new Map<Node, Node[]>();
  for (const path of paths) {
    for (const [n, to] of path.entries()) {
      const from = path[n - 1];
      if (!from) continue;
      before.set(to, [...(before.get(to) ?? []), from]);
      after.set(from, [...(after.get(from) ?? []), to]);
    }
  }
  const places = Math.max(0, ...layers.map(({ length }) => length));
  const number = (layer: Node[]) => {
    for (const [n, node] of layer.entries()) node.place = n + (places - layer.length) / 2;
  };
  const sweep = (layer: Node[], near: Map<Node, Node[]>) => {
    const wanted = new Map<Node, number>();
    for (const node of layer) {
      const of = near.get(node) ?? [];
      wanted.set(node, of.length ? of.reduce((sum, { place }) => sum + place, 0) / of.length : node.place);
    }
    layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    number(layer);
  };
  layers.forEach(number);
  for (let n = 0; n < SWEEPS; n++) {
    for (const layer of layers) sweep(layer, before);
    for (const layer of layers.toReversed()) sweep(layer, after);
  }
  return { nodes: [...nodes.values()], paths, columns: layers.length, places };
}
