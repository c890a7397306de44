import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { compileSite } from "../../../../functions/check-sites/config/site.ts";
import type { ProbeResult } from "../../../../functions/check-sites/probe/net/result.ts";
import type { AnyTarget } from "../../../../functions/check-sites/probe/probe.ts";
import { type Daemon, flat, startDaemon } from "../../../shared/tracing/daemon.ts";

let daemon: Daemon;

beforeAll(async () => {
  daemon = await startDaemon();
  // The SDK reads them when it is loaded, so it is loaded in the test.
  vi.stubEnv("LAMBDA_TASK_ROOT", "/var/task");
  vi.stubEnv("AWS_XRAY_DAEMON_ADDRESS", daemon.address);
  vi.stubEnv(
    "_X_AMZN_TRACE_ID",
    "Root=1-5759e988-000000000000000000000001;Parent=53995c3f42cd8ad8;Sampled=1",
  );
});
afterAll(() => {
  daemon.stop();
  vi.unstubAllEnvs();
});

/** What X-Ray takes of one trace: https://docs.aws.amazon.com/general/latest/gr/xray.html */
const MOST_BYTES = 500_000;

function longSite(index: number) {
  const url = `https://shop-${index}.${"long-label.".repeat(15)}example.com/${"path/".repeat(300)}`;
  const compiled = compileSite(`shop-${index}`.padEnd(64, "x"), { url });
  return "site" in compiled ? compiled.site : expect.unreachable();
}

test("600 sites that fail at length and their writes stay within one trace of X-Ray", async () => {
  const { inStage } = await import("../../../../shared/tracing/stages.ts");
  const { inRemoteCall } = await import("../../../../shared/tracing/remote-call.ts");
  const { createTraceProbe } = await import("../../../../functions/check-sites/run/trace-probe.ts");
  const { TraceBudget } = await import("../../../../functions/check-sites/run/trace-budget.ts");
  const budget = new TraceBudget();
  const traceProbe = createTraceProbe(budget, ({ name }) => name.startsWith("shop-5"));
  const result: ProbeResult = {
    phases: { resolve: 1.123456, connect: 2.123456, tls: 3.123456, processing: 4.123456, transfer: 5.123456 },
    time: 15.123456,
    status: 500,
    bytesRead: 2_000_000,
    hops: Array.from({ length: 11 }, () => ({ url: "u".repeat(200), address: "192.0.2.1", status: 302 })),
  };
  const findings = [{ severity: "down", reason: "redirect", text: "t".repeat(300) }] as const;
  const target = { kind: "http", method: "GET" } as AnyTarget;
  let traced = 0;
  await inStage("run", async () => {
    for (let index = 0; index < 600; index++) {
      await traceProbe(longSite(index), target, async () => [
        { result, evaluation: { verdict: "DOWN", findings } },
      ]);
      // What was sent is received before more is: datagrams that nobody reads are lost.
      await new Promise((resolve) => setImmediate(resolve));
      if (budget.takeCall()) {
        traced += 1;
        // As large as a write to DynamoDB is in a trace.
        const call = { url: "u".repeat(250), method: "POST", status: 200 };
        await inRemoteCall(
          "DynamoDB",
          {},
          async () => {},
          () => call,
        );
      }
    }
  });
  const documents = await daemon.until("run");
  const calls = flat(documents).filter(({ namespace }) => namespace === "remote");
  expect([calls.length, traced]).toEqual([300 + 250, 250]);
  expect(documents.reduce((sum, one) => sum + JSON.stringify(one).length, 0)).toBeLessThan(MOST_BYTES);
});
