/**
 * Builds the score view for its hosts, into `score_kernel/view/static`:
 *
 * - `widget.js`                the anywidget: one ES module, styles and all
 * - `labextension/`            the extension for JupyterLab and Notebook: the view of outputs in its entry,
 *                              and what it adds to notebooks in a file of its own
 * - `page.js`, `view.css`      the script of a saved page, and the styles that the view puts into it
 * - `code.js`                  what colours code, loaded when there is some: one script for every host, and
 *                              beside the extension's own once more
 * - `THIRD-PARTY-NOTICES.txt`  the licences of what is bundled in them
 *
 * `node build.mjs --watch` builds `widget.js` again at every change: with ANYWIDGET_HMR=1 it is seen
 * in the page at once. `node build.mjs --script entry.ts out.js` bundles another script of these sources, as
 * benchmarks and tests do.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "score_kernel", "view", "static");
const extension = join(out, "labextension");
const target = "es2022";

/** Styles as the view puts them into its page; a saved page lets no other text hold. */
async function minified(path) {
  const source = await readFile(path, "utf8");
  return (await esbuild.transform(source, { loader: "css", minify: true, target })).code;
}

const styles = {
  name: "styles",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => ({
      contents: await minified(path),
      loader: "text",
    }));
  },
};

/** What is bundled to be put into another bundle, as text. */
async function text(options, plugins = []) {
  const built = await esbuild.build({
    ...{ absWorkingDir: here, bundle: true, minify: true, target, format: "esm", write: false },
    ...options,
    metafile: true,
    plugins,
  });
  const files = Object.keys(built.metafile.inputs).map((input) => join(here, input));
  return { code: built.outputFiles[0].text, files };
}

/** Whatever a module imports from beside it is this. */
function instead(contents) {
  const setup = (build) => {
    build.onResolve({ filter: /^\./ }, () => ({ path: "it", namespace: "instead" }));
    build.onLoad({ filter: /./, namespace: "instead" }, () => ({ contents }));
  };
  return { name: "instead", setup };
}

/**
 * `./worker?worker&inline`, as Vite has it too: a class that starts the worker, from text in the bundle.
 *
 * What the worker imports is in the bundle already, for the page draws with it too. So that it is not there twice
 * it stands in a function: the page calls it for what it exports, and the worker begins with its text.
 */
const workers = {
  name: "workers",
  setup(build) {
    let parts;
    build.onStart(async () => {
      parts = await partsOf(join(here, "src", "raster", "worker.ts"));
    });
    const own = (path) => ({ path, namespace: "workers" });
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      if (path.endsWith("worker?worker&inline")) return own("worker");
      return path === "./shared" || parts.files.includes(join(resolveDir, `${path}.ts`))
        ? own("shared")
        : null;
    });
    build.onLoad({ filter: /^shared$/, namespace: "workers" }, () => ({
      contents: parts.shared,
      watchFiles: parts.files,
    }));
    build.onLoad({ filter: /^worker$/, namespace: "workers" }, () => ({
      contents: `import { shared } from "./shared";
        export default class extends Worker {
          constructor() {
            const code = ["const shared=", shared, ";", ${JSON.stringify(parts.work)}];
            const address = URL.createObjectURL(new Blob(code, { type: "text/javascript" }));
            try {
              super(address);
            } finally {
              URL.revokeObjectURL(address);
            }
          }
        }`,
      watchFiles: [parts.worker],
    }));
  },
};

/** A worker's script in two parts: a module of what it imports (all `files` but itself), and the rest of it. */
async function partsOf(worker) {
  const found = await text({ entryPoints: [worker] });
  const files = found.files.filter((file) => file !== worker);
  const all = files.map((file) => `export * from ${JSON.stringify(file)};`).join("");
  const { code } = await text({ stdin: { contents: all, resolveDir: here } });
  const [, body, exported] = /^(.*)export\{(.*)\};\s*$/s.exec(code);
  const names = exported.split(",").map((one) => one.split(" as ").reverse());
  const given = names.map(([name, local = name]) => `${name}:${local}`).join();
  const taken = `export const {${names.map(([name]) => name).join()}}=shared();`;
  const work = await text({ entryPoints: [worker] }, [instead(taken)]);
  return {
    worker,
    files,
    shared: `export const shared=()=>{${body}return{${given}}};${taken}`,
    work: work.code,
  };
}

/**
 * Of `marked` only its lexer: text is cut into tokens, and HTML is never made. Its one module also makes an
 * instance of all of it, which no bundler may leave out; without that instance the rest is left out as unused.
 * So is what only other options than its own lead to, which nobody sets.
 */
