/** One contribution, closely: what it played, what it read, what it took, what went wrong. As it was then. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "./button";
import { Compare, Pieces } from "./difference";
import { count, dollars, lasted, seconds } from "./format";
import { cutter, paint } from "./highlight";
import { Icon, Sign } from "./icons";
import { firstCode, render } from "./markdown";
import { pieces } from "./model/difference";
import { hasEnded, holdAt, statusAt, textAt, textOfPast, triesAt, usageAt } from "./model/moment";
import { playedAs } from "./model/others";
import { nameOf, sourceOf } from "./model/rows";
import { type Contribution, entryOf } from "./model/take";
import { Reading } from "./reading";
import { Item, Whole } from "./section";
import type { State } from "./state";
import { BeforeEdit, Turns, Verdicts } from "./turns";
import type { Evidence } from "./wire";

export function Inspector({ state }: { readonly state: State }) {
  const { at } = state.shown.value;
  const c = state.contribution(state.selected.value);
  const { score, section } = state;
  if (!c) return section === undefined ? null : <Whole state={state} part={section} />;
  const status = statusAt(c, at);
  const text = textAt(score, c, at);
  const entered = c.entered !== null && c.entered <= at;
  return (
    <section class="sk-inspector" aria-label="Inspector">
      <header class="sk-inspector-head">
        <h3>{nameOf(c)}</h3>
        <span class="sk-chip" data-status={status}>
          <Sign status={status} />
          {status}
        </span>
        {c.lap > 1 ? <span class="sk-chip">pass {c.lap}</span> : null}
        {c.player && entered ? <Player c={c} /> : null}
        <Button label="Close" icon="cross" onClick={() => state.select(null)} />
      </header>
      <Item state={state} c={c} at={at} />
      {entered ? <Facts c={c} at={at} /> : null}
      {entered ? <Again c={c} /> : null}
      <Trouble state={state} c={c} at={at} />
      {entered ? (
        <div class="sk-columns">
          <div class="sk-played">
            <div class="sk-section">
              <h4>{c.ofTake || c.origin ? `Played in ${sourceOf(c)}` : "Played"}</h4>
              <Copy label="Copy text" text={() => text} />
              <CopyCode text={text} />
            </div>
            <Text text={text} playing={!hasEnded(c, at)} />
            <Compare key={c.c} state={state} c={c} text={text} at={at} />
            <BeforeEdit c={c} text={text} at={at} />
            <Turns c={c} at={at} />
            <Verdicts c={c} at={at} />
            <Printed c={c} at={at} />
            <Tries c={c} at={at} />
          </div>
          <div class="sk-read">
            <div class="sk-section">
              <h4>Read</h4>
            </div>
            <Reading state={state} c={c} at={at} />
          </div>
        </div>
      ) : (
        <p class="sk-none">{status === "waiting" ? "It had not entered yet." : "It did not play."}</p>
      )}
    </section>
  );
}

function Player({ c }: { readonly c: Contribution }) {
  return (
    <span class="sk-player">
      {c.player?.kind === "model" ? c.player.name : `${c.player?.kind}: ${c.player?.name}`}
      {c.player?.scripted ? <span class="sk-scripted">scripted</span> : null}
    </span>
  );
}

function Facts({ c, at }: { readonly c: Contribution; readonly at: number }) {
  const used = usageAt([c], at);
  const from = c.entered ?? 0;
  const to = hasEnded(c, at) ? (c.ended ?? 0) : at;
  const facts: [string, string][] = [["Time", `${seconds(from)} to ${seconds(to)} (${lasted(to - from)})`]];
  const first = c.times[0];
  if (first !== undefined && first <= at) facts.push(["First text", `after ${lasted(first - from)}`]);
  if (c.ofTake) facts[0] = ["Time", `taken over at ${seconds(from)}`];
  if (used.tokensIn + used.tokensOut) {
    facts.push([
      "Tokens",
      `${used.estimated ? "about " : ""}${count(used.tokensIn)} in, ${count(used.tokensOut)} out`,
    ]);
    facts.push(["Cost", used.cost === null ? "not known" : dollars(used.cost)]);
  }
  if (!c.ofTake && !c.origin) facts.push(["Attempts", attempts(c, at)]);
  const hold = holdAt(c, at);
  if (hold) facts.push(["Held", hold.why]);
  for (const past of c.holds) {
    if (!past.how || past.to === null || past.to > at) continue;
    facts.push(["Held", `${seconds(past.from)} to ${seconds(past.to)}: ${past.how}`]);
  }
  if (c.cued && c.cued.at <= at) facts.push(["Cued in", `by ${c.cued.by}`]);
  if (c.version && hasEnded(c, at)) facts.push(["Entry", `${entryOf(c)}, version ${c.version}`]);
  return (
    <dl class="sk-data">
      {facts.map(([name, value], i) => (
        <div key={`${name} ${i}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** How many tries had begun: one that was only waited for is none. */
function attempts(c: Contribution, at: number): string {
  const tries = triesAt(c, at);
  const last = tries.at(-1);
  const next = last ? last.at + last.wait : 0;
  const until = hasEnded(c, at) ? (c.ended ?? at) : at;
  if (!last || until >= next) return String(tries.length + 1);
  return hasEnded(c, at) ? String(tries.length) : `${tries.length}, the next at ${seconds(next)}`;
}

