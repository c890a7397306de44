import type { Scenario } from "./scenarios/given.ts";
import { HOW_FAST } from "./scenarios/how-fast.ts";
import { HOW_MUCH_MORE } from "./scenarios/how-much-more.ts";
import { NEXT_NODES } from "./scenarios/next-nodes.ts";
import { PENDING_PODS } from "./scenarios/pending-pods.ts";
import { BACK_OFF } from "./scenarios/pools/back-off.ts";
import { KNOWN_FAULTS } from "./scenarios/pools/known-faults.ts";
import { MORE_NODES } from "./scenarios/pools/more-nodes.ts";
import { PLANS_TOGETHER } from "./scenarios/pools/plans-together.ts";
import { STARTING_NODES } from "./scenarios/pools/starting-nodes.ts";
import { REPAIR_AND_OTHERS } from "./scenarios/repair-and-others.ts";
import { TWO_POOLS } from "./scenarios/two-pools.ts";
import { WHAT_PODS_ASK } from "./scenarios/what-pods-ask.ts";
import { WHY_NODES_STAY } from "./scenarios/why-nodes-stay.ts";

/** By what they are about. */
export const SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  "what pods ask": WHAT_PODS_ASK,
  "why nodes stay": WHY_NODES_STAY,
  "how fast": HOW_FAST,
  "how much more": HOW_MUCH_MORE,
  "repair and other scalers": REPAIR_AND_OTHERS,
  "two pools": TWO_POOLS,
  "next nodes": NEXT_NODES,
  "pending pods": PENDING_PODS,
  "back off": BACK_OFF,
  "known faults": KNOWN_FAULTS,
  "more nodes": MORE_NODES,
  "plans together": PLANS_TOGETHER,
  "starting nodes": STARTING_NODES,
};
