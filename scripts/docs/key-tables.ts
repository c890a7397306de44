import type { KeyMeaning, KeyTable } from "../../shared/automation/key-table.ts";
import { type JsonSchema, pathOf, schemasAt } from "./config-schema.ts";

/** A README's table of keys: what each is when it is left out, and what it means. */
export const keyTable = (schema: JsonSchema, { at, keys }: KeyTable): string =>
  [
    "| key | default | meaning |",
    "|---|---|---|",
    ...Object.entries(keys).map(([key, meaning]) =>
      ["", `\`${key}\``, defaultOf(schema, pathOf(at, key), meaning), cell(meaning.meaning), ""]
        .join(" | ")
        .trim(),
    ),
  ].join("\n");

/** What holds when the key at `path` is left out: as its description says, else as the schema has it. */
export function defaultOf(schema: JsonSchema, path: readonly string[], meaning: KeyMeaning): string {
  if (meaning.default !== undefined) return cell(meaning.default);
  const found = schemasAt(schema, path).find((one) => one.default !== undefined);
  if (found) return valueText(found.default);
  const parents = schemasAt(schema, path.slice(0, -1));
  return parents.some(({ required }) => required?.includes(path.at(-1) ?? "")) ? "required" : "none";
}

/** An empty list or object is nothing to the reader. */
function valueText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text === "[]" || text === "{}") return "none";
  return /^[\w.-]+$/.test(text) ? text : `\`${text}\``;
}

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|");
