import {
  AccessDeniedException,
  InvalidArgumentException,
  KinesisServiceException,
  LimitExceededException,
  MergeShardsCommand,
  ResourceNotFoundException,
  SplitShardCommand,
  UpdateShardCountCommand,
  ValidationException,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { act } from "../../../../functions/reshard-streams/act/act.ts";
import type { Action } from "../../../../functions/reshard-streams/model/decision.ts";
import { type LedgerTable, startLedgerTable } from "../../../shared/ledger/table.ts";
import { scaleOut } from "../../../shared/notify/notifications.ts";
import { type Account, alarm, createAccount, inUse, tick } from "../account.ts";
import { HOUR, MINUTE } from "../stream.ts";

let db: LedgerTable;
let account: Account;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());
beforeEach(async () => {
  account = await createAccount(db);
  account.stream("orders", { open: 1, traffic: { demand: 0.95 } });
});

const ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
const history = () => account.ledger.history("stream/orders", account.now() - 24 * HOUR);

const DECIDED = {
  verdict: "scale-out",
  direction: "out",
  from: 1,
  to: 2,
  reasons: ["busy"],
  goal: 2,
  evidence: { openShards: 1 },
} as const;
const UPDATE: Action = { ...DECIDED, kind: "UpdateShardCount" };
const SPLIT: Action = {
  ...{ ...DECIDED, kind: "SplitShard", shardId: "shardId-0", newStartingHashKey: "42" },
};

async function carryOut(decision: Action) {
  const occasion = { id: "id-1", now: account.now(), trigger: "by hand", traceId: "1-2-3" };
  await act({ stream: "orders", arn: ARN }, decision, await history(), occasion, {
    kinesis: account.kinesis,
    ledger: account.ledger,
    now: account.now,
    holder: "holder-1",
    signal: new AbortController().signal,
    outgoing: { notification: scaleOut(), claimedUntil: 0 },
  });
}

describe("the call", () => {
  it.each([
    [UPDATE, UpdateShardCountCommand, { TargetShardCount: 2, ScalingType: "UNIFORM_SCALING" }],
    [
      { ...DECIDED, kind: "SplitShard", shardId: "shardId-0", newStartingHashKey: "42" },
      SplitShardCommand,
      { ShardToSplit: "shardId-0", NewStartingHashKey: "42" },
    ],
    [
      {
        ...DECIDED,
        kind: "MergeShards",
        direction: "in",
        from: 2,
        to: 1,
        goal: 1,
        shardId: "shardId-0",
        adjacentShardId: "shardId-1",
        adjacentStartingHashKey: "42",
      },
      MergeShardsCommand,
      { ShardToMerge: "shardId-0", AdjacentShardToMerge: "shardId-1" },
    ],
  ] as const)("of $kind has what was decided, and is made once", async (decision, Command, input) => {
    const send = vi.spyOn(account.kinesis, "send");
    await carryOut(decision);
    const sent = send.mock.calls.map(([command]) => command);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBeInstanceOf(Command);
    expect(sent[0]?.input).toEqual({ StreamName: "orders", ...input });
  });

  it("stands between the intent and the outcome, which say who, why and when", async () => {
    await carryOut(UPDATE);
    expect(account.calls).toEqual([
      "Query",
      "UpdateItem",
      "GetItem",
      "UpdateShardCount",
      "PutItem",
      "UpdateItem",
    ]);
    expect((await history()).entries).toEqual([
      {
        intent: {
          id: "id-1",
          at: account.now(),
          automation: "reshard-streams",
          action: "kinesis:UpdateShardCount",
          direction: "out",
          from: 1,
          to: 2,
          reasons: ["busy"],
          evidence: { openShards: 1 },
          trigger: "by hand",
          traceId: "1-2-3",
        },
        outcome: { result: "applied", at: account.now() },
      },
    ]);
  });

  it("is not made when the lease cannot be had", async () => {
    void account.fail(
      "UpdateItem",
      "before",
      Object.assign(new Error("slow"), { name: "ThrottlingException" }),
    );
    await expect(carryOut(UPDATE)).rejects.toMatchObject({ name: "RetryLater" });
    expect(account.calls).not.toContain("UpdateShardCount");
  });
});

const $metadata = { httpStatusCode: 400 };
const limit = (message: string) => new LimitExceededException({ message, $metadata });
const argument = (message: string) => new InvalidArgumentException({ message, $metadata });

