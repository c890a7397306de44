import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, test } from "vitest";
import * as z from "zod/mini";
import { repositoryFiles, textOf } from "../architecture/source.ts";
import { deploying } from "./deploy-policies.ts";
import { arnsMeet, patternsMeet } from "./patterns-meet.ts";

const Handlers = z.object({
  source: z.string(),
  types: z.record(
    z.string(),
    z.object({
      /** One that Reflex could create. */
      on: z.string(),
      /** What CloudFormation calls, with the rights of whoever deploys, to create, read, update and delete it. */
      calls: z.array(z.string()),
    }),
  ),
});
const { types } = z.parse(
  Handlers,
  JSON.parse(readFileSync(join(import.meta.dirname, "cloudformation-handlers.json"), "utf8")),
);
const statements = deploying.flatMap(({ document }) => document.Statement);

test.each(Object.entries(types))("whoever deploys may do what %s needs", (_type, { on, calls }) => {
  expect(calls.filter((call) => !isAllowed(call, on))).toEqual([]);
});

/** Only so that tags of the account are checked; Reflex creates none. */
const NOT_CREATED = ["AWS::KMS::Key"];

it("lists every type of resource that the service can create", () => {
  const sources = repositoryFiles().filter((file) =>
    /^(?:functions|shared|scripts)\/.*\.ts$|^serverless.*\.yml$/.test(file),
  );
  const named = sources.flatMap((file) => textOf(file).match(/AWS::[A-Z]\w+::[A-Z]\w+/g) ?? []);
  expect(named.length).toBeGreaterThan(20);
  const listed = [...Object.keys(types), ...NOT_CREATED];
  expect(named.filter((type) => !listed.includes(type))).toEqual([]);
});

/** A call of another service, such as KMS, is on something else: there the action counts. */
function isAllowed(call: string, on: string): boolean {
  const isOnIt = on.split(":")[2] === call.split(":")[0];
  return statements.some(
    ({ Action, Resource = ["*"] }) =>
      Action.some((action) => patternsMeet(action.toLowerCase(), call.toLowerCase())) &&
      (!isOnIt || Resource.some((resource) => arnsMeet(resource, on))),
  );
}
