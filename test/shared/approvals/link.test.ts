import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { approvalLink, verifyLink } from "../../../shared/approvals/link.ts";

const SECRET = "a secret of some length";
const NOW = Date.parse("2026-11-21T12:00:00Z");
const TARGET = { id: "stream/orders/mi9x2k40", expiresAt: NOW + 60_000 };
const BASE = "https://abc.lambda-url.us-east-1.on.aws/";
const query = (link: string) => new URL(link).searchParams;
const right = query(approvalLink(BASE, TARGET, SECRET));

describe("the link of a request", () => {
  it("is believed until the request lapses", () => {
    expect(verifyLink(right, SECRET, NOW)).toEqual({ id: TARGET.id });
    expect(verifyLink(right, SECRET, TARGET.expiresAt)).toEqual({ refused: "expired" });
  });

  it.each([
    ["request", "stream/orders/mi9x2k41"],
    ["request", "stream/payments/mi9x2k40"],
    ["expires", String(TARGET.expiresAt + 1)],
    ["signature", ""],
    ["signature", "é"],
  ])("is forged with another %s (%s)", (key, value) => {
    const changed = new URLSearchParams(right);
    changed.set(key, value);
    expect(verifyLink(changed, SECRET, NOW)).toEqual({ refused: "forged" });
  });

  it("is forged when it was signed with another secret, or not at all", () => {
    const other = query(approvalLink(BASE, TARGET, "another secret, as long"));
    expect(verifyLink(other, SECRET, NOW)).toEqual({ refused: "forged" });
    expect(verifyLink(new URLSearchParams(), SECRET, NOW)).toEqual({ refused: "forged" });
  });

  it("cannot be made for anything else by moving what is signed from one part into the other", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (id, expires, signature) => {
        const made = new URLSearchParams({ request: id, expires, signature });
        expect(verifyLink(made, SECRET, NOW)).toEqual({ refused: "forged" });
      }),
    );
  });

  it("is not signed with a secret that can be guessed", () => {
    expect(() => approvalLink(BASE, TARGET, "short")).toThrow(
      "notify.approvals.secret: found 5 characters, expected at least 16",
    );
  });
});
