import { beforeAll, describe, expect, test } from "vitest";
import { type Ended, reflex } from "../../incidents/reflex-command.ts";
import type { Scenery } from "../scenery.ts";

/** What of ReadOnlyAccess the commands use: docs/permissions.md names the same. */
const READ_ONLY = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: [
        "dynamodb:Scan",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:ListMetrics",
        "cloudwatch:GetMetricData",
        "xray:BatchGetTraces",
        "kinesis:Describe*",
        "kinesis:List*",
      ],
      Resource: "*",
    },
  ],
};

/** The commands of somebody on call whose credentials change nothing. */
export function describeReadOnlyCommands(sceneryOf: () => Scenery): void {
  describe("with credentials that only read", () => {
    const accessKeyId = "ONCALL";
    const run = (...args: string[]): Promise<Ended> =>
      reflex({ url: sceneryOf().account.url, accessKeyId }, ...args);
    beforeAll(async () => {
      const { account } = sceneryOf();
      await account.limit(accessKeyId, READ_ONLY);
      await reflex(account, "pause", "stream/orders", "--for", "1h", "--why", "a test");
    });

    test("status has who needs a person, each stream, pool, site and landed stream, and the share that X-Ray keeps", async () => {
      const { code, stdout, stderr } = await run("status");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(
        /^Stage dev\n\nNeeds a person:\n(?: {2}.*\n)* {2}critical +site\/down {2}DOWN for /,
      );
      expect(stdout).toMatch(
        /\n {2}stream\/orders {2}last change .*\n {4}[a-z-]+ for .*\n {4}last look .* ago\n/,
      );
      expect(stdout).toMatch(/\n {2}node-pool\/workers {2}last change .*\n/);
      expect(stdout).toMatch(
        /\nSites:\n {2}site\/down {2}DOWN for .*\n {2}site\/shop {2}PENDING for .*, checked .* ago\n/,
      );
      expect(stdout).toMatch(
        /\nLanded streams:\n {2}stream\/events {2}last batch .* ago, its last record .* old\n/,
      );
      // The sandbox samples everything.
      expect(stdout).toMatch(/\nX-Ray kept the traces of (\d+) of the last \1 decisions and changes\n/);
      expect(stdout).toMatch(
        /\nThis month so far about \$\d+\.\d\d of \$\d+\.\d\d: an estimate, at rest by .*\n$/,
      );
    });

    test("status --json is the same as data", async () => {
      const { stdout } = await run("status", "--json");
      expect(JSON.parse(stdout)).toMatchObject({
        stage: "dev",
        resources: expect.arrayContaining([
          expect.objectContaining({ resource: "stream/orders", lastLook: expect.any(Number) }),
        ]),
        sites: [
          { resource: "site/down", state: "DOWN" },
          { resource: "site/shop" },
          { resource: "site/teapot" },
        ],
        landed: [{ stream: "events", lastBatch: expect.any(Number) }],
      });
    });

    test.each([
      ["why", "stream/orders"],
      ["what-changed", "--since", "1h"],
    ])("%s answers", async (...args) => {
      const ended = await run(...args);
      expect(ended).toMatchObject({ code: 0, stderr: "" });
      expect(ended.stdout).toContain("kinesis:UpdateShardCount");
    });

    test("why of a site has its state since when, the last check, and the trace of the last change", async () => {
      const { code, stdout, stderr } = await run("why", "site/down");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(
        /site\/down {2}DOWN for .*, since .*\n {4}last check .* ago\n {4}fails: .*\n(.*\n)*? {4}last change notified: DOWN at .*\n {4}trace 1-[0-9a-f]{8}-[0-9a-f]{24}\n/,
      );
    });

    test.each([
      ["pause", "pause", "stream/orders", "--for", "1h", "--why", "x"],
      ["resume", "resume", "stream/orders"],
      ["undo", "undo"],
    ])("%s is refused, with what the credentials lack", async (_, ...args) => {
      const id = JSON.parse((await run("why", "stream/orders", "--json")).stdout).entries[0].intent.id;
      const ended = await run(...args, ...(args[0] === "undo" ? [id] : []));
      expect(ended).toMatchObject({ code: 1, stdout: "" });
      expect(ended.stderr).toMatch(
        // A command of the docs may have paused the stream before, which undo then says.
        /not authorized to perform: dynamodb:(PutItem|UpdateItem)[\s\S]*Nothing was changed\.?( stream\/orders is paused: reflex resume stream\/orders --stage dev)?\n$/,
      );
    });
  });
}
