import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Blocked, Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { reflex } from "../../../shared/lambda/stack.ts";
import { context } from "./context.ts";
import { captureOutput, metricsIn, type Output } from "./output.ts";

let output: Output;
beforeAll(() => {
  output = captureOutput();
});
afterAll(() => output.restore());
afterEach(() => {
  output.take();
  vi.unstubAllEnvs();
});

/** Runs one invocation of a function that does `body`. */
const invoke = <R>(body: (event: unknown, run: Run) => Promise<R>, event: unknown = {}) =>
  reflex("reshard-streams", body)(event, context());

describe("a run", () => {
  it("is handed the event and answers with the result", async () => {
    expect(await invoke(async (event) => ({ got: event }), { stream: "sample" })).toEqual({
      got: { stream: "sample" },
    });
  });

  it("knows the invocation: its id, its function, its trace, the time that is left", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0");
    const known = await invoke(async (_, { automation, id, functionArn, traceId, remainingMs }) => ({
      automation,
      id,
      functionArn,
      traceId,
      left: remainingMs(),
    }));
    expect(known).toEqual({
      automation: "reshard-streams",
      id: context().awsRequestId,
      functionArn: context().invokedFunctionArn,
      traceId: "1-5759e988-bd862e3fe1be46a994272793",
      left: 60_000,
    });
  });

  it("is handed the clock it was built with", async () => {
    const clock = { now: () => 42 };
    const handler = reflex("reshard-streams", async (_, run) => run.clock.now(), { clock });
    expect(await handler({}, context())).toBe(42);
  });
});

describe("a log line", () => {
  it("is JSON with the automation, the request id and the trace id", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0");
    await invoke(async (_, { log }) => log.info("looked at orders", { resource: "stream/orders" }));
    expect(output.take()).toMatchObject([
      {
        level: "INFO",
        message: "looked at orders",
        service: "reshard-streams",
        resource: "stream/orders",
        function_request_id: context().awsRequestId,
        xray_trace_id: "1-5759e988-bd862e3fe1be46a994272793",
      },
    ]);
  });
});

describe("a metric", () => {
  it("is an EMF line in the namespace Reflex with the automation as dimension", async () => {
    await invoke(async (_, { metrics }) => metrics.count("Postponed"));
    expect(metricsIn(output.take())).toEqual([
      {
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: "Reflex",
              Dimensions: [["service"]],
              Metrics: [{ Name: "Postponed", Unit: "Count" }],
            },
          ],
        },
        service: "reshard-streams",
        Postponed: 1,
      },
    ]);
  });

  it("with dimensions of its own is a line of its own, and the automation is one of them", async () => {
    await invoke(async (_, { metrics }) => {
      metrics.count("Decisions", 1, { Decision: "scale-out" });
      metrics.count("Decisions", 1, { Decision: "on-target" });
      metrics.record("OpenShardCount", "Count", 3, { StreamName: "orders" });
    });
    const lines = metricsIn(output.take());
    expect(lines).toMatchObject([
      { service: "reshard-streams", Decision: "scale-out", Decisions: 1 },
      { service: "reshard-streams", Decision: "on-target", Decisions: 1 },
      { service: "reshard-streams", StreamName: "orders", OpenShardCount: 3 },
    ]);
    const dimensions = lines.map((line) => JSON.stringify(line).match(/"Dimensions":\[(\[.*?\])\]/)?.[1]);
    expect(dimensions.map((list) => JSON.parse(list ?? "[]").sort())).toEqual([
      ["Decision", "service"],
      ["Decision", "service"],
      ["StreamName", "service"],
    ]);
  });

  it("counted twice in a run has both values", async () => {
    await invoke(async (_, { metrics }) => {
      metrics.count("Actions", 1, { Action: "UpdateShardCount" });
      metrics.count("Actions", 1, { Action: "UpdateShardCount" });
    });
    expect(metricsIn(output.take())).toMatchObject([{ Actions: [1, 1] }]);
  });

  it("of one invocation is not written again by the next", async () => {
    const handler = reflex("reshard-streams", async (event, { metrics }) => {
      if (event === "first") metrics.count("Postponed");
    });
    await handler("first", context());
    output.take();
    await handler("second", context());
    expect(metricsIn(output.take())).toEqual([]);
  });
});

describe("an error", () => {
  it.each([
    [new RetryLater("the stream is UPDATING"), "RetryLater"],
    [new Blocked("the quota is spent"), "Blocked"],
    [new Misconfigured("no such stream"), "Misconfigured"],
    [new TypeError("x is not a function"), "Unexpected"],
  ])("is thrown on, logged and counted by its class: %s", async (error, Class) => {
    const failing = invoke(() => Promise.reject(error));
    await expect(failing).rejects.toBe(error);
    const lines = output.take();
    expect(lines.filter(({ level }) => level === "ERROR")).toMatchObject([
      { message: error.message, class: Class },
    ]);
    expect(metricsIn(lines)).toMatchObject([{ service: "reshard-streams", Class, Errors: 1 }]);
  });

  it("leaves the metrics that were counted before it", async () => {
    const failing = invoke(async (_, { metrics }) => {
      metrics.count("Postponed");
      throw new Blocked("the quota is spent");
    });
    await expect(failing).rejects.toThrow();
    expect(metricsIn(output.take())).toMatchObject([{ Postponed: 1 }, { Errors: 1 }]);
  });
});

describe("the end of the time", () => {
  /** A function that has a moment left until it is ended, and that hangs. */
  const hanging = (begin: (run: Run) => void) =>
    reflex(
      "reshard-streams",
      (_, run) => {
        begin(run);
        return new Promise<never>(() => {});
      },
      { endEarlyMs: 1500 },
    )({}, context(1510));

  it("ends the run before Lambda does, and the error says how far it got", async () => {
    const ended = hanging(({ progress }) => {
      progress("looking at orders; nothing was changed");
      progress("about to do UpdateShardCount 1 -> 2 for orders");
    });
    await expect(ended).rejects.toThrow(
      /ended 1500 ms before the Lambda time-out: about to do UpdateShardCount 1 -> 2 for orders; the next run goes on/,
    );
    await expect(ended).rejects.toBeInstanceOf(RetryLater);
  });

  it("is logged and counted like any error, which a real time-out would not be", async () => {
    await expect(hanging(() => {})).rejects.toThrow(/nothing was begun/);
    const lines = output.take();
    expect(lines.some(({ level, class: Class }) => level === "ERROR" && Class === "RetryLater")).toBe(true);
    expect(metricsIn(lines)).toMatchObject([{ Errors: 1, Class: "RetryLater" }]);
  });

  it("fires the signal that every AWS call is given", async () => {
    let signal: AbortSignal | undefined;
    const ended = hanging((run) => {
      signal = run.signal;
    });
    expect(signal?.aborted).toBe(false);
    await expect(ended).rejects.toThrow();
    expect(signal?.aborted).toBe(true);
  });

  it("does not say how far another invocation got", async () => {
    const handler = reflex("reshard-streams", (event, run) => {
      if (event !== "first") return new Promise<never>(() => {});
      run.progress("the first invocation's progress");
      return Promise.resolve();
    });
    await handler("first", context());
    await expect(handler("second", context(1510))).rejects.toThrow(/nothing was begun/);
  });
});
