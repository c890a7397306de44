import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { HttpTarget } from "../../../../../functions/check-sites/probe/http/target.ts";
import type { Behaviour } from "../../../../../sandbox/sites/behaviours.ts";
import { type Authority, createAuthority } from "../../../../../sandbox/sites/certificates.ts";
import { factsOf, httpTarget, site } from "../local.ts";

/** Answers that every browser, curl and blackbox_exporter take, each from a real server. */

const raw =
  (text: string | Buffer): Behaviour =>
  (_, socket) =>
    socket.end(text);
/** The server keeps the connection open: only the answer itself says where it ends. */
const rawAndOpen =
  (text: string | Buffer): Behaviour =>
  (_, socket) =>
    socket.write(text);
const probed = async (behaviour: Behaviour, parts: Partial<HttpTarget> = {}) =>
  factsOf(httpTarget((await site(behaviour)).url, { timeoutMs: 3000, ...parts }));
const withBody = (headers: string, body: Buffer) =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${headers}\r\n\r\n`),
    body,
  ]);

const IRREGULAR: readonly [string, string, Record<string, unknown>][] = [
  ["bytes behind the body", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more", { body: "ok" }],
  ["204 with a body", "HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok", { status: 204, body: "" }],
  [
    "a control character in a header",
    "HTTP/1.1 200 OK\r\nx-a: b\x01c\r\ncontent-length: 2\r\n\r\nok",
    { body: "ok" },
  ],
  [
    "lines that end with LF only",
    "HTTP/1.1 200 OK\ncontent-length: 2\nx-a: b\n\nok",
    { headers: { "x-a": "b", "content-length": "2" } },
  ],
  [
    "a folded header",
    "HTTP/1.1 200 OK\r\nx-a: one\r\n  two\r\ncontent-length: 2\r\n\r\nok",
    { headers: { "x-a": "one two", "content-length": "2" } },
  ],
  [
    "a space before the colon",
    "HTTP/1.1 200 OK\r\nx-a : b\r\ncontent-length : 2\r\n\r\nok",
    { headers: { "x-a": "b", "content-length": "2" } },
  ],
  [
    "the same content-length twice",
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nContent-Length: 2\r\n\r\nok",
    { body: "ok" },
  ],
  [
    "a content-length beside chunks",
    "HTTP/1.1 200 OK\r\ncontent-length: 99\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    { body: "ok" },
  ],
  [
    "chunks with LF only",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\nok\n0\n\n",
    { body: "ok" },
  ],
  ["a line that is no header", "HTTP/1.1 200 OK\r\nnonsense\r\ncontent-length: 2\r\n\r\nok", { body: "ok" }],
];

describe("an answer that is not as RFC 9112 has it, and that everybody reads", () => {
  test.each(IRREGULAR)("%s: it is read", async (_, text, expected) => {
    const result = await probed(raw(Buffer.from(text, "latin1")));
    expect(result.failure).toBeUndefined();
    expect(result).toMatchObject({ status: 200, ...expected });
  });
  test.each(IRREGULAR)("%s: with `strict` it is an error", async (_, text) => {
    const { failure } = await probed(raw(Buffer.from(text, "latin1")), { strict: true });
    expect(failure).toMatchObject({ reason: "header", detail: expect.stringContaining("RFC 9112") });
  });
  test("to HEAD with a body: the body is nobody's", async () => {
    const result = await probed(raw("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"), { method: "HEAD" });
    expect(result).toMatchObject({ status: 200, bytesRead: 0 });
  });
});

describe("an answer that ends by itself", () => {
  test.each([
    ["by its length", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"],
    ["by its last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
    [
      "after answers that only announce it",
      "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    ],
  ])("%s needs no end of the connection", async (_, text) => {
    expect(await probed(rawAndOpen(text))).toMatchObject({ status: 200, body: "ok" });
  });
  test("is not changed by a connection that breaks behind it", async () => {
    const result = await probed((_, socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", () => socket.resetAndDestroy());
    });
    expect(result).toMatchObject({ status: 200, body: "ok" });
  });
  test.each([1, 2, 7, 1000])("reads the same in pieces of %i bytes", async (size) => {
    const text =
      "HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nx-t: 1\r\n\r\n";
    const result = await probed((_, socket) => {
      for (let at = 0; at < text.length; at += size) socket.write(text.slice(at, at + size));
    });
    expect(result).toMatchObject({ status: 200, body: "hello!", headers: { "x-a": "b" } });
  });
});

describe("an answer that nobody can read", () => {
  test.each([
    [
      "two lengths that differ",
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
      "header",
    ],
    ["a length that is no number", "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nok", "header"],
    ["a chunk without a size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nok\r\n", "body"],
    ["the end in the middle of the head", "HTTP/1.1 200 OK\r\nx-a: b\r\n", "truncated"],
    ["the end in the middle of the body", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", "truncated"],
  ])("%s", async (_, text, reason) => {
    expect((await probed(raw(text))).failure?.reason).toBe(reason);
  });
});

describe("a body", () => {
  const text = "hello hello hello";
  test.each([
    ["raw deflate", "content-encoding: deflate", deflateRawSync(text)],
    ["deflate in zlib's format", "content-encoding: deflate", deflateSync(text)],
    ["the content-encoding none", "content-encoding: none", Buffer.from(text)],
    ["gzip in capitals", "content-encoding: GZIP", gzipSync(text)],
    ["a byte order mark", "content-type: application/json", Buffer.from(`\uFEFF${text}`)],
  ])("with %s is read", async (_, header, body) => {
    expect(await probed(raw(withBody(header, body)))).toMatchObject({ body: text });
  });
  test.each([
    ["is larger than the limit", raw(withBody("x-a: b", Buffer.alloc(5000)))],
    ["has an unknown coding", raw(withBody("content-encoding: rot13", Buffer.from("x")))],
    ["is no gzip although it says so", raw(withBody("content-encoding: gzip", Buffer.from("x")))],
  ])("that %s is nobody's concern where no condition reads it", async (_, behaviour) => {
    expect((await probed(behaviour, { readsBody: false, maxBodyBytes: 1000 })).failure).toBeUndefined();
  });
  test("that is cut is an error also where no condition reads it: the answer did not come whole", async () => {
    const behaviour = raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok");
    expect((await probed(behaviour, { readsBody: false })).failure?.reason).toBe("truncated");
  });
});

describe("redirects", () => {
  test("to a location in UTF-8", async () => {
    const asked = await site((request, socket) => {
      const head =
        request.path === "/"
          ? "HTTP/1.1 302 Found\r\nlocation: /über\r\ncontent-length: 0\r\n\r\n"
          : "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
      socket.end(Buffer.from(head, "utf8"));
    });
    expect((await factsOf(httpTarget(asked.url))).status).toBe(200);
    expect(asked.requests[1]?.path).toBe("/%C3%BCber");
  });
  const cookieWall: Behaviour = (request, socket) => {
    const isKnown = request.headers.cookie?.includes("seen=1");
    socket.end(
      isKnown
        ? "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
        : "HTTP/1.1 302 Found\r\nset-cookie: seen=1; Path=/; HttpOnly\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
    );
  };
  test("to itself with a cookie", async () => {
    expect(await probed(cookieWall)).toMatchObject({ status: 200, body: "ok" });
  });
  test("to another host: its cookies stay behind", async () => {
    const other = await site(raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), { host: "127.0.0.2" });
    const { url } = await site(
      raw(
        `HTTP/1.1 302 Found\r\nset-cookie: id=s3cret; Path=/\r\nlocation: ${other.url}/\r\ncontent-length: 0\r\n\r\n`,
      ),
    );
    await factsOf(httpTarget(url));
    expect(other.requests[0]?.headers).not.toHaveProperty("cookie");
  });
});

describe("HTTP/2", () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await createAuthority(Date.now());
  });
  async function http2Only(body = "hello", allowHTTP1 = false) {
    const server = createSecureServer({ ...(await authority.issue({ names: ["127.0.0.1"] })), allowHTTP1 });
    const seen: Record<string, unknown>[] = [];
    server.on("stream", (stream, headers) => {
      seen.push(headers);
      stream.respond({ ":status": headers[":path"] === "/" ? 200 : 404, "x-a": "b" });
      stream.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    return { url: `https://127.0.0.1:${port}/`, seen };
  }
  const trusting = () => ({ tls: { ca: authority.root }, timeoutMs: 3000 });

  test("is spoken with a server that takes nothing else", async () => {
    const { url } = await http2Only();
    expect(await factsOf(httpTarget(url, trusting()))).toMatchObject({
      status: 200,
      protocol: "HTTP/2",
      body: "hello",
      headers: { "x-a": "b" },
    });
  });
  test("is not spoken with one that takes HTTP/1.1 too, unless the site asks for it", async () => {
    const { url } = await http2Only("x", true);
    expect((await factsOf(httpTarget(url, { ...trusting(), http2: true }))).protocol).toBe("HTTP/2");
  });
  test("carries the request's headers, and no trace header", async () => {
    const { url, seen } = await http2Only();
    await factsOf(httpTarget(url, { ...trusting(), headers: { "x-key": "k" } }));
    expect(seen[0]).toMatchObject({ ":method": "GET", ":path": "/", "x-key": "k" });
    expect(JSON.stringify(seen[0])).not.toMatch(/amzn-trace/i);
  });
  test("has the same limits: a body over the limit is too-large", async () => {
    const { url } = await http2Only("x".repeat(5000));
    const { failure } = await factsOf(httpTarget(url, { ...trusting(), maxBodyBytes: 1000 }));
    expect(failure?.reason).toBe("too-large");
  });
  test("and the same deadline", async () => {
    const server = createSecureServer(await authority.issue({ names: ["127.0.0.1"] }));
    server.on("stream", (stream) => stream.respond({ ":status": 200 }));
    server.on("stream", (stream) => stream.on("error", () => {}));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const { failure, status } = await factsOf(
      httpTarget(`https://127.0.0.1:${port}/`, { ...trusting(), timeoutMs: 1000 }),
    );
    expect([failure?.reason, status]).toEqual(["timeout", 200]);
  });
});

test("whatever bytes come, a probe ends with an answer or one reason, and throws nothing", async () => {
  let bytes = Buffer.alloc(0);
  const { url } = await site((_, socket) => socket.end(bytes));
  const piece = fc.constantFrom(
    "HTTP/1.1 200 OK\r\n",
    "\r\n",
    "\n",
    "\r",
    "content-length: 3\r\n",
    "transfer-encoding: chunked\r\n",
    "3\r\nabc\r\n",
    "0\r\n\r\n",
    ": x\r\n",
    "\0",
    "ÿ",
    " a",
    "HTTP/1.1 100 Continue\r\n\r\n",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      bytes = Buffer.from(pieces.join(""), "latin1");
      const { failure, status } = await factsOf(httpTarget(url, { timeoutMs: 3000 }));
      return failure ? failure.reason !== "internal" : status !== undefined;
    }),
    { numRuns: 150 },
  );
});
