/** The few signs that buttons and statuses have, drawn so that they look the same everywhere. */

const PATHS = {
  play: "M4.5 2.5v11l9-5.5z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  start: "M3 3h2v10H3zM13 3v10L6 8z",
  end: "M11 3h2v10h-2zM3 3v10l7-5z",
  stop: "M3.5 3.5h9v9h-9z",
  check: "M6.4 12.6 2 8.2l1.4-1.4 3 3 6.2-6.2L14 5z",
  cross: "M3.8 2.4 8 6.6l4.2-4.2 1.4 1.4L9.4 8l4.2 4.2-1.4 1.4L8 9.4l-4.2 4.2-1.4-1.4L6.6 8 2.4 3.8z",
  dot: "M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9",
  ring: "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3m0 1.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8",
  again: "M8 3a5 5 0 1 0 4.9 6h-1.7A3.4 3.4 0 1 1 8 4.6c.9 0 1.8.4 2.4 1L8.6 7.4H13V3l-1.5 1.5A5 5 0 0 0 8 3",
  bar: "M2.5 7h11v2h-11z",
  cut: "M10.8 2.2l1.7 1.1-7.3 10.5-1.7-1.1z",
  plus: "M7 3h2v4h4v2H9v4H7V9H3V7h4z",
  fit: "M2 3h1.6v10H2zM12.4 3H14v10h-1.6zM4.6 8l2.6-2.6v1.8h1.6V5.4L11.4 8l-2.6 2.6V8.8H7.2v1.8z",
  note: "M2.5 2.5h11v8H9l-3.5 3v-3h-3z",
  branch: "M3 2h1.8v5.2c.9-.9 2.2-1.2 3.7-1.3V3.8L13 7l-4.5 3.2V8c-2.2.1-3.7.8-3.7 2.8V14H3z",
  enter: "M2 7.1h5.7L5.3 4.7l1.2-1.2L11 8l-4.5 4.5-1.2-1.2 2.4-2.4H2zM12.2 3H14v10h-1.8z",
  mute: "M2 6h2.8L8.5 2.8v10.4L4.8 10H2zM10 6.6l1-1 1.5 1.5L14 5.6l1 1L13.5 8 15 9.4l-1 1-1.5-1.5-1.5 1.5-1-1L11.5 8z",
  sound: "M2 6h2.8L8.5 2.8v10.4L4.8 10H2zM10.2 5.4l1-1a5 5 0 0 1 0 7.2l-1-1a3.6 3.6 0 0 0 0-5.2",
  unfold: "M5.5 3 11.5 8l-6 5z",
  fold: "M3 5.5h10l-5 6z",
  beat: "M8 2a2.4 2.4 0 1 1 0 4.8A2.4 2.4 0 0 1 8 2M7.2 8h1.6v4h3v1.6H4.2V12h3z",
  search:
    "M7 2.5a4.5 4.5 0 1 1-2.8 8L1.6 13.1l-1-1 2.6-2.6A4.5 4.5 0 0 1 7 2.5m0 1.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  graph: "M1.5 2h5v4h-2v2.2h5V6.5h5v4h-5V9.6h-6.4V6h-1.6z",
  hear: "M5.5 3 13 1.5v9a2 2 0 1 1-1.4-1.9V4.6L6.9 5.5v6.7A2 2 0 1 1 5.5 10.4z",
  flag: "M3 2h1.6v12H3zM5.2 2.6H13l-2.2 2.7L13 8H5.2z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="sk-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Each status has its own sign, not only its own colour. */
const SIGNS: Readonly<Record<string, IconName>> = {
  waiting: "ring",
  playing: "play",
  held: "pause",
  paused: "pause",
  played: "check",
  finished: "check",
  reused: "again",
  failed: "cross",
  cut: "cut",
  stopped: "stop",
  muted: "bar",
  skipped: "bar",
  blocked: "bar",
};

export function Sign({ status }: { status: string }) {
  return (
    <span class="sk-sign" data-status={status}>
      <Icon name={SIGNS[status] ?? "dot"} />
    </span>
  );
}
