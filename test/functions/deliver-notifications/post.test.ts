import { createServer } from "node:http";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { createPost, TooManyRequests } from "../../../functions/deliver-notifications/act/post.ts";
import { type Reply, startReceiver } from "../../../sandbox/receivers/receiver.ts";
import { classOf } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { parseRange } from "../../../shared/net/address-range.ts";
import { BlockedAddress, createHttpPost } from "../../../shared/net/http-post.ts";

const LOCAL = [parseRange("127.0.0.0/8")];
const signal = new AbortController().signal;
const SECRET = "/services/T0/B0/very-secret";

async function receiver() {
  const started = await startReceiver();
  onTestFinished(() => started.stop());
  return started;
}

/** What becomes of a post that is answered so. */
async function failureOf(reply: Reply): Promise<unknown> {
  const { url, replyNext } = await receiver();
  replyNext(SECRET, reply);
  const post = createPost(createHttpPost(LOCAL));
  return post("slack-1", { url: `${url}${SECRET}`, headers: {}, body: "{}" }, { signal } as Run).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("a target that does not take a message", () => {
  test.each([
    [{ status: 500 }, "RetryLater"],
    [{ status: 408 }, "RetryLater"],
    [{ status: 429 }, "RetryLater"],
    [{ status: 400, body: "invalid_payload" }, "Blocked"],
    [{ status: 404 }, "Blocked"],
    [{ status: 302, headers: { location: "http://169.254.169.254/" } }, "Blocked"],
  ])("%j is %s", async (reply, expected) => {
    expect(classOf(await failureOf(reply))).toBe(expected);
  });
  const date = "Sat, 28 Nov 2026 12:00:00 GMT";
  it.each([
    ["30", 30],
    ["0.5", 1],
    ["Sat, 28 Nov 2026 12:01:30 GMT", 90],
    ["Sat, 28 Nov 2026 11:00:00 GMT", 0],
    ["soon", 0],
    ["-5", 0],
  ])("may say for how long it wants to be left alone: %s", async (header, seconds) => {
    const failure = await failureOf({ status: 429, headers: { "retry-after": header, date } });
    expect(failure instanceof TooManyRequests && failure.retryAfterSeconds).toBe(seconds);
  });
  it("is named without its address, also where it quotes it", async () => {
    const failure = await failureOf({ status: 404, body: `no hook at ${SECRET}` });
    expect(String(failure)).toContain("slack-1 answered 404 (no hook at [secret])");
  });
  it("may answer without an end: only the beginning is read", async () => {
    const server = createServer((_, response) => {
      response.writeHead(400);
      const more = () => response.destroyed || response.write("x".repeat(1024), () => setImmediate(more));
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const reply = await createHttpPost(LOCAL)(
      { url: new URL(`http://127.0.0.1:${port}/`), headers: {}, body: "{}" },
      signal,
    );
    expect([reply.status, reply.text.length]).toEqual([400, 2048]);
  });
});

describe("an address that nothing may be sent to", () => {
  const post = (url: string, allowed = LOCAL) =>
    createHttpPost(allowed)({ url: new URL(url), headers: {}, body: "{}" }, signal);
  test.each([
    ["https://169.254.169.254/latest/meta-data", "169.254.169.254 is not a public address"],
    ["https://[::ffff:10.0.0.1]/", "10.0.0.1 is not a public address"],
    ["https://[::1]/", "::1 is not a public address"],
    ["https://[fd00:ec2::254]/latest/meta-data", "fd00:ec2::254 is not a public address"],
    ["https://[fe80::1]/", "fe80::1 is not a public address"],
    ["https://[64:ff9b::a9fe:a9fe]/", "169.254.169.254 is not a public address"],
    ["https://[2002:a00:1::]/", "10.0.0.1 is not a public address"],
    ["https://2130706433/", "127.0.0.1 is not a public address"],
    ["https://0x7f.1/", "127.0.0.1 is not a public address"],
    ["https://0.0.0.0/", "0.0.0.0 is not a public address"],
    ["https://100.64.0.1/", "100.64.0.1 is not a public address"],
    ["https://localhost/", "is not a public address"],
    ["http://93.184.215.14/", "without TLS is only for networks of notify.allow"],
  ])("%s", async (url, expected) => {
    const failure = await post(url, []).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BlockedAddress);
    expect(String(failure)).toContain(expected);
  });
  it("is let through by notify.allow, also by its name", async () => {
    const { url, requests } = await receiver();
    await post(url.replace("127.0.0.1", "localhost"));
    expect(requests).toHaveLength(1);
  });
});
