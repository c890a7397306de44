/** The index of the ledger's table that holds only the items with a notification that waits to be sent. */
export const OUTBOX_INDEX = "outbox";

/** Its keys. Each addition makes a new mark, so that an item is never taken out of the index too early. */
export const OUTBOX_KEYS = { partition: "outbox", sort: "outboxMark" } as const;
