import type { ServerResponse } from "node:http";
import { type Call, type Caller, endCall } from "./calls.ts";
import type { Fault } from "./faults.ts";

/** A call under way, with what the faults act on. */
export interface CallUnderWay {
  readonly call: Call;
  readonly caller: Caller | undefined;
  readonly fault: Fault | undefined;
  readonly outgoing: ServerResponse;
}

/** @returns whether the call's fault ends it before the service has heard of it, without an answer */
export async function endsUnheard({ call, caller, fault, outgoing }: CallUnderWay): Promise<boolean> {
  if (fault?.kind === "time-out") {
    outgoing.on("close", () => endCall(call));
    return true;
  }
  if (fault?.kind !== "crash-before") return false;
  endCall(call);
  await caller?.crash();
  outgoing.destroy();
  return true;
}

/** @returns whether the call's fault ends it without an answer although the service has done it */
export async function endsUnanswered({ call, caller, fault, outgoing }: CallUnderWay): Promise<boolean> {
  if (fault?.kind !== "crash-after" && fault?.kind !== "lost-answer") return false;
  if (fault.kind === "crash-after") await caller?.crash();
  endCall(call);
  outgoing.destroy();
  return true;
}
