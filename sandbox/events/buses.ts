import * as z from "zod/mini";
import type { BusEvent } from "../deliveries.ts";
import { ACCOUNT_ID } from "../service.ts";
import type { Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";

/** Event buses beside the default one: they have no rules here, and keep what is put on them. */
export interface Buses {
  readonly operations: Readonly<Record<string, Operation>>;
  /** @throws {AwsError} for a bus that is not there */
  put(event: BusEvent, nameOrArn: string): void;
  /** What was put on it, oldest first. */
  onBus(name: string): readonly BusEvent[];
}

export function createBuses(region: string): Buses {
  const buses = new Map<string, BusEvent[]>();
  return {
    operations: {
      CreateEventBus: (input) => {
        const { Name } = parse(z.object({ Name: z.string() }), input, "ValidationException");
        buses.set(Name, buses.get(Name) ?? []);
        return { EventBusArn: `arn:aws:events:${region}:${ACCOUNT_ID}:event-bus/${Name}` };
      },
    },
    put(event, nameOrArn) {
      const events = buses.get(nameOrArn.split("/").at(-1) ?? "");
      if (events) events.push(event);
      else {
        const message = `the bus ${nameOrArn} is not there: the sandbox has the default event bus only, and those that CreateEventBus made`;
        throw new AwsError("ValidationException", message);
      }
    },
    onBus: (name) => buses.get(name) ?? [],
  };
}
