import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { findAutomations } from "../../scripts/automations.ts";
import { pathOf, schemasAt, sectionSchema } from "../../scripts/docs/config-schema.ts";
import { CONFIG_SCHEMA } from "../../scripts/docs/generated.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(read(CONFIG_SCHEMA)),
);
const AUTOMATIONS = await findAutomations(ROOT);

describe("the JSON Schema of the config", () => {
  const configs = ["config", "examples"].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((file) => file.endsWith(".yml"))
      .map((file) => `${folder}/${file}`),
  );

  it.each(configs)("takes %s", (file) => {
    validate(parse(read(file)));
    expect(validate.errors).toBeNull();
  });

  it.each([
    ["a section that is none", { stream: {} }, "/"],
    ["a key that is none", { streams: { orders: { max: 4, maximum: 5 } } }, "/streams/orders"],
    [
      "a missing key",
      { nodePools: { workers: { managedNodeGroup: { cluster: "main" } } } },
      "/nodePools/workers/managedNodeGroup",
    ],
    ["a number out of bounds", { streams: { orders: { max: 0 } } }, "/streams/orders/max"],
    ["another mode", { mode: "on" }, "/mode"],
  ])("refuses %s, at its place", (_, config, place) => {
    expect(validate(config)).toBe(false);
    expect(validate.errors?.map(({ instancePath }) => instancePath || "/")).toContain(place);
  });

  it("says what a key means", () => {
    const streams = JSON.parse(read(CONFIG_SCHEMA)).properties.streams;
    expect(schemasAt(streams, ["*", "min"])[0]?.description).toBe(
      "The fewest open shards that Reflex leaves the stream. (headroom 4, as many as a stream on demand begins with, or fewer where `max` or `create` is less) Default: 1.",
    );
  });
});

/** Keys whose own page or table has them. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  "check-sites": ["list"],
  "ingest-events": ["routes"],
};

describe.each(AUTOMATIONS)("the keys of $name", ({ name, config }) => {
  const schema = sectionSchema(config.schema);

  it.each(config.keys)("at '$at': each that is described exists", ({ at, keys }) => {
    const missing = Object.keys(keys).filter((key) => schemasAt(schema, pathOf(at, key)).length === 0);
    expect(missing).toEqual([]);
  });

  it.each(config.keys)("at '$at': each that exists is described", ({ at, keys }) => {
    const described = new Set(
      [...Object.keys(keys), ...(ELSEWHERE[name] ?? [])].map((key) => key.split(".")[0]),
    );
    const exist = schemasAt(schema, pathOf(at, "")).flatMap(({ properties }) =>
      Object.keys(properties ?? {}),
    );
    expect(exist.filter((key) => !described.has(key))).toEqual([]);
  });
});
