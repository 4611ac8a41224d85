/** The conductor's notes: where they are written, while the kernel can be asked, and what became of them. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./button";
import { Icon, type IconName } from "./icons";
import { deliveryAt, notesAt, textOf, titleOf } from "./model/notes";
import type { Note, Take } from "./model/take";
import type { State } from "./state";

interface Props {
  readonly state: State;
}

/** Where a note is written. Enter sends it, escape goes back to where one came from. */
export function NoteBox({ state }: Props) {
  const { take } = state.shown.value;
  const from = useRef<HTMLElement | null>(null);
  if (!state.conducts || !take) return null;
  const { draft } = state;
  const { to, text, now } = draft.value;
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      state.sendNote();
    } else if (event.key === "Escape" && from.current?.isConnected) {
      event.preventDefault();
      event.stopPropagation();
      from.current.focus({ preventScroll: true });
    }
  };
  return (
    <div class="sk-notebox">
      <select
        class="sk-select"
        aria-label="Note to"
        title="Note to"
        value={to}
        onChange={(event) => {
          draft.value = { ...draft.peek(), to: event.currentTarget.value };
        }}
      >
        {["all", ...take.plan.parts.map(({ name }) => name)].map((name) => (
          <option key={name} value={name}>
            to {name}
          </option>
        ))}
      </select>
      <textarea
        class="sk-write"
        name="note"
        rows={1}
        aria-label="Note"
        placeholder="A note from the conductor"
        value={text}
        onInput={(event) => {
          draft.value = { ...draft.peek(), text: event.currentTarget.value };
          state.told.value = "";
        }}
        onFocus={(event) => {
          const before = event.relatedTarget;
          const inside = before instanceof HTMLElement && before.closest(".score-kernel");
          from.current = inside && inside === event.currentTarget.closest(".score-kernel") ? before : null;
        }}
        onKeyDown={keys}
      />
      <label class="sk-now" title="What plays is cut, and enters again with the note">
        <input
          type="checkbox"
          aria-label="At once"
          checked={now}
          onChange={(event) => {
            draft.value = { ...draft.peek(), now: event.currentTarget.checked };
          }}
        />
        At once
      </label>
      <Button label="Send note" icon="note" text="Send" onClick={() => state.sendNote()} />
      <span class="sk-told" role="status" aria-label="Note sent">
        {state.told.value}
      </span>
    </div>
  );
}

/** The notes that stood, to whom, and what became of each. */
export function Notes({ state }: Props) {
  const { take, at } = state.shown.value;
  const notes = take ? notesAt(state.score, take, at) : [];
  if (!take || notes.length === 0) return null;
  return (
    <ul class="sk-notes" aria-label="Notes">
      {notes.map((note) => (
        <Item key={note.note} state={state} note={note} take={take} at={at} />
      ))}
    </ul>
  );
}

interface ItemProps extends Props {
  readonly note: Note;
  readonly take: Take;
  readonly at: number;
}

const SIGNS: Readonly<Record<string, IconName>> = { sent: "ring", delivered: "check", never: "cross" };

function Item({ state, note, take, at }: ItemProps) {
  const item = useRef<HTMLLIElement>(null);
  const opened = state.openedNote.value;
  useLayoutEffect(() => {
    const node = item.current;
    if (!node || opened?.note !== note.note) return;
    const folded = node.querySelector("details");
    if (folded) folded.open = true;
    node.scrollIntoView({ block: "nearest" });
  }, [opened, note.note]);
  const delivery = deliveryAt(note, take, at);
  const became = delivery.split(" ", 1)[0] as string;
  return (
    <li ref={item} data-opened={opened?.note === note.note}>
      <span class="sk-to">
        <Icon name="note" />
        {titleOf(note)} to <strong>{note.to}</strong>
      </span>
      <Text text={textOf(state.score, note)} />
      <span class="sk-delivery" data-became={became} title={deliveryAt(note, take, at, Infinity)}>
        <Icon name={SIGNS[became] ?? "ring"} />
        {delivery}
      </span>
      {state.conducts ? (
        <Button label={`Drop note ${note.note}`} icon="cross" onClick={() => state.dropNote(note.note)} />
      ) : null}
    </li>
  );
}

/** A short text as it is; of a long one its first line, until it is opened. */
function Text({ text }: { readonly text: string }) {
  const [first = "", ...more] = text.trim().split("\n");
  if (more.length === 0 && first.length <= 120) return <span class="sk-words-of">{first}</span>;
  return (
    <details class="sk-words-of">
      <summary>{first}</summary>
      <pre>{text}</pre>
    </details>
  );
}
