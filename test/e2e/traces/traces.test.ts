import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { segmentsOf, type TraceSegment } from "../../../sandbox/xray/traces.ts";
import { notification } from "../../../shared/notify/notification.ts";
import { EXPECTED, type SceneName } from "./expected.ts";
import { insightsRows, traceIds } from "./filter.ts";
import { fieldsIn, filtersIn, hasField, queriesIn } from "./insights.ts";
import { ledgerEntries } from "./ledger-entries.ts";
import { ANNOTATIONS, PARTS } from "./names.ts";
import { describeCommandsOfDocs } from "./on-call/docs.ts";
import { describeReadOnlyCommands } from "./on-call/read-only.ts";
import { FUNCTIONS, type Scenery, startScenery, type Woken } from "./scenery.ts";
import { play, SCENES } from "./scenes.ts";
import { lostIn, treeOf } from "./tree.ts";

let scenery: Scenery;
let played: Readonly<Record<SceneName, Woken>>;

beforeAll(async () => {
  scenery = await startScenery();
  played = await play(scenery);
});
afterAll(() => scenery.stop());

const traces = () => scenery.account.xray.traces();
const segments = () => traces().flatMap(segmentsOf);
/** What the functions sent: all but Lambda's own segments. */
const ours = () => segments().filter(({ name }) => !name.startsWith("reflex-dev-"));
const idOf = (scene: SceneName) => played[scene].traceId;

/** Whatever resource they are of. */

describe("the trace is as it is written down when", () => {
  test.each(SCENES)("%s", (scene) => {
    expect(treeOf(played[scene].trace)).toBe(EXPECTED[scene].trim());
  });
});

describe("every trace", () => {
  test("is one tree below one segment of Lambda's", () => {
    const roots = traces().map(({ documents }) =>
      documents.filter(({ parent_id }) => parent_id === undefined),
    );
    expect(roots.filter((found) => found.length !== 1)).toEqual([]);
    expect(traces().flatMap(lostIn)).toEqual([]);
  });

  test("is of one of the functions, and each function has one", () => {
    const named = new Set(segments().flatMap(({ name }) => /^reflex-dev-(.*)$/.exec(name)?.[1] ?? []));
    expect([...named].toSorted()).toEqual([...FUNCTIONS].toSorted());
  });

  test("breaks no rule for X-Ray's documents, and none of it is dropped", () => {
    expect(scenery.account.xray.breaches).toEqual([]);
    expect(scenery.account.xray.dropped).toEqual({ malformed: 0, oversize: 0 });
  });

  // https://docs.aws.amazon.com/general/latest/gr/xray.html
  test("is below X-Ray's limits of one trace: 500 KB, and fifty annotations that are indexed", () => {
    const bytes = traces().map(({ documents }) => Buffer.byteLength(JSON.stringify(documents)));
    expect(Math.max(...bytes)).toBeLessThan(500 * 1024);
    const different = traces().map((trace) => {
      const all = segmentsOf(trace).flatMap(({ annotations = {} }) => Object.entries(annotations));
      return new Set(all.map(([key, value]) => `${key}=${value}`)).size;
    });
    expect(Math.max(...different)).toBeLessThanOrEqual(50);
  });

  test("has only parts and annotations that are listed", () => {
    const called = (segment: TraceSegment) => segment.namespace !== undefined;
    const names = ours().filter((one) => !called(one));
    expect(names.map(({ name }) => name).filter((name) => !Object.hasOwn(PARTS, name))).toEqual([]);
    const keys = segments().flatMap(({ annotations }) => Object.keys(annotations ?? {}));
    expect(keys.filter((key) => !Object.hasOwn(ANNOTATIONS, key))).toEqual([]);
  });

  test("names automation and stage on each of its parts", () => {
    const unnamed = ours().filter(({ name, namespace, annotations = {} }) => {
      const known = FUNCTIONS.some((automation) => automation === annotations.automation);
      return namespace === undefined && !(known && annotations.stage === name);
    });
    expect(unnamed).toEqual([]);
  });
});

