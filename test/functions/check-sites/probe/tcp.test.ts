import { expect, test } from "vitest";
import { createAddressFilter } from "../../../../functions/check-sites/probe/net/address-filter.ts";
import type { TcpTarget } from "../../../../functions/check-sites/probe/tcp.ts";
import { silence } from "../../../../sandbox/sites/behaviours.ts";
import { contextWith, factsOf, site } from "./local.ts";

const tcpTarget = (port: number): TcpTarget => ({
  kind: "tcp",
  host: "127.0.0.1",
  port,
  timeoutMs: 2000,
  addresses: "first",
});

test("a port that takes the connection has no failure, whatever it says or does not say", async () => {
  const { port } = await site(silence);
  const { failure, address } = await factsOf(tcpTarget(port));
  expect({ failure, address }).toEqual({ failure: undefined, address: "127.0.0.1" });
});
test("a port that refuses: connect", async () => {
  const closed = await site(silence);
  await closed.close();
  expect((await factsOf(tcpTarget(closed.port))).failure?.reason).toBe("connect");
});
test("an address that is not public: blocked", async () => {
  const { port } = await site(silence);
  expect(
    (await factsOf(tcpTarget(port), contextWith({ addressFilter: createAddressFilter([]) }))).failure?.reason,
  ).toBe("blocked");
});
