import { type AddressInfo, createServer } from "node:net";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createResolver } from "../../../../functions/check-sites/probe/net/resolver.ts";
import type { TcpTarget } from "../../../../functions/check-sites/probe/tcp.ts";
import { answer, redirect, silence } from "../../../../sandbox/sites/behaviours.ts";
import { type Authority, createAuthority } from "../../../../sandbox/sites/certificates.ts";
import { contextWith, factsOf, httpTarget, nameServer, site } from "./local.ts";

const DAY = 86_400_000;
let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority(Date.now());
});

const names = ["127.0.0.1"];
const trusting = () => ({ tls: { ca: authority.root } });

describe("a trusted certificate", () => {
  test("shows who it is for, who issued it, and when it expires", async () => {
    const { url } = await site(answer(), { certificate: await authority.issue({ names, validDays: 30 }) });
    const { certificate } = await factsOf(httpTarget(url, trusting()));
    expect(certificate).toMatchObject({
      subject: "127.0.0.1",
      issuer: "Sandbox Intermediate",
      alternativeNames: ["IP Address:127.0.0.1"],
      tlsVersion: "TLSv1.3",
    });
    expect(Math.round(((certificate?.validTo ?? 0) - Date.now()) / DAY)).toBe(30);
  });
  test("expires with the first of its chain to expire", async () => {
    const short = await createAuthority(Date.now(), { intermediateValidDays: 20 });
    const { url } = await site(answer(), { certificate: await short.issue({ names, validDays: 90 }) });
    const { certificate } = await factsOf(httpTarget(url, { tls: { ca: short.root } }));
    expect(Math.round(((certificate?.validTo ?? 0) - Date.now()) / DAY)).toBe(20);
  });
  test("shows its chain up to, and without, the root", async () => {
    const { url } = await site(answer(), { certificate: await authority.issue({ names }) });
    const { certificate } = await factsOf(httpTarget(url, trusting()));
    expect(certificate?.chain.map(({ subject, issuer }) => `${subject} < ${issuer}`)).toEqual([
      "127.0.0.1 < Sandbox Intermediate",
      "Sandbox Intermediate < Sandbox Root",
    ]);
  });
  test("shows the same on a second, warm probe: no resumed session hides it", async () => {
    const { url } = await site(answer(), { certificate: await authority.issue({ names }) });
    const first = await factsOf(httpTarget(url, trusting()));
    const second = await factsOf(httpTarget(url, trusting()));
    expect(second.certificate).toEqual(first.certificate);
    expect(second.certificate?.fingerprint).toMatch(/^([0-9A-F]{2}:){31}/);
  });
  test("of a name is asked for by SNI, at the pinned address", async () => {
    const dns = await nameServer({ "shop.test": { A: ["127.0.0.1"] } });
    const { port } = await site(answer(), { certificate: await authority.issue({ names: ["shop.test"] }) });
    const result = await factsOf(
      httpTarget(`https://shop.test:${port}`, trusting()),
      contextWith({ resolver: createResolver([dns.address]) }),
    );
    expect(result).toMatchObject({
      status: 200,
      address: "127.0.0.1",
      certificate: { subject: "shop.test" },
    });
  });
});

describe("a certificate that is not to be trusted: certificate", () => {
  const problems: readonly [string, () => Promise<{ cert: string; key: string }>, RegExp][] = [
    ["expired", () => authority.issue({ names, validDays: -3 }), /it has expired on \d{4}-/],
    [
      "for another host",
      () => authority.issue({ names: ["other.test"] }),
      /it is not for 127\.0\.0\.1: it names other\.test/,
    ],
    ["self-signed", () => authority.issue({ names, selfSigned: true }), /it is self-signed/],
    [
      "short of its intermediate",
      () => authority.issue({ names, withoutIntermediate: true }),
      /does not send the intermediate/,
    ],
    [
      "of an unknown authority",
      async () => (await createAuthority(Date.now())).issue({ names }),
      /not trusted|issuer/,
    ],
  ];

  test.each(problems)("%s, and why", async (_, issue, why) => {
    const { url } = await site(answer(), { certificate: await issue() });
    const { failure } = await factsOf(httpTarget(url, trusting()));
    expect(failure).toMatchObject({ reason: "certificate", detail: expect.stringMatching(why) });
  });
  test.each(problems)("%s, and its expiry is a fact all the same", async (_, issue) => {
    const { url } = await site(answer(), { certificate: await issue() });
    expect((await factsOf(httpTarget(url, trusting()))).certificate?.validTo).toBeGreaterThan(0);
  });
  test.each(problems)("%s, and no request and no credentials are sent", async (_, issue) => {
    const asked = await site(answer(), { certificate: await issue() });
    await factsOf(httpTarget(asked.url, { ...trusting(), headers: { authorization: "Bearer s3cret" } }));
    expect(asked.requests).toEqual([]);
  });
  test("at the end of a redirect too", async () => {
    const there = await site(answer(), { certificate: await authority.issue({ names, validDays: -1 }) });
    const { url } = await site(redirect(there.url));
    expect((await factsOf(httpTarget(url, trusting()))).failure?.reason).toBe("certificate");
  });
});

