import * as z from "zod/mini";
import { parseAs } from "../../../shared/triggers/event-shape.ts";
import type { EventForm } from "./trigger.ts";

const orderShape = z.lazy(() =>
  z.strictObject({
    nodePool: z.string().check(z.minLength(1)),
    drain: z.array(
      z.strictObject({ node: z.string(), instanceId: z.string().check(z.regex(/^i-[0-9a-f]+$/)) }),
    ),
    reason: z.literal("scale-in"),
    plan: z.string(),
  }),
);

/** `{ "nodePool": "workers", "drain": [{ "node", "instanceId" }], "reason": "scale-in", "plan": "…" }`. */
export const drainOrder: EventForm = (event) => {
  if (!("drain" in event)) return undefined;
  const { nodePool, drain, plan } = parseAs(orderShape, event, "the order to drain nodes");
  return [{ kind: "order", nodePool, nodes: drain, plan }];
};
