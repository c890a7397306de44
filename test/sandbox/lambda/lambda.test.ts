import { existsSync } from "node:fs";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import { createMetricStore, type MetricStore } from "../../../sandbox/cloudwatch/metrics/store.ts";
import { type ConnectableDeliveries, createDeliveries } from "../../../sandbox/deliveries.ts";
import { type Callers, Calls } from "../../../sandbox/endpoint/calls.ts";
import { type Endpoint, startEndpoint } from "../../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../../sandbox/endpoint/faults.ts";
import { packagesIn } from "../../../sandbox/lambda/artefacts.ts";
import type { Invocation } from "../../../sandbox/lambda/function.ts";
import { createLambda, type Lambda } from "../../../sandbox/lambda/service.ts";
import type { Service } from "../../../sandbox/service.ts";
import { startXray, type Xray } from "../../../sandbox/xray/xray.ts";
import { functionProperties, packaged } from "./packaged.ts";

const MINUTE = 60_000;
const START = Date.parse("2030-01-01T00:00:00Z");

/** What the functions of these tests are. `signed` is an AWS call as any SDK signs it, to a made-up service. */
const SOURCES = {
  echo: "exports.handler = async (event) => event;",
  environment: `
    const { readFileSync } = require("node:fs");
    exports.handler = async () => ({
      variables: process.env,
      cwd: process.cwd(),
      config: readFileSync(process.env.LAMBDA_TASK_ROOT + "/config/dev.yml", "utf8"),
    });`,
  context: `exports.handler = async (_, context) => ({
    ...context, remaining: context.getRemainingTimeInMillis(),
  });`,
  date: "exports.handler = async () => [Date.now(), new Date().toISOString(), new Date(0).toISOString()];",
  warm: "let runs = 0; exports.handler = async () => ++runs;",
  log: `console.log("loading");
    exports.handler = async () => {
      process.stdout.write("two pieces of "); process.stdout.write("one line\\n"); console.error("an error");
    };`,
  emf: `exports.handler = async () => {
    const CloudWatchMetrics = [{ Namespace: "Reflex", Dimensions: [["automation"]], Metrics: [{ Name: "Decisions", Unit: "Count" }] }];
    console.log(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics }, automation: "a", Decisions: [1, 2] }));
  };`,
  fails: `exports.handler = async () => { throw new RangeError("as asked"); };`,
  failsOnce: `let runs = 0; exports.handler = async () => { if (++runs === 1) throw new Error("first"); };`,
  hangs: `exports.handler = async ({ hang }) => {
    if (hang) await new Promise((_, reject) => setTimeout(reject, 60_000));
  };`,
  exits: "exports.handler = async () => process.exit(1);",
  leaks: "exports.handler = async () => { const all = []; for (;;) all.push(new Array(100_000).fill({})); };",
  broken: `require("no-such-module");`,
  calls: `exports.handler = async (event) => {
    const scope = process.env.AWS_ACCESS_KEY_ID + "/20300101/us-east-1/made-up/aws4_request";
    const headers = { authorization: "AWS4-HMAC-SHA256 Credential=" + scope, "x-amz-target": "MadeUp.Change" };
    for (let i = 0; i < (event.times ?? 1); i++) {
      await fetch(process.env.AWS_ENDPOINT_URL, { method: "POST", headers, body: "{}" });
    }
  };`,
};

let dir: ReturnType<typeof packaged>;
let clock: SandboxClock;
let metrics: MetricStore;
let deliveries: ConnectableDeliveries;
let queued: { arn: string; body: string }[];
let faults: Faults;
let calls: Calls;
let changes: number;
let xray: Xray;
let endpoint: Endpoint;
let lambda: Lambda;

