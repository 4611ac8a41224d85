/** What a key does, by its name. */
export type Keys = Readonly<Record<string, () => void>>;

/** Lets keys do something in an element; with a modifier they are somebody else's. */
export function onKeys(node: HTMLElement, keys: Keys, signal: AbortSignal): void {
  node.addEventListener(
    "keydown",
    (event) => {
      const key = keys[event.key];
      if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      key();
    },
    { signal },
  );
}
