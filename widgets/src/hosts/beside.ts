/**
 * What stands beside the script that JupyterLab loads, and is loaded from there when it is needed.
 *
 * JupyterLab runs that script as the page's own, and serves its folder as it is.
 */
const script = document.currentScript; // only while it runs for the first time
const here = script instanceof HTMLScriptElement ? script.src : "";

/** Imports a file of that folder, by its name. Rejects where that cannot be. */
export async function beside(name: string): Promise<unknown> {
  return import(/* @vite-ignore */ new URL(name, here).href);
}
