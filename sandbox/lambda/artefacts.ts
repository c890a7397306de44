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
  /** Unpacks a package, once, and returns where it is. */
  unpack(location: CodeLocation): string;
  remove(): void;
}

/** Functions' packages, unpacked to a temporary directory. */
export function createArtefacts(read: ReadCode): Artefacts {
  const root = mkdtempSync(join(tmpdir(), "reflex-functions-"));
  const remove = () => rmSync(root, { recursive: true, force: true });
  process.once("exit", remove);
  const unpacked = new Map<string, string>();
  return {
    unpack(location) {
      const name = `${location.bucket}/${location.key}`;
      const known = unpacked.get(name);
      if (known) return known;
      const target = join(root, `${unpacked.size}-${basename(location.key, ".zip")}`);
      unzip(name, read(location), target);
      unpacked.set(name, target);
      return target;
    },
    remove() {
      process.off("exit", remove);
      remove();
    },
  };
}

function unzip(file: string, zip: Uint8Array, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    const path = normalize(join(target, name));
    if (!path.startsWith(target + sep)) throw new Error(`${file} holds ${name}, which is outside of it.`);
    if (name.endsWith("/")) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
