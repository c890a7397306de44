import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createAddressFilter } from "../../../../../functions/check-sites/probe/net/address-filter.ts";
import { createResolver } from "../../../../../functions/check-sites/probe/net/resolver.ts";
import {
  answer,
  byPath,
  cutBody,
  cutChunks,
  drip,
  drippingHeaders,
  endlessHeaders,
  gibberish,
  gzipBomb,
  hangUp,
  redirect,
  silence,
} from "../../../../../sandbox/sites/behaviours.ts";
import { contextWith, factsOf, HAS_IPV6, httpTarget, nameServer, site } from "../local.ts";

describe("an answer", () => {
  test("gives status, headers, body, protocol, address and sizes", async () => {
    const { url } = await site(answer({ headers: { "x-build": "7" }, body: "all good" }));
    expect(await factsOf(httpTarget(url))).toMatchObject({
      status: 200,
      protocol: "HTTP/1.1",
      address: "127.0.0.1",
      headers: { "x-build": "7" },
      body: "all good",
      bytesRead: 8,
      bytesDecoded: 8,
    });
  });
  test("has no failure", async () => {
    const { url } = await site(answer());
    expect((await factsOf(httpTarget(url))).failure).toBeUndefined();
  });
  test("with an error status is an answer too: judging it is not the probe's part", async () => {
    const { url } = await site(answer({ status: 500, body: "oh no" }));
    expect(await factsOf(httpTarget(url))).toMatchObject({ status: 500, body: "oh no" });
  });
  test("that is gzipped although nobody asked is decoded", async () => {
    const body = gzipSync("hello hello hello hello hello hello");
    const { url } = await site(answer({ headers: { "content-encoding": "gzip" }, body }));
    expect(await factsOf(httpTarget(url))).toMatchObject({
      body: "hello hello hello hello hello hello",
      bytesRead: body.length,
      bytesDecoded: 35,
    });
  });
  test("in another charset is read as that", async () => {
    const headers = { "content-type": "text/html; charset=ISO-8859-1" };
    const { url } = await site(answer({ headers, body: Buffer.from([0x67, 0x72, 0xfc, 0x6e]) }));
    expect((await factsOf(httpTarget(url))).body).toBe("grün");
  });
  test("to HEAD has no body and is whole", async () => {
    const { url } = await site((_, socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"));
    expect(await factsOf(httpTarget(url, { method: "HEAD" }))).toMatchObject({ status: 200, bytesRead: 0 });
  });
});

describe("a request", () => {
  test("carries method, headers and body as configured", async () => {
    const asked = await site(answer());
    await factsOf(
      httpTarget(`${asked.url}/search?q=1`, { method: "POST", headers: { "x-key": "k" }, body: "größe" }),
    );
    expect(asked.requests).toMatchObject([
      {
        method: "POST",
        path: "/search?q=1",
        headers: { "x-key": "k", "content-length": "7", host: `127.0.0.1:${asked.port}` },
      },
    ]);
  });
  test("carries no trace header", async () => {
    const asked = await site(answer());
    await factsOf(httpTarget(asked.url));
    expect(Object.keys(asked.requests[0]?.headers ?? {}).sort()).toEqual([
      "accept",
      "accept-encoding",
      "connection",
      "host",
      "user-agent",
    ]);
  });
  test("goes out on a fresh connection each time", async () => {
    const ports = new Set<number | undefined>();
    const { url } = await site((request, socket, timers) => {
      ports.add(socket.remotePort);
      answer()(request, socket, timers);
    });
    await factsOf(httpTarget(url));
    await factsOf(httpTarget(url));
    expect(ports.size).toBe(2);
  });
});

describe("a fault of the site gives its reason", () => {
  // Long enough for a busy machine to get to the phase that is named.
  const short = { timeoutMs: 1000 };

  test("refused: connect", async () => {
    const closed = await site(answer());
    await closed.close();
    const { failure } = await factsOf(httpTarget(closed.url));
    expect(failure).toEqual({ reason: "connect", detail: `127.0.0.1:${closed.port} refused the connection` });
  });
  test("no answer: timeout, in processing", async () => {
    const { url } = await site(silence);
    const { failure } = await factsOf(httpTarget(url, short));
    expect(failure).toEqual({
      reason: "timeout",
      detail: "no complete answer within 1000 ms (in processing)",
    });
  });
  test("a dripping body: timeout, in transfer, with the status that was seen", async () => {
    const { url } = await site(drip(20));
    const { failure, status } = await factsOf(httpTarget(url, short));
    expect({ failure, status }).toEqual({
      failure: { reason: "timeout", detail: "no complete answer within 1000 ms (in transfer)" },
      status: 200,
    });
  });
  test("a dripping head: timeout", async () => {
    const { url } = await site(drippingHeaders(20));
    expect((await factsOf(httpTarget(url, short))).failure?.reason).toBe("timeout");
  });
  test("headers without end: too-large", async () => {
    const { url } = await site(endlessHeaders);
    expect((await factsOf(httpTarget(url))).failure).toEqual({
      reason: "too-large",
      detail: "the answer's head has more than 262144 bytes",
    });
  });
  test("a cut body: truncated", async () => {
    const { url } = await site(cutBody);
    expect((await factsOf(httpTarget(url))).failure).toEqual({
      reason: "truncated",
      detail: "the connection was closed in the middle of the body, after 14 bytes",
    });
  });
  test("a chunked body without its end: truncated", async () => {
    const { url } = await site(cutChunks);
    expect((await factsOf(httpTarget(url))).failure?.reason).toBe("truncated");
  });
  test("closed without an answer: truncated", async () => {
    const { url } = await site(hangUp);
    expect((await factsOf(httpTarget(url))).failure).toMatchObject({
      reason: "truncated",
      detail: expect.stringContaining("closed without an answer"),
    });
  });
  test("no HTTP: header", async () => {
    const { url } = await site(gibberish);
    expect((await factsOf(httpTarget(url))).failure).toMatchObject({
      reason: "header",
      detail: expect.stringContaining("the answer is not HTTP"),
    });
  });
  test("a body over the limit: too-large", async () => {
    const { url } = await site(answer({ body: "x".repeat(2000) }));
    expect((await factsOf(httpTarget(url, { maxBodyBytes: 1000 }))).failure).toEqual({
      reason: "too-large",
      detail: "the body has more than 1000 bytes",
    });
  });
  test("a gzip bomb: too-large, and what it would have been is never made", async () => {
    const { url } = await site(gzipBomb(50_000_000));
    const before = process.memoryUsage().arrayBuffers;
    const { failure } = await factsOf(httpTarget(url));
    expect(failure).toMatchObject({
      reason: "too-large",
      detail: expect.stringContaining("the decoded body"),
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });
  test("a gzip body that ends in the middle: truncated", async () => {
    const whole = gzipSync("hello ".repeat(1000));
    const { url } = await site(
      answer({ headers: { "content-encoding": "gzip" }, body: whole.subarray(0, 20) }),
    );
    expect((await factsOf(httpTarget(url))).failure?.reason).toBe("truncated");
  });
  test("a body that is no gzip although it says so: body", async () => {
    const { url } = await site(answer({ headers: { "content-encoding": "gzip" }, body: "plain" }));
    expect((await factsOf(httpTarget(url))).failure?.reason).toBe("body");
  });
  test("an encoding that is unknown: body", async () => {
    const { url } = await site(answer({ headers: { "content-encoding": "rot13" } }));
    expect((await factsOf(httpTarget(url))).failure).toEqual({
      reason: "body",
      detail: `the body's coding "rot13" is unknown`,
    });
  });
});

describe("redirects", () => {
  test("are followed, hop by hop, to the answer", async () => {
    const { url } = await site(
      byPath({ "/": redirect("/a"), "/a": redirect("/b", 301), "/b": answer({ body: "here" }) }),
    );
    const { hops, status, body } = await factsOf(httpTarget(url));
    expect({ hops, status, body }).toEqual({
      hops: [
        { url: `${url}/`, address: "127.0.0.1", status: 302 },
        { url: `${url}/a`, address: "127.0.0.1", status: 301 },
        { url: `${url}/b`, address: "127.0.0.1", status: 200 },
      ],
      status: 200,
      body: "here",
    });
  });
  test("are the answer when none are to be followed", async () => {
    const { url } = await site(redirect("/a"));
    expect(await factsOf(httpTarget(url, { redirects: 0 }))).toMatchObject({
      status: 302,
      headers: { location: "/a" },
    });
  });
  test("in a circle: redirect", async () => {
    const { url } = await site(byPath({ "/": redirect("/a"), "/a": redirect("/") }));
    expect((await factsOf(httpTarget(url))).failure).toEqual({
      reason: "redirect",
      detail: `the redirects form a loop, back to ${url}/`,
    });
  });
  test("more than allowed: redirect", async () => {
    const { url } = await site(byPath({ "/": redirect("/a"), "/a": redirect("/b"), "/b": answer() }));
    expect((await factsOf(httpTarget(url, { redirects: 1 }))).failure).toEqual({
      reason: "redirect",
      detail: `more than 1 redirects, the last to ${url}/b`,
    });
  });
  test("as many as allowed are followed", async () => {
    const { url } = await site(byPath({ "/": redirect("/a"), "/a": redirect("/b"), "/b": answer() }));
    expect((await factsOf(httpTarget(url, { redirects: 2 }))).status).toBe(200);
  });
  test("to another scheme: redirect", async () => {
    const { url } = await site(redirect("file:///etc/passwd"));
    expect((await factsOf(httpTarget(url))).failure?.reason).toBe("redirect");
  });
  test("keep credentials from another origin", async () => {
    const other = await site(answer());
    const { url } = await site(redirect(other.url));
    const headers = { authorization: "Bearer s3cret", "x-plain": "1", "accept-language": "de" };
    await factsOf(httpTarget(url, { headers }));
    expect(other.requests[0]?.headers).toMatchObject({ "accept-language": "de" });
    expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(other.requests[0]?.headers).not.toHaveProperty("x-plain");
  });
  test("keep a Host header of the config from another origin", async () => {
    const other = await site(answer());
    const { url } = await site(redirect(other.url));
    await factsOf(httpTarget(url, { headers: { host: "shop.example.com" } }));
    expect(other.requests[0]?.headers.host).toBe(`127.0.0.1:${other.port}`);
  });
  test("keep a body that is a secret from another origin: redirect", async () => {
    const other = await site(answer());
    const asked = await site(redirect(other.url, 307));
    const target = httpTarget(asked.url, { method: "POST", body: "s3cret", isBodySecret: true });
    const { failure } = await factsOf(target);
    expect([failure?.reason, asked.requests.length, other.requests.length]).toEqual(["redirect", 1, 0]);
  });
  test("turn a POST into a GET without its body (302), as browsers do", async () => {
    const asked = await site(byPath({ "/": redirect("/a"), "/a": answer() }));
    await factsOf(
      httpTarget(asked.url, { method: "POST", body: "x", headers: { "content-type": "text/plain" } }),
    );
    expect(asked.requests[1]).toMatchObject({ method: "GET", body: "" });
    expect(asked.requests[1]?.headers).not.toHaveProperty("content-type");
  });
  test("repeat a POST with its body (307)", async () => {
    const asked = await site(byPath({ "/": redirect("/a", 307), "/a": answer() }));
    await factsOf(httpTarget(asked.url, { method: "POST", body: "x" }));
    expect(asked.requests[1]).toMatchObject({ method: "POST", body: "x" });
  });
  test("show no query and no credentials in their hops", async () => {
    const there = await site(answer());
    const { url: from } = await site(redirect(`http://u:p@127.0.0.1:${there.port}/a?token=s3cret`));
    expect(JSON.stringify((await factsOf(httpTarget(from))).hops)).not.toMatch(/s3cret|u:p/);
  });
  test("show no token of a path in their hops", async () => {
    const { url } = await site(redirect("/reset/eyJhbGciOiJIUzI1NiJ9.e30.0a1b2c3d/step-2"));
    const { hops } = await factsOf(httpTarget(url, { redirects: 1 }));
    expect(hops.at(-1)?.url).toBe(`${url}/reset/…/step-2`);
  });
});

describe("a redirect to an address that is not public: blocked, and nothing is sent there", () => {
  // Only the first site's own address is allowed: 127.0.0.1, nothing else of loopback.
  const context = contextWith({ addressFilter: createAddressFilter(["127.0.0.1/32"]) });

  test.each([
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://127.0.0.2/",
    "http://127.2/",
    "http://0.0.0.0/",
    "http://0/",
    "http://100.64.0.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::127.0.0.2]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://169.254.169.254./",
  ])("%s", async (location) => {
    const { url } = await site(redirect(location));
    expect((await factsOf(httpTarget(url), context)).failure?.reason).toBe("blocked");
  });
  test("a name that leads to one", async () => {
    const { address } = await nameServer({ "inner.test": { A: ["127.0.0.2"] } });
    const { url } = await site(redirect("http://inner.test/"));
    const { failure } = await factsOf(httpTarget(url), { ...context, resolver: createResolver([address]) });
    expect(failure).toMatchObject({ reason: "blocked", detail: expect.stringContaining("127.0.0.2") });
  });
});

describe("names", () => {
  test.skipIf(!HAS_IPV6)("with IPv6 only are reached by it", async () => {
    const { address } = await nameServer({ "six.test": { AAAA: ["::1"] } });
    const { port } = await site(answer(), { host: "::1" });
    const result = await factsOf(
      httpTarget(`http://six.test:${port}`),
      contextWith({ resolver: createResolver([address]) }),
    );
    expect(result).toMatchObject({ status: 200, address: "::1" });
  });
  test("keep their Host although the address is pinned", async () => {
    const { address } = await nameServer({ "shop.test": { A: ["127.0.0.1"] } });
    const asked = await site(answer());
    await factsOf(
      httpTarget(`http://shop.test:${asked.port}`),
      contextWith({ resolver: createResolver([address]) }),
    );
    expect(asked.requests[0]?.headers.host).toBe(`shop.test:${asked.port}`);
  });
  test("whose first address is dead: connect, and the healthy second one does not hide it", async () => {
    const { address } = await nameServer({ "two.test": { A: ["127.0.0.9", "127.0.0.1"] } });
    const { port } = await site(answer());
    const { failure } = await factsOf(
      httpTarget(`http://two.test:${port}`),
      contextWith({ resolver: createResolver([address]) }),
    );
    expect(failure).toEqual({ reason: "connect", detail: `127.0.0.9:${port} refused the connection` });
  });
  test("with the policy `every` are probed at each address", async () => {
    const { address } = await nameServer({ "two.test": { A: ["127.0.0.9", "127.0.0.1"] } });
    const { port } = await site(answer());
    const { probe } = await import("../../../../../functions/check-sites/probe/probe.ts");
    const all = await probe(
      httpTarget(`http://two.test:${port}`, { addresses: "every" }),
      contextWith({ resolver: createResolver([address]) }),
    );
    expect(all.map((result) => [result.address, result.failure?.reason])).toEqual([
      ["127.0.0.9", "connect"],
      ["127.0.0.1", undefined],
    ]);
  });
  test("that do not exist: dns", async () => {
    const { address } = await nameServer({});
    const { failure } = await factsOf(
      httpTarget("http://no.test"),
      contextWith({ resolver: createResolver([address]) }),
    );
    expect(failure).toEqual({ reason: "dns", detail: "no.test A: the name does not exist" });
  });
  test("without any address: dns", async () => {
    const { address } = await nameServer({ "mail.test": { TXT: ["v=spf1"] } });
    const { failure } = await factsOf(
      httpTarget("http://mail.test"),
      contextWith({ resolver: createResolver([address]) }),
    );
    expect(failure).toEqual({ reason: "dns", detail: "mail.test AAAA: the name has no such record" });
  });
  test("whose own name servers fail: dns", async () => {
    const { address } = await nameServer({ "broken.test": { fails: true } });
    const { failure } = await factsOf(
      httpTarget("http://broken.test"),
      contextWith({ resolver: createResolver([address]) }),
    );
    expect(failure?.reason).toBe("dns");
  });
  test("that our resolver does not answer for: own-dns", async () => {
    const { address } = await nameServer({ "dead.test": "silent" });
    const names = createResolver([address], 50, 1);
    const { failure } = await factsOf(httpTarget("http://dead.test"), contextWith({ resolver: names }));
    expect(failure).toEqual({
      reason: "own-dns",
      detail: "dead.test A: our DNS resolver did not answer (ETIMEOUT)",
    });
  });
});

describe("phases", () => {
  test("are all there, in milliseconds, also of a probe that failed at once", async () => {
    const closed = await site(answer());
    await closed.close();
    const { phases } = await factsOf(httpTarget(closed.url));
    expect(phases).toEqual({
      resolve: expect.any(Number),
      connect: expect.any(Number),
      tls: 0,
      processing: 0,
      transfer: 0,
    });
  });
  test("add up to the whole time and are summed over redirects", async () => {
    // A stopwatch that goes on by 1 ms with each look: every phase of both hops takes some of it.
    let looks = 0;
    const { url } = await site(byPath({ "/": redirect("/a"), "/a": answer() }));
    const { phases, time } = await factsOf(httpTarget(url), contextWith({ stopwatch: () => looks++ }));
    expect(phases).toEqual({ resolve: 2, connect: 2, tls: 0, processing: 2, transfer: 2 });
    expect(time).toBe(9);
  });
});

test("when our run ends, what is under way is unknown: deadline", async () => {
  const run = new AbortController();
  const { url } = await site(() => run.abort());
  expect((await factsOf(httpTarget(url), contextWith({ run: run.signal }))).failure).toEqual({
    reason: "deadline",
    detail: "our own run ended before the answer was complete",
  });
});
