import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type Reply, startReceiver } from "../../../sandbox/receivers/receiver.ts";
import { createHeartbeat, type HeartbeatOptions } from "../../../shared/heartbeat/heartbeat.ts";
import { parseRange } from "../../../shared/net/address-range.ts";
import { createHttpPost } from "../../../shared/net/http-post.ts";
import { createCredentials, type SecretSource } from "../../../shared/secrets/credentials.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-28T02:00:30Z");
const PATH = "/very-secret";

const noSecrets: SecretSource = {
  parameters: async () => new Map(),
  secret: () => expect.unreachable("no secret is asked for"),
};

/** A process that sweeps when the test says so. */
function sweeper({ source = noSecrets, ...rest }: { source?: SecretSource } & Partial<HeartbeatOptions>) {
  const warnings: string[] = [];
  const count = vi.fn();
  const beat = createHeartbeat({
    ...{ url: "https://monitor.example.com", everyMinutes: 5, stage: "prod", region: "eu-west-1" },
    post: createHttpPost([parseRange("127.0.0.0/8")]),
    credentials: createCredentials(source),
    ...rest,
  });
  const sweep = (minute: number, { remainingMs = 30_000, signal = new AbortController().signal } = {}) =>
    beat({
      clock: { now: () => START + minute * MINUTE },
      signal,
      remainingMs: () => remainingMs,
      log: { warn: (text: string) => void warnings.push(text) },
      metrics: { count },
    } as unknown as Parameters<typeof beat>[0]);
  return { sweep, warnings, count };
}

async function monitor() {
  const started = await startReceiver();
  onTestFinished(() => started.stop());
  return { ...started, address: `${started.url}${PATH}` };
}

describe("the heartbeat", () => {
  it("says whose it is, at most once in so many minutes", async () => {
    const { address, taken } = await monitor();
    const { sweep, warnings } = sweeper({ url: address, everyMinutes: 3 });
    // Sweeps come seconds early or late: minutes of the clock are counted.
    for (const minute of [0, 1, 2.99, 3.01, 4, 5, 6, 9]) await sweep(minute);
    expect(taken(PATH)).toEqual(
      Array.from({ length: 4 }, () => ({ service: "reflex", stage: "prod", region: "eu-west-1" })),
    );
    expect(warnings).toEqual([]);
  });

  it("finds its address in a secret, which no message quotes", async () => {
    const { address, taken, replyNext } = await monitor();
    const source = {
      ...noSecrets,
      parameters: async () => new Map([["/reflex/heartbeat", ` ${address}\n`]]),
    };
    const { sweep, warnings } = sweeper({ url: { ssm: "/reflex/heartbeat" }, source });
    replyNext(PATH, { status: 404, body: address });
    await sweep(0);
    await sweep(1);
    expect(taken(PATH)).toHaveLength(1);
    expect(warnings.join()).not.toContain(PATH);
  });

  it.each<[string, Reply]>([
    ["500", { status: 500 }],
    ["404", { status: 404 }],
    ["302", { status: 302, headers: { location: "http://169.254.169.254/" } }],
  ])("that is answered %s is counted, logged, and sent again by the next sweep", async (status, reply) => {
    const { address, requests, replyNext } = await monitor();
    replyNext(PATH, reply);
    const { sweep, warnings, count } = sweeper({ url: address });
    for (const minute of [0, 1, 2]) await sweep(minute);
    expect(requests.map((one) => one.status)).toEqual([Number(status), 200]);
    expect(warnings).toEqual([
      `the monitor of monitoring.heartbeat answered ${status}: the next sweep calls it again`,
    ]);
    expect(count.mock.calls).toEqual([["HeartbeatFailures"]]);
  });

  it.each<[string, Partial<HeartbeatOptions>, RegExp]>([
    [
      "an address within AWS",
      { url: "http://169.254.169.254/latest" },
      /not a public address \(link local\)/i,
    ],
    ["an address without TLS", { url: "http://192.0.2.1/" }, /is not called: /],
    ["a secret that cannot be read", { url: { ssm: "/x" } }, /the parameter \/x cannot be read/],
    [
      "a port that nothing listens on",
      { url: "http://127.0.0.1:1/" },
      /cannot be reached \(Error ECONNREFUSED\)/,
    ],
  ])("is not sent to %s, and fails nothing", async (_, options, why) => {
    const { sweep, warnings } = sweeper(options);
    await sweep(0);
    expect(warnings).toEqual([expect.stringMatching(why)]);
  });

  it("waits for no monitor that does not answer, nor beyond the end of its run", async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    const slow = sweeper({ url, timeoutMs: 20 });
    await slow.sweep(0);
    expect(slow.warnings).toEqual([expect.stringContaining("cannot be reached (")]);
    const ended = sweeper({ url });
    await ended.sweep(0, { signal: AbortSignal.timeout(20) });
    expect(ended.warnings).toHaveLength(1);
  });

  it("is left to the next sweep where a run has no time left for it", async () => {
    const { address, requests } = await monitor();
    const { sweep, warnings } = sweeper({ url: address });
    await sweep(0, { remainingMs: 4_000 });
    expect([requests.length, warnings]).toEqual([0, []]);
    await sweep(1);
    expect(requests).toHaveLength(1);
  });
});
