import type { StreamLanding, StreamPolicy } from "../../functions/ingest-events/config/policy.ts";
import { type Source, sourceText } from "../../functions/ingest-events/config/source.ts";
import { decode } from "../../functions/ingest-events/decode/decode.ts";
import type { DecodedEvent } from "../../functions/ingest-events/decode/event.ts";
import { readKinesisEvent } from "../../functions/ingest-events/decode/kinesis-event.ts";
import { EventValues, type Place } from "../../functions/ingest-events/plan/values.ts";
import { BatchReader } from "../../functions/ingest-events/run/batch-reader.ts";

/** What would become of some records. */
export interface Preview {
  readonly writes: number;
  readonly dropped: number;
  /** Events that would be quarantined, by reason. */
  readonly quarantined: ReadonlyMap<string, number>;
  /** The first items, as DynamoDB's JSON, with their tables. */
  readonly items: readonly { readonly table: string; readonly item: object }[];
  /** One sentence for each reason: the first that was found. */
  readonly details: readonly string[];
}

const MAX_ITEMS = 5;

/**
 * What the function would write for an event of Kinesis, without a call to anything.
 * @throws Misconfigured if it is no event of Kinesis
 */
export function preview(event: unknown, landing: StreamLanding): Preview {
  const batch = readKinesisEvent(event);
  const quarantined = new Map<string, number>();
  const details = new Map<string, string>();
  const items: { table: string; item: object }[] = [];
  let writes = 0;
  let dropped = 0;
  const reader = batch && new BatchReader(batch, landing, () => true);
  while (reader && !reader.isDone) {
    const part = reader.next();
    dropped += part.dropped;
    for (const { reason, detail } of [...part.poison, ...part.unfit]) {
      quarantined.set(reason, (quarantined.get(reason) ?? 0) + 1);
      if (!details.has(reason)) details.set(reason, `${reason}: ${detail}`);
    }
    for (const [{ table }, all] of part.writes) {
      writes += all.length;
      for (const { item } of all.slice(0, MAX_ITEMS - items.length)) {
        items.push({ table, item: item.attributes });
      }
    }
  }
  return { writes, dropped, quarantined, items, details: [...details.values()] };
}

/** The sources of a stream's policies that no event of a sample has: most likely misspelt. */
export function unusedSources(
  events: readonly DecodedEvent[],
  landing: StreamLanding,
  place: Place,
): string[] {
  const policies = landing.routes.flatMap(({ policy }) => policy ?? []);
  const all = [...policies.flatMap(sourcesOf), ...(landing.producerTrace ? [landing.producerTrace] : [])];
  const sources = new Map(all.map((source) => [sourceText(source), source]));
  return [...sources]
    .filter(([, source]) => events.every((event) => new EventValues(event, place).at(source) === undefined))
    .map(([text]) => text);
}

/** The events of records, each a document of a sample. */
export function sampleEvents(texts: readonly string[], { format }: StreamLanding): DecodedEvent[] {
  const records = texts.map((text, index) => ({
    kinesis: {
      partitionKey: "sample",
      sequenceNumber: String(index + 1),
      data: Buffer.from(text).toString("base64"),
      approximateArrivalTimestamp: 0,
    },
  }));
  return [...decode(records, format)].filter((one): one is DecodedEvent => "event" in one);
}

function sourcesOf(policy: StreamPolicy): Source[] {
  return [
    ...policy.key.flatMap(({ from }) => (from === "$id" ? [] : [from])),
    ...(policy.id === undefined ? [] : [policy.id]),
    ...(policy.fields ?? []).map(({ from }) => from),
    ...policy.required,
    ...(policy.timeToLive === undefined ? [] : [policy.timeToLive.from]),
    ...(policy.version?.from ?? []),
  ];
}
