import { asFailure } from "../../../shared/aws/failure.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Dependencies } from "../run/dependencies.ts";
import { readableStates } from "../run/read-states.ts";
import type { SiteState } from "../state/state.ts";
import type { Requests } from "../triggers.ts";
import { statusDocument } from "./document.ts";
import { pageFiles } from "./files.ts";

/** What a run knows of its sites' states. */
export interface KnownStates {
  readonly states: ReadonlyMap<string, SiteState>;
  /** Sites whose state is another than before. */
  readonly changed: ReadonlySet<string>;
}

/** The first part of the list writes the page, with what the other parts have saved so far. */
export async function publishStatusPage(
  { part }: Requests,
  { states, changed }: KnownStates,
  run: Run,
  { sites, store, upload }: Dependencies,
): Promise<ReflexError[]> {
  const { statusPage: page, list } = sites;
  if (!page || !upload || part?.number !== 1) return [];
  return run.stage("status page", async () => {
    try {
      const missing = list.map(({ name }) => name).filter((name) => !states.has(name));
      const others = part.of > 1 ? readableStates(await store.read(missing, run.signal)) : [];
      const past = await store.readIncidents(run.signal);
      const status = statusDocument({
        page,
        sites: list,
        states: new Map([...states, ...others]),
        incidents: past?.state?.incidents ?? [],
        now: run.clock.now(),
      });
      await upload(pageFiles(status, page, changed), run);
      return [];
    } catch (error) {
      return [asFailure(error, "s3:PutObject", "the status page")];
    }
  });
}
