import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTemplate, TEMPLATE_FILE } from "../../../sandbox/template/template.ts";
import { lint, WITHOUT_CFN_LINT } from "../setup/cfn-lint.ts";
import { copyServiceWithoutBundles, type ServiceCopy } from "../setup/service-copy.ts";
import { templateFiles, wholeTemplate } from "../setup/whole-template.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "examples");
const EXAMPLES = readdirSync(FOLDER).filter((file) => file.endsWith(".yml"));

let service: ServiceCopy;

beforeAll(() => {
  // Nothing is deployed: no AWS is asked.
  service = copyServiceWithoutBundles("http://127.0.0.1:9");
});
afterAll(() => service.remove());

test("there is one for each automation with a section of its own", () => {
  const texts = EXAMPLES.map((file) => readFileSync(join(FOLDER, file), "utf8")).join("\n");
  for (const section of ["streams", "sites", "nodePools", "ingest"])
    expect(texts).toMatch(new RegExp(`^${section}:`, "m"));
});

test.each(EXAMPLES)("%s is packaged as it is", async (file) => {
  const dir = await packaged(file, "dev", "us-east-1");
  const { Resources } = readTemplate(join(dir, TEMPLATE_FILE));
  expect(Object.values(Resources).map(({ Type }) => Type)).toContain("AWS::Lambda::Function");
});

/** Each stage of the company is an account of its own, in two regions; what differs by region is seen in that of prod. */
const DEPLOYED: readonly (readonly [stage: string, region: string])[] = [
  ["dev", "eu-west-1"],
  ["test", "us-east-1"],
  ["prod", "eu-west-1"],
  ["prod", "us-east-1"],
];
const REGIONS = ["eu-west-1", "us-east-1"];

describe("the company's config", () => {
  /** What is packaged of every stage. */
  const files: string[] = [];

  test.each(DEPLOYED)("is packaged with what the account demands: stage %s in %s", async (stage, region) => {
    const dir = await packaged(join("company", `${stage}.yml`), stage, region);
    files.push(...templateFiles(dir));
    const { Resources } = wholeTemplate(dir);
    const functions = Object.values(Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
    expect(functions.length).toBeGreaterThan(0);
    for (const { Properties } of functions) {
      expect(Properties?.Tags).toContainEqual({ Key: "stage", Value: stage });
    }
    expect(functions.some(({ Properties }) => Properties?.VpcConfig !== undefined)).toBe(true);
  });

  test(`has nothing that cfn-lint finds in either region${WITHOUT_CFN_LINT}`, () => {
    expect(files.length).toBeGreaterThanOrEqual(2 * DEPLOYED.length);
    if (WITHOUT_CFN_LINT) return;
    expect(lint(REGIONS, files)).toEqual([]);
  });
});

test("the README names every one", () => {
  const readme = readFileSync(join(FOLDER, "README.md"), "utf8");
  expect(EXAMPLES.filter((file) => !readme.includes(`](${file})`))).toEqual([]);
});

/** Where an example is packaged. */
async function packaged(file: string, stage: string, region: string): Promise<string> {
  const dir = join(service.dir, "packaged", file, region);
  const { code, output } = await service.script(
    "reflex.ts",
    ...["package", "--stage", stage, "--region", region, "--config", join(FOLDER, file), "--package", dir],
  );
  expect(output).toContain("Service packaged");
  expect(code).toBe(0);
  return dir;
}
