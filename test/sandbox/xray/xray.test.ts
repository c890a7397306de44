import { createSocket } from "node:dgram";
import AWSXRay from "aws-xray-sdk-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { segmentsOf } from "../../../sandbox/xray/traces.ts";
import { startXray } from "../../../sandbox/xray/xray.ts";

const HEADER = '{"format":"json","version":1}\n';
const TRACE = "1-6a7e8feb-b4914cf7a9f1bf3703467718";

function document(overrides: object = {}): string {
  return JSON.stringify({
    trace_id: TRACE,
    id: "defdfd9912dc5a56",
    name: "reshard-streams",
    start_time: 1_795_257_780.5,
    end_time: 1_795_257_781,
    ...overrides,
  });
}

async function start() {
  const clock = createClock({ speed: 0, start: Date.UTC(2026, 10, 21, 10) });
  const lines: string[] = [];
  const logged = new Set<() => void>();
  const log = (line: string) => {
    lines.push(line);
    for (const wake of logged) wake();
  };
  const xray = await startXray({ clock, log });
  const [host, port] = xray.daemonAddress.split(":");
  const socket = createSocket("udp4");
  onTestFinished(async () => {
    socket.close();
    await xray.stop?.();
  });
  return {
    xray,
    lines,
    send: (datagram: string) => void socket.send(datagram, Number(port), host),
    nextLine: () => new Promise<void>((resolve) => void logged.add(resolve)),
    /** Calls X-Ray's API by REST-JSON. */
    async call(path: string, input: object) {
      const { status, body } = await xray.handle({
        method: "POST",
        path,
        query: new URLSearchParams(),
        headers: {},
        body: Buffer.from(JSON.stringify(input)),
        region: "us-east-1",
      });
      return { status, ...JSON.parse(String(body)) };
    },
  };
}

describe("the daemon", () => {
  test("keeps a document under its trace", async () => {
    const { xray, send } = await start();
    send(HEADER + document({ annotations: { stream: "orders" } }));
    const trace = await xray.waitFor(TRACE, ({ documents }) => documents.length === 1);
    expect(trace.documents[0]).toMatchObject({ name: "reshard-streams", annotations: { stream: "orders" } });
  });

  test("takes what the X-Ray SDK sends", async () => {
    const { xray } = await start();
    AWSXRay.setDaemonAddress(xray.daemonAddress);
    const segment = new AWSXRay.Segment("check-sites");
    const subsegment = segment.addNewSubsegment("decide");
    subsegment.addAnnotation("decision", "hold");
    subsegment.close();
    segment.close();
    const trace = await xray.waitFor(segment.trace_id, (found) => segmentsOf(found).length === 2);
    expect(segmentsOf(trace).map(({ name }) => name)).toEqual(["check-sites", "decide"]);
  });

  test("puts a finished document in the place of the one in progress", async () => {
    const { xray, send } = await start();
    send(HEADER + document({ end_time: undefined, in_progress: true }));
    await xray.waitFor(TRACE, ({ documents }) => documents[0]?.in_progress === true);
    send(HEADER + document());
    const trace = await xray.waitFor(TRACE, ({ documents }) => documents[0]?.in_progress === undefined);
    expect(trace.documents).toHaveLength(1);
  });

  test("waits no longer than its time-out, and says what there was", async () => {
    const { xray, send } = await start();
    send(HEADER + document());
    await xray.waitFor(TRACE, () => true);
    await expect(xray.waitFor(TRACE, () => false, 10)).rejects.toThrow(
      "after 10 ms. It had: reshard-streams",
    );
  });

  test.each([
    ["no header", document(), "does not start with the line"],
    ["no JSON", `${HEADER}{oops`, "it is no JSON"],
    ["no trace", HEADER + document({ trace_id: "1-2-3" }), "not as X-Ray's schema has it: trace_id"],
  ])("counts a datagram with %s and says so", async (_, datagram, message) => {
    const { xray, send, lines, nextLine } = await start();
    const logged = nextLine();
    send(datagram);
    await logged;
    expect(lines).toEqual([expect.stringContaining(message)]);
    expect(xray.dropped).toEqual({ malformed: 1, oversize: 0 });
  });
});

describe("the API", () => {
  test("takes documents and reads them back", async () => {
    const { call } = await start();
    const inner = { id: "53995c3f42cd8ad8", name: "decide", start_time: 1_795_257_780.6, fault: true };
    await call("/TraceSegments", {
      TraceSegmentDocuments: [document({ subsegments: [{ ...inner, annotations: { decision: "hold" } }] })],
    });
    expect(await call("/Traces", { TraceIds: [TRACE, "1-00000000-000000000000000000000000"] })).toMatchObject(
      {
        Traces: [{ Id: TRACE, Duration: 0.5, Segments: [{ Id: "defdfd9912dc5a56" }] }],
      },
    );
    const span = { StartTime: 1_795_257_700, EndTime: 1_795_257_800 };
    expect((await call("/TraceSummaries", span)).TraceSummaries).toMatchObject([
      {
        Id: TRACE,
        HasFault: true,
        Annotations: { decision: [{ AnnotationValue: { StringValue: "hold" } }] },
      },
    ]);
  });

  test("drops a document above 64 KB and says so", async () => {
    const { call, xray, lines } = await start();
    const large = document({ metadata: { text: "x".repeat(64 * 1024) } });
    const { UnprocessedTraceSegments } = await call("/TraceSegments", { TraceSegmentDocuments: [large] });
    expect(UnprocessedTraceSegments).toMatchObject([{ ErrorCode: "InvalidSegment" }]);
    expect(xray.dropped).toEqual({ malformed: 0, oversize: 1 });
    expect(lines).toEqual([expect.stringContaining("X-Ray takes 65536")]);
  });

  test("names what it does not have", async () => {
    const { call } = await start();
    expect(await call("/ServiceGraph", {})).toMatchObject({
      status: 400,
      __type: "UnknownOperationException",
    });
  });
});
