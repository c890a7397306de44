import type { Lambda } from "@aws-sdk/client-lambda";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { NodeRef } from "../model/decision.ts";

/** Hands nodes over to drain-nodes, which empties and ends them. It may hear of the same nodes twice. */
export type RequestDrain = (
  pool: string,
  nodes: readonly NodeRef[],
  plan: string,
  signal: AbortSignal,
) => Promise<void>;

/**
 * An asynchronous invoke: the drain takes minutes, and it is Lambda's to repeat it until it was received.
 *
 * @param functionName the name of drain-nodes
 */
export function createRequestDrain(client: Lambda, functionName: string): RequestDrain {
  return async (nodePool, drain, plan, abortSignal) => {
    const order = { nodePool, drain, reason: "scale-in", plan };
    try {
      await client.invoke(
        {
          FunctionName: functionName,
          InvocationType: "Event",
          Payload: new TextEncoder().encode(JSON.stringify(order)),
        },
        { abortSignal },
      );
    } catch (error) {
      throw asFailure(error, "lambda:Invoke", `node-pool/${nodePool}`);
    }
  };
}
