import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import * as z from "zod/mini";
import type { Account } from "../../account.ts";
import { clientFor } from "../../demos/client.ts";
import { type Action, amount, parsed } from "./action.ts";

const input = z.object({ stream: z.string(), records: amount(1, 5000), minutes: amount(1, 30) });

/** A burst is sent in so many calls a minute. */
const SENDINGS_A_MINUTE = 6;
/** PutRecords takes no more at once. */
const MOST_AT_ONCE = 500;

/** Sends records as a producer outside would: the first at once, the rest evenly on the sandbox's clock. */
export function sendBurst(account: Account, hasStreams: () => boolean): Action {
  const { clock } = account;
  let sent = 0;

  async function send(kinesis: KinesisClient, StreamName: string, count: number): Promise<number> {
    let refused = 0;
    for (let left = count; left > 0; left -= MOST_AT_ONCE) {
      const Records = Array.from({ length: Math.min(left, MOST_AT_ONCE) }, () => {
        sent += 1;
        return { PartitionKey: `order-${sent}`, Data: Buffer.from(JSON.stringify({ order: sent })) };
      });
      const { FailedRecordCount = 0 } = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
      refused += FailedRecordCount;
    }
    return refused;
  }

  return {
    name: "send-burst",
    available: hasStreams,
    async run(body) {
      const { stream, records, minutes } = parsed(input, body);
      const kinesis = new KinesisClient({ ...clientFor(account), maxAttempts: 1 });
      const parts = evenly(records, minutes * SENDINGS_A_MINUTE);
      let refused = 0;
      try {
        refused = await send(kinesis, stream, parts[0] ?? 0);
      } catch (error) {
        kinesis.destroy();
        throw error;
      }
      for (const [index, count] of parts.entries()) {
        if (index === 0) continue;
        clock.at(clock.now() + (index * 60_000) / SENDINGS_A_MINUTE, async () => {
          await send(kinesis, stream, count);
        });
      }
      clock.at(clock.now() + minutes * 60_000, () => kinesis.destroy());
      const first = parts[0] ?? 0;
      const throttled = refused > 0 ? ` (${refused} of them throttled)` : "";
      return `${stream}: ${first} of ${records} records sent${throttled}; the rest follows over ${minutes} min.`;
    },
  };
}

/** `total` in so many whole parts, the larger ones first. */
export function evenly(total: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, index) => Math.floor((total - index - 1) / parts) + 1);
}
