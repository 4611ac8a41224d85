/** Two texts as one, and what a contribution is compared with. */
import { useMemo, useState } from "preact/hooks";
import { abridged, type Piece } from "./model/difference";
import { givenOtherwise, type Other, othersOf } from "./model/others";
import type { Contribution, Take } from "./model/take";
import { wordsChanged } from "./model/words";
import type { State } from "./state";

/** What is struck out and underlined, in place. */
export function Pieces({ pieces }: { readonly pieces: readonly Piece[] }) {
  return (
    <pre>
      {pieces.map(({ kind, text }, i) => {
        const key = `${i} ${kind}`;
        if (kind === "old") return <del key={key}>{text}</del>;
        if (kind === "new") return <ins key={key}>{text}</ins>;
        if (kind === "left") return <i key={key}>{text}</i>;
        return kind === "what" ? <strong key={key}>{text}</strong> : text;
      })}
    </pre>
  );
}

/** What became of `old`, word by word, and some lines around that. */
export function Changed({ old, now }: { readonly old: string; readonly now: string }) {
  return <Pieces pieces={useMemo(() => abridged(wordsChanged(old, now)), [old, now])} />;
}

/** What the same part played elsewhere, and in what this differs from it. */
export function Compare({
  state,
  c,
  text,
  at,
}: {
  readonly state: State;
  readonly c: Contribution;
  readonly text: string;
  readonly at: number;
}) {
  const [chosen, choose] = useState("");
  const { take } = state.shown.value;
  const others = take ? othersOf(state.score, take, c, at) : [];
  if (others.length === 0) return null;
  const other = others.find(({ key }) => key === chosen);
  return (
    <>
      <label class="sk-compare">
        Compare with{" "}
        <select
          class="sk-select"
          aria-label="Compare with"
          value={other?.key ?? ""}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value="">nothing</option>
          {others.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {other ? (
        <section class="sk-diff" aria-label="Difference">
          <p>
            {other.text === text ? (
              `Word for word as in ${other.name}.`
            ) : (
              <>
                Only in {other.name}: <del>struck out</del>. Only here: <ins>underlined</ins>.
              </>
            )}
          </p>
          {other.text === text ? null : <Changed old={other.text} now={text} />}
          <Given state={state} take={take as Take} c={c} other={other} />
        </section>
      ) : null}
    </>
  );
}

interface GivenProps {
  readonly state: State;
  readonly take: Take;
  readonly c: Contribution;
  readonly other: Other;
}

/** Why they differ: what each of them was given. */
function Given({ state, take, c, other }: GivenProps) {
  const changes = useMemo(
    () => givenOtherwise(state.score, take, c, other),
    [state.score, take, c, other.key],
  );
  if (changes.length === 0) {
    return <p>{c.digest === other.c.digest ? "Both read the same." : "Both read the same texts."}</p>;
  }
  return (
    <>
      <p>What they were given differs in:</p>
      {changes.map(([what, there, here]) => (
        <details key={what} class="sk-entry">
          <summary>
            <b>{what}</b>
          </summary>
          <Changed old={there} now={here} />
        </details>
      ))}
    </>
  );
}
