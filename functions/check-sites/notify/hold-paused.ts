import { asFailure } from "../../../shared/aws/failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { pauseText, type StandingPause, standingPause } from "../../../shared/ledger/pauses.ts";
import type { Dependencies } from "../run/dependencies.ts";
import type { PendingNotification } from "../state/outbox.ts";

/**
 * What may be notified now. The changes of a paused site stay in its outbox, and the first run after the pause sends them:
 * probing, state and status page go on. When the pauses cannot be read, everything is notified.
 */
export async function holdPaused(
  pending: readonly PendingNotification[],
  run: Run,
  { ledger }: Pick<Dependencies, "ledger">,
): Promise<readonly PendingNotification[]> {
  if (pending.length === 0) return pending;
  const { automation, clock, log, signal } = run;
  try {
    const pauses = await ledger.pauses(signal);
    const pauseOf = ({ site }: PendingNotification): StandingPause | undefined =>
      standingPause(pauses, { automation, resource: `site/${site}` }, clock.now());
    for (const one of pending) {
      const standing = pauseOf(one);
      if (standing) log.info(`not notified yet: ${pauseText(standing)}`, { resource: `site/${one.site}` });
    }
    return pending.filter((one) => !pauseOf(one));
  } catch (error) {
    log.warn(asFailure(error, "dynamodb:GetItem", "pauses").message);
    return pending;
  }
}