const lexer = {
  name: "lexer",
  setup(build) {
    build.onLoad({ filter: /[\\/]marked\.esm\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const instance = /;var (\w+)=new (\w+);function \w+\(\w+,\w+\)\{return \1\.parse\(/.exec(source);
      const name = /export\{.*\b(\w+) as Lexer\b/.exec(source)?.[1];
      if (!instance || !name) throw new Error("marked is not what it was: see what is to be left out of it");
      const used = source
        .slice(0, instance.index)
        .replace(/\bthis\.options\.(?:pedantic|breaks)\b/g, "false")
        .replace(/\bthis\.options\.gfm\b/g, "true");
      return { contents: `${used};export{${name} as Lexer};`, loader: "js" };
    });
  },
};

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target,
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [styles, workers, lexer],
  legalComments: "none", // THIRD-PARTY-NOTICES.txt has them whole
  metafile: true,
  logLevel: "warning",
};
const widget = {
  ...common,
  entryPoints: ["src/hosts/anywidget.ts"],
  format: "esm",
  outfile: join(out, "widget.js"),
};
const lab = {
  ...common,
  entryPoints: ["src/hosts/lab.ts"],
  format: "iife",
  outfile: join(extension, "static", "remoteEntry.js"),
};
const notebook = {
  ...common,
  entryPoints: ["src/lab/extension.ts"],
  format: "esm",
  outfile: join(extension, "static", "notebook.js"),
};
const page = {
  ...common,
  entryPoints: ["src/hosts/page.ts"],
  format: "iife",
  outfile: join(out, "page.js"),
};
const code = {
  ...common,
  entryPoints: ["src/code.ts"],
  format: "iife",
  outfile: join(out, "code.js"),
};

if (process.argv[2] === "--script") {
  const [entry, outfile] = process.argv.slice(3);
  await squeezed({ ...common, entryPoints: [entry], format: "iife", outfile });
} else if (process.argv.includes("--watch")) {
  const context = await esbuild.context({ ...widget, logLevel: "info" });
  await context.watch();
} else {
  await build();
}

async function build() {
  await rm(out, { recursive: true, force: true });
  await mkdir(join(extension, "static"), { recursive: true });
  const built = await Promise.all([widget, lab, notebook, page, code].map(squeezed));
  for (const { outfile } of [page, code]) refuseTags(outfile, await readFile(outfile, "utf8"));
  await copyFile(code.outfile, join(extension, "static", "code.js"));
  await writeFile(join(out, "view.css"), await minified(join(here, "src", "theme.css")));
  await writeFile(join(extension, "package.json"), `${JSON.stringify(await manifest(), null, 2)}\n`);
  const told = await notices(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
  await writeFile(join(out, "THIRD-PARTY-NOTICES.txt"), told);
  await writeFile(join(extension, "THIRD-PARTY-NOTICES.txt"), told);
}

/** Builds a bundle. What esbuild makes is small; `terser`, which looks longer, takes off another thirtieth. */
async function squeezed(options) {
  const built = await esbuild.build(options);
  const compress = { ecma: 2022, passes: 3 };
  const code = await readFile(options.outfile, "utf8");
  const less = await minify(code, { ecma: 2022, module: options.format === "esm", compress });
  await writeFile(options.outfile, less.code);
  return built;
}

/** Within a script element neither may stand: HTML would see another begin, or this one end. */
function refuseTags(path, script) {
  const found = /<\/?script[\s/>]/i.exec(script);
  if (found) throw new Error(`${basename(path)} has a ${found[0]} in it, and cannot stand in a page`);
}

/** What JupyterLab reads to load the extension: a prebuilt one, as its own builder would write it. */
async function manifest() {
  const project = await readFile(join(here, "..", "pyproject.toml"), "utf8");
  const version = /^version = "(.+)"$/m.exec(project)?.[1];
  if (!version) throw new Error("pyproject.toml has no version");
  return {
    name: "score-kernel",
    version,
    description:
      "Shows performances of Score Kernel, live and saved, and highlights the cells of its magics.",
    license: "MIT",
    jupyterlab: {
      mimeExtension: true,
      extension: true,
      outputDir: ".",
      _build: {
        load: "static/remoteEntry.js",
        mimeExtension: "./mimeExtension",
        extension: "./extension",
      },
    },
  };
}

/** The licence texts of the packages that bundled files came from. */
async function notices(inputs) {
  const folders = new Set(
    inputs.map((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean),
  );
  const found = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(here, folder, "package.json"), "utf8"));
    const files = (await readdir(join(here, folder))).filter((file) => /^licen[cs]e/i.test(file)).sort();
    if (files.length === 0) throw new Error(`${name} has no licence file`);
    const texts = await Promise.all(files.map((file) => readFile(join(here, folder, file), "utf8")));
    found.push(`${name} ${version} (${license})\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`);
  }
  return `The score view bundles these packages:\n\n${found.join(`\n${"-".repeat(78)}\n\n`)}`;
}
