/** Hear it: what plays, as music. Off until it is asked for; nothing of it is loaded from anywhere. */
import { signal } from "@preact/signals";
import type { Sound } from "./model/sounds";

/** Steps of the major pentatonic scale, in semitones: whatever sounds together sounds well. */
const SCALE = [0, 2, 4, 7, 9] as const;
/** Each voice has its timbre and its register, in semitones from A3. */
const VOICES: readonly (readonly [OscillatorType, number])[] = [
  ["triangle", 3],
  ["sine", -9],
  ["square", 15],
  ["sawtooth", -21],
  ["sine", 15],
  ["triangle", -9],
];
const A3 = 220;
const LOUDNESS: Readonly<Record<OscillatorType, number>> = {
  sine: 0.16,
  triangle: 0.14,
  square: 0.035,
  sawtooth: 0.045,
  custom: 0,
};

/** How long each sound is, in seconds. */
const LENGTH: Readonly<Record<Sound["kind"], number>> = { note: 0.22, flag: 0.7, hold: 2.4, failed: 0.9 };

function pitch(semitones: number): number {
  return A3 * 2 ** (semitones / 12);
}

export class Hearing {
  readonly on = signal(false);
  #context: AudioContext | null = null;
  #out: AudioNode | null = null;

  /** Whether this browser can. */
  static get possible(): boolean {
    return typeof AudioContext === "function";
  }

  /** Call it in answer to a click: a page may not begin to sound by itself. */
  toggle(): void {
    this.on.value = !this.on.peek();
    if (!this.on.peek()) {
      void this.#context?.suspend();
      return;
    }
    if (!this.#context) {
      this.#context = new AudioContext();
      // many voices together get no louder than one
      this.#out = this.#context.createDynamicsCompressor();
      this.#out.connect(this.#context.destination);
    }
    void this.#context.resume();
  }

  /** Plays sounds that came after `from` (ms), at `speed` times their pace. */
  play(sounds: readonly Sound[], from: number, speed: number): void {
    if (!this.on.peek() || !this.#context) return;
    const now = this.#context.currentTime + 0.02;
    for (const sound of sounds) this.#sound(sound, now + (sound.at - from) / 1000 / speed);
  }

  close(): void {
    this.on.value = false;
    void this.#context?.close();
    this.#context = this.#out = null;
  }

  #sound({ kind, voice, step }: Sound, at: number): void {
    const [timbre, register] = VOICES[voice % VOICES.length] as (typeof VOICES)[number];
    const tonic = register + 12 * (Math.floor(voice / VOICES.length) % 2);
    switch (kind) {
      case "note":
        this.#tone(timbre, pitch(tonic + (SCALE[step % SCALE.length] as number)), at, LENGTH.note);
        break;
      case "flag": // a semitone and a tritone: off-key
        for (const off of [6, 7, 1]) this.#tone(timbre, pitch(tonic + off), at, LENGTH.flag);
        break;
      case "hold": // a fermata
        this.#tone(timbre, pitch(tonic + 7), at, LENGTH.hold);
        break;
      case "failed":
        this.#tone("sawtooth", pitch(-24), at, LENGTH.failed, pitch(-36));
    }
  }

  #tone(timbre: OscillatorType, frequency: number, at: number, seconds: number, to = frequency): void {
    const context = this.#context as AudioContext;
    const [tone, loudness] = [context.createOscillator(), context.createGain()];
    tone.type = timbre;
    tone.frequency.setValueAtTime(frequency, at);
    if (to !== frequency) tone.frequency.exponentialRampToValueAtTime(to, at + seconds);
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(LOUDNESS[timbre], at + 0.012);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
    tone.connect(loudness);
    loudness.connect(this.#out as AudioNode);
    tone.start(at);
    tone.stop(at + seconds + 0.02);
  }
}
