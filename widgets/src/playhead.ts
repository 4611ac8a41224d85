/** Where the playhead is and how it moves: pure. And where the present is, while a take still plays. */

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16] as const;

export interface Playhead {
  /** ms since the take began. */
  readonly time: number;
  /** It replays, at `speed`. */
  readonly rolling: boolean;
  /** It stays at the present. */
  readonly following: boolean;
  readonly speed: number;
}

/** At the end of what is there, or at the present of what still plays. */
export function atEnd(end: number, speed = 1): Playhead {
  return { time: end, rolling: false, following: true, speed };
}

/** Put somewhere by hand: it stands there. */
export function scrubbed(head: Playhead, time: number, end: number): Playhead {
  const clamped = Math.min(Math.max(time, 0), end);
  return { ...head, time: clamped, following: false };
}

/** Play was pressed: from where it is, or from the beginning if it is at the end already. */
export function played(head: Playhead, end: number): Playhead {
  return { ...head, time: head.time >= end ? 0 : head.time, rolling: true, following: false };
}

export function rested(head: Playhead): Playhead {
  return { ...head, rolling: false, following: false };
}

/** After `elapsed` ms of the clock on the wall. `live`: what is at `end` is the present, and moves on. */
export function advanced(head: Playhead, elapsed: number, end: number, live: boolean): Playhead {
  if (head.following) return head.time === end ? head : { ...head, time: end };
  if (!head.rolling) return head.time <= end ? head : { ...head, time: end };
  const time = head.time + elapsed * head.speed;
  if (time < end) return { ...head, time };
  return live ? atEnd(end, head.speed) : { ...head, time: end, rolling: false, following: true };
}

/**
 * The take's own time, now: events tell when they happened, and between them the clock goes on.
 *
 * The offset to the clock is the largest that was seen (the event that was quickest here), so the
 * present never goes back.
 */
export class Present {
  #offset = Number.NEGATIVE_INFINITY;

  /** Something happened at `at`; the clock says `now`. */
  heard(at: number, now: number): void {
    this.#offset = Math.max(this.#offset, at - now);
  }

  /** The take stood still, and goes on from `at`. */
  restart(at: number, now: number): void {
    this.#offset = at - now;
  }

  time(now: number): number {
    return Math.max(0, now + this.#offset);
  }
}
