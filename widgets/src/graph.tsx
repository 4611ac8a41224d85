/** The orchestration graph: each part with how it stood at the playhead, and to whom it hands over. */
import { useMemo } from "preact/hooks";
import { count } from "./format";
import { Sign } from "./icons";
import { graphOf, type Node } from "./model/graph";
import { newestAt, rowStatusAt, wordsAt } from "./model/rows";
import type { State } from "./state";

const [WIDTH, HEIGHT, ACROSS, BETWEEN, EDGE] = [132, 30, 44, 10, 10];
/** More parts than this are not drawn: the rows below have them all. */
const MOST_PARTS = 300;

const left = ({ column }: Node) => EDGE + column * (WIDTH + ACROSS);
const middle = ({ place }: Node) => EDGE + place * (HEIGHT + BETWEEN) + HEIGHT / 2;

/** A line from part to part, straight where it passes a layer. */
function line(path: readonly Node[]): string {
  const [first, ...rest] = path as [Node, ...Node[]];
  let [drawn, x, y] = [`M${left(first) + WIDTH} ${middle(first)}`, left(first) + WIDTH, middle(first)];
  for (const node of rest) {
    const [toX, toY] = [left(node) - (node.row ? 6 : 0), middle(node)];
    drawn += `C${x + ACROSS / 2} ${y} ${toX - ACROSS / 2} ${toY} ${toX} ${toY}`;
    if (!node.row) drawn += `h${WIDTH}`;
    [x, y] = [toX + WIDTH, toY];
  }
  return drawn;
}

export function Graph({ state }: { readonly state: State }) {
  const shown = state.shown.value;
  const { rows, at } = shown;
  const graph = useMemo(() => graphOf(rows), [rows]);
  if (!state.graph.value) return null;
  if (graph.nodes.length > MOST_PARTS) {
    return <p class="sk-notice">{count(graph.nodes.length)} parts are too many to draw: see the rows.</p>;
  }
  const wide = graph.columns * (WIDTH + ACROSS) - ACROSS + 2 * EDGE;
  const high = graph.places * (HEIGHT + BETWEEN) - BETWEEN + 2 * EDGE;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also for who has no mouse
    <section class="sk-graph" aria-label="Orchestration" tabIndex={0}>
      <div style={{ width: `${wide}px`, height: `${high}px` }}>
        <svg class="sk-paths" width={wide} height={high} aria-hidden="true">
          {graph.paths.map((path) => {
            const to = path.at(-1) as Node;
            return (
              <g key={`${path[0]?.row?.key} ${to.row?.key}`}>
                <path d={line(path)} />
                <path class="sk-head" d={`M${left(to)} ${middle(to)}l-8-4v8z`} />
              </g>
            );
          })}
        </svg>
        {graph.nodes.map((node) => {
          const { row } = node;
          const status = rowStatusAt(row, at);
          const newest = newestAt(row, at);
          return (
            <button
              key={row.key}
              type="button"
              class="sk-node"
              data-status={status}
              title={`${row.key}: ${wordsAt(row, shown)}`}
              style={{
                left: `${left(node)}px`,
                top: `${middle(node) - HEIGHT / 2}px`,
                width: `${WIDTH}px`,
                height: `${HEIGHT}px`,
              }}
              onClick={() => {
                if (newest && newest.entered !== null && newest.entered <= at) state.goTo(newest);
              }}
            >
              <Sign status={status} />
              <span>{row.part}</span>
            </button>
          );
        })}
      </div>
    </section>
  );
}
