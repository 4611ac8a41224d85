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
  branch:
    "M4 2.2a1.8 1.8 0 0 1 .8 3.4v4.8A1.8 1.8 0 1 1 3.2 10.4V5.6A1.8 1.8 0 0 1 4 2.2m8 0a1.8 1.8 0 0 1 .8 3.4C12.7 8.3 9.600 9 6.300 9.600V8c2.700-.5 4.800-1 4.900-2.400A1.8 1.8 0 0 1 12 2.200",
  enter: "M2.500 7.200h6L6 4.700l1.100-1.100L11.500 8l-4.400 4.400L6 11.300l2.500-2.500h-6zM12 3h1.600v10H12z",
  mute: "M2.500 6h2.700L9 2.800v10.400L5.200 10H2.500zM10.300 6.900l1-1 1.300 1.300 1.300-1.300 1 1L13.600 8l1.300 1.200-1 1-1.300-1.300-1.300 1.300-1-1L11.600 8z",
  sound: "M2.500 6h2.700L9 2.800v10.400L5.200 10H2.500zM10.500 5.500a3.500 3.500 0 0 1 0 5zM11.500 3.300a6 6 0 0 1 0 9.400l.9 1a7.400 7.400 0 0 0 0-11.400z",
  unfold: "M5.500 3 11 8l-5.500 5z",
  fold: "M3 5.500h10L8 11z",
  beat: "M6.500 2.500h3L12 13.500H4zM7.700 4l-1.800 8h4.200L8.500 4zM7.400 9.500l4-5 .8.6-4 5z",
  gear: "M8 1.500v2M8 12.500v2",
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
