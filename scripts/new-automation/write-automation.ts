import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const TEMPLATE = join(import.meta.dirname, "template");
const SUFFIX = ".template";

/**
 * Writes the files of a new automation.
 *
 * @param root of the repository
 * @param name of its folder under functions/
 * @returns the files, by their paths from the root, and its section of the config
 */
export function writeAutomation(
  root: string,
  name: string,
): { readonly files: readonly string[]; readonly section: string } {
  const pascal = name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1);
  const filled = (text: string) =>
    text.replaceAll("__name__", name).replaceAll("__camelName__", camel).replaceAll("__PascalName__", pascal);
  const templates = readdirSync(TEMPLATE, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(SUFFIX),
  );
  const files = templates.map((template) => {
    const file = filled(template.slice(0, -SUFFIX.length));
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), filled(readFileSync(join(TEMPLATE, template), "utf8")));
    return file;
  });
  return { files: files.toSorted(), section: camel };
}
