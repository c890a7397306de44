import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Run } from "../../../shared/lambda/run.ts";
import { context } from "../lambda/context.ts";
import { captureOutput, type Output } from "../lambda/output.ts";
import { type Daemon, type Document, flat, startDaemon } from "./daemon.ts";

let daemon: Daemon;
let output: Output;
let stack: typeof import("../../../shared/lambda/stack.ts");
let errors: typeof import("../../../shared/lambda/errors.ts");

beforeAll(async () => {
  daemon = await startDaemon();
  output = captureOutput();
  // The SDK reads both when it is loaded, so it is loaded here.
  vi.stubEnv("LAMBDA_TASK_ROOT", "/var/task");
  vi.stubEnv("AWS_XRAY_DAEMON_ADDRESS", daemon.address);
  stack = await import("../../../shared/lambda/stack.ts");
  errors = await import("../../../shared/lambda/errors.ts");
});
afterAll(() => {
  output.restore();
  daemon.stop();
  vi.unstubAllEnvs();
});

let traces = 0;
beforeEach(() => {
  traces += 1;
  const id = String(traces).padStart(24, "0");
  vi.stubEnv("_X_AMZN_TRACE_ID", `Root=1-5759e988-${id};Parent=53995c3f42cd8ad8;Sampled=1`);
});

/** What one invocation of a function that does `body` sends, up to its `run`. */
async function sentBy(body: (run: Run) => Promise<unknown>, remainingMs = 60_000): Promise<Document[]> {
  const handler = stack.reflex("reshard-streams", (_event, run) => body(run), { endEarlyMs: 1000 });
  await handler({}, context(remainingMs)).catch(() => {});
  return flat(await daemon.until("run"));
}

const named = (documents: readonly Document[], name: string) => documents.find((one) => one.name === name);

describe("the trace of a run", () => {
  it("is one part around everything, also when there is nothing to do", async () => {
    const [run, ...others] = await sentBy(async () => {});
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      name: "run",
      parent_id: "53995c3f42cd8ad8",
      annotations: { automation: "reshard-streams", stage: "run", requestId: context().awsRequestId },
    });
  });

  it("has the annotations that are put on the run", async () => {
    const [run] = await sentBy(async ({ annotate }) => annotate("trigger", "alarm"));
    expect(run?.annotations).toMatchObject({ trigger: "alarm" });
  });

  it("that fails is a fault with the error's class and cause", async () => {
    const [run] = await sentBy(async () => {
      throw new errors.Blocked("the quota is spent");
    });
    expect(run).toMatchObject({
      fault: true,
      annotations: { class: "Blocked" },
      cause: { exceptions: [{ message: "the quota is spent" }] },
    });
  });

  it("refers to the cause in the part that failed", async () => {
    const sent = await sentBy(({ stage }) =>
      stage("act", async () => {
        throw new errors.Blocked("the quota is spent");
      }),
    );
    const [shown] = named(sent, "act")?.cause?.exceptions ?? [];
    expect(named(sent, "run")).toMatchObject({ fault: true, cause: shown?.id });
  });

  it("is whole when one of two parts fails and nobody waits for the other", async () => {
    const sent = await sentBy(({ stage }) =>
      stage("observe", () =>
        Promise.all([
          stage("decide", () => new Promise(() => {})),
          stage("act", () => Promise.reject(new Error("no"))),
        ]),
      ),
    );
    expect(named(sent, "decide")).toMatchObject({
      annotations: { abandoned: true },
      parent_id: named(sent, "observe")?.id,
    });
    expect(sent.filter(({ end_time }) => end_time === undefined)).toEqual([]);
  });

  it("that is ended early is whole, and says how far it got", async () => {
    const sent = await sentBy(async ({ stage, progress }) => {
      progress("looking at orders; nothing was changed");
      await stage("observe", () => new Promise(() => {}));
    }, 1010);
    expect(named(sent, "observe")?.annotations).toMatchObject({ abandoned: true });
    expect(named(sent, "run")).toMatchObject({
      fault: true,
      annotations: { class: "RetryLater" },
      cause: { exceptions: [{ message: expect.stringContaining("looking at orders") }] },
    });
  });
});