beforeAll(async () => {
  const traced = await build({
    stdin: {
      contents: `
        import xray from "aws-xray-sdk-core";
        export const handler = async () =>
          xray.captureAsyncFunc("inside", async (sub) => { sub.addAnnotation("asked", true); sub.close(); });`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  });
  const sources = Object.entries({ ...SOURCES, traced: traced.outputFiles[0]?.text ?? "" });
  dir = packaged({
    ...Object.fromEntries(sources.map(([name, source]) => [`functions/${name}/handler.js`, source])),
    "config/dev.yml": "mode: act\n",
  });
});

afterAll(() => dir.remove());

beforeEach(async () => {
  const callers: Callers = new Map();
  const log = () => {};
  clock = createClock({ speed: 0, start: START, onError: (error) => expect.unreachable(String(error)) });
  metrics = createMetricStore();
  deliveries = createDeliveries();
  faults = new Faults();
  calls = new Calls();
  queued = [];
  changes = 0;
  xray = await startXray({ clock, log });
  lambda = createLambda({
    readCode: packagesIn(dir.dir),
    clock,
    callers,
    metrics,
    deliveries,
    log,
    endpointUrl: () => endpoint.url,
    daemonAddress: () => xray.daemonAddress,
    toQueue: (arn, body) => queued.push({ arn, body }),
    environment: { environment: { STAGE: "of the sandbox" } },
  });
  const madeUp: Service = {
    signingNames: ["made-up"],
    handle: async () => {
      changes += 1;
      return { status: 200, body: "{}" };
    },
  };
  endpoint = await startEndpoint({ services: [lambda, madeUp], clock, faults, calls, callers, port: 0, log });
});

afterEach(async () => {
  clock.stop();
  await endpoint.stop();
  await lambda.stop?.();
  await xray.stop?.();
});

async function create(name: keyof typeof SOURCES | "traced", settings: Record<string, unknown> = {}) {
  return lambda.resources?.["AWS::Lambda::Function"]?.("Function", functionProperties(name, settings));
}

async function configure(name: string, settings: Record<string, unknown>) {
  await lambda.resources?.["AWS::Lambda::EventInvokeConfig"]?.("Config", {
    FunctionName: name,
    Qualifier: "$LATEST",
    ...settings,
  });
}

function resultOf({ result }: Invocation): unknown {
  return result.ok ? JSON.parse(result.payload) : result.error;
}

async function run(name: keyof typeof SOURCES, settings?: Record<string, unknown>): Promise<unknown> {
  await create(name, settings);
  return resultOf(await lambda.invoke(name, {}));
}

/** A signed request to the Lambda API. */
function api(path: string, init: RequestInit & { headers?: Record<string, string> } = {}) {
  const authorization = "AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/lambda/aws4_request";
  return fetch(`${endpoint.url}/2015-03-31/functions${path}`, {
    ...init,
    headers: { authorization, ...init.headers },
  });
}

describe("a function", () => {
  it("gets the event and gives its result", async () => {
    await create("echo");
    expect(resultOf(await lambda.invoke("echo", { a: [1] }))).toEqual({ a: [1] });
  });

  it("sees its own variables, those the sandbox sets over them, Lambda's, and nothing of the machine", async () => {
    process.env.ONLY_ON_THIS_MACHINE = "1";
    const Environment = { Variables: { TABLE: "ledger", STAGE: "of the template" } };
    const seen = await run("environment", { Environment, MemorySize: 256 });
    delete process.env.ONLY_ON_THIS_MACHINE;
    expect(seen).toMatchObject({
      variables: {
        TABLE: "ledger",
        STAGE: "of the sandbox",
        AWS_REGION: "us-east-1",
        AWS_ENDPOINT_URL: endpoint.url,
        AWS_LAMBDA_FUNCTION_NAME: "environment",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
        AWS_XRAY_DAEMON_ADDRESS: xray.daemonAddress,
        _HANDLER: "functions/environment/handler.handler",
        _X_AMZN_TRACE_ID: expect.stringMatching(
          /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
        ),
      },
      config: "mode: act\n",
    });
    expect(seen).not.toHaveProperty("variables.ONLY_ON_THIS_MACHINE");
  });

  it("sees its package as the working directory", async () => {
    const { cwd, variables } = (await run("environment")) as {
      cwd: string;
      variables: Record<string, string>;
    };
    expect(cwd).toBe(variables.LAMBDA_TASK_ROOT);
  });

  it("gets Lambda's context", async () => {
    expect(await run("context", { Timeout: 5 })).toMatchObject({
      functionName: "context",
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:context",
      memoryLimitInMB: "128",
      awsRequestId: lambda.invocations()[0]?.requestId,
      logGroupName: "/aws/lambda/context",
      remaining: expect.toSatisfy((ms: number) => ms > 0 && ms <= 5000),
    });
  });

  it("lives in the sandbox's time", async () => {
    await clock.advance(90_000);
    const now = START + 90_000;
    expect(await run("date")).toEqual([now, new Date(now).toISOString(), "1970-01-01T00:00:00.000Z"]);
  });

  it("stays warm from one invocation to the next", async () => {
    await create("warm");
    const results = [await lambda.invoke("warm", {}), await lambda.invoke("warm", {})];
    expect(results.map(resultOf)).toEqual([1, 2]);
    expect(results.map(({ initMs }) => initMs === undefined)).toEqual([false, true]);
  });

  it("runs one invocation at a time in an environment", async () => {
    await create("warm");
    const results = await Promise.all([lambda.invoke("warm", {}), lambda.invoke("warm", {})]);
    expect(results.map(resultOf)).toEqual([1, 1]);
  });

  it("has what it writes in the log, line by line and in order", async () => {
    await create("log");
    const { log, requestId } = await lambda.invoke("log", {});
    expect(log).toEqual([
      `START RequestId: ${requestId} Version: $LATEST`,
      "loading",
      "two pieces of one line",
      "an error",
      `END RequestId: ${requestId}`,
      expect.stringContaining(`REPORT RequestId: ${requestId}\tDuration: `),
    ]);
  });

  it("puts metrics by writing them (EMF)", async () => {
    await run("emf");
    const metric = { namespace: "Reflex", name: "Decisions", dimensions: { automation: "a" } };
    const read = metrics.read(metric, { from: START, to: START + MINUTE, periodMs: MINUTE });
    expect(read.get(START)).toMatchObject({ count: 2, sum: 3 });
  });

  it("is counted in AWS/Lambda's metrics", async () => {
    await run("fails");
    const metric = { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "fails" } };
    const read = metrics.read(metric, { from: START, to: START + MINUTE, periodMs: MINUTE });
    expect(read.get(START)).toMatchObject({ count: 1, sum: 1 });
  });
});

