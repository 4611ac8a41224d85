/**
 * The host of a page that was saved: one file, opened from anywhere, with no kernel and no network.
 *
 * `score_kernel/view/page.py` writes the page. The recording stands in it as text that does nothing; its
 * Content-Security-Policy lets this script run and the view's styles hold, each by its hash, and nothing else.
 */
import { loadFrom } from "../highlight";
import { mount } from "../view";
import { fromBase64, picture, unpack } from "./recording";

const UNREADABLE =
  "The recording in this page cannot be read: the file is broken, or this browser is too old. " +
  "%score load tells more.";

/** Shows the recording of this page; where that cannot be, its picture and one line. */
export async function open(): Promise<void> {
  const [root, recording] = [document.getElementById("score"), document.getElementById("recording")];
  if (!root || !recording) return;
  const take = root.dataset.take ?? "";
  try {
    const events = await unpack(fromBase64(recording.textContent));
    mount(root, events, { take, live: false });
  } catch {
    const line = document.createElement("p");
    line.textContent = UNREADABLE;
    const image = picture(document.querySelector("noscript")?.textContent);
    root.replaceChildren(...(image ? [image, line] : [line]));
  }
}

/**
 * Runs what colours code, which stands in the page as text that does nothing: as the text of a script its
 * hash lets it run.
 */
async function load(): Promise<void> {
  const text = document.getElementById("code");
  const script = document.createElement("script");
  script.textContent = text?.textContent ?? "";
  text?.replaceWith(script);
}

loadFrom(load);
void open();
