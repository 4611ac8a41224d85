/** What any fold of the same events must agree on: Python's `outline`, from the same fixtures. */
import type { Score } from "./score";
import { type Contribution, entryOf, streamed } from "./take";

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export function outline(score: Score): object {
  const text = (c: Contribution) =>
    c.version ? score.text({ entry: entryOf(c), version: c.version }) : streamed(c);
  return {
    seq: score.seq,
    head: score.head,
    labels: Object.fromEntries(score.labels),
    entries: Object.fromEntries([...score.entries].map(([name, texts]) => [name, Math.max(...texts.keys())])),
    notes: score.sent.map(({ note, to, version, at }) => [note, to, version, at]),
    takes: [...score.takes.values()].map((take) => ({
      id: take.id,
      parent: take.parent,
      status: take.status,
      at: take.at,
      parts: take.plan.parts.map((part) => part.name),
      lead: take.tempos.at(-1)?.tempo.lead,
      sections: Object.fromEntries(
        [...take.sections].map(([name, opened]) => [name, opened.at(-1)?.items.length]),
      ),
      contributions: [...take.contributions.values()].map((c) => ({
        c: c.c,
        part: c.part,
        item: c.item,
        lap: c.lap,
        status: c.status,
        entered: c.entered,
        ended: c.ended,
        text: text(c),
        tries: c.tries.length,
        tokens: [sum(c.usage.map((u) => u.tokensIn)), sum(c.usage.map((u) => u.tokensOut))],
        reads: c.reads.map(({ entry, version }) => [entry, version]),
        flags: c.flags.map((flag) => flag.flag),
        why: c.why,
        asks: c.asks,
        turns: c.turns.map(({ begin, end, calls }) => [
          c.chunks.slice(begin, end).join(""),
          calls.map(({ name, result }) => [name, result]),
        ]),
        verdicts: c.verdicts.map(({ about, predicate, ok }) => [about, predicate, ok]),
        scripted: c.player?.scripted ?? false,
        origin: c.origin && [c.origin.recording, c.origin.take, c.origin.c],
      })),
    })),
  };
}