describe("a function that fails", () => {
  it("by an error gives its class, its message and where", async () => {
    expect(await run("fails")).toMatchObject({
      errorType: "RangeError",
      errorMessage: "as asked",
      trace: expect.arrayContaining([expect.stringContaining("handler.js")]),
    });
  });

  it("by its time-out is ended and says so, and the next invocation is cold", async () => {
    await create("hangs", { Timeout: 1 });
    const first = await lambda.invoke("hangs", { hang: true });
    expect(first.result).toMatchObject({ ok: false, ended: "time-out" });
    expect(first.log.at(1)).toMatch(/Task timed out after 1\.00 seconds$/);
    expect((await lambda.invoke("hangs", {})).initMs).toBeDefined();
  });

  it("by leaving the process is reported as Lambda does", async () => {
    expect(await run("exits")).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: "Runtime exited without providing a reason",
    });
  });

  it("by its memory is reported as Lambda does", async () => {
    expect(await run("leaks")).toMatchObject({ errorType: "Runtime.OutOfMemory" });
  });

  it("by what it loads names it", async () => {
    expect(await run("broken")).toMatchObject({ errorMessage: expect.stringContaining("no-such-module") });
  });

  it("by a handler that is not there names it", async () => {
    expect(await run("echo", { Handler: "functions/echo/handler.other" })).toMatchObject({
      errorType: "Runtime.HandlerNotFound",
      errorMessage: "functions/echo/handler.other is undefined or not exported",
    });
  });

  it("by a package that is not there cannot be created", async () => {
    const Code = { S3Bucket: "bucket", S3Key: "reflex/other.zip" };
    await expect(create("echo", { Code })).rejects.toThrow(
      /other\.zip is not there \(found: functions\.zip\)/,
    );
  });
});

