/** What a contribution read: entries at their versions, what became of those since, and the messages as they were sent. */
import { Changed } from "./difference";
import { many } from "./format";
import { newerThan, playedAs } from "./model/others";
import type { Contribution } from "./model/take";
import type { State } from "./state";
import type { Message, Read } from "./wire";

interface Props {
  readonly state: State;
  readonly c: Contribution;
  readonly at: number;
}

export function Reading({ state, c, at }: Props) {
  return (
    <>
      {c.reads.length === 0 ? <p class="sk-none">Nothing.</p> : null}
      {c.reads.map((read) => (
        <Entry key={`${read.entry} ${read.version}`} state={state} c={c} read={read} at={at} />
      ))}
      {c.messages.filter(isOwn).map((message, i) => (
        <details key={`own ${i}`} class="sk-entry">
          <summary>
            <b>what it had played</b> <span class="sk-version">before the note</span>
          </summary>
          <pre>{textSent(state, message)}</pre>
        </details>
      ))}
      {c.messages.length ? (
        <details class="sk-entry sk-sent">
          <summary>
            <b>Messages as sent</b> <span class="sk-version">{many(c.messages.length, "message")}</span>
          </summary>
          {c.messages.map((message, i) => (
            <Sent key={`${i} ${message.role}`} state={state} message={message} />
          ))}
        </details>
      ) : null}
    </>
  );
}

/** One entry. `data-entry` is where evidence leads. */
function Entry({ state, read, at }: Props & { readonly read: Read }) {
  const { take } = state.shown.value;
  const newer = take ? newerThan(state.score, take, read, at) : undefined;
  const player =
    take && read.entry.startsWith("part/") ? playedAs(take, read.entry, read.version, at) : undefined;
  const text = textOf(state, read);
  return (
    <details class="sk-entry" data-entry={read.entry}>
      <summary>
        <b>{read.entry}</b> <span class="sk-version">version {read.version}</span>
        {newer ? <span class="sk-newer">version {newer} stands</span> : null}
      </summary>
      {player ? (
        <button type="button" class="sk-link" onClick={() => state.select(player.c)}>
          how it was played
        </button>
      ) : null}
      <pre>{text}</pre>
      {newer ? (
        <section class="sk-diff" aria-label={`${read.entry}, what changed since`}>
          <p>
            In version {newer}, <del>this is gone</del> and <ins>this is new</ins>:
          </p>
          <Changed old={text} now={textOf(state, { entry: read.entry, version: newer })} />
        </section>
      ) : null}
    </details>
  );
}

function Sent({ state, message }: { readonly state: State; readonly message: Message }) {
  return (
    <div class="sk-message" data-role={message.role}>
      <span class="sk-role">
        {message.role + (isOwn(message) ? ": what it had played before the note" : "")}
      </span>
      <pre>{textSent(state, message)}</pre>
    </div>
  );
}

/** Whether a message is the part's own turn: it entered again. */
function isOwn({ role }: Message): boolean {
  return role === "assistant";
}

function textSent(state: State, { content }: Message): string {
  return content.map((piece) => (typeof piece === "string" ? piece : textOf(state, piece))).join("");
}

function textOf({ score }: State, read: Read): string {
  return score.text(read) ?? "This text is not in the recording.";
}
