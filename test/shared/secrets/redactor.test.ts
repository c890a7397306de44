import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactor } from "../../../shared/secrets/redactor.ts";

describe("a redacted text", () => {
  test("has nothing left of a secret that begins with another", () => {
    const clean = redactor(["token", "token-of-the-shop"]);
    expect(clean("sent token-of-the-shop and token")).toBe("sent [secret] and [secret]");
  });
  test.each([
    ["as it is", 'a "b" c/d'],
    ["as JSON writes it", String.raw`a \"b\" c/d`],
    ["as an address writes it", "a%20%22b%22%20c%2Fd"],
    ["in percent of lower case", "a%20%22b%22%20c%2fd"],
    ["as a form writes it", "a+%22b%22+c%2Fd"],
    ["as HTML", "a &quot;b&quot; c/d"],
    ["as HTML by numbers", "a &#34;b&#x22; c&#47;d"],
    ["as PHP writes JSON", String.raw`a \"b\" c\/d`],
    ["in base64", Buffer.from('a "b" c/d').toString("base64").replace(/=+$/, "")],
  ])("has no secret in it, %s", (_, spelling) => {
    expect(redactor(['a "b" c/d'])(`it said: ${spelling}.`)).toBe("it said: [secret].");
  });
  test.each([0, 1, 2, 3, 4])("has no secret in base64 in it, behind %i other bytes", (before) => {
    const secret = "s3cret-of-the-shop";
    const coded = Buffer.from(`${"u".repeat(before)}${secret}${"x".repeat(before)}`).toString("base64");
    const clean = redactor([secret])(coded);
    const left = Buffer.from(clean.replace("[secret]", ""), "base64").toString();
    expect([clean.includes("[secret]"), /s3cret|the-shop/.test(left)]).toEqual([true, false]);
  });
  test("has no secret as Go writes JSON in it", () => {
    expect(redactor(["a&b<c>d"])(String.raw`"a\u0026b\u003cc\u003Ed"`)).toBe('"[secret]"');
  });
  test("has no secret in it that was JSON with non-ASCII letters", () => {
    expect(redactor(["größe12"])(String.raw`gr\u00f6\u00dfe12`)).toBe("[secret]");
  });
  test("for every secret, in every spelling of its characters", () => {
    const ways: readonly ((character: string) => string)[] = [
      (character) => character,
      (character) => encodeURIComponent(character),
      (character) => encodeURIComponent(character).replace(/%../g, (code) => code.toLowerCase()),
      (character) => `&#${character.codePointAt(0)};`,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ];
    const secret = fc.string({
      minLength: 4,
      maxLength: 20,
      unit: fc.constantFrom(..."abcXYZ019+/=-_.~&<>\"' "),
    });
    fc.assert(
      fc.property(secret, fc.array(fc.nat(4), { minLength: 20, maxLength: 20 }), (text, choice) => {
        const spelt = [...text].map((character, at) => ways[choice[at] ?? 0]?.(character)).join("");
        return redactor([text])(`[${spelt}]`) === "[[secret]]";
      }),
    );
  });
  test("keeps what is too short to be distinguished from other text", () => {
    expect(redactor(["up", ""])("it is up")).toBe("it is up");
  });
});
