import { describe, expect, it } from "vitest";
import { evictionOutcome } from "../../../../functions/drain-nodes/decide/eviction-outcome.ts";
import { type ApiStatus, KubernetesError } from "../../../../shared/kubernetes/api/errors.ts";
import { Blocked, RetryLater } from "../../../../shared/lambda/errors.ts";

const answered = (status: Partial<ApiStatus>) =>
  evictionOutcome(
    new KubernetesError("said", { status: 500, reason: "", message: "", causes: [], ...status }),
  );

describe("the outcome of an eviction", () => {
  it.each([
    ["404: the pod is gone", { status: 404 }],
    ["409: another pod has its name", { status: 409 }],
    [
      "403, as its namespace is being deleted",
      { status: 403, causes: [{ reason: "NamespaceTerminating", message: "" }] },
    ],
  ])("is evicting for %s", (_, status) => {
    expect(answered(status)).toEqual({ kind: "evicting" });
  });

  it("is a budget that does not allow it now, with the budget's own words", () => {
    const message = "The disruption budget web needs 2 healthy pods and has 2 currently";
    expect(answered({ status: 429, causes: [{ reason: "DisruptionBudget", message }] })).toEqual({
      kind: "budget",
      reason: { code: "disruption-budget", text: message },
    });
  });

  it("is a busy API server, with the time it asks for", () => {
    expect(answered({ status: 429, retryAfterSeconds: 7 })).toEqual({
      kind: "throttled",
      afterSeconds: 7,
      reason: { code: "api-busy", text: "the API server is busy" },
    });
  });

  it("is a busy API server where another cause than a budget is named", () => {
    const causes = [{ reason: "TooManyRequests", message: "slow down" }];
    expect(answered({ status: 429, causes })).toMatchObject({ kind: "throttled", afterSeconds: 5 });
  });

  it("is to be tried again where it is forbidden for another reason than its namespace", () => {
    const causes = [{ reason: "Forbidden", message: "no" }];
    expect(answered({ status: 403, message: "no", causes })).toEqual({
      kind: "retry",
      reason: { code: "api-error", text: "no" },
    });
  });

  it("is blocked for ever where two budgets select the pod", () => {
    const message =
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    expect(answered({ status: 500, message })).toEqual({
      kind: "blocked",
      reason: {
        code: "overlapping-budgets",
        text: "more than one PodDisruptionBudget selects it, so it can never be evicted",
      },
    });
  });

  it.each([400, 403, 422, 500, 503])("is to be tried again for %i: never taken for gone", (status) => {
    expect(answered({ status })).toMatchObject({ kind: "retry" });
  });

  it.each([
    ["no access", new Blocked("no access")],
    ["no answer", new RetryLater("no answer")],
    ["a fault of ours", new TypeError("oops")],
  ])("is none for %s: the error goes on", (_, error) => {
    expect(() => evictionOutcome(error)).toThrow(error);
  });
});
