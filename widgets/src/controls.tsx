/** What the performance is, the transport of the playhead, and what is said about it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { questions } from "./asking";
import { Button } from "./button";
import { BranchButton, Conduct } from "./conducting";
import { count, dollars, listed, many, seconds } from "./format";
import { Hearing } from "./hearing";
import { Icon, Sign } from "./icons";
import { failedBy, flagsAt, playingAt, takeStatusAt, usageAt } from "./model/moment";
import { nameOf, rowStatusAt } from "./model/rows";
import { isOver } from "./model/take";
import { SPEEDS } from "./playhead";
import type { Shown, State } from "./state";
import { TakeChooser } from "./takes";

/** How often assistive technology hears of the performance, in ms (contract, section 10). */
const ANNOUNCED_EVERY = 5000;

interface Props {
  readonly state: State;
}

/** What is playing: for the slider's value, and for whoever cannot see the bars. */
function playingWords({ take, at }: Shown): string {
  const names = [...new Set(take ? playingAt(take, at).map((c) => c.part) : [])];
  if (names.length === 0) return "nothing playing";
  if (names.length > 4) return `${many(names.length, "part")} playing`;
  return `${listed(names)} playing`;
}

/** The performance in one line. */
function summary(shown: Shown): string {
  const { take, rows, at } = shown;
  if (!take) return "";
  const parts = rows.filter(({ item }) => item === null);
  const statuses = parts.map((row) => rowStatusAt(row, at));
  const of = (...wanted: string[]) => statuses.filter((status) => wanted.includes(status)).length;
  const words = [`${of("played", "reused")} of ${many(parts.length, "part")} played`];
  for (const status of ["playing", "held", "failed", "blocked", "cut"])
    if (of(status)) words.push(`${of(status)} ${status}`);
  return words.join(", ");
}

export function Header({ state }: Props) {
  const shown = state.shown.value;
  const { take, at } = shown;
  if (!take) return null;
  const status = takeStatusAt(take, at);
  const used = usageAt(take.contributions.values(), at);
  const flags = flagsAt(take, at).length;
  const facts = [
    summary(shown),
    used.tokensIn + used.tokensOut
      ? `${used.estimated ? "about " : ""}${count(used.tokensIn + used.tokensOut)} tokens`
      : "",
    used.cost === null || (used.unpriced && !used.cost)
      ? ""
      : `${used.unpriced ? "at least " : ""}${dollars(used.cost)}`,
    flags ? many(flags, "flag") : "",
  ].filter(Boolean);
  const stale = status !== "failed" && status !== "stopped" && !isOver(take) && !state.live;
  return (
    <div class="sk-header">
      <div class="sk-title">
        <h2>{take.title || "Performance"}</h2>
        <TakeChooser state={state} />
        <span class="sk-chip" data-status={status}>
          <Sign status={status} />
          {stale && at >= take.at ? `${status} when saved` : status}
        </span>
      </div>
      <div class="sk-facts">
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </div>
      {state.conducts ? <Conduct state={state} /> : null}
    </div>
  );
}

export function Transport({ state }: Props) {
  const moving = state.moving;
  const { speed } = state.head.value;
  const known: readonly number[] = SPEEDS;
  const speeds = known.includes(speed) ? known : [...known, speed].sort((a, b) => a - b);
  return (
    <div class="sk-transport">
      <div class="sk-group">
        <Button label="Back to start" icon="start" onClick={() => state.toStart()} />
        <Button
          label={moving ? "Pause" : "Play"}
          icon={moving ? "pause" : "play"}
          onClick={() => state.toggle()}
        />
        <Button label="To end" icon="end" onClick={() => state.toEnd()} />
        <BranchButton state={state} />
      </div>
      <Slider state={state} />
      <Time state={state} />
      <select
        class="sk-select"
        aria-label="Speed"
        title="Speed"
        value={String(speed)}
        onChange={(event) => state.setSpeed(Number(event.currentTarget.value))}
      >
        {speeds.map((times) => (
          <option key={times} value={String(times)}>
            {times}×
          </option>
        ))}
      </select>
      <div class="sk-group sk-zoom">
        <Button label="Zoom out" icon="bar" onClick={() => state.zoom(1 / 1.5)} />
        <Button label="Zoom to fit" icon="fit" onClick={() => state.fit()} />
        <Button label="Zoom in" icon="plus" onClick={() => state.zoom(1.5)} />
      </div>
      {Hearing.possible ? (
        <button
          type="button"
          class="sk-button"
          aria-label="Hear it"
          title="Hear it: each part a voice, its text the notes; what is off-key sounds so"
          aria-pressed={state.hearing.on.value}
          onClick={() => state.hearing.toggle()}
        >
          <Icon name="hear" />
        </button>
      ) : null}
      <button
        type="button"
        class="sk-button"
        aria-label="Orchestration graph"
        title="Orchestration graph"
        aria-expanded={state.graph.value}
        onClick={() => {
          state.graph.value = !state.graph.peek();
        }}
      >
        <Icon name="graph" />
      </button>
      <button
        type="button"
        class="sk-button sk-help"
        aria-label="Keys"
        title="Keys (?)"
        aria-expanded={state.keys.value}
        onClick={() => {
          state.keys.value = !state.keys.peek();
        }}
      >
        ?
      </button>
    </div>
  );
}

