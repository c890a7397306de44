import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { answeredOutput, waitingOutput } from "../../../scripts/ledger/approve/output.ts";
import { requestItem } from "../../../shared/approvals/item.ts";
import { type ApprovalRequest, requestId } from "../../../shared/approvals/request.ts";

const ANNA = "arn:aws:sts::123456789012:assumed-role/admin/anna";
const HOUR = 3_600_000;

const requestFor = (resource: string, askedAt: number): ApprovalRequest => ({
  ...{ id: requestId(resource, askedAt), resource, automation: "reshard-streams", trigger: "schedule" },
  change: {
    ...{ what: "UpdateShardCount", direction: "in", from: 8, to: 4, text: "8 -> 4 shards" },
    ...{ reasons: ["the peak needs 2.9 shards' worth"], evidence: {} },
    costPerMonth: { before: 87.6, after: 43.8 },
  },
  ...{ askedAt, expiresAt: askedAt + HOUR },
});

/** The ledger's table with these requests, of which the first write of each succeeds, and an STS that knows anna. */
async function startAws(...requests: readonly ApprovalRequest[]): Promise<string> {
  const items = new Map(requests.map((one) => [one.resource, requestItem(one, HOUR)]));
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"] ?? "").split(".")[1];
      if (operation === undefined) {
        response.end(
          `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${ANNA}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
        );
        return;
      }
      const { Key, Item } = JSON.parse(body);
      if (operation === "PutItem" && items.has(Item.pk.S)) items.set(Item.pk.S, Item);
      response.end(JSON.stringify(operation === "GetItem" ? { Item: items.get(Key.pk.S) } : {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as a person does. */
function reflex(url: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["scripts/reflex.ts", ...args], {
    env: {
      ...{ PATH: process.env.PATH, AWS_ENDPOINT_URL: url, AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    },
  });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...said })));
}

test("reflex approve and reject say what came of an answer, and end with it", {
  timeout: 120_000,
}, async () => {
  const now = Date.now();
  const standing = requestFor("stream/orders", now - 60_000);
  const lapsed = requestFor("stream/clicks", now - 2 * HOUR);
  const url = await startAws(standing, lapsed);
  const [unknown, late, wrong, help] = await Promise.all([
    reflex(url, "approve", "stream/orders/mi9x2k40"),
    reflex(url, "reject", lapsed.id),
    reflex(url, "approve", "a", "b"),
    reflex(url, "approve", "--help"),
  ]);
  expect(unknown).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("Not approved: it stands no more: another request has taken its place"),
  });
  expect(late).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Not rejected: it lapsed at .* UTC/),
  });
  expect(wrong).toMatchObject({ code: 2, stdout: "", stderr: "Name one request: found a b\n" });
  expect(help).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/--json.*\n.*approves|approves/s),
  });

  const taken = await reflex(url, "approve", standing.id, "--json");
  expect({ ...taken, stdout: JSON.parse(taken.stdout) }).toMatchObject({
    ...{ code: 0, stderr: "" },
    stdout: {
      ...{ id: standing.id, result: "approved" },
      request: { change: "8 -> 4 shards (UpdateShardCount)", answer: { said: "approved", by: ANNA } },
    },
  });
  expect(await reflex(url, "reject", standing.id)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Not rejected: it was approved by anna at "),
  });
});

test("without an id they name what waits, the next to lapse first, and not what is answered or late", () => {
  const [orders, clicks, late, answered] = [
    requestFor("stream/orders", 2 * HOUR),
    requestFor("stream/clicks", 1.5 * HOUR),
    requestFor("stream/late", 0),
    { ...requestFor("stream/a", 2 * HOUR), answer: { said: "approved", by: ANNA, at: 2 * HOUR } as const },
  ];
  const { code, text, document } = waitingOutput([orders, clicks, late, answered], 2 * HOUR);
  expect(code).toBe(0);
  expect(text.split("\n")).toEqual([
    `${clicks.id}  8 -> 4 shards (UpdateShardCount), until 1970-01-01 02:30 UTC`,
    "    the peak needs 2.9 shards' worth",
    `${orders.id}  8 -> 4 shards (UpdateShardCount), until 1970-01-01 03:00 UTC`,
    "    the peak needs 2.9 shards' worth",
  ]);
  expect(document).toMatchObject([{ id: clicks.id }, { id: orders.id, until: "1970-01-01T03:00:00.000Z" }]);
  expect(waitingOutput([late], 2 * HOUR).text).toBe("Nothing waits for an answer");
});

test("a refusal is a document too, and ends with 1", () => {
  const refused = { kind: "refused", why: "it lapsed" } as const;
  expect(answeredOutput("approved", "x", refused)).toEqual({
    ...{ code: 1, text: "Not approved: it lapsed" },
    document: { id: "x", result: "refused", why: "it lapsed" },
  });
});