describe("a trace has the evidence of", () => {
  const metadataOf = (scene: SceneName, part: string) =>
    segmentsOf(played[scene].trace).find(({ name }) => name === part)?.metadata;

  test("a decision on a stream", () => {
    expect(metadataOf("a stream is resharded", "decide")).toMatchObject({
      reflex: { reasons: [expect.stringContaining("111 % of 1 shard")], evidence: { openShards: 1 } },
    });
  });

  test("a decision on a node pool", () => {
    expect(metadataOf("a node pool grows", "decided")).toMatchObject({
      reflex: {
        reasons: [{ code: "pods-unplaced", text: expect.stringContaining("found no place") }],
        evidence: { pendingPods: expect.any(Number) },
      },
    });
  });

  test("what is in a drain's way", () => {
    expect(metadataOf("a node is drained", "drain")).toMatchObject({
      reflex: {
        blockers: [{ reason: { text: expect.stringContaining("The disruption budget web needs") } }, {}],
      },
    });
  });

  test("a probe: its phases, its hops and what did not hold", () => {
    const down = segmentsOf(played["sites are checked"].trace).find(
      ({ annotations }) => annotations?.verdict === "DOWN",
    );
    expect(down?.metadata).toMatchObject({
      reflex: {
        phases: { connect: expect.any(Number), processing: expect.any(Number) },
        hops: [{ status: 500 }],
        findings: [{ reason: "status", text: "status is 500, expected 200-299" }],
      },
    });
  });

  test("a quarantined record, without what is in it", () => {
    const record = { reason: "not-json", sequenceNumber: expect.any(String), subSequenceNumber: 0 };
    const shown = segmentsOf(played["records are landed"].trace).flatMap(({ name, metadata }) =>
      name === "quarantine" ? [metadata] : [],
    );
    expect(shown).toContainEqual({ reflex: { records: [record, record] } });
  });
});

describe("an error is shown with its cause", () => {
  test("at the call that failed, as the other side's fault", () => {
    const call = segmentsOf(played["a call fails"].trace).find(
      ({ name, fault }) => name === "Kinesis" && fault,
    );
    expect(call).toMatchObject({
      aws: { operation: "ListShards", retries: 3 },
      cause: { exceptions: [{ remote: true, type: "InternalFailure", stack: expect.any(Array) }] },
    });
  });

  test.each(FUNCTIONS)("when %s is woken by an event it does not know", async (name) => {
    const { trace } = await scenery.wake(name, { unknown: 1 });
    expect(segmentsOf(trace).find((segment) => segment.name === "run")).toMatchObject({
      fault: true,
      annotations: { automation: name, class: "Misconfigured" },
      cause: { exceptions: [{ type: "Misconfigured", message: expect.any(String) }] },
    });
  });
});

