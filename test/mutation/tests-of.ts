import { createHash } from "node:crypto";
import { importsOf, repositoryFiles, targetOf, textOf } from "../architecture/source.ts";

/** Everything that a file imports, itself included, without types. */
export class ImportClosures {
  readonly #direct = new Map<string, readonly string[]>();
  readonly #hashes = new Map<string, string>();

  of(file: string): ReadonlySet<string> {
    const found = new Set<string>();
    const waiting = [file];
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      if (found.has(one)) continue;
      found.add(one);
      waiting.push(...this.directOf(one));
    }
    return found;
  }

  directOf(file: string): readonly string[] {
    const known = this.#direct.get(file);
    if (known !== undefined) return known;
    const direct = importsOf(file)
      .filter(({ typeOnly }) => !typeOnly)
      .flatMap(({ specifier }) => targetOf(file, specifier) ?? [])
      .filter((target) => this.#exists(target));
    this.#direct.set(file, direct);
    return direct;
  }

  /** Of the text of all these files: other when any of them is. */
  hashOf(file: string): string {
    const hash = createHash("sha256");
    for (const one of [...this.of(file)].sort()) hash.update(`${one} ${this.#textHashOf(one)}\n`);
    return hash.digest("hex");
  }

  #textHashOf(file: string): string {
    const hash = this.#hashes.get(file) ?? hashOf(textOf(file));
    this.#hashes.set(file, hash);
    return hash;
  }

  readonly #files = new Set(repositoryFiles());
  #exists(file: string): boolean {
    return this.#files.has(file);
  }
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * The unit tests that may come past the files: those of the same automation or shared folder that import one of them at all, and
 * those that import one directly. What is farther off is no test of these files.
 */
export function testsOf(files: readonly string[], closures: ImportClosures): readonly string[] {
  const folders = new Set(files.map((file) => `test/${file.split("/").slice(0, 2).join("/")}/`));
  const tests = repositoryFiles().filter((file) => /^test\/(?!e2e\/).*\.test\.ts$/.test(file));
  return tests.filter((test) => {
    const isNear = [...folders].some((folder) => test.startsWith(folder));
    const imported = isNear ? closures.of(test) : new Set(closures.directOf(test));
    return files.some((file) => imported.has(file));
  });
}
