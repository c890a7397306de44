import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { Outbox } from "../../../shared/ledger/outbox.ts";
import type { Scaler } from "../scale.ts";
import type { World } from "../world.ts";
import { clairvoyantLaunches, nodesNeeded } from "./clairvoyant.ts";
import { boundsBroken, cordoned, restBroken } from "./invariants.ts";
import { live, type Outside } from "./live.ts";
import { type LoopCase, type MinuteCase, QUIET } from "./loop-case.ts";
import { startLoop } from "./start-loop.ts";

/** So long nothing may move before the world counts as at rest: longer than every back-off and soft deadline. */
const REST_MINUTES = 12;
/** By then every drain, back-off and launch has come to its end, whatever happened. */
const LONGEST_MINUTES = 45;

export interface LoopReport {
  /** What did not hold, in words; empty when all did. */
  readonly violations: readonly string[];
  /** Instances launched after the start, those included that replace lost ones. */
  readonly launches: number;
  /** What a clairvoyant packer would have launched, and one for each instance that was lost. */
  readonly clairvoyant: number;
}

/** Runs one random world until nothing moves any more. */
export async function runLoop(
  of: LoopCase,
  ledger: Ledger,
  outbox: Outbox,
  ticks: () => number,
): Promise<LoopReport> {
  const { world, scaler } = await startLoop(of, ledger, outbox);
  try {
    const outside: Outside = { lostNodes: new Set(), lostInstances: new Set(), late: [] };
    const before = world.machines.all().length;
    const needed: number[] = [];
    const violations: string[] = [];
    const pass = async (happens: MinuteCase, minute: number, turns: () => number): Promise<void> => {
      await live(world, scaler, of.apps, happens, minute, outside, turns);
      violations.push(...boundsBroken(world).map((what) => `minute ${minute}: ${what}`));
    };
    for (const [minute, happens] of of.minutes.entries()) {
      await pass(happens, minute, ticks);
      needed.push(nodesNeeded(world));
    }
    let still = 0;
    let minute = of.minutes.length;
    for (; still < REST_MINUTES && minute < of.minutes.length + LONGEST_MINUTES; minute += 1) {
      const was = movements(world);
      await pass(QUIET, minute, () => 0);
      still = movements(world) === was && cordoned(world, outside).length === 0 ? still + 1 : 0;
    }
    needed.push(nodesNeeded(world));
    violations.push(...restBroken(world, outside), ...(await decisionsAtRest(scaler)));
    if (still < REST_MINUTES) violations.push(`no rest in ${LONGEST_MINUTES} minutes: ${movements(world)}`);
    return {
      violations,
      launches: world.machines.all().length - before,
      clairvoyant: clairvoyantLaunches(needed, before) + outside.lostInstances.size,
    };
  } finally {
    world.stop();
  }
}

/** What moves as long as a pool is not at rest. */
function movements(world: World): string {
  const evictions = world.cluster.endings().filter(({ how }) => how === "evicted").length;
  const sizes = world.autoScaling.groups.all().map(({ name, desired }) => `${name} ${desired}`);
  return `${evictions} evictions, ${world.machines.all().length} launches, ${sizes.join(", ")}`;
}

/** At rest a look decides nothing. */
async function decisionsAtRest(scaler: Scaler): Promise<string[]> {
  const last = await scaler.run();
  if (last instanceof Error) return [`at rest the scaler failed: ${last.message}`];
  return last.pools.flatMap(({ verdict, action }) =>
    verdict === "hold" && action === "none" ? [] : [`at rest the scaler decided ${verdict}: ${action}`],
  );
}
