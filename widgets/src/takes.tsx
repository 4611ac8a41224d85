/** Which take is shown: all that the recording holds, as the tree that they are. */
import { takeStatusAt } from "./model/moment";
import type { Take } from "./model/take";
import type { State } from "./state";

/** A take in the tree, and how deep. */
export interface Branch {
  readonly take: Take;
  readonly depth: number;
}

/** Every take below the one that it branched from, in the order in which they were played. */
export function treeOf(takes: ReadonlyMap<string, Take>): Branch[] {
  const below = new Map<string, Take[]>();
  for (const take of takes.values()) {
    const parent = take.parent !== null && takes.has(take.parent) ? take.parent : "";
    below.set(parent, [...(below.get(parent) ?? []), take]);
  }
  const tree: Branch[] = [];
  // no recursion: a chain of takes may be long
  const rest = (below.get("") ?? []).map((take) => ({ take, depth: 0 })).reverse();
  for (let next = rest.pop(); next; next = rest.pop()) {
    tree.push(next);
    const depth = next.depth + 1;
    for (const take of (below.get(next.take.id) ?? []).toReversed()) rest.push({ take, depth });
  }
  return tree;
}

/** More than this deep is not drawn deeper: a long line of takes would leave no room for their names. */
const DEEPEST = 8;

export function TakeChooser({ state }: { readonly state: State }) {
  const { take } = state.shown.value;
  if (!take) return null;
  const label = ({ id }: Take) => {
    const name = state.score.nameOf(id);
    return name ? `${name} · ${id}` : id;
  };
  return (
    <select
      class="sk-select sk-take"
      aria-label="Take"
      title="Take"
      value={take.id}
      onChange={(event) => state.showTake(event.currentTarget.value)}
    >
      {treeOf(state.score.takes).map((branch) => {
        const depth = Math.min(branch.depth, DEEPEST);
        // beside the choice stands how that take is, at the playhead
        const status = branch.take === take ? "" : takeStatusAt(branch.take, branch.take.at);
        return (
          <option key={branch.take.id} value={branch.take.id}>
            {depth ? `${"\u00a0\u00a0".repeat(depth - 1)}└ ` : ""}
            {label(branch.take)}
            {status === "" || status === "finished" ? "" : `, ${status}`}
          </option>
        );
      })}
    </select>
  );
}
