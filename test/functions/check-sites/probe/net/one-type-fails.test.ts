import { expect, test, vi } from "vitest";
import { createResolver } from "../../../../../functions/check-sites/probe/net/resolver.ts";
import { answer } from "../../../../../sandbox/sites/behaviours.ts";
import { contextWith, factsOf, httpTarget, nameServer, site } from "../local.ts";

/** A machine that has IPv6 asks for both types of address. */
vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  networkInterfaces: () => ({ eth0: [{ family: "IPv6", internal: false, scopeid: 0 }] }),
}));

test.each([
  ["AAAA", { fails: "AAAA", A: ["127.0.0.1"] }, undefined],
  ["A", { fails: "A", AAAA: ["::1"] }, "[::1]"],
  ["every type", { fails: true }, "one.test A: the look-up failed (ESERVFAIL)"],
] as const)(
  "a name server that fails for %s only: the other type's addresses are probed",
  async (_, zone, said) => {
    const { address } = await nameServer({ "one.test": zone });
    const { port } = await site(answer());
    const { status, failure } = await factsOf(
      httpTarget(`http://one.test:${port}/`, { addresses: "every" }),
      contextWith({ resolver: createResolver([address]) }),
    );
    if (said === undefined) expect({ status, failure }).toEqual({ status: 200 });
    else expect(failure?.detail).toContain(said);
  },
);