describe("the trace id stands", () => {
  test.each(FUNCTIONS)("in every line %s writes, those of its metrics too", (name) => {
    const runs = scenery.account.lambda.invocations(`reflex-dev-${name}`);
    const lines = runs.flatMap(({ log, traceHeader }) =>
      log
        .filter((line) => line.startsWith("{"))
        .map((line) => ({ line, hasId: traceHeader.includes(String(JSON.parse(line).xray_trace_id)) })),
    );
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter(({ hasId }) => !hasId)).toEqual([]);
  });

  test("in every notification", () => {
    const notifications = scenery.account.sns
      .published()
      .filter(({ topicArn }) => topicArn.endsWith("-notify"))
      .map(({ byProtocol }) => notification.parse(JSON.parse(byProtocol?.default ?? "null")));
    const ids = notifications.map(({ automation, traceId }) => [automation, traceId]);
    expect(ids).toEqual([
      ["reshard-streams", idOf("a stream is resharded")],
      ["check-sites", idOf("sites are checked")],
      ["scale-node-pools", idOf("a node pool grows")],
      ["scale-node-pools", idOf("a node pool shrinks")],
    ]);
  });

  test("in every entry of the ledger", async () => {
    const entries = await ledgerEntries(scenery);
    const ids = entries.map(({ intent }) => [intent.automation, intent.traceId]);
    expect(ids.toSorted()).toEqual(
      [
        ["reshard-streams", idOf("a stream is resharded")],
        ["scale-node-pools", idOf("a node pool grows")],
        ["scale-node-pools", idOf("a node pool shrinks")],
        ["drain-nodes", idOf("a node is drained")],
        ["drain-nodes", idOf("a drained node is ended")],
        // The nodes are marked, then their instances terminated.
        ["drain-nodes", idOf("a node pool shrinks")],
        ["drain-nodes", idOf("a node pool shrinks")],
      ].toSorted(),
    );
  });

  test("in every quarantined record", () => {
    const quarantined = scenery.account.sqs.queue("reflex-dev-quarantine")?.messages() ?? [];
    expect(quarantined.length).toBeGreaterThan(0);
    const ids = quarantined.map(({ body }) => JSON.parse(body).traceId);
    expect(new Set(ids)).toEqual(new Set([idOf("records are landed")]));
    const producers = quarantined.map(({ body }) => JSON.parse(body).producerTraceId);
    expect(producers.filter((id) => id !== undefined)).toEqual(["1-6b01a95b-cd5a2bb0734e2338281030e9"]);
  });
});

const PAGE = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "tracing.md"), "utf8");
const QUERIES = queriesIn(PAGE);

describe("each filter expression of docs/tracing.md", () => {
  /** What the questions find among the scenes; those that are not named find nothing in them. */
  const found = (): Readonly<Record<string, readonly string[]>> => ({
    "Why was this stream resharded?": [idOf("a stream is resharded")],
    "What did this alarm cause?": [idOf("a stream is resharded")],
    "When was this site down?": [],
    "Which probe was slow?": [],
    "Which batches had records quarantined, and why?": [idOf("records are landed")],
    "Which batch read the events that this producer's trace made?": [idOf("records are landed")],
    "What were people notified of about this node pool?": [
      idOf("a node pool grows"),
      idOf("a node pool shrinks"),
    ],
    "Which drains wait for a budget?": [idOf("a node is drained")],
  });

  test.each(filtersIn(PAGE))("%s %s", async (question, expression) => {
    const ids = await traceIds(scenery.account, expression);
    if (question in found()) expect(ids.toSorted()).toEqual([...(found()[question] ?? [])].toSorted());
  });

  test("is understood as it stands, and what is not is refused", async () => {
    expect(filtersIn(PAGE).length).toBeGreaterThan(10);
    await expect(traceIds(scenery.account, "annotation[resource] LIKE 5")).rejects.toThrow(
      /expected an operator/,
    );
  });
});

describe("each query of docs/tracing.md", () => {
  test.each(QUERIES)("asks for fields that lines have: %s", (query) => {
    const lines = scenery.account.lambda
      .invocations()
      .flatMap(({ log }) =>
        log.filter((line) => line.startsWith("{")).map((line): unknown => JSON.parse(line)),
      );
    const unknown = fieldsIn(query).filter((field) => !lines.some((line) => hasField(line, field)));
    expect(unknown).toEqual([]);
  });

  test.each(QUERIES)("finds something: %s", async (query) => {
    const asked = query.replace("1-6b01a95b-cd5a2bb0734e2338281030e8", idOf("a stream is resharded"));
    expect(await insightsRows(scenery.account, asked)).not.toEqual([]);
  });

  test("about a stream finds what was decided on it, and one that is not understood is refused", async () => {
    const [why = ""] = QUERIES;
    expect(await insightsRows(scenery.account, why)).toContainEqual(
      expect.objectContaining({ "decision.verdict": "scale-out", "decision.from": "1", "decision.to": "2" }),
    );
    await expect(insightsRows(scenery.account, "parse @message /x/")).rejects.toThrow(/has no command parse/);
  });
});

describeReadOnlyCommands(() => scenery);
describeCommandsOfDocs(() => scenery);
