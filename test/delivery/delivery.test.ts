import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";

const ROOT = join(import.meta.dirname, "..", "..");
const textOf = (file: string) => readFileSync(join(ROOT, file), "utf8");

const workflow = textOf(".github/workflows/deploy.yml");
const pipeline = textOf("delivery/pipeline.yml");
const readme = textOf("delivery/README.md");
const { scripts } = z
  .looseObject({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(textOf("package.json")));

/** An npm script with its arguments, as `test` or `release -- --stage dev`. */
const inWorkflow = [...workflow.matchAll(/- run: npm run (.+)/g)].map(([, step = ""]) => step);

const inPipeline = [...pipeline.matchAll(/^ +- npm run (.+)$/gm)].map(([, step = ""]) =>
  step.replace("$WATCH_MINUTES", defaultOf("WatchMinutes")),
);

function defaultOf(parameter: string): string {
  return new RegExp(`${parameter}:\\n(?: {4}.+\\n)*? {4}Default: (.+)`).exec(pipeline)?.[1] ?? "";
}

describe("the way to production", () => {
  it("is the same by AWS CodePipeline and by GitHub Actions", () => {
    expect(inPipeline).toEqual(inWorkflow);
  });

  it("tests, packages, releases to dev and then to prod", () => {
    expect(inWorkflow).toEqual([
      "test",
      "build -- --stage dev --package package/dev",
      "build -- --stage prod --package package/prod",
      "release -- --stage dev --package package/dev",
      "release -- --stage prod --package package/prod --watch 10",
    ]);
  });

  it.each(inWorkflow)("runs a script that there is: npm run %s", (step) => {
    expect(Object.keys(scripts)).toContain(step.split(" ")[0]);
  });

  it("is the way its README describes", () => {
    for (const step of inWorkflow) expect(readme).toContain(`\`npm run ${step}\``);
  });
});

describe("the GitHub workflow", () => {
  it("names every action by its commit", () => {
    const named = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action = ""]) => action);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  it("tests and packages without the right to get credentials", () => {
    const build = workflow.slice(workflow.indexOf("  build:"), workflow.indexOf("  dev:"));
    expect(build).toContain("npm run test");
    expect(build).not.toMatch(/id-token|configure-aws-credentials/);
    const buildRole = pipeline.slice(pipeline.indexOf("  BuildRole:"), pipeline.indexOf("  ReleaseDev:"));
    expect(buildRole).not.toContain("ManagedPolicyArns");
  });

  it("runs no install script but those named", () => {
    const installs = [...`${workflow}\n${pipeline}`.matchAll(/npm ci\b(.*)/g)].map(([, rest = ""]) => rest);
    expect(installs.length).toBeGreaterThan(0);
    expect(installs.filter((rest) => !rest.includes("--ignore-scripts"))).toEqual([]);
  });

  it("stores no key: it takes a role by OpenID Connect", () => {
    expect(workflow).not.toMatch(/secrets\.|access-key/);
    expect(workflow).toContain("id-token: write");
  });
});