function Slider({ state }: Props) {
  const { time } = state.head.value;
  const shown = state.shown.value;
  const end = Math.max(shown.take?.at ?? 0, time, 1);
  return (
    <input
      type="range"
      class="sk-slider"
      aria-label="Playhead"
      aria-valuetext={`${seconds(shown.at)}, ${playingWords(shown)}`}
      min="0"
      max={end}
      step="any"
      value={time}
      style={{ "--sk-done": `${(100 * time) / end}%` }}
      onInput={(event) => state.scrub(event.currentTarget.valueAsNumber)}
    />
  );
}

function Time({ state }: Props) {
  const { take, at } = state.shown.value;
  return (
    <span class="sk-time">
      <b>{seconds(at)}</b> / {seconds(Math.max(take?.at ?? 0, at))}
    </span>
  );
}

/** The polite live region: the newest words, but never more often than every five seconds. */
export function Announcer({ state }: Props) {
  const shown = state.shown.value;
  const status = shown.take ? takeStatusAt(shown.take, shown.at) : "";
  const words = shown.take ? `${status}, ${summary(shown)}` : "";
  const [said, say] = useState(words);
  const last = useRef(0);
  useLayoutEffect(() => {
    if (words === said) return undefined;
    const wait = Math.max(0, last.current + ANNOUNCED_EVERY - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      say(words);
    }, wait);
    return () => clearTimeout(timer);
  }, [words, said]);
  return (
    <div class="sk-unseen" role="status" aria-label="Performance">
      {said}
    </div>
  );
}

/** More failures than this are not told: their rows are marked. */
const MOST_FAILURES = 5;

/** What went wrong: in the take, in the events, with a cue. */
export function Notices({ state }: Props) {
  const { take, at } = state.shown.value;
  const failures = take ? failedBy(take, at) : [];
  const lines: string[] = [];
  if (state.broken.value) lines.push(state.broken.value);
  if (state.remark.value) lines.push(state.remark.value);
  if (!take && !state.broken.value) lines.push("There is no performance in this recording.");
  if (take?.status === "stopped" && at >= take.at && take.why) lines.push(...take.why.split("\n"));
  if (take && takeStatusAt(take, at) === "held" && take.waitsFor) {
    // what is asked by a contribution stands below, with its buttons
    const asked = state.conducts && questions(take).length > 0;
    if (!asked) lines.push(...take.waitsFor.split("\n"));
  }
  return (
    <>
      {lines.map((line) => (
        <p key={line} class="sk-notice" data-status={state.broken.value ? "failed" : ""}>
          {line}
        </p>
      ))}
      {failures.slice(0, MOST_FAILURES).map((c) => (
        <p key={c.c} class="sk-notice" data-status="failed">
          <button type="button" class="sk-link" onClick={() => state.select(c.c)}>
            {nameOf(c)}
          </button>
          : {c.message}
        </p>
      ))}
      {failures.length > MOST_FAILURES ? (
        <p class="sk-notice" data-status="failed">
          and {count(failures.length - MOST_FAILURES)} more failed
        </p>
      ) : null}
      {/* it must be there before it is filled, or it is not announced */}
      <div role="alert">{state.notice.value ? <p class="sk-notice">{state.notice.value}</p> : null}</div>
    </>
  );
}

/** More flags than this are not listed. */
const MOST_FLAGS = 100;

/** Everything off-key by then, with the evidence; one click shows where. */
export function Flags({ state }: Props) {
  const { take, at } = state.shown.value;
  const flags = take ? flagsAt(take, at) : [];
  if (flags.length === 0) return null;
  return (
    <ul class="sk-flags" aria-label="Flags">
      {flags.slice(0, MOST_FLAGS).map(({ of, flag }, i) => (
        <li key={`${of.c} ${i}`}>
          <button type="button" onClick={() => state.select(of.c)}>
            <Icon name="flag" />
            <b>{nameOf(of)}</b> {flag.flag}: {flag.evidence.text}
          </button>
        </li>
      ))}
      {flags.length > MOST_FLAGS ? <li>and {count(flags.length - MOST_FLAGS)} more</li> : null}
    </ul>
  );
}

const KEYS = [
  ["Space", "play, pause"],
  ["← →", "previous, next event"],
  ["↑ ↓", "previous, next contribution"],
  ["Home End", "to the start, to the end"],
  ["+ − 0", "zoom in, out, all"],
  ["Enter", "read the selected contribution"],
  ["/", "search; Enter: next, Shift+Enter: back"],
  ["n", "write a note"],
  ["b", "branch here"],
  ["?", "these keys"],
  ["Esc", "back to the notebook"],
  ["Drag", "pan; on the ruler: scrub"],
  ["Shift+wheel", "pan"],
  ["Ctrl+wheel", "zoom"],
] as const;

export function Keys({ state }: Props) {
  if (!state.keys.value) return null;
  return (
    <div class="sk-keys" role="dialog" aria-label="Keys">
      <dl>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
