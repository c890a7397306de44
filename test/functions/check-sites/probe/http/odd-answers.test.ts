import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type Server } from "node:tls";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { HttpTarget } from "../../../../../functions/check-sites/probe/http/target.ts";
import { byPath } from "../../../../../sandbox/sites/behaviours.ts";
import { type Authority, createAuthority } from "../../../../../sandbox/sites/certificates.ts";
import { factsOf, httpTarget, site } from "../local.ts";

/** Rarer answers that browsers or curl take, and those that only seem to be whole; each from a real server. */

const raw = (answer: string | Buffer) => (_: unknown, socket: Socket) =>
  socket.end(typeof answer === "string" ? Buffer.from(answer, "latin1") : answer);
const probed = async (answer: string | Buffer, parts: Partial<HttpTarget> = {}) =>
  factsOf(httpTarget((await site(raw(answer))).url, { timeoutMs: 3000, ...parts }));
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const moved = (headers: string) => `HTTP/1.1 302 Found\r\n${headers}\r\ncontent-length: 0\r\n\r\n`;

describe("a head", () => {
  const IRREGULAR: readonly [string, string][] = [
    ["with no space behind the status", "HTTP/1.1 200OK\r\ncontent-length: 2\r\n\r\nok"],
    ["in small letters", "http/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"],
    ["with lines that end with CR CR LF", "HTTP/1.1 200 OK\r\r\ncontent-length: 2\r\r\n\r\r\nok"],
    ["with an empty content-length", "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\nok"],
    ["with a sign before the content-length", "HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok"],
    ["with something behind the content-length", "HTTP/1.1 200 OK\r\ncontent-length: 2; x=y\r\n\r\nok"],
    ["with one content-length in two spellings", "HTTP/1.1 200 OK\r\ncontent-length: 02, 2\r\n\r\nok"],
    [
      "with a content-length beyond all numbers",
      `HTTP/1.1 200 OK\r\ncontent-length: ${"9".repeat(20)}\r\n\r\nok`,
    ],
    [
      "with the content-encoding utf-8",
      "HTTP/1.1 200 OK\r\ncontent-encoding: utf-8\r\ncontent-length: 2\r\n\r\nok",
    ],
    ["with the content-encoding aws-chunked", "HTTP/1.1 200 OK\r\ncontent-encoding: aws-chunked\r\n\r\nok"],
    ["with a media type as content-encoding", "HTTP/1.1 200 OK\r\ncontent-encoding: text/html\r\n\r\nok"],
  ];
  test.each(IRREGULAR)("%s is read", async (_, text) => {
    expect(await probed(text)).toMatchObject({ status: 200, body: "ok" });
  });
  test.each(IRREGULAR)("%s is an error with `strict`", async (_, text) => {
    expect((await probed(text, { strict: true })).failure?.reason).toBe("header");
  });
  test.each([
    ["without a reason phrase", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok"],
    ["of HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nok"],
    ["of 200 KB", `HTTP/1.1 200 OK\r\nx-policy: ${"a".repeat(200_000)}\r\ncontent-length: 2\r\n\r\nok`],
    ["of 1,000 headers", `HTTP/1.1 200 OK\r\n${"x-a: b\r\n".repeat(1000)}content-length: 2\r\n\r\nok`],
    [
      "with the size of a chunk in 16 digits",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0000000000000002\r\nok\r\n0\r\n\r\n",
    ],
  ])("%s is read", async (_, text) => {
    expect(await probed(text)).toMatchObject({ status: 200, body: "ok" });
  });
  test("of more than 256 KiB is too-large", async () => {
    const { failure } = await probed(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(300_000)}\r\n\r\nok`);
    expect(failure).toEqual({ reason: "too-large", detail: "the answer's head has more than 262144 bytes" });
  });
  test("that only announces an answer is none", async () => {
    expect((await probed("HTTP/1.1 100 Continue\r\n\r\n")).failure).toEqual({
      reason: "truncated",
      detail: "the connection was closed without an answer",
    });
  });
  test("has its headers in UTF-8 and in Latin-1, one beside the other", async () => {
    const { headers } = await probed(
      "HTTP/1.1 200 OK\r\nx-a: caf\xe9\r\nx-b: voil\xc3\xa0\r\ncontent-length: 0\r\n\r\n",
    );
    expect(headers).toMatchObject({ "x-a": "café", "x-b": "voilà" });
  });
});

describe("redirects", () => {
  test.each([
    ["to one location, said twice", "location: /x\r\nlocation: /x", "/x"],
    ["to the first of two locations", "location: /x\r\nlocation: /y", "/x"],
    [
      "to a location in UTF-8 beside a header in Latin-1",
      "x-a: \xe4\r\nlocation: /\xc3\xbcber",
      "/%C3%BCber",
    ],
    ["to a location with a space", "location: /a b", "/a%20b"],
  ])("%s are followed", async (_, headers, path) => {
    const { url } = await site(byPath({ "/": raw(moved(headers)), [path]: raw(OK) }));
    expect((await factsOf(httpTarget(url))).status).toBe(200);
  });
  test("to the same address, which then answers, are no loop", async () => {
    let asked = 0;
    const { url } = await site((_, socket) => socket.end(++asked === 1 ? moved("location: /") : OK));
    expect((await factsOf(httpTarget(url))).status).toBe(200);
  });
  test("take a cookie back by its date", async () => {
    const { url } = await site((request, socket) => {
      const { cookie = "" } = request.headers;
      const isBack = cookie.includes("done");
      const setCookie = isBack ? "pending=; expires=Thu, 01 Jan 1970 00:00:00 GMT" : "pending=1; path=/";
      if (request.path === "/end") socket.end(cookie.includes("pending") ? "HTTP/1.1 500 x\r\n\r\n" : OK);
      else
        socket.end(
          moved(
            `set-cookie: ${setCookie}\r\nset-cookie: done=1; path=/\r\nlocation: ${isBack ? "/end" : "/back"}`,
          ),
        );
    });
    expect((await factsOf(httpTarget(url))).status).toBe(200);
  });
  test.each([
    ["in the past by the server's own clock: taken back", "Fri, 01 Jan 2021 00:00:00 GMT", false],
    ["to come: kept", "Wed, 01 Jan 2031 00:00:00 GMT", true],
  ])("a cookie whose date is %s", async (_, expires, isKept) => {
    const asked = await site(
      byPath({
        "/": raw(
          moved(`date: Sun, 01 Mar 2026 00:00:00 GMT\r\nset-cookie: a=b; expires=${expires}\r\nlocation: /x`),
        ),
        "/x": raw(OK),
      }),
    );
    await factsOf(httpTarget(asked.url));
    expect(asked.requests[1]?.headers.cookie === "a=b").toBe(isKept);
  });
  test("send a cookie back byte by byte, beside the site's own", async () => {
    const asked = await site(
      byPath({ "/": raw(Buffer.from(moved("set-cookie: name=à→café\r\nlocation: /x"))), "/x": raw(OK) }),
    );
    await factsOf(httpTarget(asked.url, { headers: { cookie: "own=1" } }));
    // The server sees bytes.
    expect(asked.requests[1]?.headers.cookie).toBe(`own=1; ${Buffer.from("name=à→café").toString("latin1")}`);
  });
});

describe("a body is read as browsers read it", () => {
  const answer = (type: string, body: Buffer) =>
    Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\n${type}\r\ncontent-length: ${body.length}\r\n\r\n`),
      body,
    ]);
  test.each([
    ["UTF-16 with its mark", "content-type: application/json", Buffer.from("\uFEFFüber", "utf16le")],
    [
      "UTF-16 with the other mark",
      "content-type: a/b; charset=utf-16",
      Buffer.from("\uFEFFüber", "utf16le").swap16(),
    ],
    ["UTF-8 with its mark, whatever is said", "content-type: a/b; charset=latin1", Buffer.from("\uFEFFüber")],
    ["a charset in single quotes", "content-type: a/b; charset='iso-8859-1'", Buffer.from("über", "latin1")],
  ])("%s", async (_, type, body) => {
    expect((await probed(answer(type, body))).body).toBe("über");
  });
  test("a charset in its <meta>", async () => {
    const page =
      '<html><head><meta http-equiv="content-type" content="text/html; charset=windows-1252"></head>über';
    expect((await probed(answer("content-type: text/html", Buffer.from(page, "latin1")))).body).toMatch(
      /über$/,
    );
  });
  test("no charset that nobody knows", async () => {
    expect((await probed(answer("content-type: a/b; charset=klingon", Buffer.from("über")))).body).toBe(
      "über",
    );
  });
});

