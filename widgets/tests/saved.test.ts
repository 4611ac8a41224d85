/** The host of a saved page: its recording is shown, or its picture and one line. */
import { Blob as NodeBlob } from "node:buffer";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { open } from "../src/hosts/page";
import { lines } from "./fixtures";
import { byRole, pass, useStage } from "./page";

useStage();
beforeEach(() => {
  vi.stubGlobal("Blob", NodeBlob); // jsdom's cannot be streamed
});
afterEach(() => document.body.replaceChildren());

const PICTURE = '<figure><img alt="5 parts" src="data:image/svg+xml;base64,PHN2Zy8+"></figure>';

/** A page as it is saved, but for its head. */
function saved(recording: string): HTMLElement {
  document.body.innerHTML = '<main id="score" data-take="take1"></main>';
  const [script, still] = [document.createElement("script"), document.createElement("noscript")];
  Object.assign(script, { id: "recording", type: "application/gzip", textContent: recording });
  still.textContent = PICTURE;
  document.body.append(script, still);
  return document.getElementById("score") as HTMLElement;
}

test("a page shows the recording that is in it", async () => {
  const root = saved(gzipSync(lines("plain")).toString("base64"));
  await open();
  pass(20);
  expect(byRole(root, "slider", "Playhead")).toBeTruthy();
  expect(root.textContent).toContain("finished");
  expect(root.querySelector("img")).toBeNull();
});

test.each([
  ["no base64", "*"],
  ["nothing that was packed", btoa("hello")],
  ["a recording that breaks off", gzipSync(lines("plain")).toString("base64").slice(0, 400)],
  ["no events", gzipSync("{}\n").toString("base64")],
])("a page with %s shows its picture and one line", async (_, recording) => {
  const root = saved(recording);
  await open();
  expect(root.querySelector("img")?.alt).toBe("5 parts");
  expect(root.textContent).toMatch(/^The recording in this page cannot be read: .*%score load tells more\.$/);
});

test("a page that holds no score is left as it is", async () => {
  document.body.textContent = "another page";
  await open();
  expect(document.body.textContent).toBe("another page");
});
