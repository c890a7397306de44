import { type IngestConfig, type LandingConfig, landingsOf, type TableConfig } from "./schema.ts";

/** Marks an item that an event deleted. */
export const TOMBSTONE = "_deleted";

/**
 * Attributes that only the policy may write, beside the key: the version, the tombstone's mark, and what the table deletes
 * items by. The latter also where only another stream of the table sets it: an event's own attribute of that name would have
 * DynamoDB delete the item.
 */
export function reservedAttributes(
  config: IngestConfig,
  landing: LandingConfig,
  table: TableConfig,
): string[] {
  return [
    ...(hasTimeToLive(config, landing.table) ? [table.timeToLive] : []),
    ...(landing.mode === "latest" ? [landing.version.attribute, TOMBSTONE] : []),
  ];
}

/** Whether DynamoDB deletes items of this table: only where a policy says when. */
export function hasTimeToLive({ streams }: IngestConfig, table: string): boolean {
  return Object.values(streams)
    .flatMap(landingsOf)
    .some(
      ({ landing }) =>
        landing.table === table &&
        (landing.timeToLive !== undefined ||
          (landing.mode === "latest" && (landing.deletes?.keepDays ?? 0) > 0)),
    );
}
