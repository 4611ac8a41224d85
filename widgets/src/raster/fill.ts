/** Rows that are filled in one go, as the first picture of a score wants them. */
import { type Columns, RasterRow, RasterRows, roomFor } from "./rows";

/** Rows with these bars, each laid at once where it belongs: much faster than to put one after another. */
export function filled({ count, row, bar, start, end, colour }: Columns): RasterRows {
  const firsts = beginnings(row, count);
  const next = firsts.slice();
  const room = roomFor(count);
  const { start: starts, end: ends, reach, bar: bars, colour: colours } = room;
  const late: number[] = [];
  // a loop that calls nothing is fast before a browser has looked at it twice
  for (let i = 0; i < count; i++) {
    const r = row[i] as number;
    const at = next[r] as number;
    const from = start[i] as number;
    const until = end[i] as number;
    reach[at] = until;
    if (at > (firsts[r] as number)) {
      if (from <= (starts[at - 1] as number)) {
        late.push(i);
        continue;
      }
      const before = reach[at - 1] as number;
      if (before > until) reach[at] = before;
    }
    starts[at] = from;
    ends[at] = until;
    bars[at] = bar[i] as number;
    colours[at] = colour[i] as number;
    next[r] = at + 1;
  }
  const rows = new RasterRows();
  for (let r = 0; r < firsts.length - 1; r++) {
    const [from, to] = [firsts[r] as number, firsts[r + 1] as number];
    rows.rows.push(new RasterRow(room, from, (next[r] as number) - from, to));
  }
  rows.count = count - late.length;
  for (const i of late) {
    rows.put(row[i] as number, bar[i] as number, start[i] as number, end[i] as number, colour[i] as number);
  }
  return rows;
}

/** Where each row begins if all bars lie one row after another; at last, where they end. */
function beginnings(row: Uint32Array, count: number): Uint32Array {
  const counts: number[] = [];
  for (let i = 0; i < count; i++) {
    const r = row[i] as number;
    while (counts.length <= r) counts.push(0);
    counts[r] = (counts[r] as number) + 1;
  }
  const firsts = new Uint32Array(counts.length + 1);
  for (const [r, bars] of counts.entries()) firsts[r + 1] = (firsts[r] as number) + bars;
  return firsts;
}
