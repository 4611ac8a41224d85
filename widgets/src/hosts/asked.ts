/** What colours code, from the kernel: the bundle runs from a Blob, and nothing stands beside that. */
import { bytes } from "./connection";
import { inflated } from "./recording";
import type { Model } from "./registry";

/** Asks a performance's kernel for `code.js`, and runs that. Rejects where it cannot answer any more (`gone`). */
export async function codeOf(model: Model, gone: AbortSignal): Promise<void> {
  const text = await inflated(await answer(model, gone));
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function answer(model: Model, gone: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const hear = (message: { type: string }, buffers?: readonly (ArrayBuffer | ArrayBufferView)[]) => {
      if (message.type !== "code") return;
      model.off("msg:custom", hear);
      resolve(bytes(buffers?.[0]));
    };
    gone.addEventListener("abort", () => {
      model.off("msg:custom", hear);
      reject(gone.reason);
    });
    model.on("msg:custom", hear);
    model.send({ type: "code" }); // throws, and so rejects, where the comm is closed
  });
}
