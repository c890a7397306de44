import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "table",
    at: "tables.*",
    keys: {
      partitionKey: {
        meaning:
          "The attribute's name, or `{ name, type }` with type `string`, `number` or `binary` (base64 in the event).",
      },
      sortKey: { meaning: "The same, for the sort key." },
      timeToLive: {
        meaning:
          "The table's time-to-live attribute, set only where a stream has `timeToLive`. It is then reserved: an event's own attribute of that name is quarantined.",
      },
      deletionProtection: { meaning: "DynamoDB refuses to delete the table." },
      existing: {
        meaning: "The table exists already; the stack only writes it. Its key must be what stands here.",
      },
      roleArn: {
        default: "its own",
        meaning:
          "Of an existing table in another account: the role there that the function assumes to write it. Its trust policy names the function's role.",
      },
      globalIndexes: {
        meaning:
          "`<name>: { partitionKey, sortKey, projection }`; `projection` is `ALL`, `KEYS_ONLY` or a list of attributes. DynamoDB adds or removes one in a deployment; one that is to change needs another name.",
      },
      localIndexes: { meaning: "`<name>: { sortKey, projection }`." },
      stream: {
        meaning: "A DynamoDB stream: `KEYS_ONLY`, `NEW_IMAGE`, `OLD_IMAGE` or `NEW_AND_OLD_IMAGES`.",
      },
      kmsKeyArn: { default: "AWS's key", meaning: "Encrypts the table with a key of yours." },
      tags: { meaning: "Tags of the table." },
      tableClass: { default: "`STANDARD`", meaning: "Or `STANDARD_INFREQUENT_ACCESS`." },
      maximumReadUnits: { meaning: "The most on-demand reads a second." },
      maximumWriteUnits: { meaning: "The most on-demand writes a second." },
      warmThroughput: {
        default: "AWS's",
        meaning:
          "`{ readUnits, writeUnits }` that the table takes from the start; DynamoDB only raises them.",
      },
    },
  },
  {
    marker: "stream",
    at: "streams.*",
    keys: {
      mode: {
        meaning: "`append`, `append-once` or `latest`: see below. `route`: several ways, see _routes_.",
      },
      table: { meaning: "One of `tables`." },
      id: {
        meaning:
          "Not in `latest`. Where an event's id is: a text or a number, unique, the same when the producer sends the event again.",
      },
      withoutId: {
        meaning:
          "Not in `latest`. An event without id gets its place in the stream (`stream/shard:sequence:sub`) as one, counted in `IdsFromPosition`; or `quarantine`.",
      },
      key: {
        default: "the id",
        meaning: "The table's key attributes and their sources; `$id` for the id. Required in `latest`.",
      },
      "version.from": {
        meaning:
          "Only in `latest`. The source of what says which of two is later; or `$sequence`. A list is compared one after the other.",
      },
      "version.format": { meaning: "`number`, or `iso` for a time (RFC 3339, compared to its last digit)." },
      "version.attribute": { meaning: "Where the item keeps it." },
      "version.tieBreak": {
        default: "by the key",
        meaning:
          "`sequence`: of two with one version, the later in the stream wins. `none`: other content is a conflict. The default is `sequence` where the key has `$partitionKey`, because then one shard has all events of a key; else `none`.",
      },
      "deletes.when": {
        meaning:
          "Only in `latest`. An event pattern: which events delete the item. Of change data, deletes do without it.",
      },
      "deletes.keepDays": {
        default: "for good",
        meaning:
          "How long the tombstone (key, version, `_deleted`) is kept. As long as it is there, an older version does not come back. `0`: there is none, the item itself is deleted; an older version that comes late then creates it again.",
      },
      fields: {
        default: "the whole event",
        meaning:
          "Attributes and their sources: choose, rename, lift up. `{ from, format, as }` stores a time in another format, each one of `iso`, `seconds` and `milliseconds`.",
      },
      required: {
        default: "none",
        meaning: "Sources that must have a value; an event without one is quarantined.",
      },
      "timeToLive.from": {
        default: "none",
        meaning:
          "The source of the event's own time. Events without it stay for good, counted in `WithoutTime`.",
      },
      "timeToLive.format": { meaning: "`iso`, `seconds` or `milliseconds`." },
      "timeToLive.days": { meaning: "Days from that time until DynamoDB deletes the item." },
      format: {
        meaning:
          "How a record is read: `json`, `cloudwatch-logs` (one event per log event; control messages are dropped), `dynamodb-stream` (Kinesis Data Streams for DynamoDB), `debezium` (heartbeats, transactions, schema changes, truncations and tombstones are dropped).",
      },
      explode: {
        meaning: "A record holds several events: `lines` (NDJSON), `array`, or the path of the list.",
      },
      "mapping.startingPosition": {
        meaning:
          "Where a new mapping begins: all that is in the stream, `LATEST`, or `{ at: 2026-11-01T00:00:00Z }`.",
      },
      "mapping.batchSize": { meaning: "Most records a batch." },
      "mapping.maximumBatchingWindowInSeconds": { meaning: "Longest wait for a full batch." },
      "mapping.parallelizationFactor": {
        meaning:
          "Batches of one shard at a time; the order is then kept for each partition key, and not in KPL aggregates.",
      },
      "mapping.maximumRetryAttempts": {
        meaning:
          "-1: as many as fit into the record's age. Another number ends it earlier: 100 retries take about 95 minutes.",
      },
      "mapping.maximumRecordAgeInSeconds": {
        meaning:
          "Then Lambda gives up and stores the batch, with all its records, in the bucket `failed-batches`. -1: until the stream's retention ends.",
      },
      "mapping.enhancedFanOut": {
        meaning: "Reads through a registered consumer with a throughput of its own.",
      },
      "mapping.streamArn": {
        default: "this account's",
        meaning: "The stream in another account, which has to allow it by a resource policy.",
      },
      "mapping.kmsKeyArn": { meaning: "The key of yours that the stream is encrypted with." },
      "mapping.filterPatterns": {
        meaning:
          "Up to five event patterns on `data`: Lambda drops what matches none, uncounted, before it invokes the function. Only for plain JSON records.",
      },
    },
  },
];
