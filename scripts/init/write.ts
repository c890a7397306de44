import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Writes the files that are not there yet; says of each whether it did. */
export function writeMissing(
  folder: string,
  files: Readonly<Record<string, string>>,
): { readonly file: string; readonly written: boolean }[] {
  return Object.entries(files).map(([file, text]) => {
    const path = join(folder, file);
    if (existsSync(path)) return { file, written: false };
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return { file, written: true };
  });
}
