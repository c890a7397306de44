import type { Run } from "../../../shared/lambda/run.ts";
import { secretRefs } from "../secrets/resolve-secrets.ts";
import type { SiteState } from "../state/state.ts";
import type { Requests } from "../triggers.ts";
import type { Dependencies } from "./dependencies.ts";
import { isDue } from "./rounds.ts";
import type { States } from "./save/save-results.ts";

/** The sites' stored states, the sites whose check of this tick is due, and the secrets their probes need. */
export async function readStates({ sites, tick }: Requests, run: Run, { store, credentials }: Dependencies) {
  return run.stage("observe", async () => {
    // What a site depends on says whether its failure is notified.
    const names = new Set(sites.flatMap(({ name, dependsOn }) => [name, ...dependsOn]));
    const states = await store.read([...names], run.signal);
    warnOfUnreadable(states, run);
    const due = sites.filter((site) => {
      const state = states.get(site.name)?.state;
      return (state?.tick ?? 0) < tick && isDue(site, state?.probedAt, tick);
    });
    const read = await credentials.read(due.flatMap(secretRefs), run.clock.now(), run.signal);
    return { states, due, credentials: read };
  });
}

/** The states that can be read. */
export function readableStates(states: States): [string, SiteState][] {
  return [...states].flatMap(([name, { state }]) => (state ? [[name, state] as [string, SiteState]] : []));
}

/** It happens after a roll-back to a version that does not know what the newer one wrote. */
function warnOfUnreadable(states: States, run: Run): void {
  for (const [name, { state }] of states) {
    if (state) continue;
    run.log.warn(`site/${name}: its stored state cannot be read, so its state and history start over`);
  }
}
