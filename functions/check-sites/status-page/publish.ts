import { asFailure } from "../../../shared/aws/failure.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { isOpen } from "../../../shared/time/windows.ts";
import type { Dependencies } from "../run/dependencies.ts";
import { readableStates } from "../run/read-states.ts";
import type { SiteState } from "../state/state.ts";
import type { Requests } from "../triggers.ts";
import { statusDocument } from "./document.ts";
import { renderPage } from "./render.ts";

/** The first part of the list writes the page, with what the other parts have saved so far. */
export async function publishStatusPage(
  { part }: Requests,
  states: ReadonlyMap<string, SiteState>,
  run: Run,
  { sites, store, upload }: Dependencies,
): Promise<ReflexError[]> {
  const { statusPage, list } = sites;
  if (!statusPage || !upload || part?.number !== 1) return [];
  return run.stage("status page", async () => {
    try {
      const missing = list.map(({ name }) => name).filter((name) => !states.has(name));
      const others = part.of > 1 ? readableStates(await store.read(missing, run.signal)) : [];
      const now = run.clock.now();
      const all = new Map([...states, ...others]);
      const status = statusDocument(statusPage.title, list, all, now, ({ maintenance }) =>
        maintenance.some((window) => isOpen(window, now)),
      );
      await upload(
        [
          { name: "status.json", type: "application/json", content: JSON.stringify(status) },
          { name: "index.html", type: "text/html; charset=utf-8", content: renderPage(status) },
        ],
        run,
      );
      return [];
    } catch (error) {
      return [asFailure(error, "s3:PutObject", "the status page")];
    }
  });
}
