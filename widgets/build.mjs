/**
 * Builds the score view for its hosts, into `score_kernel/view/static`:
 *
 * - `widget.js`                the anywidget: one ES module, styles and all
 * - `labextension/`            the extension for JupyterLab and Notebook: the view of outputs in its entry,
 *                              and what it adds to notebooks in a file of its own
 * - `page.js`, `view.css`      the script of a saved page, and the styles that the view puts into it
 * - `THIRD-PARTY-NOTICES.txt`  the licences of what is bundled in them
 *
 * `node build.mjs --watch` builds `widget.js` again at every change: with ANYWIDGET_HMR=1 it is seen
 * in the page at once.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

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

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target,
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [styles],
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

if (process.argv.includes("--watch")) {
  const context = await esbuild.context({ ...widget, logLevel: "info" });
  await context.watch();
} else {
  await build();
}

async function build() {
  await rm(out, { recursive: true, force: true });
  await mkdir(join(extension, "static"), { recursive: true });
  const built = await Promise.all([widget, lab, notebook, page].map((options) => esbuild.build(options)));
  refuseTags(await readFile(page.outfile, "utf8"));
  await writeFile(join(out, "view.css"), await minified(join(here, "src", "theme.css")));
  await writeFile(join(extension, "package.json"), `${JSON.stringify(await manifest(), null, 2)}\n`);
  const told = await notices(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
  await writeFile(join(out, "THIRD-PARTY-NOTICES.txt"), told);
  await writeFile(join(extension, "THIRD-PARTY-NOTICES.txt"), told);
}

/** Within a script element neither may stand: HTML would see another begin, or this one end. */
function refuseTags(script) {
  const found = /<\/?script[\s/>]/i.exec(script);
  if (found) throw new Error(`page.js has a ${found[0]} in it, and cannot stand in a page`);
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
