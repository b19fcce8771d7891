// Builds the front end.
//
//   node build.mjs           studio/labextension: the surface as one ES module, and the JupyterLab plugin around it
//   node build.mjs --dev     dist/dev.js for dev/index.html (open that file in a browser)
//   node build.mjs --tests   dist/tests/*.mjs for `node --test`
//   node build.mjs --hash    only prints the hash of the sources
//
// The stamp studio/labextension/.stamp holds sha256 over the text made of "path\nsha256(content)\n" for each file of this folder, paths
// relative with "/", sorted by code unit; without node_modules, dist, test-results and *.tsbuildinfo. It is taken before the build, so that
// an edit during the build leaves the output stale. hatch_build.py computes the same and builds again where they differ.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, "../studio/labextension");
const NOT_SOURCE = new Set(["node_modules", "dist", "test-results"]);

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const at = (...parts) => join(HERE, ...parts);
const read = (name) => readFileSync(at(name), "utf8");

function sources(folder = "") {
  return readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) return NOT_SOURCE.has(entry.name) ? [] : sources(path);
    return entry.isFile() && !entry.name.endsWith(".tsbuildinfo") ? [path] : [];
  });
}

const workspaceHash = () => sha256(sources().sort().map((path) => `${path}\n${sha256(readFileSync(at(path)))}\n`).join(""));

const COMMON = {
  absWorkingDir: HERE,
  bundle: true,
  target: "es2022",
  jsx: "automatic",
  loader: { ".css": "text", ".svg": "text" },
  legalComments: "none",
  logLevel: "warning",
};
const browser = (production) => ({ ...COMMON, minify: production, sourcemap: production ? false : "inline", define: { "process.env.NODE_ENV": JSON.stringify(production ? "production" : "development") } });

/** The whole surface as one ES module: notebook cell, Panel app and JupyterLab tab load this very file. */
async function buildSurface(esbuild) {
  await esbuild.build({ ...browser(true), entryPoints: ["hosts/canvas.ts"], format: "esm", outfile: join(OUT, "static/canvas.js") });
}

/** The JupyterLab plugin as a module-federation container, made by hand: JupyterLab's own packages come from its share scope. */
async function buildPlugin(esbuild, name) {
  const shared = new Set();
  const external = {
    name: "lab-shared",
    setup(build) {
      build.onResolve({ filter: /^@(jupyterlab|lumino)\// }, ({ path }) => {
        shared.add(path);
        return { path, external: true };
      });
    },
  };
  const built = await esbuild.build({ ...browser(true), entryPoints: ["hosts/lab.ts"], format: "cjs", write: false, plugins: [external] });
  const entry = container(name, [...shared].sort(), built.outputFiles[0].text);
  const file = `remoteEntry.${sha256(entry).slice(0, 16)}.js`;
  writeFileSync(join(OUT, "static", file), entry);
  return file;
}

/** What JupyterLab expects of a federated extension: `init(scope)` and `get("./extension")`. Of each shared package the newest is taken. */
function container(name, shared, code) {
  return `(() => {
let scope;
const parts = (version) => version.split(/[.+-]/).map((part) => parseInt(part, 10) || 0);
const newest = (versions) => Object.keys(versions).sort((a, b) => { const x = parts(a), y = parts(b); for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return y[i] - x[i]; return 0; })[0];
(window._JUPYTERLAB = window._JUPYTERLAB || {})[${JSON.stringify(name)}] = {
  init(shared) { scope = shared; },
  async get(path) {
    if (path !== "./extension") throw new Error("${name} has no module " + path);
    const found = {};
    await Promise.all(${JSON.stringify(shared)}.map(async (need) => {
      const versions = scope[need];
      if (!versions) throw new Error("This JupyterLab does not share " + need);
      found[need] = (await versions[newest(versions)].get())();
    }));
    const module = { exports: {} };
    (function (require, module, exports) {${code}
    })((need) => found[need], module, module.exports);
    return () => module.exports;
  },
};
})();
`;
}

async function buildAll(esbuild) {
  const hash = workspaceHash();
  const began = performance.now();
  const { name, version, description, license } = JSON.parse(read("package.json"));
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(join(OUT, "static"), { recursive: true });
  await buildSurface(esbuild);
  const load = `static/${await buildPlugin(esbuild, name)}`;
  const about = { name, version, description, license, keywords: ["jupyterlab-extension"], jupyterlab: { extension: true, outputDir: ".", _build: { load, extension: "./extension" } } };
  writeFileSync(join(OUT, "package.json"), `${JSON.stringify(about, null, 2)}\n`);
  writeFileSync(join(OUT, ".stamp"), `${hash}\n`);
  const kilobytes = (file) => `${file} ${Math.round(statSync(join(OUT, file)).size / 1000)} kB`;
  console.log(`${kilobytes("static/canvas.js")}, ${kilobytes(load)}, ${Math.round(performance.now() - began)} ms`);
}

async function buildTests(esbuild) {
  rmSync(at("dist/tests"), { recursive: true, force: true });
  const tests = sources().filter((path) => path.endsWith(".test.ts"));
  await esbuild.build({ ...COMMON, entryPoints: tests, format: "esm", platform: "node", sourcemap: "inline", outdir: at("dist/tests"), outbase: HERE, entryNames: "[dir]/[name]", outExtension: { ".js": ".mjs" } });
  console.log(`${tests.length} test files`);
}

const [task] = process.argv.slice(2);
if (task === "--hash") console.log(workspaceHash());
else {
  const esbuild = await import("esbuild");
  if (task === "--dev") await esbuild.build({ ...browser(false), entryPoints: ["dev/dev.ts", "dev/plots.ts"], format: "iife", outdir: at("dist") });
  else if (task === "--tests") await buildTests(esbuild);
  else await buildAll(esbuild);
}
