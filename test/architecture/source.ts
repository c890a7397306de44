import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** Every file of the repository, by its path from the root. */
export function repositoryFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" });
  return listed.split("\0").filter((file) => file !== "" && existsSync(join(ROOT, file)));
}

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** The files with code in them. */
export function sourceFiles(): string[] {
  return repositoryFiles().filter((file) => /\.[cm]?[jt]s$/.test(file));
}

export interface Import {
  /** As it is written: `../lambda/errors.ts`, `node:fs`, `zod/mini`. */
  readonly specifier: string;
  /** It is gone when the types are: `import type`. */
  readonly typeOnly: boolean;
}

/** Statements at the beginning of a line; calls of import, require and resolve with a text, anywhere. */
const STATEMENT = /^(?:import|export)\s+(?:(type)\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const CALL = /\b(typeof\s+)?(?:import|require|require\.resolve|\)\.resolve)\(\s*"([^"]+)"\s*\)/g;
const FILE = /\bnew URL\(\s*()"(\.[^"]+\.ts)"/g;

export function importsIn(text: string): Import[] {
  return [STATEMENT, CALL, FILE].flatMap((pattern) =>
    [...text.matchAll(pattern)]
      .filter(({ index }) => !isQuoted(text, index))
      .map(([, type, specifier = ""]) => ({ specifier, typeOnly: Boolean(type) })),
  );
}

/** Within a text on its line: code that a test hands to something, not code of its own. */
function isQuoted(text: string, index: number): boolean {
  const before = text.slice(text.lastIndexOf("\n", index) + 1, index);
  return ["'", '"', "`"].some((quote) => before.split(quote).length % 2 === 0);
}

export function importsOf(file: string): Import[] {
  return importsIn(textOf(file));
}

/** The file of the repository an import leads to; undefined for packages and Node's own modules. */
export function targetOf(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return relative(ROOT, resolve(ROOT, dirname(file), specifier));
}

/** `@aws-sdk/client-sns` of `@aws-sdk/client-sns/x`; undefined for files and Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}
