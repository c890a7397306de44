import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { createResolver } from "../../../../../functions/check-sites/probe/net/resolver.ts";
import { contextWith, factsOf, httpTarget, nameServer, site } from "../local.ts";

/** Answers with more in them than a client needs, each from a real server, as curl 7.88 reads them. */

const raw = (text: string) => (_: unknown, socket: Socket) => socket.end(Buffer.from(text, "latin1"));
const found = async (text: string) => {
  const { status, body, failure } = await factsOf(httpTarget((await site(raw(text))).url));
  return failure?.reason ?? `${status} ${body}`;
};
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const HINTS = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

describe("an answer", () => {
  test.each([
    ["behind a thousand early hints", HINTS.repeat(1000) + OK, "200 ok"],
    ["behind a storm of 100 Continue", "HTTP/1.1 100 Continue\r\n\r\n".repeat(5000) + OK, "200 ok"],
    [
      "behind 1xx of several kinds",
      `HTTP/1.1 102 Processing\r\n\r\n${HINTS}HTTP/1.1 199 X\r\n\r\n${OK}`,
      "200 ok",
    ],
    ["that never follows its early hints", HINTS, "truncated"],
    ["of 417 without an Expect", "HTTP/1.1 417 Expectation Failed\r\ncontent-length: 2\r\n\r\nno", "417 no"],
    ["with trailers", `${CHUNKED}2\r\nok\r\n0\r\nx: y\r\nz: a\r\n\r\n`, "200 ok"],
    [
      "with trailers of 300 KB",
      `${CHUNKED}2\r\nok\r\n0\r\n${`x: ${"y".repeat(1000)}\r\n`.repeat(300)}\r\n`,
      "200 ok",
    ],
    ["with a length among its trailers", `${CHUNKED}2\r\nok\r\n0\r\ncontent-length: 9\r\n\r\n`, "200 ok"],
    ["with chunk extensions", `${CHUNKED}2;a=b;c="d;\\"e"\r\nok\r\n0;last\r\n\r\n`, "200 ok"],
    ["with spaces around chunk extensions", `${CHUNKED}2 ; a = b\r\nok\r\n0\r\n\r\n`, "200 ok"],
    // curl has no limit, Go one of 4 KB.
    ["with a chunk extension without end", `${CHUNKED}2;${"a".repeat(200_000)}\r\nok\r\n0\r\n\r\n`, "body"],
  ])("%s", async (_, text, expected) => {
    expect(await found(text)).toBe(expected);
  });
});

describe("a redirect to a name beyond ASCII is followed", () => {
  test.each([
    ["in UTF-8", Buffer.from("bücher.test"), "xn--bcher-kva.test"],
    ["in Latin-1", Buffer.from("bücher.test", "latin1"), "xn--bcher-kva.test"],
    ["in Punycode", Buffer.from("XN--BCHER-KVA.test"), "xn--bcher-kva.test"],
    ["in both", Buffer.from("www.bücher.xn--bcher-kva.test"), "www.xn--bcher-kva.xn--bcher-kva.test"],
    ["in percents", Buffer.from("b%C3%BCcher.test"), "xn--bcher-kva.test"],
    ["with a dot of its own", Buffer.from("bücher。test"), "xn--bcher-kva.test"],
    ["with a sharp s", Buffer.from("straße.test"), "xn--strae-oqa.test"],
  ])("%s", async (_, name, ascii) => {
    const dns = await nameServer({ [ascii]: { A: ["127.0.0.1"] } });
    const there = await site(raw(OK));
    const location = Buffer.concat([
      Buffer.from("HTTP/1.1 302 Found\r\nlocation: http://"),
      name,
      Buffer.from(`:${there.port}/\r\ncontent-length: 0\r\n\r\n`),
    ]);
    const { url } = await site((_request, socket) => socket.end(location));
    const context = contextWith({ resolver: createResolver([dns.address]) });
    expect(await factsOf(httpTarget(url), context)).toMatchObject({
      status: 200,
      hops: [{ status: 302 }, { url: `http://${ascii}:${there.port}/` }],
    });
  });
});
