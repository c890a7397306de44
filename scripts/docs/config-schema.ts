import * as z from "zod/mini";
import type { Automation } from "../../shared/automation/automation.ts";
import type { KeyTable } from "../../shared/automation/key-table.ts";

/** A part of a JSON Schema, as far as it is walked here. */
export interface JsonSchema {
  description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** A section that belongs to no automation. */
export interface ServiceSection {
  readonly section: string;
  readonly schema: z.ZodMiniType;
  /** One line for the README's table of sections. */
  readonly describes: string;
  /** Links to pages with every key, for the same table. */
  readonly page: string;
  readonly keys: readonly KeyTable[];
}

/** Made by a program of another version of the schema language, so typed by what the walk above needs. */
export const sectionSchema = (schema: z.ZodMiniType): JsonSchema =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }) as JsonSchema;

/** Everything in `schema` that stands at `path`: several where it may be one thing or another. */
export function schemasAt(schema: JsonSchema, path: readonly string[]): readonly JsonSchema[] {
  const open = [schema, ...alternativesOf(schema)];
  const [key, ...rest] = path;
  if (key === undefined) return open;
  return open.flatMap((one) => {
    const children = [
      one.properties?.[key],
      ...(key === "*" ? [one.items, objectOf(one.additionalProperties)] : []),
    ];
    return children.flatMap((child) => (child ? schemasAt(child, rest) : []));
  });
}

const alternativesOf = ({ anyOf = [], oneOf = [], allOf = [] }: JsonSchema): readonly JsonSchema[] =>
  [...anyOf, ...oneOf, ...allOf].flatMap((one) => [one, ...alternativesOf(one)]);

const objectOf = (schema: JsonSchema | boolean | undefined): JsonSchema | undefined =>
  typeof schema === "object" ? schema : undefined;

/** `shardCapacity.bytesPerSecond` below `*`, as a path. */
export const pathOf = (at: string, key: string): readonly string[] =>
  [...at.split("."), ...key.split(".")].filter((part) => part !== "");

/** Writes each key's meaning, and what holds without it, into the section's schema. */
function describe(schema: JsonSchema, tables: readonly KeyTable[]): JsonSchema {
  const described = structuredClone(schema);
  for (const { at, keys } of tables) {
    for (const [key, { meaning, default: without }] of Object.entries(keys)) {
      const text = [meaning, without === undefined ? "" : `Default: ${without}.`].filter(Boolean).join(" ");
      const [place] = schemasAt(described, pathOf(at, key));
      if (place) place.description = text;
    }
  }
  return described;
}

/** The JSON Schema of `config/<stage>.yml`: what an editor completes and checks while one types. */
export function configSchema(automations: readonly Automation[], service: readonly ServiceSection[]): object {
  const bySection = Map.groupBy(automations, ({ config }) => config.section);
  const sections = [...bySection].map(([section, sharing]) => {
    const [first] = sharing;
    const tables = sharing.flatMap(({ config }) => config.keys);
    const schema = first === undefined ? {} : describe(sectionSchema(first.config.schema), tables);
    return [section, { ...schema, description: first?.config.describes }] as const;
  });
  const own = service.map(
    ({ section, schema, describes, keys }) =>
      [section, { ...describe(sectionSchema(schema), keys), description: describes }] as const,
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Reflex",
    description: "config/<stage>.yml: what Reflex manages in one stage",
    type: "object",
    additionalProperties: false,
    properties: {
      extends: {
        type: ["string", "array"],
        items: { type: "string" },
        description: "Files whose keys this one changes: objects are merged, lists and values replaced.",
      },
      ...Object.fromEntries([...own, ...sections].map(([name, schema]) => [name, withoutDialect(schema)])),
    },
  };
}

/** The dialect stands once, at the top. */
function withoutDialect(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema"));
}
