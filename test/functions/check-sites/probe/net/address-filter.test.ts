import { describe, expect, test } from "vitest";
import { createAddressFilter } from "../../../../../functions/check-sites/probe/net/address-filter.ts";
import { parseRange } from "../../../../../shared/net/address-range.ts";

const isBlocked = (address: string, allowed: string[] = []): boolean => {
  try {
    createAddressFilter(allowed).check(address);
    return false;
  } catch {
    return true;
  }
};

describe("the guard", () => {
  test.each(["8.8.8.8", "93.184.215.14", "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::808:808"])(
    "lets the public address %s through",
    (address) => {
      expect(isBlocked(address)).toBe(false);
    },
  );
  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "198.51.100.1",
    "::",
    "::1",
    "fe80::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:0:a00:1::",
  ])("blocks %s", (address) => {
    expect(isBlocked(address)).toBe(true);
  });
  test("lets through what is allowed, and nothing beside it", () => {
    const allowed = ["10.1.0.0/16", "fd12::/16"];
    expect([
      isBlocked("10.1.2.3", allowed),
      isBlocked("10.2.0.1", allowed),
      isBlocked("fd12::1", allowed),
    ]).toEqual([false, true, false]);
  });
  test("lets an allowed IPv4 address through however it is spelt", () => {
    expect(isBlocked("::ffff:10.1.2.3", ["10.1.0.0/16"])).toBe(false);
  });
  test("lets a single address be allowed", () => {
    expect([isBlocked("10.0.0.5", ["10.0.0.5"]), isBlocked("10.0.0.6", ["10.0.0.5"])]).toEqual([false, true]);
  });
});

test.each(["lan", "10.0.0.0/33", "10.0.0", "fd00::/200", ""])(
  '"%s" is no range, and the error says what is',
  (text) => {
    expect(() => parseRange(text)).toThrow(`found "${text}", expected an address range such as 10.0.0.0/8`);
  },
);
