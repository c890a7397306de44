import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { approveChanges } from "../../../functions/approve-changes/approve-changes.ts";
import { approvalLink } from "../../../shared/approvals/link.ts";
import { requestId } from "../../../shared/approvals/request.ts";
import { aRun } from "../../node-pools/run.ts";
import { MemoryRequests } from "../../shared/approvals/memory-requests.ts";

const SECRET = "a secret of some length";
const ASKED_AT = Date.parse("2026-11-21T12:00:00Z");
const HOUR = 3_600_000;
const ID = requestId("stream/orders", ASKED_AT);
const REQUEST = {
  id: ID,
  resource: "stream/orders",
  automation: "reshard-streams",
  change: {
    what: "UpdateShardCount",
    direction: "in" as const,
    ...{ from: 8, to: 4, text: "8 -> 4 shards" },
    reasons: ["the peak needs 2.9 <b>shards</b>' worth"],
    evidence: { openShards: 8, utilisation: 0.31 },
    facts: [{ name: "Utilisation, recent peak", value: "31 %" }],
    costPerMonth: { before: 87.6, after: 43.8 },
  },
  trigger: "schedule",
  askedAt: ASKED_AT,
  expiresAt: ASKED_AT + HOUR,
};

let requests: MemoryRequests;
let now: number;
beforeEach(async () => {
  requests = new MemoryRequests();
  await requests.replace(undefined, REQUEST);
  now = ASKED_AT + 60_000;
});

const responseShape = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

const invoke = (event: unknown) =>
  approveChanges(event, aRun("approve-changes", { now: () => now }), {
    requests,
    secret: { ssm: "/reflex/approvals" },
    credentials: { read: async () => ({ valueOf: () => SECRET }) },
  });

/** As a function URL hands over what a browser sends. */
async function browse(method: string, { link = rightLink(), form }: { link?: string; form?: string } = {}) {
  const response = await invoke({
    version: "2.0",
    rawQueryString: new URL(link).search.slice(1),
    headers: form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" },
    requestContext: { http: { method, sourceIp: "203.0.113.7" } },
    ...(form !== undefined && { body: Buffer.from(form).toString("base64") }),
    isBase64Encoded: form !== undefined,
  });
  return responseShape.parse(response);
}

const rightLink = (id = ID) =>
  approvalLink("https://abc.lambda-url.us-east-1.on.aws/", { id, expiresAt: REQUEST.expiresAt }, SECRET);
const state = () => requests.of("stream/orders")?.answer;
const APPROVE = "answer=approved&name=Anna+Example";

