import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { partitionOf, regionOf } from "../../../scripts/stage/region.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reflex-region-"));
  writeFileSync(
    join(folder, "config"),
    "[default]\nregion = eu-west-1\n[profile prod]\nregion = ap-southeast-2\n[profile bare]\noutput = json\n",
  );
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "none"));
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe("the region, as the AWS CLI finds it", () => {
  const set = { AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-west-2", AWS_PROFILE: "prod" };
  it.each([
    ["--region before all", { region: "cn-north-1", profile: "prod" }, set, "cn-north-1"],
    ["AWS_REGION before AWS_DEFAULT_REGION and the profile's", { profile: "prod" }, set, "us-east-1"],
    [
      "AWS_DEFAULT_REGION before the profile's",
      { profile: "prod" },
      { AWS_DEFAULT_REGION: "us-west-2" },
      "us-west-2",
    ],
    ["--profile's own", { profile: "prod" }, {}, "ap-southeast-2"],
    ["the default profile's", {}, {}, "eu-west-1"],
    ["an empty variable is none", {}, { AWS_REGION: "", AWS_DEFAULT_REGION: "us-west-2" }, "us-west-2"],
  ])("%s", async (_, given, env, region) => {
    expect(await regionOf(given, env)).toBe(region);
  });

  it("is AWS_PROFILE's where no profile is given", async () => {
    vi.stubEnv("AWS_PROFILE", "prod");
    expect(await regionOf({})).toBe("ap-southeast-2");
  });

  it("is asked for, by the profile's name, where it is set nowhere", async () => {
    await expect(regionOf({ profile: "bare" })).rejects.toThrow(
      "No region is set: give --region, AWS_REGION or AWS_DEFAULT_REGION, or a region in the profile bare",
    );
  });
});

it.each([
  ["us-east-1", "aws"],
  ["cn-northwest-1", "aws-cn"],
  ["us-gov-east-1", "aws-us-gov"],
  ["us-gold-1", "aws"],
])("%s is in the partition %s", (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
});
