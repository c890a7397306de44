import type { Run } from "../lambda/run.ts";
import type { Notification } from "./notification.ts";
import type { Notify } from "./notify.ts";

/**
 * Publishes one notification, in a stage that shows what was told; the log has it too.
 *
 * @param isNews asks whether this run is the one to tell it; it is when left out
 */
export async function notifyOnce(
  told: Notification,
  run: Run,
  notify: Notify,
  isNews: () => Promise<boolean> = async () => true,
): Promise<void> {
  await run.stage("notify", async (stage) => {
    const { id, resource, headline } = told;
    stage.annotate("resource", resource);
    if (!(await isNews())) return;
    stage.annotate("notified", headline);
    stage.metadata("notification", told);
    await notify(told, run);
    run.log.info(`told: ${headline}`, { resource, notification: id });
  });
}
