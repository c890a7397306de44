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

const Variables = z.array(z.object({ name: z.enum(["SCRIPT", "ARGUMENTS"]), value: z.string() }));
const inPipeline = [...pipeline.matchAll(/EnvironmentVariables: (?:!Sub )?'(.+)'/g)].map(([, json = ""]) => {
  const variables = Variables.parse(JSON.parse(json));
  const valueFor = (wanted: string) => variables.find(({ name }) => name === wanted)?.value;
  const step = [valueFor("SCRIPT"), valueFor("ARGUMENTS")].filter((part) => part !== undefined).join(" -- ");
  return step.replace("${WatchMinutes}", defaultOf("WatchMinutes"));
});

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
      "build -- --stage prod",
      "release -- --stage dev",
      "release -- --stage prod --watch 10",
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
  it("stores no key: it takes a role by OpenID Connect", () => {
    expect(workflow).not.toMatch(/secrets\.|access-key/);
    expect(workflow).toContain("id-token: write");
  });
});
