import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type LedgerTable, startLedgerTable } from "../ledger/table.ts";
import { type Daemon, type Document, flat, startDaemon } from "./daemon.ts";

type Tracing = typeof import("../../../shared/tracing/stages.ts") &
  typeof import("../../../shared/tracing/aws-calls.ts") &
  typeof import("../../../shared/tracing/trace-id.ts");

let daemon: Daemon;
let tracing: Tracing;
let db: LedgerTable;
let traceId: string;
let traces = 0;

beforeAll(async () => {
  [daemon, db] = await Promise.all([startDaemon(), startLedgerTable()]);
  // The SDK reads both when it is loaded, so it is loaded here.
  vi.stubEnv("LAMBDA_TASK_ROOT", "/var/task");
  vi.stubEnv("AWS_XRAY_DAEMON_ADDRESS", daemon.address);
  tracing = {
    ...(await import("../../../shared/tracing/stages.ts")),
    ...(await import("../../../shared/tracing/aws-calls.ts")),
    ...(await import("../../../shared/tracing/trace-id.ts")),
  };
  tracing.traced(db.client);
});
afterAll(async () => {
  daemon.stop();
  await db.stop();
  vi.unstubAllEnvs();
});
beforeEach(() => invocation("1"));

/** What Lambda sets before each invocation. */
function invocation(sampled: "0" | "1") {
  traces += 1;
  traceId = `1-5759e988-${String(traces).padStart(24, "0")}`;
  vi.stubEnv("_X_AMZN_TRACE_ID", `Root=${traceId};Parent=53995c3f42cd8ad8;Sampled=${sampled}`);
}

/** Everything that was sent for what `body` does, in the stage `run`. */
async function sentBy(body: () => Promise<unknown>): Promise<Document[]> {
  await tracing.inStage("run", body).catch(() => {});
  return flat(await daemon.until("run"));
}

const named = (documents: readonly Document[], name: string) => documents.filter((one) => one.name === name);

const get = () => new GetItemCommand({ TableName: db.table, Key: { pk: { S: "a" }, sk: { S: "a" } } });

describe("a stage", () => {
  it("is one closed subsegment of the invocation's trace, under Lambda's own segment", async () => {
    const [run, ...others] = await sentBy(async () => {});
    expect(others).toEqual([]);
    expect(run).toMatchObject({ type: "subsegment", trace_id: traceId, parent_id: "53995c3f42cd8ad8" });
    expect(run?.end_time).toBeGreaterThanOrEqual(run?.start_time ?? Number.NaN);
    expect(run?.in_progress).toBeUndefined();
  });

  it("has the annotations and the metadata that were put on it", async () => {
    const [run] = await sentBy(() =>
      tracing.inStage("decide", async (stage) => {
        stage.annotate("decision", "scale-out");
        stage.metadata("evidence", { openShards: 1 });
      }),
    ).then((sent) => named(sent, "decide"));
    expect(run?.annotations).toEqual({ stage: "decide", decision: "scale-out" });
    expect(run?.metadata).toEqual({ reflex: { evidence: { openShards: 1 } } });
  });

  it("of a trace with more than X-Ray indexes keeps the rest as metadata, and the last places for what is searched", async () => {
    const sent = await sentBy(async () => {
      for (let index = 0; index < 100; index++) {
        await tracing.inStage("decide", async ({ annotate }) => {
          annotate("resource", `stream/${index}`);
          annotate("decision", "hold");
          annotate("changed", `stream/${index}`);
        });
      }
    });
    const decided = named(sent, "decide");
    const shown = (key: string) => new Set(decided.flatMap(({ annotations = {} }) => annotations[key] ?? []));
    // Of the forty for any key, `stage=run`, `stage=decide` and `decision=hold` are three.
    expect(shown("resource").size + shown("changed").size).toBe(50 - 3);
    expect(shown("decision")).toEqual(new Set(["hold"]));
    expect(shown("changed").size).toBeGreaterThan(shown("resource").size);
    expect(decided.at(-1)?.metadata).toEqual({
      reflex: { notIndexed: { resource: "stream/99", changed: "stream/99" } },
    });
  });

  it("counts the annotations of each invocation's trace anew", async () => {
    const all = () =>
      sentBy(async () => {
        for (let index = 0; index < 40; index++) {
          await tracing.inStage("decide", async ({ annotate }) => annotate("resource", `stream/${index}`));
        }
      });
    await all();
    invocation("1");
    const first = named(await all(), "decide").at(0);
    expect(first?.annotations).toEqual({ stage: "decide", resource: "stream/0" });
  });

  it("gives back what its body gives, also after an await", async () => {
    await expect(tracing.inStage("run", () => Promise.resolve(7))).resolves.toBe(7);
    await daemon.until("run");
  });

  it("that fails is closed as a fault, and the error goes on", async () => {
    const failing = tracing.inStage("run", async () => {
      throw new Error("UPDATING");
    });
    await expect(failing).rejects.toThrow("UPDATING");
    const [run] = await daemon.until("run");
    expect(run).toMatchObject({ fault: true, cause: { exceptions: [{ message: "UPDATING" }] } });
    expect(run?.end_time).toBeDefined();
  });

  it("that fails because of an expected answer has that as an annotation and is no fault", async () => {
    const answer = Object.assign(new Error("The conditional request failed"), {
      name: "ConditionalCheckFailedException",
    });
    const failing = tracing.inStage("run", async () => {
      throw new Error("another run is acting", { cause: answer });
    });
    await expect(failing).rejects.toThrow("another run is acting");
    const [run] = await daemon.until("run");
    expect(run?.annotations).toEqual({ stage: "run", answer: "ConditionalCheckFailedException" });
    expect([run?.fault, run?.cause]).toEqual([undefined, undefined]);
    expect(run?.end_time).toBeDefined();
  });

  it("inside another is its child, also one after the other", async () => {
    const sent = await sentBy(async () => {
      await tracing.inStage("decide", async () => {});
      await tracing.inStage("act", async () => {});
    });
    const [run] = named(sent, "run");
    const parents = [...named(sent, "decide"), ...named(sent, "act")].map(({ parent_id }) => parent_id);
    expect(parents).toEqual([run?.id, run?.id]);
  });

  it("at the same time as another is its sibling, not its child", async () => {
    const sent = await sentBy(() =>
      Promise.all(["a", "b", "c"].map((name) => tracing.inStage(name, () => db.client.send(get())))),
    );
    const [run] = named(sent, "run");
    for (const name of ["a", "b", "c"]) {
      const [stage] = named(sent, name);
      expect(stage?.parent_id).toBe(run?.id);
      // And the call in it is its own.
      expect(sent.filter(({ parent_id }) => parent_id === stage?.id)).toHaveLength(1);
    }
  });

  it("of the next invocation belongs to the next trace", async () => {
    await sentBy(async () => {});
    invocation("1");
    const [run] = await sentBy(async () => {});
    expect(run?.trace_id).toBe(traceId);
  });
});

