import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Calls } from "../../../sandbox/endpoint/calls.ts";
import { crossSite } from "../../../sandbox/endpoint/cross-site.ts";
import { type Endpoint, startEndpoint } from "../../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../../sandbox/endpoint/faults.ts";

const host = "127.0.0.1:4566";
const opened = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

describe("a request of nobody else's page", () => {
  it.each([
    ["an AWS client's", "POST", { host }, "call"],
    ["by the name localhost", "GET", { host: "localhost:4566" }, "call"],
    ["by IPv6", "GET", { host: "[::1]:4566" }, "call"],
    [
      "of the sandbox's own page",
      "POST",
      { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" },
      "read",
    ],
    ["of an address that a person types", "GET", { host, "sec-fetch-site": "none", ...opened }, "read"],
    ["of a link on another site", "GET", { host, "sec-fetch-site": "cross-site", ...opened }, "read"],
  ] as const)("%s is let in", (_, method, headers, kind) => {
    expect(crossSite({ method, headers }, kind)).toBeUndefined();
  });
});

describe("a request of another site's page", () => {
  it.each([
    ["by another name that leads here", "GET", { host: "evil.example:4566" }, "read", "Host"],
    ["by a name that begins with an own one", "GET", { host: "localhost.evil.example" }, "call", "Host"],
    ["without a Host", "GET", {}, "call", "Host"],
    ["from another site", "POST", { host, origin: "https://evil.example" }, "call", "Origin"],
    [
      "from another port of this machine",
      "POST",
      { host, origin: "http://127.0.0.1:8080" },
      "call",
      "Origin",
    ],
    ["from a page without an origin", "POST", { host, origin: "null" }, "call", "Origin"],
    [
      "an image with a signed address",
      "GET",
      { host, "sec-fetch-site": "cross-site" },
      "call",
      "Sec-Fetch-Site",
    ],
    ["the same from another port", "GET", { host, "sec-fetch-site": "same-site" }, "call", "Sec-Fetch-Site"],
    [
      "a link to a signed address",
      "GET",
      { host, "sec-fetch-site": "cross-site", ...opened },
      "call",
      "Sec-Fetch-Site",
    ],
    [
      "a form that is sent",
      "POST",
      { host, "sec-fetch-site": "cross-site", ...opened },
      "read",
      "Sec-Fetch-Site",
    ],
    [
      "in a frame",
      "GET",
      { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
      "read",
      "Sec-Fetch-Site",
    ],
  ] as const)("%s is refused", (_, method, headers, kind, header) => {
    expect(crossSite({ method, headers }, kind)).toMatch(new RegExp(`^${header}: found "`));
  });
});

describe("the endpoint", () => {
  let endpoint: Endpoint;
  let handled = 0;
  const calls = new Calls();

  beforeAll(async () => {
    endpoint = await startEndpoint({
      services: [
        {
          signingNames: ["sns"],
          handle: async () => {
            handled += 1;
            return { status: 200, body: "{}" };
          },
        },
      ],
      clock: { now: () => 0 },
      faults: new Faults(),
      calls,
      callers: new Map(),
      unsigned: async () => ({ status: 200, body: "a page" }),
      port: 0,
      log: () => {},
    });
  });
  afterAll(() => endpoint.stop());

  function send(path: string, headers: Readonly<Record<string, string>>, method = "GET") {
    const { port } = new URL(endpoint.url);
    return new Promise<{ status: number | undefined; headers: object }>((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, method, headers, setHost: false }, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode, headers: answer.headers });
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  const heard = () => [handled, calls.all().length];
  const own = () => ({ host: new URL(endpoint.url).host });
  const SIGNED = "/?Action=Publish&X-Amz-Credential=any%2F20260101%2Fus-east-1%2Fsns%2Faws4_request";

  it.each([
    ["a signed address in an image", SIGNED, { "sec-fetch-site": "cross-site" }, "GET"],
    ["a simple request with a signed address", SIGNED, { origin: "https://evil.example" }, "POST"],
    ["a signed address by a foreign name", SIGNED, { host: "evil.example" }, "GET"],
    ["a preflight", SIGNED, { origin: "https://evil.example" }, "OPTIONS"],
    ["the page by a foreign name", "/", { host: "evil.example" }, "GET"],
    ["the state for a script of another site", "/_reflex/state", { "sec-fetch-site": "cross-site" }, "GET"],
  ])("answers %s with 403, and no service hears of it", async (_, path, headers, method) => {
    const before = heard();
    const answer = await send(path, { ...own(), ...headers }, method);
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(heard()).toEqual(before);
  });

  it("serves an AWS client, which sends none of these headers", async () => {
    const before = handled;
    expect((await send(SIGNED, own())).status).toBe(200);
    expect(handled).toBe(before + 1);
  });
});