describe("a certificate outside the path that the trust rests on", () => {
  test("changes no expiry: an expired cross-signed root behind the chain", async () => {
    const { cert, key } = await authority.issue({ names, validDays: 30 });
    const { url } = await site(answer(), {
      certificate: { cert: cert + authority.expiredCrossSignedRoot, key },
    });
    const { certificate, failure } = await factsOf(httpTarget(url, trusting()));
    expect(failure).toBeUndefined();
    expect(Math.round(((certificate?.validTo ?? 0) - Date.now()) / DAY)).toBe(30);
  });
  test.each(["before", "behind"])(
    "changes no expiry: the intermediate's old one %s the new",
    async (where) => {
      const { cert, key } = await authority.issue({ names, validDays: 30 });
      const [leaf = "", middle = ""] = blocksOf(cert);
      const old = authority.expiredIntermediate;
      const { url } = await site(answer(), {
        certificate: { cert: leaf + (where === "before" ? old + middle : middle + old), key },
      });
      const { certificate, failure } = await factsOf(httpTarget(url, trusting()));
      expect(failure).toBeUndefined();
      expect(Math.round(((certificate?.validTo ?? 0) - Date.now()) / DAY)).toBe(30);
    },
  );
});

test("a certificate that is not valid yet is not trusted, and says how to tell our own clock's fault", async () => {
  const certificate = await authority.issue({ names, validFromDays: 2 });
  const { url } = await site(answer(), { certificate });
  const { failure, certificate: found } = await factsOf(httpTarget(url, trusting()));
  expect(failure).toEqual({
    reason: "certificate",
    detail: `the certificate of 127.0.0.1 is not trusted: it is not valid before ${new Date(found?.validFrom ?? 0).toISOString()} (where every site says that, our own clock is wrong)`,
  });
});

test("what was read of a certificate does not stand for another chain below it, nor for another name", async () => {
  const { cert, key } = await authority.issue({ names, validDays: 30 });
  const [leaf = "", middle = ""] = blocksOf(cert);
  const read = async (sent: string, host: string) => {
    const { port } = await site(answer(), { certificate: { cert: sent, key } });
    const { certificate } = await factsOf(httpTarget(`https://${host}:${port}`, trusting()));
    return [certificate?.chain.length, certificate?.problem?.slice(0, 26)];
  };
  expect(await read(leaf + middle, "127.0.0.1")).toEqual([2, undefined]);
  expect(await read(leaf, "127.0.0.1")).toEqual([1, "its issuer's certificate i"]);
  expect(await read(leaf + middle, "localhost")).toEqual([2, "it is not for localhost: i"]);
  expect(await read(leaf + middle, "127.0.0.1")).toEqual([2, undefined]);
});

describe("a chain", () => {
  test("that is sent out of order is shown from the site's own certificate upwards", async () => {
    const { cert, key } = await authority.issue({ names });
    const [leaf, middle] = blocksOf(cert);
    const stranger = (await authority.issue({ names: ["stranger.test"] })).cert;
    const { url } = await site(answer(), { certificate: { cert: leaf + stranger + middle, key } });
    const { certificate } = await factsOf(httpTarget(url, trusting()));
    expect(certificate?.chain.map(({ subject }) => subject)).toEqual(["127.0.0.1", "Sandbox Intermediate"]);
  });
  test("whose intermediate only we have is shown with it", async () => {
    const { cert, key } = await authority.issue({ names });
    const [leaf = "", middle = ""] = blocksOf(cert);
    const { url } = await site(answer(), { certificate: { cert: leaf, key } });
    const { certificate, failure } = await factsOf(httpTarget(url, { tls: { ca: authority.root + middle } }));
    expect(failure).toBeUndefined();
    expect(certificate?.chain.map(({ subject }) => subject)).toEqual(["127.0.0.1", "Sandbox Intermediate"]);
  });
});