describe("an asynchronous event", () => {
  it("that fails is tried again after one and two minutes, and then dropped", async () => {
    await create("fails");
    await lambda.send("fails", {});
    await clock.advance(60 * MINUTE);
    const seen = lambda.invocations("fails");
    expect(seen.map(({ attempt, at }) => [attempt, (at - START) / MINUTE])).toEqual([
      [1, 0],
      [2, 1],
      [3, 3],
    ]);
    expect(new Set(seen.map(({ requestId }) => requestId)).size).toBe(1);
  });

  it("that fails once is done at the second attempt", async () => {
    await create("failsOnce");
    await lambda.send("failsOnce", {});
    await clock.advance(60 * MINUTE);
    expect(lambda.invocations("failsOnce").map(({ result }) => result.ok)).toEqual([false, true]);
  });

  it("that still fails goes to the on-failure queue with the event and the error", async () => {
    await create("fails");
    await configure("fails", {
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:failed" } },
    });
    await lambda.send("fails", { a: 1 });
    expect(queued).toHaveLength(1);
    expect(JSON.parse(queued[0]?.body ?? "")).toMatchObject({
      requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 1 },
      requestPayload: { a: 1 },
      responsePayload: { errorType: "RangeError", errorMessage: "as asked" },
    });
  });

  it("that still fails goes to the dead-letter topic as it was", async () => {
    const published: string[] = [];
    deliveries.connect({ toTopic: async (_, { message }) => void published.push(message) });
    await create("fails", { DeadLetterConfig: { TargetArn: "arn:aws:sns:us-east-1:000000000000:dead" } });
    await configure("fails", { MaximumRetryAttempts: 0 });
    await lambda.send("fails", { a: 1 });
    expect(published).toEqual(['{"a":1}']);
  });

  it("that is too old is not tried again", async () => {
    await create("fails");
    await configure("fails", { MaximumEventAgeInSeconds: 90 });
    await lambda.send("fails", {});
    await clock.advance(60 * MINUTE);
    expect(lambda.invocations("fails")).toHaveLength(2);
  });

  it("waits for its turn where the concurrency is reserved", async () => {
    await create("warm", { ReservedConcurrentExecutions: 1 });
    await Promise.all([1, 2, 3].map(() => lambda.send("warm", {})));
    expect(lambda.invocations("warm").map(resultOf)).toEqual([1, 2, 3]);
  });

  it.each([false, true])("is delivered twice when a fault says so (at once: %s)", async (atOnce) => {
    await create("echo");
    lambda.deliverTwice("echo", { times: 1, atOnce });
    await lambda.send("echo", { a: 1 });
    await lambda.send("echo", { a: 2 });
    expect(lambda.invocations("echo").map(resultOf)).toEqual([{ a: 1 }, { a: 1 }, { a: 2 }]);
  });
});

describe("a call of a function", () => {
  it("is known by the function and the invocation", async () => {
    await create("calls");
    const { requestId } = await lambda.invoke("calls", {});
    expect(calls.where({ functionName: "calls" })).toMatchObject([
      { service: "made-up", operation: "Change", requestId },
    ]);
  });

  it("can be the last before a crash: it is done, and the function does not know", async () => {
    await create("calls");
    faults.inject({ kind: "crash-after", service: "made-up", operation: "Change", after: 1 });
    const { result } = await lambda.invoke("calls", { times: 5 });
    expect(result).toMatchObject({ ok: false, ended: "crash" });
    expect(changes).toBe(2);
  });

  it("can be cut off by a crash before it is done, and the event is tried again", async () => {
    await create("calls");
    faults.inject({ kind: "crash-before", service: "made-up", operation: "Change" });
    await lambda.send("calls", {});
    const before = changes;
    await clock.advance(MINUTE);
    expect([before, changes]).toEqual([0, 1]);
    expect(lambda.invocations("calls").map(({ result }) => result.ok)).toEqual([false, true]);
  });
});

