import { describe, expect, it } from "vitest";
import { foreign } from "../../../sandbox/page/own-origin.ts";

const host = "127.0.0.1:4566";
const json = { "content-type": "application/json" };

describe("a request of the sandbox's own page", () => {
  it.each([
    ["reads", { method: "GET", headers: { host } }],
    ["reads by the name localhost", { method: "GET", headers: { host: "localhost:4566" } }],
    ["acts", { method: "POST", headers: { host, origin: `http://${host}`, ...json } }],
  ])("%s", (_, request) => {
    expect(foreign(request)).toBeUndefined();
  });
});

describe("refused is", () => {
  it.each([
    [
      "reading by another name that leads here",
      { method: "GET", headers: { host: "evil.example:4566" } },
      "Host",
    ],
    ["reading without a Host", { method: "GET", headers: {} }, "Host"],
    [
      "acting from another site",
      { method: "POST", headers: { host, origin: "https://evil.example", ...json } },
      "Origin",
    ],
    [
      "acting from another port of this machine",
      { method: "POST", headers: { host, origin: "http://127.0.0.1:8080", ...json } },
      "Origin",
    ],
    [
      "acting from a page without an origin",
      { method: "POST", headers: { host, origin: "null", ...json } },
      "Origin",
    ],
    ["acting without an Origin", { method: "POST", headers: { host, ...json } }, "Origin"],
    [
      "acting by another name whose Origin fits it",
      { method: "POST", headers: { host: "evil.example", origin: "http://evil.example", ...json } },
      "Host",
    ],
    [
      "what a form can send",
      { method: "POST", headers: { host, origin: `http://${host}`, "content-type": "text/plain" } },
      "Content-Type",
    ],
  ])("%s", (_, request, header) => {
    expect(foreign(request)).toMatch(new RegExp(`^${header}: found "`));
  });
});
