import { describe, expect, test } from "vitest";
import type { DnsTarget } from "../../../../functions/check-sites/probe/dns.ts";
import { createAddressFilter } from "../../../../functions/check-sites/probe/net/address-filter.ts";
import { createResolver } from "../../../../functions/check-sites/probe/net/resolver.ts";
import { contextWith, factsOf, nameServer } from "./local.ts";

const asking = (name: string, parts: Partial<DnsTarget> = {}): DnsTarget => ({
  kind: "dns",
  name,
  type: "A",
  timeoutMs: 2000,
  addresses: "first",
  ...parts,
});

describe("a DNS check of a named server", () => {
  test("gives the records, one text each", async () => {
    const { port } = await nameServer({ "shop.test": { A: ["192.0.2.1", "192.0.2.2"] } });
    const result = await factsOf(asking("shop.test", { server: { address: "127.0.0.1", port } }));
    expect(result).toMatchObject({ answers: ["192.0.2.1", "192.0.2.2"], address: "127.0.0.1" });
  });
  test("asks for the type that was wanted", async () => {
    const { port } = await nameServer({ "shop.test": { TXT: ["v=spf1 -all"] } });
    const result = await factsOf(
      asking("shop.test", { type: "TXT", server: { address: "127.0.0.1", port } }),
    );
    expect(result.answers).toEqual(["v=spf1 -all"]);
  });
  test("that says nothing is the site's fault: timeout", async () => {
    const { port } = await nameServer({ "shop.test": "silent" });
    const target = asking("shop.test", { timeoutMs: 80, server: { address: "127.0.0.1", port } });
    expect((await factsOf(target)).failure?.reason).toBe("timeout");
  });
  test("that is not public: blocked", async () => {
    const target = asking("shop.test", { server: { address: "10.0.0.2", port: 53 } });
    expect(
      (await factsOf(target, contextWith({ addressFilter: createAddressFilter([]) }))).failure?.reason,
    ).toBe("blocked");
  });
  test("for a name it does not know: dns", async () => {
    const { port } = await nameServer({});
    const target = asking("no.test", { server: { address: "127.0.0.1", port } });
    expect((await factsOf(target)).failure?.reason).toBe("dns");
  });
});

describe("a DNS check by our own resolver", () => {
  test("gives the records", async () => {
    const { address } = await nameServer({ "shop.test": { AAAA: ["2001:db8::1"] } });
    const context = contextWith({ resolver: createResolver([address]) });
    expect((await factsOf(asking("shop.test", { type: "AAAA" }), context)).answers).toEqual(["2001:db8::1"]);
  });
  test("that does not answer is our own fault: own-dns", async () => {
    const { address } = await nameServer({ "shop.test": "silent" });
    const context = contextWith({ resolver: createResolver([address], 50, 1) });
    expect((await factsOf(asking("shop.test"), context)).failure?.reason).toBe("own-dns");
  });
});
