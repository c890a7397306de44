import * as z from "zod/mini";
import type { SandboxClock } from "../../clock/clock.ts";
import { type Action, amount, parsed } from "./action.ts";

const input = z.object({ minutes: amount(1, 60) });

/** Moves the sandbox's clock on: what falls due on the way happens at once. */
export function advanceClock(clock: SandboxClock): Action {
  return {
    name: "advance-clock",
    available: () => true,
    async run(body) {
      const { minutes } = parsed(input, body);
      await clock.advance(minutes * 60_000);
      return `The sandbox's clock advanced by ${minutes} min.`;
    },
  };
}
