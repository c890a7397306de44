/** What happened to alarms, newest last. */
export interface History {
  add(alarmName: string, type: HistoryItemType, at: number, summary: string, data: unknown): void;
  items(): readonly HistoryItem[];
}

export const HISTORY_ITEM_TYPES = ["ConfigurationUpdate", "StateUpdate", "Action"] as const;
export type HistoryItemType = (typeof HISTORY_ITEM_TYPES)[number];

export interface HistoryItem {
  readonly alarmName: string;
  readonly type: HistoryItemType;
  /** Ms since the epoch. */
  readonly at: number;
  readonly summary: string;
  /** JSON. */
  readonly data: string;
}

/** Older items are forgotten. */
const MOST_ITEMS = 10_000;

export function createHistory(): History {
  const items: HistoryItem[] = [];
  return {
    add(alarmName, type, at, summary, data) {
      items.push({ alarmName, type, at, summary, data: JSON.stringify(data) });
      if (items.length > MOST_ITEMS) items.shift();
    },
    items: () => items,
  };
}
