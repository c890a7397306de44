/** One invocation in a process of its own, so that its memory is the function's alone. */
import { sites as schema } from "../../functions/check-sites/config/sites.ts";
import { runOnce, watchMemory } from "./whole-run.ts";

/** What the parent sends: the section `sites` of a config. */
export type RunOrder = Record<string, unknown>;

/** What the child answers with. */
export interface RunMeasured {
  readonly up: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly mostMb: number;
}

process.once("message", (order: RunOrder) => {
  void measured(order).then((answer) => process.send?.(answer, () => process.disconnect()));
});

async function measured(order: RunOrder): Promise<RunMeasured> {
  const sites = schema.parse(order);
  const memory = watchMemory();
  const before = process.cpuUsage();
  const started = performance.now();
  const { checked } = await runOnce(sites);
  const { user, system } = process.cpuUsage(before);
  return {
    up: checked.UP,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    mostMb: memory.mostMb(),
  };
}