describe("AWS's no", () => {
  it.each([
    ["call-rate", limit("Rate exceeded for stream orders under account 000000000000.")],
    [
      "step",
      limit(
        "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 24",
      ),
    ],
    ["step", argument("UpdateShardCount cannot scale up over double your current open shard count.")],
    ["step", argument("UpdateShardCount cannot scale down below half your current open shard count.")],
    ["step", argument("Cannot update shard count beyond 2x current shard count")],
    ["step", argument("Cannot update shard count below 50% of the current shard count")],
    [
      "daily-quota",
      limit("UpdateShardCount cannot be called more than 10 times in a rolling 24-hour period"),
    ],
    ["daily-quota", limit("Cannot run UpdateShardCount more than 10 times in a 24 hour period")],
    ["daily-quota", limit("Stream orders has been scaled the maximum number of times per day")],
    ["daily-quota", limit("UpdateShardCount can only be called twice per rolling 24 hours")],
    [
      "account",
      limit("Request would exceed the shard limit for the account 240000000024 in us-east-1. Limit: 24h."),
    ],
    ["refused", argument("TargetShardCount 3 is not allowed here")],
    ["refused", new ValidationException({ message: "The stream is in on-demand capacity mode.", $metadata })],
    ["refused", new ResourceNotFoundException({ message: "Stream orders not found.", $metadata })],
    ["refused", new AccessDeniedException({ message: "User is not authorized.", $metadata })],
  ])("is in the ledger as %s: %s", async (code, error) => {
    void account.fail("UpdateShardCount", "before", error);
    await expect(carryOut(UPDATE)).rejects.toThrow(error.message);
    const { pending, entries } = await history();
    expect(pending).toBeUndefined();
    expect(entries).toMatchObject([{ outcome: { result: "refused", code, detail: error.message } }]);
  });

  it.each([
    [SPLIT, "SplitShard", "call-rate"],
    [UPDATE, "UpdateShardCount", "refused"],
  ] as const)(
    "of too many streams at once passes for a split, which has no quota",
    async (change, call, code) => {
      const error = limit("The number of concurrent stream requests exceeds the maximum number allowed.");
      void account.fail(call, "before", error);
      await expect(carryOut(change)).rejects.toThrow(error.message.slice(0, 40));
      expect((await history()).entries).toMatchObject([{ outcome: { result: "refused", code } }]);
    },
  );

  it.each([
    ["RetryLater", limit("Rate exceeded for stream orders"), /the next run tries again/],
    [
      "Blocked",
      limit("more than 10 times in a 24 hour period"),
      /some of them not by Reflex.*Nothing was changed/,
    ],
    [
      "Blocked",
      argument("over double"),
      /kinesis:UpdateShardCount 1 -> 2 for stream\/orders was refused \(over double\): nothing was changed/,
    ],
    ["Blocked", new AccessDeniedException({ message: "no", $metadata }), /the role needs this permission/],
    ["Misconfigured", new ResourceNotFoundException({ message: "gone", $metadata }), /stream\/orders/],
    ["Misconfigured", new ValidationException({ message: "on-demand", $metadata }), /stream\/orders/],
  ])("is %s and says the consequence: %s", async (name, error, message) => {
    void account.fail("UpdateShardCount", "before", error);
    await expect(carryOut(UPDATE)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});

describe("an answer that is neither yes nor no", () => {
  const fault = new KinesisServiceException({
    name: "InternalFailure",
    $fault: "server",
    message: "oops",
    $metadata: { httpStatusCode: 500 },
  });

  it.each([
    ["the stream is being changed", inUse("orders")],
    ["a fault of AWS", fault],
    ["a broken connection", Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })],
    ["the end of the time", Object.assign(new Error("aborted"), { name: "AbortError" })],
  ])("(%s) leaves the intent for the next run and comes later", async (_, error) => {
    void account.fail("UpdateShardCount", "before", error);
    await expect(carryOut(UPDATE)).rejects.toMatchObject({ name: "RetryLater" });
    expect(await history()).toMatchObject({ pending: { id: "id-1" }, entries: [] });
  });

  it("(no answer of AWS at all) leaves the intent, but does not pass by itself", async () => {
    void account.fail("UpdateShardCount", "after", new TypeError("x is undefined"));
    await expect(carryOut(UPDATE)).rejects.toMatchObject({ name: "Misconfigured" });
    expect(await history()).toMatchObject({ pending: { id: "id-1" }, entries: [] });
  });
});

describe("after AWS's no, the sweep", () => {
  const CONFIG = { orders: { max: 8 } };
  const sweep = async () => {
    account.wait(MINUTE);
    const { streams } = await account.process(CONFIG).invoke(tick());
    return streams.map(({ verdict }) => verdict);
  };

  it("tries again at the next minute when it was only the call rate", async () => {
    void account.fail("UpdateShardCount", "before", limit("Rate exceeded for stream orders"));
    const { later } = await account.process(CONFIG).invoke(alarm("orders"));
    expect(later).toEqual([expect.stringContaining("throttled")]);
    expect(await sweep()).toEqual(["scale-out"]);
    expect(account.changes).toHaveLength(1);
  });

  it("leaves it alone for a quarter of an hour, notifies that once, and then tries again", async () => {
    void account.fail(
      "UpdateShardCount",
      "before",
      limit("Request would exceed the shard limit for the account"),
    );
    await expect(account.process(CONFIG).invoke(alarm("orders"))).rejects.toThrow(/nothing was changed/);
    const verdicts: unknown[] = [];
    for (let minute = 1; minute <= 16; minute += 1) verdicts.push(...(await sweep()));
    expect(new Set(verdicts.slice(0, 14))).toEqual(new Set(["refused-lately"]));
    expect(verdicts).toContain("scale-out");
    expect(account.notifications.map(({ headline }) => headline)).toEqual([
      expect.stringMatching(/^orders: AWS refused to change it/),
      "orders: 1 -> 2 shards (scale-out)",
    ]);
  });

  it("has learnt that the quota is spent: a throttled stream gets a split instead", async () => {
    account.stream("orders", { traffic: { demand: 0.95, throttled: 50 } });
    void account.fail("UpdateShardCount", "before", limit("more than 10 times in a 24 hour period"));
    await expect(account.process(CONFIG).invoke(alarm("orders"))).rejects.toThrow(/10 calls in 24 hours/);
    expect(await sweep()).toEqual(["split-without-quota"]);
    expect(account.changes).toMatchObject([{ call: "SplitShard", from: 1, to: 2 }]);
  });
});
