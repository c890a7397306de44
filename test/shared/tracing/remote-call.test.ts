import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Daemon, type Document, flat, startDaemon } from "./daemon.ts";

type Tracing = typeof import("../../../shared/tracing/stages.ts") &
  typeof import("../../../shared/tracing/remote-call.ts");

let daemon: Daemon;
let tracing: Tracing;
let traces = 0;

beforeAll(async () => {
  daemon = await startDaemon();
  // The SDK reads both when it is loaded, so it is loaded here.
  vi.stubEnv("LAMBDA_TASK_ROOT", "/var/task");
  vi.stubEnv("AWS_XRAY_DAEMON_ADDRESS", daemon.address);
  tracing = {
    ...(await import("../../../shared/tracing/stages.ts")),
    ...(await import("../../../shared/tracing/remote-call.ts")),
  };
});
afterAll(() => {
  daemon.stop();
  vi.unstubAllEnvs();
});

async function sentBy(body: () => Promise<unknown>): Promise<Document[]> {
  traces += 1;
  vi.stubEnv(
    "_X_AMZN_TRACE_ID",
    `Root=1-5759e988-${String(traces).padStart(24, "0")};Parent=53995c3f42cd8ad8;Sampled=1`,
  );
  await tracing.inStage("run", body).catch(() => {});
  return flat(await daemon.until("run"));
}
const call = (name: string, body: () => Promise<void> = async () => {}, failed?: string) =>
  tracing.inRemoteCall(name, { site: name }, body, () => ({
    url: `https://${name}/`,
    method: "GET",
    status: 200,
    contentLength: 5,
    ...(failed !== undefined && { failed }),
  }));

describe("a call outside AWS", () => {
  it("is a remote subsegment with its http data", async () => {
    const documents = await sentBy(() => call("shop.example.com"));
    expect(documents.find(({ name }) => name === "shop.example.com")).toMatchObject({
      namespace: "remote",
      annotations: { site: "shop.example.com" },
      http: {
        request: { method: "GET", url: "https://shop.example.com/" },
        response: { status: 200, content_length: 5 },
      },
    });
  });

  it("is a sibling of the others made at the same time, not their child", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const documents = await sentBy(async () => {
      const both = [
        call("a.example.com", () => gates[0].promise),
        call("b.example.com", () => gates[1].promise),
      ];
      gates[1].resolve();
      gates[0].resolve();
      await Promise.all(both);
    });
    const run = documents.find(({ name }) => name === "run");
    const parents = ["a.example.com", "b.example.com"].map((wanted) => {
      const found = documents.find(({ name }) => name === wanted);
      return found?.parent_id ?? (run?.subsegments?.some(({ id }) => id === found?.id) ? run?.id : undefined);
    });
    expect(parents).toEqual([run?.id, run?.id]);
  });

  it("that failed is a fault with its reason", async () => {
    const documents = await sentBy(() => call("down.example.com", async () => {}, "timeout"));
    expect(documents.find(({ name }) => name === "down.example.com")).toMatchObject({
      fault: true,
      metadata: { reflex: { failed: "timeout" } },
    });
  });

  it("is closed when it throws", async () => {
    const documents = await sentBy(() =>
      call("broken.example.com", () => Promise.reject(new Error("a mistake"))),
    );
    const found = documents.find(({ name }) => name === "broken.example.com");
    expect([found?.in_progress, found?.fault]).toEqual([undefined, true]);
  });
});
