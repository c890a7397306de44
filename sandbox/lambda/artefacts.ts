import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, normalize, sep } from "node:path";
import { unzipSync } from "fflate";

/** Where a function's package is, as the template says. */
export interface CodeLocation {
  readonly bucket: string;
  readonly key: string;
}

/** Reads a package. @throws {Error} where there is none, saying where it was looked for */
export type ReadCode = (location: CodeLocation) => Uint8Array;

/** The packages `serverless package` wrote to a directory: as if they were uploaded, whatever the bucket. */
export function packagesIn(packageDir: string): ReadCode {
  return ({ key }) => {
    const file = join(packageDir, basename(key));
    if (existsSync(file)) return readFileSync(file);
    const found = existsSync(packageDir) ? readdirSync(packageDir).join(", ") : "no such directory";
    throw new Error(`The package ${file} is not there (found: ${found}). Was it packaged?`);
  };
}

export interface Artefacts {
  /** Reads a package, and unpacks it when it is first asked where it is: most functions of an account never run. */
  take(location: CodeLocation): () => string;
  remove(): void;
}

/** An account's packages, unpacked to temporary directories. */
export function createArtefacts(read: ReadCode): Artefacts {
  const taken = new Map<string, () => string>();
  const held: string[] = [];
  return {
    take(location) {
      const name = `${location.bucket}/${location.key}`;
      const known = taken.get(name);
      if (known) return known;
      const zip = read(location);
      let directory: string | undefined;
      const unpacked = () => {
        if (directory === undefined) {
          directory = hold(name, zip);
          held.push(directory);
        }
        return directory;
      };
      taken.set(name, unpacked);
      return unpacked;
    },
    remove() {
      for (const directory of held.splice(0)) release(directory);
    },
  };
}

/**
 * The same package is in the same directory for every account of this process, so that what Node has compiled of it
 * is found again. How many accounts hold each directory.
 */
const holders = new Map<string, number>();
let root: string | undefined;

function hold(name: string, zip: Uint8Array): string {
  root ??= createRoot();
  const directory = join(root, createHash("sha256").update(zip).digest("hex"));
  const count = holders.get(directory) ?? 0;
  if (count === 0) unzip(name, zip, directory);
  holders.set(directory, count + 1);
  return directory;
}

function release(directory: string): void {
  const count = (holders.get(directory) ?? 1) - 1;
  holders.set(directory, count);
  if (count === 0) rmSync(directory, { recursive: true, force: true });
}

/** What is compiled stays in it until the process ends. */
function createRoot(): string {
  const directory = mkdtempSync(join(tmpdir(), "reflex-functions-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** @param file for messages */
export function unzip(file: string, zip: Uint8Array, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    const path = normalize(join(target, name));
    if (!path.startsWith(target + sep)) throw new Error(`${file} holds ${name}, which is outside of it.`);
    if (name.endsWith("/")) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
