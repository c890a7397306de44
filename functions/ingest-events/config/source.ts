import * as z from "zod/mini";
import { type Path, parsePath } from "../decode/path.ts";

/** What a record says beside its event. */
const OWN_VALUES = ["$arrivedAt", "$partitionKey", "$sequence", "$stream", "$operation"] as const;

/** Where a value comes from: the event, the record around it, the change record, or the config itself. */
export type Source =
  | Path
  | (typeof OWN_VALUES)[number]
  | { readonly constant: string | number | boolean }
  | { readonly record: Path };

/** `\.` is a dot in a name. */
const STEP = "(?:[^.$\\\\]|\\\\.)+";
const PATH = `${STEP}(?:\\.${STEP})*`;
const OWN = OWN_VALUES.map((name) => `\\${name}`).join("|");
const EXPECTED = "a path in the event, such as sender.login";

export const path = z.string().check(z.regex(new RegExp(`^${PATH}$`), EXPECTED));

/** A path in the event; `$record.` and a path in the change record; or one of the record's own values. */
export const source = z
  .string()
  .check(z.regex(new RegExp(`^(?:${OWN}|(?:\\$record\\.)?${PATH})$`), EXPECTED));

export const constant = z.strictObject({ constant: z.union([z.string(), z.number(), z.boolean()]) });

export type SourceConfig = string | z.output<typeof constant>;

/** Which source says where a record stands: it differs when the producer sends the event again. */
export function isOfPlace(source: Source): boolean {
  return source === "$arrivedAt" || source === "$sequence";
}

export function parseSource(config: SourceConfig): Source {
  if (typeof config !== "string") return config;
  const own = OWN_VALUES.find((name) => name === config);
  if (own !== undefined) return own;
  return config.startsWith("$record.")
    ? { record: parsePath(config.slice("$record.".length)) }
    : parsePath(config);
}

/** As it stands in the config, for messages. */
export function sourceText(source: Source): string {
  if (typeof source === "string") return source;
  if ("constant" in source) return JSON.stringify(source.constant);
  return "record" in source ? `$record.${source.record.join(".")}` : source.join(".");
}
