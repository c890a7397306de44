import { describe, expect, it } from "vitest";
import { Faults } from "../../../sandbox/endpoint/faults.ts";

const put = { service: "kinesis", operation: "PutRecord" };
const any = () => true;

describe("faults", () => {
  it("hit as many calls as asked for and no more", () => {
    const faults = new Faults();
    const injected = faults.inject({ kind: "throttle", ...put, times: 2 });
    const kinds = [1, 2, 3].map(() => faults.take(put, any)?.kind);
    expect(kinds).toEqual(["throttle", "throttle", undefined]);
    expect(injected.hits()).toBe(2);
  });

  it("let the calls before pass", () => {
    const faults = new Faults();
    faults.inject({ kind: "lost-answer", ...put, after: 2 });
    const kinds = [1, 2, 3, 4].map(() => faults.take(put, any)?.kind);
    expect(kinds).toEqual([undefined, undefined, "lost-answer", undefined]);
  });

  it("leave other services, operations and functions alone", () => {
    const faults = new Faults();
    faults.inject({ kind: "time-out", ...put, functionName: "a" });
    expect(
      faults.take({ service: "kinesis", operation: "GetRecords", functionName: "a" }, any),
    ).toBeUndefined();
    expect(
      faults.take({ service: "dynamodb", operation: "PutRecord", functionName: "a" }, any),
    ).toBeUndefined();
    expect(faults.take({ ...put, functionName: "b" }, any)).toBeUndefined();
    expect(faults.take({ ...put, functionName: "a" }, any)?.kind).toBe("time-out");
  });

  it("without an operation hit every call of the service", () => {
    const faults = new Faults();
    faults.inject({ kind: "server-error", service: "dynamodb" });
    expect(faults.take({ service: "dynamodb", operation: "Query" }, any)?.kind).toBe("server-error");
  });

  it("stop when taken back", () => {
    const faults = new Faults();
    faults.inject({ kind: "throttle", ...put }).remove();
    expect(faults.take(put, any)).toBeUndefined();
  });

  it("wait for who applies their kind", () => {
    const faults = new Faults();
    faults.inject({ kind: "updating", ...put, forMs: 1000 });
    expect(faults.take(put, (kind) => kind !== "updating")).toBeUndefined();
    expect(faults.take(put, (kind) => kind === "updating")?.forMs).toBe(1000);
  });
});
