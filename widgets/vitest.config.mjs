import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { transformSync } from "esbuild";
import { defineConfig } from "vitest/config";

/** Style sheets as text, under a name that Vite does not take for CSS; with no rule in another, which jsdom cannot read. */
const cssAsText = {
  name: "css-as-text",
  enforce: "pre",
  resolveId(source, importer) {
    return source.endsWith(".css") ? `\0${resolve(dirname(importer), source)}.js` : null;
  },
  load(id) {
    if (!id.startsWith("\0") || !id.endsWith(".css.js")) return null;
    const { code } = transformSync(readFileSync(id.slice(1, -3), "utf8"), {
      loader: "css",
      target: "chrome111",
    });
    return `export default ${JSON.stringify(code)}`;
  },
};

export default defineConfig({
  plugins: [cssAsText],
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "jsdom",
    restoreMocks: true,
    // generous: no test may fail for the machine's load
    testTimeout: 60_000,
    slowTestThreshold: 10_000,
  },
});
