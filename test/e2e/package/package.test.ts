import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import { clientFor } from "../../../sandbox/demos/client.ts";
import { SERVERLESS_CACHES } from "../../../scripts/serverless/program.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

let home: string;
let folder: string;
let account: Account;

/** The package as `npm pack` makes it, in a folder of somebody else's, beside the packages it depends on. */
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "reflex-package-"));
  folder = join(home, "my-reflex");
  const modules = join(home, "node_modules");
  mkdirSync(join(modules, "reflex"), { recursive: true });
  const packed = spawnSync("npm", ["pack", "--json", "--pack-destination", home], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(packed.status, packed.stderr).toBe(0);
  const [tarball = ""] = readdirSync(home).filter((file) => file.endsWith(".tgz"));
  const opened = spawnSync("tar", [
    "xzf",
    join(home, tarball),
    "--strip-components=1",
    "-C",
    join(modules, "reflex"),
  ]);
  expect(opened.status).toBe(0);
  for (const name of Object.keys(manifest().dependencies)) {
    const [scope = "", rest] = name.split("/");
    if (rest !== undefined) mkdirSync(join(modules, scope), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  account = await startAccount({ speed: 0, log: () => {} });
}, 120_000);

afterAll(async () => {
  await account?.stop();
  rmSync(home, { recursive: true, force: true });
});

function manifest(): { readonly version: string; readonly dependencies: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
}

/** Runs `npx reflex …` as it is after `npm install`. */
async function reflex(
  cwd: string,
  ...args: readonly string[]
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(home, "node_modules/reflex/scripts/reflex.cjs"), ...args], {
    cwd,
    timeout: 120_000,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      TMPDIR: home,
      ...SERVERLESS_CACHES,
      AWS_ENDPOINT_URL: account.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "sandbox",
      AWS_SECRET_ACCESS_KEY: "sandbox",
      SLS_AWS_MONITORING_FREQUENCY: "100",
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output };
}

describe("the package, installed in a folder of its user's", () => {
  test("has what is needed, and no tests", () => {
    const names = readdirSync(join(home, "node_modules/reflex"));
    expect(names).toEqual(
      expect.arrayContaining(["functions", "scripts", "serverless.yml", "LICENSE", "README.md"]),
    );
    expect(names.filter((name) => ["test", "bench", "node_modules", ".github"].includes(name))).toEqual([]);
  });

  test("says its version and its commands", async () => {
    expect(await reflex(home, "--version")).toEqual({ code: 0, output: `${manifest().version}\n` });
    expect((await reflex(home, "--help")).output).toContain("deploy a stage");
  });

  test.each([
    [["chek"], "there is no command chek. Did you mean check?"],
    [["smoke", "--stgae", "prod"], "Unknown option '--stgae'. Did you mean --stage?"],
    [["demo", "--fast"], "Unknown option '--fast'. It has no options."],
  ])("called wrongly, it ends with 2 and proposes what was meant: %j", async (args, message) => {
    const { code, output } = await reflex(home, ...args);
    expect(output).toContain(message);
    expect(code).toBe(2);
  });

  test("begins a folder, checks it, and deploys it with that folder's config", async () => {
    const begun = await reflex(home, "init", "my-reflex");
    expect(begun).toMatchObject({
      code: 0,
      output: expect.stringContaining("written  my-reflex/config/prod.yml"),
    });
    expect(await reflex(folder, "check")).toEqual({
      code: 0,
      output: "config/dev.yml: ok\nconfig/prod.yml: ok\n",
    });

    writeFileSync(
      join(folder, "config/dev.yml"),
      "extends: base.yml\nstreams:\n  orders:\n    create: { shards: 1 }\n    max: 4\n",
    );
    const deployed = await reflex(folder, "deploy", "--stage", "dev");
    expect(deployed.output).toContain("Service deployed to stack reflex-dev");
    expect(deployed.code).toBe(0);
    const { StreamNames } = await new KinesisClient(clientFor(account)).send(new ListStreamsCommand({}));
    expect(StreamNames).toEqual(["orders"]);
    expect(existsSync(join(folder, ".serverless"))).toBe(false);

    const smoke = await reflex(folder, "smoke", "--stage", "dev");
    expect(smoke.output).toContain('ok  reflex-dev-reshard-streams  {"stream":"orders","mode":"observe"}');
  });

  test("names the place of what is wrong in the folder's config, and ends with 1", async () => {
    writeFileSync(join(folder, "config/prod.yml"), "extends: base.yml\nstreams:\n  orders: { maks: 4 }\n");
    const { code, output } = await reflex(folder, "check");
    expect(output).toContain("config/prod.yml:3:13: streams.orders.maks: is no key here");
    expect(code).toBe(1);
  });
});
