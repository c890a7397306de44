import { aggregate } from "../../sandbox/kinesis/kpl-aggregate.ts";

/** Records for the benchmarks of ingest-events: JSON events of about 1 KB, with nested parts, as webhooks have. */
export function events(count: number): readonly Record<string, unknown>[] {
  return Array.from({ length: count }, (_none, index) => ({
    id: `evt-${String(index).padStart(12, "0")}`,
    type: "PushEvent",
    public: true,
    created_at: "2026-11-21T12:00:00Z",
    actor: { id: index, login: `user-${index}`, url: `https://api.example.com/users/user-${index}` },
    repo: {
      id: index * 3,
      name: `org/repo-${index}`,
      url: `https://api.example.com/repos/org/repo-${index}`,
    },
    payload: {
      ref: "refs/heads/main",
      size: 1,
      distinct_size: 1,
      head: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d",
      before: "553c2077f0edc3d5dc5d17262f6aa498e69d6f8e",
      commits: [
        {
          sha: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d",
          author: { name: "The Octocat", email: "octocat@example.com" },
          message: `Fix number ${index}: ${"a line of what was changed, and why. ".repeat(9)}`,
          distinct: true,
        },
      ],
    },
  }));
}

const SHARD = "shardId-000000000000";
export const STREAM = "bench";

/** What Lambda is invoked with for these events, one a record. */
export function kinesisEvent(datas: readonly Uint8Array[]) {
  return {
    Records: datas.map((data, index) => {
      const sequenceNumber = `4959033827149025660855969253836157109592157598913658${String(index).padStart(6, "0")}`;
      return {
        kinesis: {
          kinesisSchemaVersion: "1.0",
          partitionKey: `key-${index}`,
          sequenceNumber,
          data: Buffer.from(data).toString("base64"),
          approximateArrivalTimestamp: 1_795_262_400.5,
        },
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `${SHARD}:${sequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: "arn:aws:iam::000000000000:role/ingest-events",
        awsRegion: "us-east-1",
        eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`,
      };
    }),
  };
}

export function jsonRecords(count: number): readonly Buffer[] {
  return events(count).map((event) => Buffer.from(JSON.stringify(event)));
}

/** The events in KPL aggregates of so many. */
export function aggregatedRecords(count: number, each: number): readonly Buffer[] {
  const records = jsonRecords(count).map((data, index) => ({ partitionKey: `key-${index}`, data }));
  const aggregates: Buffer[] = [];
  for (let from = 0; from < records.length; from += each)
    aggregates.push(aggregate(records.slice(from, from + each)));
  return aggregates;
}