/** That nobody was asked: where it was recorded and, if that was for another reading, how it differed. */
function Again({ c }: { readonly c: Contribution }) {
  if (!c.origin) return null;
  const { differs } = c.origin;
  return (
    <div class="sk-again">
      <p>
        <Icon name="again" />
        given again from {sourceOf(c)}
        {differs ? (
          <>
            , <b>recorded for another reading</b>
          </>
        ) : null}
      </p>
      {differs ? (
        <section class="sk-diff" aria-label="What differed">
          <p>
            It was recorded with what is <del>struck out</del>; here it reads what is <ins>underlined</ins>.
          </p>
          <Pieces pieces={pieces(differs)} />
        </section>
      ) : null}
    </div>
  );
}

/** Why it failed, was cut or did not play, and what is off-key, with the evidence. */
function Trouble({ state, c, at }: { readonly state: State; readonly c: Contribution; readonly at: number }) {
  const flags = c.flags.filter((flag) => flag.at <= at);
  const ended = hasEnded(c, at);
  return (
    <>
      {ended && c.status === "failed" ? (
        <div class="sk-error">
          <p>
            <Icon name="cross" />
            <b>{c.why}</b> {c.message}
          </p>
          {c.detail ? (
            <details>
              <summary>Detail</summary>
              <pre>{c.detail}</pre>
            </details>
          ) : null}
        </div>
      ) : null}
      {ended && c.why && ["cut", "skipped", "blocked"].includes(c.status) ? (
        <p class="sk-notice">{c.status === "skipped" ? `skipped: ${c.why}` : `${c.status} by ${c.why}`}</p>
      ) : null}
      {flags.map(({ flag, evidence }, i) => (
        <button
          key={`${flag} ${i}`}
          type="button"
          class="sk-flag"
          title="Show what it tells of"
          onClick={(event) => show(state, evidence, at, event.currentTarget)}
        >
          <Icon name="flag" />
          <b>{flag}</b> {ended && evidence.text === c.message ? "" : evidence.text}
          {evidence.read ? ` (read version ${evidence.read}, now ${evidence.now})` : ""}
        </button>
      ))}
    </>
  );
}

/** Leads to what evidence tells of: a check, what was read, who should have been, a note; else to the text. */
function show(state: State, { entry, now }: Evidence, at: number, from: Element): void {
  const inspector = from.closest(".sk-inspector");
  const find = (selector: string) => [...(inspector?.querySelectorAll<HTMLElement>(selector) ?? [])];
  const [checks] = entry === "criteria" ? find(".sk-verdicts") : [];
  const read = find("[data-entry]").find((one) => one.dataset.entry === entry) as
    | HTMLDetailsElement
    | undefined;
  const { take } = state.shown.peek();
  const part = take && playedAs(take, entry, now, at);
  if (checks) checks.focus();
  else if (read) {
    read.open = true;
    read.querySelector("summary")?.focus();
  } else if (part) state.select(part.c);
  else if (entry.startsWith("note/")) state.openNote(entry.slice("note/".length), null);
  else find(".sk-text")[0]?.focus();
}

/** Markdown, laid out anew only as the text changes; it keeps to its end while it is played. */
function Text({ text, playing }: { readonly text: string; readonly playing: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const node = box.current;
    if (!node) return;
    const atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 24;
    node.replaceChildren(render(text));
    paint(node);
    if (playing && atEnd) node.scrollTop = node.scrollHeight;
  }, [text, playing]);
  // what colours code comes later: what is there stays, and with it the focus, and where one has scrolled to
  const { value: cut } = cutter;
  useLayoutEffect(() => {
    if (cut && box.current) paint(box.current);
  }, [cut]);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="sk-text" ref={box} tabIndex={0} aria-label="Text" />
      {text ? null : <p class="sk-none">{playing ? "No text yet." : "No text."}</p>}
    </>
  );
}

function CopyCode({ text }: { readonly text: string }) {
  const code = firstCode(text);
  return code === null ? null : <Copy label="Copy code" text={() => code} />;
}

function Copy({ label, text }: { readonly label: string; readonly text: () => string }) {
  const [done, setDone] = useState("");
  return (
    <button
      type="button"
      class="sk-button sk-copy"
      aria-label={label}
      data-done={done}
      onClick={async () => setDone((await copy(text())) ? "copied" : "not copied")}
      onBlur={() => setDone("")}
    >
      {done || label}
    </button>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // the browser does not let this page
  }
}

function Printed({ c, at }: { readonly c: Contribution; readonly at: number }) {
  const printed = c.printed.filter((piece) => piece.at <= at);
  if (printed.length === 0) return null;
  return (
    <>
      <h4>Printed</h4>
      <pre class="sk-printed">{printed.map((piece) => piece.text).join("")}</pre>
    </>
  );
}

function Tries({ c, at }: { readonly c: Contribution; readonly at: number }) {
  const tries = triesAt(c, at);
  if (tries.length === 0) return null;
  return (
    <>
      <h4>Failed {tries.length === 1 ? "attempt" : "attempts"}</h4>
      {tries.map((tried, i) => (
        <details key={`${i} ${tried.at}`} class="sk-entry">
          <summary>
            <b>{tried.reason}</b> {tried.message}{" "}
            <span class="sk-version">
              at {seconds(tried.at)}
              {tried.wait ? `, then waited ${seconds(tried.wait)}` : ""}
            </span>
          </summary>
          <pre>{textOfPast(c, tried) || "No text had come."}</pre>
        </details>
      ))}
    </>
  );
}