describe("the name that a certificate is for", () => {
  test.each([
    ["*.shop.test", "www.shop.test", undefined],
    ["*.shop.test", "shop.test", "certificate"],
    ["*.shop.test", "a.b.shop.test", "certificate"],
    ["w*.shop.test", "www.shop.test", "certificate"],
    ["*", "shop.test", "certificate"],
    ["SHOP.test", "shop.TEST", undefined],
    ["127.0.0.1", "127.0.0.1", undefined],
    ["::1", "127.0.0.1", "certificate"],
  ])("%s, asked for as %s: %s", async (name, host, reason) => {
    const dns = await nameServer({ [host.toLowerCase()]: { A: ["127.0.0.1"] } });
    const { port } = await site(answer(), { certificate: await authority.issue({ names: [name] }) });
    const { failure } = await factsOf(
      httpTarget(`https://${host}:${port}`, trusting()),
      contextWith({ resolver: createResolver([dns.address]) }),
    );
    expect(failure?.reason).toBe(reason);
  });
});

function blocksOf(pem: string): string[] {
  return pem.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n?/g) ?? [];
}

test("a certificate that is signed with SHA-1 is not trusted, and why is said", async () => {
  const { createServer: createTlsServer } = await import("node:tls");
  const certificate = await authority.issue({ names, signedWith: "SHA-1" });
  const server = createTlsServer({ ...certificate, ciphers: "DEFAULT@SECLEVEL=0" });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  const { failure } = await factsOf(httpTarget(`https://127.0.0.1:${port}`, trusting()));
  expect(failure).toEqual({
    reason: "certificate",
    detail:
      "the certificate of 127.0.0.1 is not trusted: it is signed with an algorithm that nobody trusts any more: ecdsa-with-SHA1",
  });
});

test("a certificate that names its host in its CN only is trusted for none (RFC 9525)", async () => {
  const certificate = await authority.issue({ names: [], commonName: "shop.test" });
  const dns = await nameServer({ "shop.test": { A: ["127.0.0.1"] } });
  const { port } = await site(answer(), { certificate });
  const { failure } = await factsOf(
    httpTarget(`https://shop.test:${port}`, trusting()),
    contextWith({ resolver: createResolver([dns.address]) }),
  );
  expect(failure).toMatchObject({
    reason: "certificate",
    detail: expect.stringContaining("in its CN (shop.test) only"),
  });
});

describe("a site's own words about TLS", () => {
  test("`insecure`: a certificate that is not trusted is no error, and is shown", async () => {
    const { url } = await site(answer(), { certificate: await authority.issue({ names, selfSigned: true }) });
    const result = await factsOf(httpTarget(url, { tls: { insecure: true } }));
    expect(result).toMatchObject({
      status: 200,
      certificate: { problem: expect.stringContaining("self-signed") },
    });
  });
  test("`serverName`: another name is asked for and checked", async () => {
    const { url } = await site(answer(), { certificate: await authority.issue({ names: ["inner.test"] }) });
    const tls = { ca: authority.root, serverName: "inner.test" };
    expect((await factsOf(httpTarget(url, { tls }))).status).toBe(200);
    const wrong = await factsOf(httpTarget(url, { tls: { ...tls, serverName: "outer.test" } }));
    expect(wrong.failure?.detail).toContain("it is not for outer.test: it names inner.test");
  });
  test.each([
    [["imap"], undefined],
    [["imap"], ["imap"]],
  ])("a server that knows only %s is reached with %s offered", async (known, alpn) => {
    const { createServer: createTlsServer } = await import("node:tls");
    const server = createTlsServer({ ...(await authority.issue({ names })), ALPNProtocols: known });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const tls = { ca: authority.root, ...(alpn && { alpn }) };
    const target: TcpTarget = {
      kind: "tcp",
      host: "127.0.0.1",
      port,
      tls,
      timeoutMs: 3000,
      addresses: "first",
    };
    expect((await factsOf(target)).failure).toBeUndefined();
  });
});

