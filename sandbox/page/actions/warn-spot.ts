import * as z from "zod/mini";
import { type Action, parsed } from "./action.ts";

const input = z.object({ instance: z.string() });

/** Sends the Spot interruption warning of an instance through EventBridge, as AWS does, and takes it back two minutes later. */
export function warnSpot(interrupt: ((instanceId: string) => void) | undefined): Action {
  return {
    name: "warn-spot",
    available: () => interrupt !== undefined,
    async run(body) {
      const { instance } = parsed(input, body);
      interrupt?.(instance);
      return `AWS interrupts ${instance} in two minutes.`;
    },
  };
}