describe("the page of a link", () => {
  it("shows the decision again, escaped, with its reasons, numbers and cost; opening it changes nothing", async () => {
    const { statusCode, headers, body } = await browse("GET");
    expect([statusCode, (await browse("HEAD")).body]).toEqual([200, ""]);
    for (const part of [
      "Approve 8 → 4 shards (UpdateShardCount) of stream/orders?",
      "the peak needs 2.9 &lt;b&gt;shards&lt;/b&gt;&#39; worth",
      '<th scope="row">Utilisation, recent peak</th><td>31 %</td>',
      "$87.60 → $43.80",
      "2026-11-21 13:00 UTC",
    ]) {
      expect(body).toContain(part);
    }
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers).toMatchObject({ "referrer-policy": "no-referrer", "cache-control": "no-store" });
    expect(body).not.toMatch(/-&gt;|openShards/);
    // Nothing is loaded, and nothing runs.
    expect(body).not.toMatch(/<script|<link|<img|src=|href=|url\(/);
    expect(state()).toBeUndefined();
  });

  it("takes the answer by POST, with who and when, into the trail too; and once", async () => {
    const { statusCode, body } = await browse("POST", { form: APPROVE });
    expect([statusCode, body.includes("decides anew within a minute")]).toEqual([200, true]);
    expect(state()).toEqual({
      said: "approved",
      by: "link/203.0.113.7/Anna Example (by link)",
      at: now,
    });
    expect(requests.trail).toMatchObject([{ intent: { action: "reflex:approve", at: now } }]);
    const again = await browse("POST", { form: "answer=rejected&name=Eve" });
    expect(again.statusCode).toBe(409);
    expect(again.body).toContain("it was approved by Anna Example (by link) at 2026-11-21 12:01 UTC");
    expect(state()?.said).toBe("approved");
    expect(requests.trail).toHaveLength(1);
  });

  it("rejects as well", async () => {
    await browse("POST", { form: "answer=rejected&name=Anna" });
    expect(state()?.said).toBe("rejected");
  });

  it.each([
    ["no name", "answer=approved&name=+"],
    ["no answer", "name=Anna"],
    ["another answer", "answer=yes&name=Anna"],
    ["more than any form has", `${APPROVE}&x=${"x".repeat(3000)}`],
  ])("asks again where the form has %s", async (_, form) => {
    const { statusCode } = await browse("POST", { form });
    expect([statusCode, state()]).toEqual([400, undefined]);
  });

  it.each(["PUT", "DELETE", "OPTIONS"])("refuses %s", async (method) => {
    expect((await browse(method, { form: APPROVE })).statusCode).toBe(405);
    expect(state()).toBeUndefined();
  });

  it("refuses a forged link, one of another request, one that has expired and one that was replaced", async () => {
    const forged = rightLink().replace(/signature=./, "signature=_");
    const ofAnother = new URL(rightLink("stream/orders/00000000"));
    ofAnother.searchParams.set("request", ID);
    const tries: [string, number][] = [
      [forged, 403],
      [ofAnother.href, 403],
      ["https://abc.lambda-url.us-east-1.on.aws/", 403],
      [rightLink("stream/payments/mi9x2k40"), 409],
    ];
    for (const [link, status] of tries) {
      for (const method of ["GET", "POST"]) {
        expect((await browse(method, { link, form: APPROVE })).statusCode, `${method} ${link}`).toBe(status);
      }
    }
    const next = { ...REQUEST, id: requestId("stream/orders", ASKED_AT + 1) };
    await requests.replace(REQUEST, next);
    expect((await browse("POST", { form: APPROVE })).body).toContain("another request has taken its place");
    await requests.replace(next, REQUEST);
    now = REQUEST.expiresAt;
    expect((await browse("POST", { form: APPROVE })).statusCode).toBe(410);
    expect(state()).toBeUndefined();
  });

  it("keeps a name that is no name out of the trail", async () => {
    await browse("POST", { form: `answer=approved&name=${encodeURIComponent("a/b\n\u202e root")}` });
    expect(state()?.by).toBe("link/203.0.113.7/a b root (by link)");
  });
});

describe("an invoke", () => {
  it("answers as the button of a chat does", async () => {
    expect(await invoke({ approve: ID })).toEqual({
      result: expect.stringContaining("approved: 8 -> 4 shards (UpdateShardCount) of stream/orders"),
    });
    expect(state()?.said).toBe("approved");
    expect(await invoke({ reject: ID })).toEqual({
      result: expect.stringContaining("Not rejected: it was approved"),
    });
  });

  it("answers nothing in mode observe, nor for what was never asked", async () => {
    expect(await invoke({ approve: ID, mode: "observe" })).toEqual({ result: "it can be answered" });
    expect(await invoke({ approve: "stream/orders/00000000" })).toEqual({
      result: expect.stringMatching(/^Not approved: it stands no more/),
    });
    expect(await invoke({ approve: "../../../etc" })).toEqual({
      result: expect.stringMatching(/^Not approved/),
    });
    expect(state()).toBeUndefined();
  });

  it("is an error for any other event", async () => {
    await expect(invoke({ detail: 1 })).rejects.toThrow(
      "the event is neither a request of the function URL nor",
    );
    await expect(invoke({ approve: ID, reject: ID })).rejects.toThrow("the answer to a request");
  });
});
