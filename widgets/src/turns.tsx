/** How a contribution came about: its turns, the tools that it called, and what predicates said of it. */
import { laidOut, lasted, many, seconds } from "./format";
import { Icon, Sign } from "./icons";
import { hasEnded, textOfPast, turnsAt, verdictsAt } from "./model/moment";
import { type Call, type Contribution, streamed } from "./model/take";

/** What it had played, where the conductor changed it. */
export function BeforeEdit({
  c,
  text,
  at,
}: {
  readonly c: Contribution;
  readonly text: string;
  readonly at: number;
}) {
  const own = streamed(c);
  if (!hasEnded(c, at) || c.status !== "played" || own === "" || own === text) return null;
  return (
    <details class="sk-entry">
      <summary>
        <b>what it had played</b> <span class="sk-version">before it was {c.why || "changed"}</span>
      </summary>
      <pre>{own}</pre>
    </details>
  );
}

/** The turns before the last: what was said, the tools with what they gave, and what was to be mended. */
export function Turns({ c, at }: { readonly c: Contribution; readonly at: number }) {
  const turns = turnsAt(c, at);
  if (turns.length === 0) return null;
  return (
    <>
      <h4>{many(turns.length, "turn")} before</h4>
      <ol class="sk-turns" aria-label="Turns">
        {turns.map((turn, i) => (
          <li key={`${i} ${turn.at}`}>
            <span class="sk-version">
              turn {i + 1}, ended at {seconds(turn.at)}
            </span>
            {textOfPast(c, turn) ? <pre>{textOfPast(c, turn)}</pre> : null}
            {turn.calls.map((call) => (
              <ToolCall key={call.id} call={call} at={at} />
            ))}
            {turn.say ? (
              <p class="sk-notice">
                <Icon name="again" /> <b>sent to repair</b> {turn.say}
              </p>
            ) : null}
          </li>
        ))}
      </ol>
    </>
  );
}

function ToolCall({ call, at }: { readonly call: Call; readonly at: number }) {
  const done = call.result !== null && call.ended !== null && call.ended <= at;
  const [status, words] = done
    ? [call.failed ? "failed" : "played", call.failed ? "failed" : lasted((call.ended ?? 0) - call.at)]
    : ["waiting", "no result yet"];
  return (
    <details class="sk-entry sk-call" open={call.failed}>
      <summary class="sk-call-head">
        <Sign status={status} />
        <b>{call.name}</b>{" "}
        {call.arguments === "{}" ? null : <code class="sk-call-arguments">{call.arguments} </code>}
        <span class="sk-version">{words}</span>
      </summary>
      <h5>Arguments</h5>
      <pre>{laidOut(call.arguments)}</pre>
      {done && call.changed ? (
        <>
          <h5>Run with other arguments</h5>
          <pre>{laidOut(call.changed)}</pre>
        </>
      ) : null}
      {done ? (
        <>
          <h5>{call.failed ? "What it was told" : "Result"}</h5>
          <pre>{call.result}</pre>
        </>
      ) : null}
    </details>
  );
}

/** What predicates of the notebook said. */
export function Verdicts({ c, at }: { readonly c: Contribution; readonly at: number }) {
  const verdicts = verdictsAt(c, at);
  if (verdicts.length === 0) return null;
  return (
    <>
      <h4>Checked</h4>
      <ul class="sk-verdicts" aria-label="Checks" tabIndex={-1}>
        {verdicts.map(({ about, predicate, ok, why, criterion }, i) => (
          <li key={`${i} ${predicate}`}>
            <Sign status={ok ? "played" : "failed"} />
            {about === "check" ? "" : `${about} `}
            {criterion ? `${criterion}, ` : ""}
            <b>{predicate}</b>: {ok ? "yes" : "no"}
            {why ? `, ${why}` : ""}
          </li>
        ))}
      </ul>
    </>
  );
}