test("a body that is packed for the transfer is unpacked", async () => {
  const packed = gzipSync("hello");
  const chunked = Buffer.concat([
    Buffer.from(`${packed.length.toString(16)}\r\n`),
    packed,
    Buffer.from("\r\n0\r\n\r\n"),
  ]);
  const head = Buffer.from("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n");
  expect((await probed(Buffer.concat([head, chunked]))).body).toBe("hello");
});

describe("HTTP/2", () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await createAuthority(Date.now());
  });
  const certificate = () => authority.issue({ names: ["127.0.0.1"] });
  async function listening(server: Server | ReturnType<typeof createServer>): Promise<string> {
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }
  async function http2Site(answer: (stream: ServerHttp2Stream, path: string, connection: Socket) => void) {
    const server = createSecureServer(await certificate());
    let connection: Socket | undefined;
    server.on("secureConnection", (socket) => {
      connection = socket;
    });
    server.on("session", (session) => session.on("error", () => {}));
    server.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      if (connection) answer(stream, String(headers[":path"]), connection);
    });
    return { server, url: await listening(server) };
  }
  const ask = (url: string, parts: Partial<HttpTarget> = {}) =>
    factsOf(httpTarget(url, { tls: { ca: authority.root }, timeoutMs: 3000, ...parts }));

  test.each([
    ["session", (stream: ServerHttp2Stream) => stream.session?.destroy()],
    ["connection", (_: ServerHttp2Stream, connection: Socket) => connection.destroy()],
  ])("an answer whose %s breaks in its body is cut, not whole", async (_, breakOff) => {
    const { url } = await http2Site((stream, _path, connection) => {
      stream.respond({ ":status": 200 });
      stream.write("ok", () => setImmediate(() => breakOff(stream, connection)));
    });
    expect((await ask(url)).failure?.reason).toBe("truncated");
  });
  test("has as many headers as it likes", async () => {
    const { url } = await http2Site((stream) => {
      stream.respond(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x-${index}`, "b"])));
      stream.end("ok");
    });
    expect(await ask(url)).toMatchObject({ status: 200, body: "ok" });
  });
  test("redirects to a location in UTF-8", async () => {
    const { url } = await http2Site((stream, path) => {
      const location = Buffer.from("/über").toString("latin1");
      stream.respond(
        path === "/" ? { ":status": 302, location } : { ":status": path === "/%C3%BCber" ? 200 : 404 },
      );
      stream.end();
    });
    expect((await ask(url)).status).toBe(200);
  });
  test("has no use for the headers of an HTTP/1 connection", async () => {
    const { url } = await http2Site((stream) => {
      stream.respond({ ":status": 200 });
      stream.end();
    });
    expect((await ask(url, { headers: { "keep-alive": "timeout=5", te: "gzip" } })).status).toBe(200);
  });

  /** Agrees on HTTP/2 with those who offer it, on nothing with others, and speaks HTTP/2 with all of them. */
  async function http2WithoutAlert(speaksHttp2: boolean) {
    const { server } = await http2Site((stream) => {
      stream.respond({ ":status": 200 });
      stream.end("ok");
    });
    const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const without = createTlsServer(await certificate(), (socket) => {
      socket.on("error", () => {});
      socket.end(SETTINGS);
    });
    return listening(
      createServer((socket) => {
        socket.once("data", (hello) => {
          socket.pause();
          socket.unshift(hello);
          const chosen = speaksHttp2 && hello.includes("\x02h2") ? server : without;
          chosen.emit("connection", socket);
        });
      }),
    );
  }
  test("is offered to a server that answers in it unasked", async () => {
    expect(await ask(await http2WithoutAlert(true))).toMatchObject({
      status: 200,
      protocol: "HTTP/2",
      body: "ok",
    });
  });
  test("that nobody agrees on is no answer", async () => {
    expect((await ask(await http2WithoutAlert(false))).failure).toEqual({
      reason: "header",
      detail: "the answer is in HTTP/2, which was not agreed on",
    });
  });
});