describe("a trace", () => {
  it("is whole: Lambda's two segments and the function's own subsegment below them", async () => {
    await create("traced", { TracingConfig: { Mode: "Active" } });
    const { traceHeader } = await lambda.invoke("traced", {});
    const traceId = /Root=([^;]+)/.exec(traceHeader)?.[1] ?? "";
    const { documents } = await xray.waitFor(traceId, (trace) => trace.documents.length >= 3);
    const [service, handler, inside] = ["AWS::Lambda", "AWS::Lambda::Function", undefined].map((origin) =>
      documents.find((document) => document.origin === origin),
    );
    expect(handler?.parent_id).toBe(service?.id);
    expect(inside).toMatchObject({ name: "inside", parent_id: handler?.id, annotations: { asked: true } });
  });

  it("goes on where the caller's ended", async () => {
    await create("traced");
    const root = `1-${"a".repeat(8)}-${"b".repeat(24)}`;
    const header = `Root=${root};Parent=${"c".repeat(16)};Sampled=1`;
    await api("/traced/invocations", { method: "POST", headers: { "x-amzn-trace-id": header } });
    const { documents } = await xray.waitFor(root, (trace) => trace.documents.length >= 3);
    expect(documents.find(({ origin }) => origin === "AWS::Lambda")?.parent_id).toBe("c".repeat(16));
  });

  it("is not begun for a function without active tracing", async () => {
    await create("traced");
    expect((await lambda.invoke("traced", {})).traceHeader).toMatch(/;Sampled=0$/);
  });
});

describe("the Lambda API", () => {
  it("runs a function and gives its result", async () => {
    await create("echo");
    const response = await api("/echo/invocations", { method: "POST", body: '{"a":1}' });
    expect([response.status, await response.json()]).toEqual([200, { a: 1 }]);
  });

  it("finds it by its ARN with a version", async () => {
    await create("echo");
    const arn = encodeURIComponent("arn:aws:lambda:us-east-1:000000000000:function:echo:1");
    const response = await api(`/${arn}/invocations`, { method: "POST", body: "{}" });
    expect(response.status).toBe(200);
  });

  it("reports an error by a header, and the end of the log when asked", async () => {
    await create("fails");
    const headers = { "x-amz-log-type": "Tail" };
    const response = await api("/fails/invocations", { method: "POST", body: "{}", headers });
    expect(response.headers.get("x-amz-function-error")).toBe("Unhandled");
    const tail = Buffer.from(response.headers.get("x-amz-log-result") ?? "", "base64").toString();
    expect(tail).toContain("Invoke Error");
  });

  it("takes an event without waiting for its end", async () => {
    await create("echo");
    const headers = { "x-amz-invocation-type": "Event" };
    const response = await api("/echo/invocations", { method: "POST", body: "{}", headers });
    await clock.advance(0);
    expect([response.status, lambda.invocations("echo").length]).toEqual([202, 1]);
  });

  it("refuses an invocation above the reserved concurrency", async () => {
    await create("hangs", { Timeout: 1, ReservedConcurrentExecutions: 0 });
    const response = await api("/hangs/invocations", { method: "POST", body: "{}" });
    expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([
      429,
      "TooManyRequestsException",
    ]);
  });

  it("does not find a function that is not there", async () => {
    const response = await api("/nobody/invocations", { method: "POST", body: "{}" });
    expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([
      404,
      "ResourceNotFoundException",
    ]);
  });

  it("refuses a payload that is no JSON", async () => {
    await create("echo");
    const response = await api("/echo/invocations", { method: "POST", body: "{" });
    expect(response.headers.get("x-amzn-errortype")).toBe("InvalidRequestContentException");
  });

  it("lists and describes functions", async () => {
    await create("echo");
    expect(await (await api("/")).json()).toMatchObject({
      Functions: [{ FunctionName: "echo", Timeout: 5 }],
    });
    expect(await (await api("/echo")).json()).toMatchObject({ Configuration: { MemorySize: 128 } });
  });
});

describe("at the end", () => {
  it("no unpacked package is left", async () => {
    const { variables } = (await run("environment")) as { variables: Record<string, string> };
    const root = variables.LAMBDA_TASK_ROOT ?? "";
    const before = existsSync(root);
    await lambda.stop?.();
    expect([before, existsSync(root)]).toEqual([true, false]);
  });
});
