/** The performance's buttons, and what waits for the conductor. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Answer, type Question, questions } from "./asking";
import { Button } from "./button";
import { laidOut, many } from "./format";
import { Icon } from "./icons";
import { nameOf } from "./model/rows";
import { type Call, type Contribution, streamed } from "./model/take";
import type { State } from "./state";

interface Props {
  readonly state: State;
}

/** The performance's own buttons: only while the kernel lives and the take is not over. */
export function Conduct({ state }: Props) {
  const { take } = state.shown.value;
  const paused = take?.status === "paused";
  return (
    <div class="sk-conduct">
      {take?.tempos.at(-1)?.tempo.lead === "conductor" ? (
        <Button
          label="Beat"
          hint={`Beat: the next entrance may happen${take.beats ? ` (${many(take.beats, "beat")} left)` : ""}`}
          icon="beat"
          text={take.beats ? `Beat (${take.beats} left)` : "Beat"}
          onClick={() => state.cue({ type: "beat", n: 1 })}
        />
      ) : null}
      <Button
        label={paused ? "Resume performance" : "Pause performance"}
        hint={paused ? "Resume performance" : "Pause performance: nothing new enters"}
        icon={paused ? "play" : "pause"}
        text={paused ? "Resume" : "Pause"}
        onClick={() => state.cue({ type: paused ? "resume" : "pause" })}
      />
      <Button label="Stop performance" icon="stop" text="Stop" onClick={() => state.cue({ type: "stop" })} />
    </div>
  );
}

/** Conducts from the playhead on, once the kernel can: else it is there, and can not be pressed. */
export function BranchButton({ state }: Props) {
  const link = state.link.value;
  const { take } = state.shown.value;
  if (!take || (link && !link.branches)) return null;
  const hint = link
    ? "Branch here: conduct from the playhead on (b)"
    : "Branch here needs the kernel that played it";
  return (
    <Button label="Branch here" hint={hint} icon="branch" disabled={!link} onClick={() => state.branch()} />
  );
}

/** More than this many questions at once are not laid out: they come as others are answered. */
const MOST_QUESTIONS = 12;

export function WaitsForYou({ state }: Props) {
  const { take } = state.shown.value;
  const asked = state.conducts ? questions(take) : [];
  if (asked.length === 0) return null;
  return (
    <section class="sk-asked" aria-label="Waits for you">
      <h3 class="sk-asked-title">
        <Icon name="pause" />
        Waits for you
      </h3>
      <ul>
        {asked.slice(0, MOST_QUESTIONS).map((question) => (
          <Asked key={question.key} state={state} question={question} />
        ))}
      </ul>
      {asked.length > MOST_QUESTIONS ? <p>and {asked.length - MOST_QUESTIONS} more</p> : null}
    </section>
  );
}

const WHAT: Readonly<Record<string, string>> = {
  hold: "waits for your release",
  tool: "asks to call a tool",
  contribution: "waits for your contribution",
  budget: "has nothing left to spend",
};

interface AskedProps extends Props {
  readonly question: Question;
}

function Asked({ state, question }: AskedProps) {
  const { key, c, hold } = question;
  const call = callOf(c, hold.call);
  const answer = state.asking.of(key);
  const name = nameOf(c);
  return (
    <li>
      <fieldset aria-label={name}>
        <div class="sk-asked-head">
          <button
            type="button"
            class="sk-link"
            title="Show it in the inspector"
            onClick={() => state.select(c.c)}
          >
            {name}
          </button>
          <span>{call ? `asks to call ${call.name}` : (WHAT[hold.asks] ?? "waits")}</span>
          <span class="sk-why">{call ? "" : hold.why}</span>
        </div>
        {hold.asks === "contribution" ? (
          <Contribution_ state={state} question={question} answer={answer} />
        ) : null}
        {hold.asks === "hold" || hold.asks === "tool" ? (
          <Release state={state} question={question} answer={answer} call={call} />
        ) : null}
        {hold.asks === "budget" ? <p class="sk-none">Raise the budget, or stop the performance.</p> : null}
      </fieldset>
    </li>
  );
}

function callOf(c: Contribution, id: string): Call | undefined {
  if (!id) return undefined;
  return c.turns.at(-1)?.calls.findLast((call) => call.id === id);
}

interface AnswerProps extends AskedProps {
  readonly answer: Answer;
}

