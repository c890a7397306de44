// `npm run size`: what is installed, in MB, the largest packages first. With --prune, as `npm ci` runs it: what nothing here
// ever reads goes first. That is 67 MB of headers beside the binary of the package `node`, 24 MB of types for a TypeScript
// before 4, 13 MB of source maps of other people's packages, and 5 MB of binaries for other systems than this one.
const { lstatSync, readdirSync, rmSync } = require("node:fs");
const { join } = require("node:path");

const modules = join(__dirname, "..", "node_modules");
const LARGEST = 15;

if (process.argv.includes("--prune")) prune();
else report();

function prune() {
  const prebuilds = join(modules, "classic-level", "prebuilds");
  const elsewhere = namesIn(prebuilds).filter((name) => !name.startsWith(process.platform));
  const unread = [
    ...headersOfNode(),
    ...elsewhere.map((name) => join(prebuilds, name)),
    ...below(modules).filter((path) => path.endsWith(".map") || path.endsWith(join("dist-types", "ts3.4"))),
  ];
  for (const path of unread) rmSync(path, { recursive: true, force: true });
}

/** Every file and folder below a folder, but for what is only linked there. */
function below(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
}

function headersOfNode() {
  const packages = join(modules, "node", "node_modules");
  return namesIn(packages)
    .filter((name) => /^node-(bin-)?\w+-\w+$/.test(name))
    .flatMap((name) => ["include", "share"].map((folder) => join(packages, name, folder)));
}

function report() {
  const seen = new Set();
  // Folders with a dot are caches of tests and commands, which nobody installed.
  const sizes = namesIn(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@") ? namesIn(join(modules, name)).map((one) => `${name}/${one}`) : [name],
    )
    .map((name) => ({ name, bytes: bytesOf(join(modules, name), seen) }))
    .sort((a, b) => b.bytes - a.bytes);
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { name, bytes } of sizes.slice(0, LARGEST)) console.log(`${megabytes(bytes)}  ${name}`);
  console.log(`${megabytes(total)}  all ${sizes.length}`);
}

/** On the disk, in blocks, as `du` counts; a file that is linked twice counts once. */
function bytesOf(path, seen) {
  const { ino, blocks, size } = lstatSync(path);
  if (seen.has(ino)) return 0;
  seen.add(ino);
  const own = blocks === undefined ? size : blocks * 512;
  return namesIn(path).reduce((sum, name) => sum + bytesOf(join(path, name), seen), own);
}

function namesIn(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(path) : [];
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1024 / 1024)} MB`.padStart(7);
}
