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
import { dirname, join, normalize, sep } from "node:path";
import { unzipSync } from "fflate";

export interface Artefacts {
  /** Unpacks a package of the directory, once, and returns where it is. */
  unpack(fileName: string): string;
  remove(): void;
}

/** The packages `serverless package` wrote to a directory, unpacked to a temporary one. */
export function createArtefacts(packageDir: string): Artefacts {
  const root = mkdtempSync(join(tmpdir(), "reflex-functions-"));
  const remove = () => rmSync(root, { recursive: true, force: true });
  process.once("exit", remove);
  const unpacked = new Map<string, string>();
  return {
    unpack(fileName) {
      const known = unpacked.get(fileName);
      if (known) return known;
      const target = join(root, fileName.replace(/\.zip$/, ""));
      unzip(join(packageDir, fileName), target);
      unpacked.set(fileName, target);
      return target;
    },
    remove() {
      process.off("exit", remove);
      remove();
    },
  };
}

function unzip(file: string, target: string): void {
  if (!existsSync(file)) {
    const found = existsSync(dirname(file)) ? readdirSync(dirname(file)).join(", ") : "no such directory";
    throw new Error(`The package ${file} is not there (found: ${found}). Was it packaged?`);
  }
  mkdirSync(target, { recursive: true });
  for (const [name, content] of Object.entries(unzipSync(readFileSync(file)))) {
    const path = normalize(join(target, name));
    if (!path.startsWith(target + sep)) throw new Error(`${file} holds ${name}, which is outside of it.`);
    if (name.endsWith("/")) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
