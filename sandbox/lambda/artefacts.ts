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

/** Functions' packages, unpacked to a temporary directory. */
export function createArtefacts(read: ReadCode): Artefacts {
  const root = mkdtempSync(join(tmpdir(), "reflex-functions-"));
  const remove = () => rmSync(root, { recursive: true, force: true });
  process.once("exit", remove);
  const taken = new Map<string, () => string>();
  return {
    take(location) {
      const name = `${location.bucket}/${location.key}`;
      const known = taken.get(name);
      if (known) return known;
      const target = join(root, `${taken.size}-${basename(location.key, ".zip")}`);
      let zip: Uint8Array | undefined = read(location);
      const unpacked = () => {
        if (zip) unzip(name, zip, target);
        zip = undefined;
        return target;
      };
      taken.set(name, unpacked);
      return unpacked;
    },
    remove() {
      process.off("exit", remove);
      remove();
    },
  };
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
