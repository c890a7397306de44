import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Invocation } from "../../sandbox/lambda/function.ts";
import { invocationLine } from "../../sandbox/run/invocation-line.ts";
import { checkPort, serveOptions } from "../../sandbox/run/serve-options.ts";

describe("npm run sandbox", () => {
  it("has LocalStack's port and few words where nothing is asked for", () => {
    expect(serveOptions([])).toEqual({ port: 4566, verbose: false });
    expect(serveOptions(["--port", "4570", "--verbose"])).toEqual({ port: 4570, verbose: true });
  });

  it.each(["0", "65536", "4566x", "-1", ""])("refuses the port %j", (port) => {
    expect(() => serveOptions([`--port=${port}`])).toThrow(
      `--port: found "${port}", expected a number from 1 to 65535`,
    );
  });

  it("refuses an option it does not have", () => {
    expect(() => serveOptions(["--prot", "1"])).toThrow("--prot");
  });

  it("says that its port is taken, and how to take another", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
    const address = other.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await expect(checkPort(port)).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is taken: give another with --port`,
    );
    await new Promise((resolve) => other.close(resolve));
    await expect(checkPort(port)).resolves.toBeUndefined();
  });
});

describe("a run of a function in one line", () => {
  const run = (payload: object, attempt = 1): Invocation => ({
    functionName: "reflex-dev-reshard-streams",
    requestId: "1",
    attempt,
    at: 0,
    durationMs: 34.4,
    result: { ok: true, payload: JSON.stringify(payload) },
    log: [],
    traceHeader: "",
  });
  const decision = { trigger: "schedule", verdict: "on-target", reasons: ["it is enough"] };

  it("says what was decided and done", () => {
    const streams = [
      { stream: "sample", action: "none", ...decision },
      { stream: "orders", action: "UpdateShardCount 1 -> 2", ...decision, verdict: "scale-out" },
    ];
    expect(invocationLine(run({ streams }), "short")).toBe(
      "reshard-streams, 34 ms: stream sample: on-target; stream orders: scale-out, UpdateShardCount 1 -> 2",
    );
  });

  it("says that nothing was, and which attempt it is", () => {
    expect(invocationLine(run({}, 2), "short")).toBe("reshard-streams (attempt 2), 34 ms: nothing to report");
  });

  it("has the whole answer where that is asked for", () => {
    expect(invocationLine(run({ a: 1 }), "whole")).toBe('reshard-streams, 34 ms: {"a":1}');
  });

  it("says why it failed", () => {
    const failed: Invocation = {
      ...run({}),
      result: {
        ok: false,
        ended: "time-out",
        error: { errorType: "Sandbox.Timedout", errorMessage: "after 3 s" },
      },
    };
    expect(invocationLine(failed, "short")).toBe(
      "reshard-streams, 34 ms: failed (time-out): Sandbox.Timedout: after 3 s",
    );
  });
});
