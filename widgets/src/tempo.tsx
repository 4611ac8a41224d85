/** The tempo: what holds, and where it is changed. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { count, dollars, many, seconds } from "./format";
import type { State } from "./state";
import type { Tempo } from "./wire";

interface Props {
  readonly state: State;
}

/** How long after the last key a number is sent, in ms. */
const SETTLED = 900;

export function TempoBar({ state }: Props) {
  const { take } = state.shown.value;
  const tempo = take?.tempos.at(-1)?.tempo;
  if (!take || !tempo || !state.conducts) return null;
  const names = take.plan.parts.map(({ name }) => name);
  const leads = [...new Set(["free", "conductor", "clock", ...names, tempo.lead])];
  const set = (change: Partial<Tempo>) => state.cue({ type: "tempo", ...change });
  return (
    <details class="sk-tempo" open>
      <summary class="sk-tempo-head">
        Tempo <span>{tempoWords(tempo)}</span>
      </summary>
      <div class="sk-tempo-fields">
        <label>
          Lead
          <select
            class="sk-select"
            aria-label="Lead"
            value={tempo.lead}
            onChange={(event) => set({ lead: event.currentTarget.value })}
          >
            {leads.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Limit
          state={state}
          label="At once"
          unit=""
          value={tempo.at_once}
          step="1"
          onSet={(at_once) => set({ at_once: Math.round(at_once) })}
        />
        <Limit
          state={state}
          label="Rate"
          unit="/min"
          value={tempo.rate}
          step="1"
          onSet={(rate) => set({ rate })}
        />
        <Limit
          state={state}
          label="Budget"
          unit={tempo.tokens === null ? "USD" : `USD, or ${count(tempo.tokens)} tokens`}
          value={tempo.budget}
          step="0.01"
          onSet={(budget) => set({ budget })}
        />
        <Limit
          state={state}
          label="Deadline"
          unit="s"
          value={tempo.deadline}
          step="1"
          onSet={(deadline) => set({ deadline })}
        />
      </div>
    </details>
  );
}

/** `free, 4 at once, 60/min, $0.50 at most`. */
function tempoWords({ lead, at_once, rate, budget, tokens, deadline }: Tempo): string {
  const words = [lead === "free" ? "free" : `${lead} leads`];
  if (at_once !== null) words.push(`${at_once} at once`);
  if (rate !== null) words.push(`${rate}/min`);
  if (budget !== null) words.push(`${dollars(budget)} at most`);
  if (tokens !== null) words.push(`${many(tokens, "token")} at most`);
  if (deadline !== null) words.push(`${seconds(deadline * 1000)} at most`);
  return words.join(", ");
}

interface LimitProps extends Props {
  readonly label: string;
  readonly unit: string;
  readonly value: number | null;
  readonly step: string;
  readonly onSet: (value: number) => void;
}

/** A number that limits the performance; empty, or 0, is no limit. */
function Limit({ state, label, unit, value, step, onSet }: LimitProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sent = useRef<number | null>(null);
  const refused = state.notice.value;
  // what the kernel has to say of it counts
  useLayoutEffect(() => {
    setDraft(null);
    sent.current = null;
  }, [value, refused]);
  useLayoutEffect(() => () => clearTimeout(timer.current), []);
  const send = (input: HTMLInputElement) => {
    clearTimeout(timer.current);
    if (input.validity.badInput) return;
    const number = input.value.trim() === "" ? 0 : Number(input.value);
    if (!Number.isFinite(number) || number < 0 || number === (sent.current ?? value ?? 0)) return;
    sent.current = number;
    onSet(number);
  };
  return (
    <label>
      {label}
      <input
        type="number"
        class="sk-number"
        aria-label={label}
        min="0"
        step={step}
        placeholder="no limit"
        value={draft ?? (value === null ? "" : String(value))}
        onInput={(event) => {
          const input = event.currentTarget;
          setDraft(input.value);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => send(input), SETTLED);
        }}
        onChange={(event) => send(event.currentTarget)}
      />
      {unit ? <span class="sk-unit">{unit}</span> : null}
    </label>
  );
}
