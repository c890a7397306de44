import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTemplate, TEMPLATE_FILE } from "../../../sandbox/template/template.ts";
import { copyService, type ServiceCopy } from "../setup/service-copy.ts";
import { templateFiles, wholeTemplate } from "../setup/whole-template.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "examples");
const EXAMPLES = readdirSync(FOLDER).filter((file) => file.endsWith(".yml"));

let service: ServiceCopy;

beforeAll(() => {
  // Nothing is deployed: no AWS is asked.
  service = copyService("http://127.0.0.1:9");
});
afterAll(() => service.remove());

test("there is one for each automation with a section of its own", () => {
  const texts = EXAMPLES.map((file) => readFileSync(join(FOLDER, file), "utf8")).join("\n");
  for (const section of ["streams", "sites", "nodePools", "ingest"])
    expect(texts).toMatch(new RegExp(`^${section}:`, "m"));
});

test.each(EXAMPLES)("%s is packaged as it is", async (file) => {
  const { code, output } = await service.script(
    "reflex.ts",
    "package",
    "--stage",
    "dev",
    "--config",
    join(FOLDER, file),
  );
  expect(output).toContain("Service packaged");
  expect(code).toBe(0);
  const { Resources } = readTemplate(join(service.dir, ".serverless", TEMPLATE_FILE));
  expect(Object.values(Resources).map(({ Type }) => Type)).toContain("AWS::Lambda::Function");
});

const cfnLint = spawnSync("cfn-lint", ["--version"], { encoding: "utf8" });
const without = cfnLint.error ? " (not linted: cfn-lint is not installed here; pip install cfn-lint)" : "";

test(`company/prod.yml is packaged with what the account demands, and cfn-lint finds nothing in it${without}`, async () => {
  const dir = join(service.dir, "company");
  const config = join(FOLDER, "company", "prod.yml");
  const { code, output } = await service.script(
    "reflex.ts",
    ...["package", "--stage", "prod", "--region", "eu-west-1", "--config", config, "--package", dir],
  );
  expect(output).toContain("Service packaged");
  expect(code).toBe(0);
  const { Resources } = wholeTemplate(dir);
  const functions = Object.values(Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
  expect(functions.length).toBeGreaterThan(0);
  for (const { Properties } of functions) {
    expect(Properties?.Tags).toContainEqual({ Key: "owner", Value: "platform-team" });
  }
  expect(functions.some(({ Properties }) => Properties?.VpcConfig !== undefined)).toBe(true);
  if (without) return;
  const linted = spawnSync(
    "cfn-lint",
    ["--format", "parseable", "--regions", "eu-west-1", "--template", ...templateFiles(dir)],
    {
      encoding: "utf8",
    },
  );
  expect(linted.stdout.trim()).toBe("");
});

test("the README names every one", () => {
  const readme = readFileSync(join(FOLDER, "README.md"), "utf8");
  expect(EXAMPLES.filter((file) => !readme.includes(`](${file})`))).toEqual([]);
});