describe("a server that refuses the usual key exchanges", () => {
  test.each([
    ["X25519MLKEM768", "TLSv1.3"],
    ["X448", "TLSv1.3"],
    ["X448", "TLSv1.2"],
  ] as const)("is asked a second time, with every one: only %s, %s", async (ecdhCurve, maxVersion) => {
    const { createServer: createTlsServer } = await import("node:https");
    const certificate = await authority.issue({ names });
    const server = createTlsServer({ ...certificate, ecdhCurve, maxVersion }, (_, answered) =>
      answered.end("ok"),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const asked = [
      httpTarget(`https://127.0.0.1:${port}`, trusting()),
      {
        kind: "tcp" as const,
        host: "127.0.0.1",
        port,
        tls: trusting().tls,
        timeoutMs: 3000,
        addresses: "first" as const,
      },
    ];
    for (const target of asked) expect(await factsOf(target)).not.toHaveProperty("failure");
  });
});

describe("a handshake that fails: tls", () => {
  test("because the server speaks no TLS", async () => {
    const server = createServer((socket) => socket.resume().end("220 mail.example.com ESMTP ready\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const { failure } = await factsOf(httpTarget(`https://127.0.0.1:${port}`));
    expect(failure).toMatchObject({
      reason: "tls",
      detail: expect.stringContaining("the TLS handshake failed: wrong version number"),
    });
  });
  test("because the server closes in the middle of it", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    expect((await factsOf(httpTarget(`https://127.0.0.1:${port}`))).failure).toEqual({
      reason: "tls",
      detail: "the connection was closed in the TLS handshake",
    });
  });
  test("because the server never goes on with it: timeout, in tls", async () => {
    const { url } = await site(silence);
    const { failure } = await factsOf(httpTarget(url.replace("http:", "https:"), { timeoutMs: 1000 }));
    expect(failure).toEqual({ reason: "timeout", detail: "no complete answer within 1000 ms (in tls)" });
  });
  test("because the server asks for a client certificate that we do not have", async () => {
    const { url } = await site(answer(), {
      certificate: await authority.issue({ names }),
      clientCa: authority.root,
    });
    expect((await factsOf(httpTarget(url, trusting()))).failure?.reason).toBe("tls");
  });
});

describe("a client certificate", () => {
  test("is shown to a server that asks for it", async () => {
    const { url } = await site(answer(), {
      certificate: await authority.issue({ names }),
      clientCa: authority.root,
    });
    const client = await authority.issueForClient("monitor");
    const result = await factsOf(
      httpTarget(url, { tls: { ca: authority.root, certificate: client.cert, key: client.key } }),
    );
    expect(result.status).toBe(200);
  });
  test("is not shown to another origin that asks for it", async () => {
    const certificate = await authority.issue({ names });
    const other = await site(answer(), { certificate, clientCa: authority.root });
    const asked = await site(redirect(other.url), { certificate, clientCa: authority.root });
    const client = await authority.issueForClient("monitor");
    const tls = { ca: authority.root, certificate: client.cert, key: client.key };
    const { failure } = await factsOf(httpTarget(asked.url, { tls }));
    expect([asked.requests.length, other.requests.length, failure?.reason]).toEqual([1, 0, "tls"]);
  });
  test("that cannot be read is our own fault: own-credentials", async () => {
    const { url } = await site(answer(), { certificate: await authority.issue({ names }) });
    const { failure } = await factsOf(
      httpTarget(url, { tls: { ca: authority.root, certificate: "no PEM", key: "no PEM" } }),
    );
    expect(failure?.reason).toBe("own-credentials");
  });
});

describe("a TLS port", () => {
  const tlsTarget = (port: number): TcpTarget => ({
    kind: "tcp",
    host: "127.0.0.1",
    port,
    tls: { ca: authority.root },
    timeoutMs: 2000,
    addresses: "first",
  });

  test("shows its certificate", async () => {
    const { port } = await site(answer(), { certificate: await authority.issue({ names }) });
    const result = await factsOf(tlsTarget(port));
    expect(result).toMatchObject({
      certificate: { subject: "127.0.0.1" },
      hops: [{ url: `tls://127.0.0.1:${port}` }],
    });
    expect(result.failure).toBeUndefined();
  });
  test("with an expired certificate: certificate", async () => {
    const { port } = await site(answer(), { certificate: await authority.issue({ names, validDays: -1 }) });
    expect((await factsOf(tlsTarget(port))).failure?.reason).toBe("certificate");
  });
});
