import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect, onTestFinished, test } from "vitest";
import { testRoute } from "../../../scripts/notify/test-routes.ts";

/** A function that answers like this, and what it was invoked with. */
async function startFunction(answer: unknown, headers: Readonly<Record<string, string>> = {}) {
  const invoked: unknown[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      invoked.push([request.url, JSON.parse(body)]);
      response.writeHead(200, headers).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const lambda = new LambdaClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  onTestFinished(() => lambda.destroy());
  return { lambda, invoked };
}

const targets = (...outcomes: readonly string[]) => ({
  route: "oncall",
  targets: outcomes.map((outcome, at) => ({ target: `slack-${at}`, outcome })),
});

test("a test says what each target answered", async () => {
  const { lambda, invoked } = await startFunction(targets("delivered", "slack-1 answered 404 (no_service)"));
  expect(await testRoute(lambda, "prod", "oncall")).toEqual({
    route: "oncall",
    isTaken: false,
    targets: [
      { target: "slack-0", outcome: "delivered" },
      { target: "slack-1", outcome: "slack-1 answered 404 (no_service)" },
    ],
    lines: [
      "route oncall",
      "  ok      slack-0  delivered",
      "  FAILED  slack-1  slack-1 answered 404 (no_service)",
    ],
  });
  expect(invoked).toEqual([
    [
      expect.stringContaining("/functions/reflex-prod-deliver-notifications/invocations"),
      { route: "oncall" },
    ],
  ]);
});

test.each([
  ["all took it", targets("delivered"), {}, true, "  ok      slack-0  delivered"],
  ["it goes to nobody", targets(), {}, true, "  to nobody"],
  [
    "the function failed",
    { errorType: "Misconfigured", errorMessage: 'route: found "x", expected one of notify.routes: oncall' },
    { "x-amz-function-error": "Unhandled" },
    false,
    '  FAILED  route: found "x", expected one of notify.routes: oncall',
  ],
  ["it answers something else", { ok: true }, {}, false, '  FAILED  {"ok":true}'],
  ["it answers nothing", null, {}, false, "  FAILED  null"],
])("where %s", async (_, answer, headers, isTaken, line) => {
  const { lambda } = await startFunction(answer, headers);
  const result = await testRoute(lambda, "prod", "oncall");
  expect([result.isTaken, result.lines]).toEqual([isTaken, ["route oncall", line]]);
});

test("reflex notify without a command ends with 2", async () => {
  const [code, stderr] = await new Promise<[unknown, string]>((resolve) => {
    execFile(process.execPath, ["scripts/reflex.ts", "notify", "tset"], (error, _, text) =>
      resolve([error?.code, text]),
    );
  });
  expect([code, stderr]).toEqual([
    2,
    "Say what to do: reflex notify test [--stage <stage>] [--route <name>]\n",
  ]);
});