describe("a call of AWS", () => {
  it("is one subsegment with its operation, region, request id and status", async () => {
    const calls = named(await sentBy(() => db.client.send(get())), "DynamoDB");
    expect(calls).toMatchObject([
      {
        namespace: "aws",
        aws: { operation: "GetItem", region: "us-east-1", retries: 0, request_id: expect.any(String) },
        http: { response: { status: 200 } },
      },
    ]);
    expect(calls[0]?.fault).toBeUndefined();
  });

  it("at the same time as others is their sibling", async () => {
    const sent = await sentBy(() => Promise.all([1, 2, 3].map(() => db.client.send(get()))));
    const [run] = named(sent, "run");
    expect(named(sent, "DynamoDB").map(({ parent_id }) => parent_id)).toEqual([run?.id, run?.id, run?.id]);
  });

  it("whose condition failed is an answer and no fault", async () => {
    const Item = { pk: { S: "a" }, sk: { S: "a" } };
    const refused = new PutItemCommand({
      TableName: db.table,
      Item,
      ConditionExpression: "attribute_exists(pk)",
    });
    const sent = await sentBy(() => db.client.send(refused).catch(() => {}));
    const [call] = named(sent, "DynamoDB");
    expect(call).toMatchObject({
      annotations: { answer: "ConditionalCheckFailedException" },
      http: { response: { status: 400 } },
    });
    expect([call?.fault, call?.cause, named(sent, "run")[0]?.fault]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("that is refused is an error of ours with the far side's words, and the error goes on", async () => {
    const lost = new GetItemCommand({ TableName: "no-such-table", Key: { pk: { S: "a" }, sk: { S: "a" } } });
    let caught: unknown;
    const sent = await sentBy(() =>
      db.client.send(lost).catch((error: unknown) => {
        caught = error;
      }),
    );
    expect(caught).toMatchObject({ name: "ResourceNotFoundException" });
    expect(named(sent, "DynamoDB")).toMatchObject([
      { error: true, cause: { exceptions: [{ remote: true }] }, http: { response: { status: 400 } } },
    ]);
  });

  it("hands its own id on, and the rest of the invocation's header with it", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", `Root=${traceId};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:0:0`);
    let request: unknown;
    db.client.middlewareStack.add(
      (next) => (args) => {
        request = args.request;
        return next(args);
      },
      { step: "finalizeRequest", name: "SeeHeaders" },
    );
    const sent = await sentBy(() => db.client.send(get()));
    db.client.middlewareStack.remove("SeeHeaders");
    const handedOn = `Root=${traceId};Parent=${named(sent, "DynamoDB")[0]?.id};Sampled=1;Lineage=1:0:0`;
    expect(request).toMatchObject({ headers: { "X-Amzn-Trace-Id": handedOn } });
  });

  it("that is throttled is marked so", async () => {
    db.client.middlewareStack.add(
      () => () => {
        const name = "ThrottlingException";
        throw Object.assign(new Error("slow down"), {
          name,
          $metadata: { httpStatusCode: 400, attempts: 4 },
        });
      },
      { step: "build", name: "Throttle", priority: "low" },
    );
    const sent = await sentBy(() => db.client.send(get()).catch(() => {}));
    db.client.middlewareStack.remove("Throttle");
    expect(named(sent, "DynamoDB")).toMatchObject([{ throttle: true, error: true }]);
  });
});

describe("an invocation Lambda did not sample", () => {
  it("sends nothing", async () => {
    invocation("0");
    await tracing.inStage("unsampled", () => db.client.send(get()));
    invocation("1");
    const sent = await sentBy(async () => {});
    expect(sent.map(({ name }) => name)).toEqual(["run"]);
  });
});

describe("the trace id", () => {
  it("is the invocation's", () => {
    expect(tracing.currentTraceId()).toBe(traceId);
  });

  it("is none outside Lambda", () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", undefined);
    expect(tracing.currentTraceId()).toBeUndefined();
  });
});
