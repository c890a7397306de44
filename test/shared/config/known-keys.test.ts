import { expect, it } from "vitest";
import * as z from "zod/mini";
import { knownKeys } from "../../../shared/config/known-keys.ts";

const schema = z.record(
  z.string(),
  z.strictObject({
    max: z.int(),
    capacity: z.prefault(z.strictObject({ records: z._default(z.number(), 1) }), {}),
    windows: z.optional(
      z.array(z.union([z.strictObject({ at: z.string() }), z.strictObject({ on: z.string() })])),
    ),
  }),
);

it.each([
  ["an entry", ["orders"], ["max", "capacity", "windows"]],
  ["a key with a default", ["orders", "capacity"], ["records"]],
  ["an entry of a list of alternatives", ["orders", "windows", 0], ["at", "on"]],
  ["a place where any name may stand", [], []],
  ["a place that no schema has", ["orders", "max", "x"], []],
])("%s", (_, path, keys) => {
  expect(knownKeys(schema, path)).toEqual(keys);
});
