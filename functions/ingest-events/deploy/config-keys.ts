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
      sortKey: { meaning: "The same for the sort key." },
      timeToLive: {
        meaning:
          "The table's time-to-live attribute. Items have it only if their stream has `timeToLive`. The name is then reserved: an event with an attribute of that name is quarantined.",
      },
      deletionProtection: { meaning: "`true` has DynamoDB refuse to delete the table." },
      existing: {
        meaning:
          "`true` means that the table already exists and Reflex only writes to it. Its key must match the one here.",
      },
      roleArn: {
        default: "its own",
        meaning:
          "For an existing table in another account: the role there that the function assumes to write. Its trust policy must name the function's role.",
      },
      globalIndexes: {
        meaning:
          "`<name>: { partitionKey, sortKey, projection }`; `projection` is `ALL`, `KEYS_ONLY` or a list of attributes. One deployment can add or remove one index. To change an index, give it another name.",
      },
      localIndexes: { meaning: "`<name>: { sortKey, projection }`." },
      stream: {
        meaning: "Enables a DynamoDB stream: `KEYS_ONLY`, `NEW_IMAGE`, `OLD_IMAGE` or `NEW_AND_OLD_IMAGES`.",
      },
      kmsKeyArn: { default: "AWS's key", meaning: "The ARN of your own key that encrypts the table." },
      tags: { meaning: "Tags of the table." },
      tableClass: { default: "`STANDARD`", meaning: "`STANDARD` or `STANDARD_INFREQUENT_ACCESS`." },
      maximumReadUnits: { meaning: "The limit of on-demand reads a second." },
      maximumWriteUnits: { meaning: "The limit of on-demand writes a second." },
      warmThroughput: {
        default: "AWS's",
        meaning:
          "`{ readUnits, writeUnits }` that the table can take from the start. DynamoDB can only raise them.",
      },
    },
  },
  {
    marker: "stream",
    at: "streams.*",
    keys: {
      mode: {
        meaning:
          "How events become items: `append`, `append-once` or `latest`, see below. `route` sends events to several tables, see _routes_.",
      },
      table: { meaning: "The name of one of `tables`." },
      id: {
        meaning:
          "Not in `latest`. Where an event's id is. The id is a text or a number, is unique, and stays the same when the producer sends the event again.",
      },
      withoutId: {
        meaning:
          "Not in `latest`. What happens to an event without an id. `position` uses its place in the stream (`stream/shard:sequence:sub`) as the id and counts it in `IdsFromPosition`. `quarantine` puts it in quarantine.",
      },
      key: {
        default: "the id",
        meaning: "The table's key attributes and their sources. `$id` is the id. Required in `latest`.",
      },
      "version.from": {
        meaning:
          "Only in `latest`. The source of the version, which says which of two events is later, or `$sequence`. A list is compared in order, first entry first.",
      },
      "version.format": { meaning: "`number`, or `iso` for a time (RFC 3339, compared to the last digit)." },
      "version.attribute": { meaning: "The attribute that stores the version in the item." },
      "version.tieBreak": {
        default: "by the key",
        meaning:
          "What happens when two events have the same version. With `sequence` the later one in the stream wins. With `none` different content is a conflict. The default is `sequence` if the key has `$partitionKey`, because then one shard has all events of a key. Otherwise it is `none`.",
      },
      "deletes.when": {
        meaning:
          "Only in `latest`. An event pattern that says which events delete the item. Change data needs none: its deletes always delete.",
      },
      "deletes.keepDays": {
        default: "for good",
        meaning:
          "How long the tombstone (key, version, `_deleted`) is kept. As long as it exists, an older version cannot come back. With `0` the item itself is deleted and no tombstone is kept. An older version that arrives late then creates the item again.",
      },
      fields: {
        default: "the whole event",
        meaning:
          "The item's attributes and their sources, to choose, rename and flatten fields. `{ from, format, as }` stores a time in another format. `format` and `as` are `iso`, `seconds` or `milliseconds`.",
      },
      required: {
        default: "none",
        meaning: "Sources that must have a value. An event without one is quarantined.",
      },
      "timeToLive.from": {
        default: "none",
        meaning:
          "The source of the event's own time. An event without it is kept for good and counted in `WithoutTime`.",
      },
      "timeToLive.format": { meaning: "The format of that time: `iso`, `seconds` or `milliseconds`." },
      "timeToLive.days": { meaning: "How many days after that time DynamoDB deletes the item." },
      format: {
        meaning:
          "How a record is read: `json`, `cloudwatch-logs` (one event per log event; control messages are dropped), `dynamodb-stream` (Kinesis Data Streams for DynamoDB), `debezium` (heartbeats, transactions, schema changes, truncations and tombstones are dropped).",
      },
      explode: {
        meaning:
          "Set this if one record holds several events: `lines` (NDJSON), `array`, or the path of the list.",
      },
      producerTrace: {
        meaning:
          "Where an event has the trace header of its producer: X-Ray's (`Root=1-…;Parent=…;Sampled=1`) or W3C's `traceparent`. The batch's trace and quarantined records then name the producer's trace (docs/tracing.md).",
      },
      "mapping.startingPosition": {
        meaning:
          "Where a new mapping starts reading: `TRIM_HORIZON` (everything in the stream), `LATEST`, or `{ at: 2026-11-01T00:00:00Z }`. A change of a deployed one makes the deployment fail (see below).",
      },
      "mapping.batchSize": { meaning: "The most records in a batch." },
      "mapping.maximumBatchingWindowInSeconds": { meaning: "The longest wait for a full batch." },
      "mapping.parallelizationFactor": {
        meaning:
          "How many batches of one shard run at a time. Above 1 the order is kept for each partition key, but not within KPL aggregates.",
      },
      "mapping.maximumRetryAttempts": {
        meaning:
          "-1 retries until `maximumRecordAgeInSeconds`. Another number stops earlier: 100 retries take about 95 minutes.",
      },
      "mapping.maximumRecordAgeInSeconds": {
        meaning:
          "When Lambda gives a batch up. It then stores the batch with all its records in the bucket `failed-batches`. -1 means at the end of the stream's retention period.",
      },
      "mapping.enhancedFanOut": {
        meaning: "Reads through a registered consumer that has its own throughput.",
      },
      "mapping.streamArn": {
        default: "this account's",
        meaning: "The ARN of a stream in another account. A resource policy there must allow the reads.",
      },
      "mapping.kmsKeyArn": { meaning: "The ARN of your own key that encrypts the stream." },
      "mapping.filterPatterns": {
        meaning:
          "Up to five event patterns on `data`. Lambda drops what matches none before it invokes the function, and nothing counts it. Only for plain JSON records, and without `wildcard`, which Lambda does not have. A plain number matches only its very digits, so use `numeric`.",
      },
    },
  },
];
