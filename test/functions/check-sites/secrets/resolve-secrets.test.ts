import { describe, expect, test } from "vitest";
import { compileSite, type Site } from "../../../../functions/check-sites/config/site.ts";
import { readyToProbe, redactor } from "../../../../functions/check-sites/secrets/resolve-secrets.ts";

function siteOf(policy: object): Site {
  const compiled = compileSite("shop", { url: "https://shop.example.com", ...policy });
  if ("problems" in compiled) throw new Error("the site does not compile");
  return compiled.site;
}
function targetOf(policy: object) {
  const { target } = readyToProbe(siteOf(policy), { valueOf: () => "s3cret" });
  if (target.kind !== "http") throw new Error("the site is no HTTP site");
  return target;
}
const reference = { ssm: "/shop/token" };

describe("what only the site's own origin may see", () => {
  test("is the authorization, and every header that is a reference", () => {
    const headers = { "x-key": reference, "x-plain": "1" };
    expect([...targetOf({ headers, auth: { bearer: reference } }).credentials].sort()).toEqual([
      "authorization",
      "x-key",
    ]);
  });
  test.each([
    ["a reference", reference, true],
    ["a text", "ping", false],
    ["absent", undefined, false],
  ])("is the body: %s", (_, body, expected) => {
    expect(targetOf({ method: "POST", ...(body !== undefined && { body }) }).isBodySecret).toBe(expected);
  });
});

describe("a redacted text", () => {
  test("has nothing left of a secret that begins with another", () => {
    const clean = redactor(["token", "token-of-the-shop"]);
    expect(clean("sent token-of-the-shop and token")).toBe("sent [secret] and [secret]");
  });
  test.each([
    ["as it is", 'a "b" c/d'],
    ["as JSON writes it", String.raw`a \"b\" c/d`],
    ["as an address writes it", "a%20%22b%22%20c%2Fd"],
  ])("has no secret in it, %s", (_, spelling) => {
    expect(redactor(['a "b" c/d'])(`it said: ${spelling}.`)).toBe("it said: [secret].");
  });
  test("keeps what is too short to be told from other text", () => {
    expect(redactor(["up", ""])("it is up")).toBe("it is up");
  });
});
