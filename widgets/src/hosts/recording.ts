/** The recording in a notebook's output: `application/vnd.score-kernel+json`, version 1. */
import { decode, type Event } from "../wire";

export const MIME_TYPE = "application/vnd.score-kernel+json";
const VERSION = 1;

/** The most that a recording may unpack to, in bytes: a notebook of somebody else must not eat the memory. */
const MOST = 256 * 2 ** 20;

/** What can be shown of a recording: its events, or one line that tells why there are none. */
export type Recording =
  | { key: string; take: string; live: boolean; events: Event[]; told: string }
  | { key: string; live: boolean; line: string };

const [SLOWEST, FASTEST] = [0.25, 16];

/** How fast the data of an output asks to be played from its start, in times its pace; null if it does not. */
export function replayOf(data: unknown): number | null {
  const asked = (data as { replay?: unknown } | null)?.replay;
  return typeof asked === "number" ? Math.min(Math.max(asked, SLOWEST), FASTEST) : null;
}

/** Reads the data of an output. Never rejects: what cannot be read is told in one line. */
export async function read(data: unknown): Promise<Recording> {
  const found = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
  const { format, version, take, events, file, text } = found;
  const told = typeof found.told === "string" ? found.told : "";
  const key = typeof found.key === "string" ? found.key : "";
  const live = found.live === true;
  if (format === "score-kernel" && typeof version === "number" && version > VERSION) {
    const line = `A newer Score Kernel saved this (format ${version}). To see it move: pip install -U score-kernel`;
    return { key, live, line };
  }
  if (format === "score-kernel" && version === VERSION) {
    if (typeof events === "string" && typeof take === "string") {
      try {
        return { key, take, live, events: await unpack(fromBase64(events)), told };
      } catch {
        // told below
      }
    } else if (typeof text === "string") {
      return { key, live, line: typeof file === "string" ? `${text} It is in ${file}.` : text };
    }
  }
  return {
    key,
    live,
    line: "The recording in this output cannot be read. Run the cell again to have it back.",
  };
}

/** The events of JSON Lines, gzipped or not. Rejects if they are none. */
export async function unpack(bytes: Uint8Array<ArrayBuffer>): Promise<Event[]> {
  return decode(await inflated(bytes));
}

/** A text, gzipped or not. Rejects if it cannot be unpacked, or is too large. */
export async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return zipped ? gunzip(bytes) : new TextDecoder().decode(bytes);
}

async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > MOST) throw new RangeError("the recording is too large");
    text += decoder.decode(value, { stream: true });
  }
}

/** The bytes that a text stands for. Throws if it is no base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The picture in an output's HTML, if it holds one: only our own data URI, nothing else of the HTML. */
export function picture(html: unknown): HTMLImageElement | null {
  if (typeof html !== "string") return null;
  const found = new DOMParser().parseFromString(html, "text/html").querySelector("img");
  const source = found?.getAttribute("src") ?? "";
  if (!found || !source.startsWith("data:image/svg+xml;base64,")) return null;
  const image = document.createElement("img");
  image.src = source;
  image.alt = found.alt;
  image.style.maxWidth = "100%";
  return image;
}
