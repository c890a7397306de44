import { asFailure } from "../aws/failure.ts";
import { failureCondition } from "../incidents/failure-condition.ts";
import type { IncidentEvent, IncidentKind } from "../incidents/incident.ts";
import { severityRank } from "../incidents/severity.ts";
import { type Finding, transition } from "../incidents/transition.ts";
import { type ReflexError, RetryLater } from "../lambda/errors.ts";
import type { Run } from "../lambda/run.ts";
import { isUndelivered } from "../ledger/claim.ts";
import { isOvertaken } from "../ledger/head.ts";
import type { ClaimedItem, Outbox } from "../ledger/outbox.ts";
import type { IncidentRecord, OutboxEntry } from "../ledger/outbox-item.ts";
import { incidentNotification } from "./incident-notification.ts";
import type { Notification } from "./notification.ts";
import type { Notify } from "./notify.ts";

/** Another run may write the incidents of the resource at the same moment. */
const TRIES = 3;
/** Clocks of two functions differ a little, and a call in flight ends later than its run. */
const LEAST_CLAIM_MS = 60_000;

export interface NotifyDependencies {
  readonly outbox: Outbox;
  readonly notify: Notify;
}

/**
 * The notifications of one run. They are written to the ledger with what they are about, and sent in one message at the
 * end of the run, together with what runs that died have left. What cannot be sent waits for the next run.
 */
export class RunNotifications {
  readonly #run: Run;
  readonly #deps: NotifyDependencies;
  readonly #claimed: ClaimedItem[] = [];
  readonly #claimedUntil: number;

  constructor(run: Run, deps: NotifyDependencies) {
    this.#run = run;
    this.#deps = deps;
    this.#claimedUntil = run.clock.now() + Math.max(run.remainingMs(), LEAST_CLAIM_MS);
  }

  /** A notification as the ledger takes it with an outcome. */
  outgoing(notification: Notification): OutboxEntry {
    return { notification, claimedUntil: this.#claimedUntil };
  }

  /** What the ledger wrote for this run to send. */
  add(claimed: ClaimedItem | undefined): void {
    if (claimed) this.#claimed.push(claimed);
  }

  /**
   * Brings the incidents of a resource in line with what this run found of it.
   *
   * @param render what people are notified of, for each event of an incident
   * @param known the incidents where this run has read them: they are not read again, unless another run writes meanwhile
   */
  async report(
    resource: string,
    finding: Finding,
    render: (event: IncidentEvent) => Notification,
    known?: IncidentRecord,
  ): Promise<void> {
    await this.#run.stage("keep", async (stage) => {
      stage.annotate("resource", resource);
      await this.#bringInLine(resource, finding, render, known);
    });
  }

  async #bringInLine(
    resource: string,
    finding: Finding,
    render: (event: IncidentEvent) => Notification,
    known: IncidentRecord | undefined,
  ): Promise<void> {
    const { outbox } = this.#deps;
    const { clock, signal } = this.#run;
    // What waits may have been sent since by another run, which is no new version.
    const read = known?.waiting.length === 0 ? known : undefined;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const now = clock.now();
      const before = (tries === 0 && read) || (await outbox.incidents(resource, signal));
      const { after, events } = transition(resource, before.incidents, finding, now);
      if (events.length === 0 && isSame(before.incidents, after)) return;
      const claim = { now, until: this.#claimedUntil };
      const claimed = await outbox.writeIncidents(before, after, events.map(render), claim, signal);
      if (!claimed) continue;
      if (claimed.notifications.length > 0) this.add(claimed);
      return;
    }
    this.#run.log.warn("other runs keep writing the incidents: the next run reports them", { resource });
  }

  /**
   * Nothing is known of the resource but that it could not be looked at or changed: its other incidents stand. That another
   * run was faster is no failure: neither a reason to notify, nor one to say that something else has failed since.
   *
   * @param kind `event` for a resource that no later run looks at when all is well again
   */
  async reportFailure(
    resource: string,
    failure: ReflexError,
    kind: IncidentKind = "condition",
  ): Promise<void> {
    if (isOvertaken(failure)) return;
    const { automation, traceId, log } = this.#run;
    const context = {
      ...{ automation, resource, ...(traceId !== undefined && { traceId }) },
      work: [{ name: "Not managed", value: "it stays as it is, whatever it needs" }],
      done: { what: "nothing: the next run tries again" },
    };
    try {
      await this.report(
        resource,
        { conditions: [{ ...failureCondition(failure), kind }], judged: "listed" },
        (event) => incidentNotification(event, context),
      );
    } catch (error) {
      // The failure itself is logged and counted; it must not be hidden behind this one.
      log.warn(asFailure(error, "dynamodb:UpdateItem", resource).message, { resource });
    }
  }

  /**
   * The resource was looked at, and what it needed was done: an incident that `reportFailure` began is over.
   *
   * @param resource one that has no other incidents: they would be over, too
   */
  async reportServed(resource: string): Promise<void> {
    const { automation, traceId } = this.#run;
    const context = { automation, resource, ...(traceId !== undefined && { traceId }) };
    await this.report(resource, { conditions: [], judged: "all" }, (event) =>
      incidentNotification(event, context),
    );
  }

  /**
   * Sends everything this run has to send. A failure stops nothing that was done: the notifications stay in the outbox.
   *
   * @param scope `all`: also what runs that died have left, which the sweep looks for; `own`: what this run wrote
   */
  async send(scope: "all" | "own"): Promise<ReflexError[]> {
    if (scope === "own" && this.#claimed.length === 0) return [];
    return this.#run.stage("notify", async (stage) => {
      try {
        const waiting = scope === "all" ? await this.#waiting() : [];
        const items = [...waiting, ...this.#claimed].filter(({ notifications }) => notifications.length > 0);
        const due = items
          .flatMap(({ notifications }) => notifications)
          .toSorted((a, b) => a.at.localeCompare(b.at));
        if (due.length > 0) {
          stage.annotate(
            "resource",
            [...new Set(due.map(({ resource }) => resource))].join(" ").slice(0, 1000),
          );
          stage.annotate("notified", due[0]?.headline ?? "");
          stage.annotate("severity", mostSevere(due));
          stage.metadata("notifications", due);
          await this.#deps.notify(due, this.#run);
          for (const { id, resource, headline } of due)
            this.#run.log.info(`notified: ${headline}`, { resource, notification: id });
        }
        for (const item of [...waiting, ...this.#claimed])
          await this.#deps.outbox.remove(item, this.#run.signal);
        return [];
      } catch (error) {
        const cause = asFailure(error, "sns:Publish", "the outbox");
        const message = `${cause.message}. The notifications stay in the outbox: the next run sends them`;
        return [new RetryLater(message, { cause })];
      }
    });
  }

  async #waiting(): Promise<readonly ClaimedItem[]> {
    const { clock, signal, metrics } = this.#run;
    const now = clock.now();
    const { claimed, oldestAt } = await this.#deps.outbox.claimWaiting(
      { now, until: this.#claimedUntil },
      signal,
    );
    if (oldestAt !== undefined && isUndelivered(oldestAt, now)) metrics.count("NotificationsUndelivered");
    return claimed;
  }
}

const mostSevere = (due: readonly Notification[]): string =>
  due.toSorted((a, b) => severityRank(a.severity) - severityRank(b.severity))[0]?.severity ?? "info";

const isSame = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);
