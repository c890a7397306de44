// `npm run size`: what is installed, in MB, the largest packages first. With --prune, as `npm ci` runs it: the headers
// that the package `node` leaves beside its binary go first, 67 MB that nobody compiles against.
const { lstatSync, readdirSync, rmSync } = require("node:fs");
const { join } = require("node:path");

const modules = join(__dirname, "..", "node_modules");
const LARGEST = 15;

if (process.argv.includes("--prune")) prune();
else report();

function prune() {
  for (const folder of ["include", "share"]) {
    const packages = join(modules, "node", "node_modules");
    for (const name of namesIn(packages).filter((one) => /^node-(bin-)?\w+-\w+$/.test(one))) {
      rmSync(join(packages, name, folder), { recursive: true, force: true });
    }
  }
}

function report() {
  const seen = new Set();
  const sizes = namesIn(modules)
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