/** Approve, edit, send back, refuse: of what was played, or of a tool that is to be called. */
function Release({ state, question, answer, call }: AnswerProps & { readonly call: Call | undefined }) {
  const { key, c } = question;
  const { asking } = state;
  const edit = useRef<HTMLButtonElement>(null);
  const [tried, setTried] = useState(false);
  const text = call ? call.arguments : streamed(c);
  const send = (how: { edit?: string; back?: string; no?: true }) => {
    asking.set(key, { sent: true });
    state.cue({ type: "release", part: c.part, ...itemOf(c), ...how });
  };
  if (answer.sent) return <p class="sk-none">Sent.</p>;
  const close = () => {
    asking.set(key, { box: "" });
    setTried(false);
    requestAnimationFrame(() => edit.current?.focus({ preventScroll: true }));
  };
  if (answer.box) {
    const edits = answer.box === "edit";
    const broken = edits && call !== undefined && tried && !isJson(answer.text);
    const submit = () => {
      setTried(true);
      if (edits && call && !isJson(answer.text)) return;
      if (!edits && answer.text.trim() === "") return;
      send(edits ? { edit: answer.text } : { back: answer.text });
    };
    return (
      <div class="sk-answer">
        <Box
          label={edits ? (call ? "Edited arguments" : "Edited text") : "Note back"}
          placeholder={edits ? "" : call ? "What it is told instead" : "A note, with which it plays again"}
          value={answer.text}
          mono={edits && call !== undefined}
          focus={true}
          onInput={(value) => asking.set(key, { text: value })}
          onSubmit={submit}
          onCancel={close}
        />
        {broken ? <p role="alert">That is no JSON.</p> : null}
        <div class="sk-buttons">
          <Button
            label={edits ? "Approve" : "Send back"}
            hint={edits ? "Approve it as edited (Ctrl+Enter)" : "Send it back with this note (Ctrl+Enter)"}
            icon={edits ? "check" : "again"}
            text={edits ? "Approve edited" : "Send back"}
            onClick={submit}
          />
          <Button label="Cancel" icon="cross" text="Cancel" onClick={close} />
        </div>
      </div>
    );
  }
  return (
    <>
      {text ? <pre class="sk-preview">{call ? laidOut(text) : text}</pre> : null}
      <div class="sk-buttons">
        <Button label="Approve" icon="check" text="Approve" onClick={() => send({})} />
        <button
          type="button"
          class="sk-button"
          ref={edit}
          title={call ? "Change the arguments" : "Change the text"}
          onClick={() => asking.set(key, { box: "edit", text: call ? laidOut(text) : text })}
        >
          Edit
        </button>
        <button
          type="button"
          class="sk-button"
          title={call ? "Tell it something instead" : "Let it play again, with a note"}
          onClick={() => asking.set(key, { box: "back", text: "" })}
        >
          Send back
        </button>
        <Button label="Refuse" icon="cross" text="Refuse" onClick={() => send({ no: true })} />
      </div>
    </>
  );
}

/** A part that the conductor plays. */
function Contribution_({ state, question, answer }: AnswerProps) {
  const { key, c } = question;
  const give = () => {
    if (answer.text.trim() === "") return;
    state.asking.set(key, { sent: true });
    state.cue({ type: "play", part: c.part, text: answer.text, ...itemOf(c) });
  };
  if (answer.sent) return <p class="sk-none">Sent.</p>;
  return (
    <div class="sk-answer">
      <Box
        label="Your contribution"
        placeholder="What you play, as Markdown"
        value={answer.text}
        onInput={(text) => state.asking.set(key, { text })}
        onSubmit={give}
      />
      <div class="sk-buttons">
        <Button
          label="Give contribution"
          hint="Give contribution (Ctrl+Enter)"
          icon="check"
          text="Give"
          onClick={give}
        />
      </div>
    </div>
  );
}

function itemOf({ item }: Contribution): { item?: number } {
  return item === null ? {} : { item };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface BoxProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly onInput: (text: string) => void;
  readonly onSubmit: () => void;
  readonly onCancel?: () => void;
  readonly mono?: boolean;
  readonly focus?: boolean;
}

/** A box of several lines. Ctrl+Enter sends what is in it. */
function Box({
  label,
  value,
  placeholder,
  onInput,
  onSubmit,
  onCancel,
  mono = false,
  focus = false,
}: BoxProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (focus) box.current?.focus({ preventScroll: true });
  }, [focus]);
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      onSubmit();
    } else if (event.key === "Escape" && onCancel) {
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    }
  };
  return (
    <textarea
      ref={box}
      class="sk-box"
      data-mono={mono}
      rows={2}
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
      onKeyDown={keys}
    />
  );
}
