import { collectGarbage } from "../collect-garbage.ts";
import { median } from "../table.ts";

/** What the process holds on to once garbage is collected. */
export interface Held {
  /** Of the sandbox's time, from the start. */
  readonly minute: number;
  readonly heapMegabytes: number;
  readonly residentMegabytes: number;
  readonly sockets: number;
  readonly timers: number;
  /** On the process itself. */
  readonly listeners: number;
  /** Calls that a fault was met by in this step. */
  readonly faults: number;
}

export function heldNow(minute: number, faults: number): Held {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (name: string) => resources.filter((one) => one.includes(name)).length;
  return {
    minute,
    heapMegabytes: heapUsed / 2 ** 20,
    residentMegabytes: rss / 2 ** 20,
    sockets: count("TCP"),
    timers: count("Timeout"),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    faults,
  };
}

type Measure = Exclude<keyof Held, "minute" | "faults">;

/** What may be more in the second half than in the first before it is called growth. */
const ALLOWED: Readonly<Record<Measure, { readonly factor: number; readonly more: number }>> = {
  // The account itself keeps metrics, records and calls of the time that AWS keeps them.
  heapMegabytes: { factor: 1.25, more: 20 },
  residentMegabytes: { factor: 1.25, more: 50 },
  sockets: { factor: 1.25, more: 5 },
  timers: { factor: 1.25, more: 5 },
  listeners: { factor: 1, more: 0 },
};

export interface Growth {
  readonly what: Measure;
  readonly before: number;
  readonly after: number;
  readonly isFlat: boolean;
}

/** The median of the last quarter beside that of the second: the first is the start. */
export function growth(held: readonly Held[]): readonly Growth[] {
  const quarter = Math.floor(held.length / 4);
  return Object.entries(ALLOWED).map(([name, { factor, more }]) => {
    const what = name as Measure;
    const medianOf = (part: readonly Held[]) => Math.round(median(part.map((one) => one[what])));
    const before = medianOf(held.slice(quarter, 2 * quarter || 1));
    const after = medianOf(held.slice(-quarter || -1));
    return { what, before, after, isFlat: after <= before * factor + more };
  });
}
