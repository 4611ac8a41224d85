/** A section, closely: all of its items, and which one a contribution is of. */
import { Button } from "./button";
import { count } from "./format";
import { Sign } from "./icons";
import { sectionAt, statusAt } from "./model/moment";
import { coverageAt, nameOf, type Row, rowStatusAt, standingAt } from "./model/rows";
import type { Contribution } from "./model/take";
import type { State } from "./state";

/** More items than this are not listed: their rows are. */
const MOST_ITEMS = 60;

/** A section as a whole: how far it came, and what there is to look at. */
export function Whole({ state, part }: { readonly state: State; readonly part: string }) {
  const { rows, at } = state.shown.value;
  const row = rows.find((other) => other.part === part) as Row;
  const status = rowStatusAt(row, at);
  const unfolded = state.unfolded.value.has(part);
  const standing = standingAt(row, at);
  const labels = row.opened.findLast((section) => section.at <= at)?.labels ?? [];
  return (
    <section class="sk-inspector" aria-label="Inspector">
      <header class="sk-inspector-head">
        <h3>{part}</h3>
        <span class="sk-chip" data-status={status}>
          <Sign status={status} />
          {coverageAt(row, at)}
        </span>
        <Button
          label={unfolded ? "Fold items" : "Unfold items"}
          icon={unfolded ? "fold" : "unfold"}
          text={unfolded ? "Fold" : "Unfold"}
          onClick={() => state.fold(part)}
        />
        <Button label="Close" icon="cross" onClick={() => state.select(null)} />
      </header>
      <ul class="sk-items" aria-label="Items">
        {standing.slice(0, MOST_ITEMS).map((c) => (
          <li key={c.c}>
            <button type="button" class="sk-link" onClick={() => state.select(c.c)}>
              <Sign status={statusAt(c, at)} />
              {nameOf(c)}
              {isLabel(labels[c.item ?? -1], c) ? <b>{labels[c.item ?? -1]}</b> : null}
              <span>{statusAt(c, at)}</span>
            </button>
          </li>
        ))}
        {standing.length > MOST_ITEMS ? <li>and {count(standing.length - MOST_ITEMS)} more</li> : null}
      </ul>
    </section>
  );
}

/** Whether an item is called otherwise than by its place. */
function isLabel(label: string | number | undefined, { item }: Contribution): boolean {
  return label !== undefined && label !== item;
}

/** Which item it is of. */
export function Item({
  state,
  c,
  at,
}: {
  readonly state: State;
  readonly c: Contribution;
  readonly at: number;
}) {
  const { take } = state.shown.value;
  const section = take && c.item !== null ? sectionAt(take, c.part, Math.max(at, c.since)) : undefined;
  const read = section?.items[c.item ?? -1];
  if (!section || !read) return null;
  const label = section.labels[c.item ?? -1];
  return (
    <details class="sk-entry sk-item">
      <summary>
        Item {(c.item ?? 0) + 1} of {count(section.items.length)}
        {isLabel(label, c) ? <b> {label}</b> : null}
      </summary>
      <pre>{state.score.text(read) ?? "This text is not in the recording."}</pre>
    </details>
  );
}
