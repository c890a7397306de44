import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAccount } from "../../sandbox/account.ts";
import type { Invocation } from "../../sandbox/lambda/function.ts";
import { readTemplate, TEMPLATE_FILE } from "../../sandbox/template/template.ts";
import { copyService, type Ended, type ServiceCopy } from "./setup/service-copy.ts";

const NAME = "watch-queues";

/** Only what is new and what it reaches: the rest is checked by `npm run types`. */
const TSCONFIG = {
  extends: "./tsconfig.json",
  include: [`functions/${NAME}`, `test/functions/${NAME}`, "shared/**/*.d.ts"],
};

let service: ServiceCopy;
/** The way of a new automation, as CONTRIBUTING.md has it. */
let way: Readonly<Record<"written" | "linted" | "checked" | "typed" | "tested" | "packaged", Ended>>;
let invoked: Invocation;

beforeAll(async () => {
  service = copyService("http://127.0.0.1:9");
  const { dir, program, script, serverless } = service;
  const written = await script("new-automation/new-automation.ts", NAME);
  // The queue of failed events is there, and is empty.
  appendFileSync(join(dir, "config/dev.yml"), "\nwatchQueues:\n  reflex-dev-failed-events: { max: 10 }\n");
  writeFileSync(join(dir, "tsconfig.new.json"), JSON.stringify(TSCONFIG));
  const packageDir = join(dir, "package");
  way = {
    written,
    linted: await program("@biomejs/biome/bin/biome", "check", `functions/${NAME}`, `test/functions/${NAME}`),
    checked: await script("check-config.ts", "config/dev.yml"),
    typed: await program("typescript/bin/tsc", "--noEmit", "-p", "tsconfig.new.json"),
    tested: await program("vitest/vitest.mjs", "run", "--project", "unit", `test/functions/${NAME}`),
    packaged: await serverless("package", "--package", packageDir),
  };
  // What went wrong is said by the step's own test.
  if (way.packaged.code !== 0) return;
  const account = await startAccount({ packageDir, speed: 0, log: () => {} });
  const event: unknown = JSON.parse(readFileSync(join(dir, "events", `${NAME}-schedule.json`), "utf8"));
  invoked = await account.lambda.invoke(`reflex-dev-${NAME}`, event);
  await account.stop();
}, 300_000);

afterAll(() => service.remove());

test.each(["written", "linted", "checked", "typed", "tested", "packaged"] as const)("it is %s", (step) => {
  expect(way[step].code, way[step].output).toBe(0);
});

test("it observes and decides on the sandbox", () => {
  expect(invoked.result).toMatchObject({ ok: true });
  expect(JSON.stringify(invoked.result)).toContain("within-limit");
});

test("it has a role, alarms, and its place in the docs, without an edit elsewhere", () => {
  const { Resources } = readTemplate(join(service.dir, "package", TEMPLATE_FILE));
  expect(Object.keys(Resources)).toEqual(expect.arrayContaining(["WatchQueuesRole"]));
  expect(Object.keys(Resources).filter((id) => id.startsWith("WatchAlarmSloRunsWatchQueues"))).toHaveLength(
    1,
  );
  for (const page of ["README.md", "docs/permissions.md", "docs/architecture.md"]) {
    expect(readFileSync(join(service.dir, page), "utf8")).toContain(NAME);
  }
});
