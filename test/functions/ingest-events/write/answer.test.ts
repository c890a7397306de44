import { describe, expect, it } from "vitest";
import { answerTo, answerToStatement } from "../../../../functions/ingest-events/write/answer.ts";
import { Blocked, Misconfigured } from "../../../../shared/lambda/errors.ts";

const named = (name: string, message = "said") => Object.assign(new Error(message), { name });
const MAYBE = { kind: "again", mayBeApplied: true };
const SURELY_NOT = { kind: "again", mayBeApplied: false };
const REFUSED = { kind: "refused", message: "said" };

describe("what an error of DynamoDB means for a write", () => {
  it.each([
    ["ProvisionedThroughputExceededException", SURELY_NOT],
    ["ThrottlingException", SURELY_NOT],
    ["RequestLimitExceeded", SURELY_NOT],
    ["TransactionConflictException", SURELY_NOT],
    ["ReplicatedWriteConflictException", SURELY_NOT],
    ["InternalServerError", MAYBE],
    ["TimeoutError", MAYBE],
    ["AbortError", MAYBE],
    ["ValidationException", REFUSED],
    ["SerializationException", REFUSED],
    ["ItemCollectionSizeLimitExceededException", REFUSED],
  ])("%s", (name, answer) => {
    expect(answerTo(named(name), "PutItem", "landed")).toEqual(answer);
  });

  it.each([
    "The provided key element does not match the schema",
    "One of the required keys was not given a value",
    "One or more parameter values were invalid: Missing the key id in the item",
    "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N",
  ])("is about the table, where every item would be refused: %s", (message) => {
    expect(() => answerTo(named("ValidationException", message), "PutItem", "landed")).toThrow(Misconfigured);
  });

  it.each([
    ["ResourceNotFoundException", Misconfigured],
    ["AccessDeniedException", Blocked],
    ["KMSAccessDeniedException", Blocked],
  ])("is about the table: %s, which names the call", (name, expected) => {
    const answer = () => answerTo(named(name), "PutItem", "landed");
    expect(answer).toThrow(expected);
    expect(answer).toThrow(expect.objectContaining({ call: "dynamodb:PutItem", resource: "table/landed" }));
  });

  it("is said of what is no error at all", () => {
    expect(() => answerTo("no", "PutItem", "landed")).toThrow(/dynamodb:PutItem for table\/landed failed/);
  });
});

describe("what the error of one statement means", () => {
  it.each([
    ["ValidationError", REFUSED],
    ["ThrottlingError", SURELY_NOT],
    ["ProvisionedThroughputExceeded", SURELY_NOT],
    ["RequestLimitExceeded", SURELY_NOT],
    ["TransactionConflict", SURELY_NOT],
    ["InternalServerError", MAYBE],
    ["ItemCollectionSizeLimitExceeded", REFUSED],
  ] as const)("%s", (Code, answer) => {
    expect(answerToStatement({ Code, Message: "said" }, "landed")).toEqual(answer);
  });

  it("without a message has none", () => {
    expect(answerToStatement({ Code: "ValidationError" }, "landed")).toEqual({
      kind: "refused",
      message: "",
    });
  });

  it("that is about the table names the call", () => {
    expect(() => answerToStatement({ Code: "AccessDenied", Message: "no" }, "landed")).toThrow(
      expect.objectContaining({ name: "Blocked", call: "dynamodb:BatchExecuteStatement" }),
    );
  });
});
