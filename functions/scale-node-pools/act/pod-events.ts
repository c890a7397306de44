import { createHash } from "node:crypto";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { hasStatus } from "../../../shared/kubernetes/api/errors.ts";
import { createPodEvent, type PodEvent } from "../../../shared/kubernetes/event.ts";
import { Blocked, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { PodRef, Warning } from "../model/decision.ts";

/** API servers keep an Event for an hour. */
const HOUR_MS = 3_600_000;

/** The others of many pods get theirs in the next minutes. */
const EVENTS_PER_RUN = 20;
const AT_ONCE = 5;

/**
 * Says on each pod that fits no node pool why no node is launched for it, once an hour: `NotTriggerScaleUp`, as
 * cluster-autoscaler calls it. An Event's name is that of its pod and hour, so that the API server refuses a second
 * one; the process remembers which ones there are. It is a service to people: without the permission there are none,
 * and no failure stops a run. Make it once per process.
 */
export class PodEvents {
  #hour = 0;
  /** Names of the Events that there are, and clusters that do not let us create any, in this hour. */
  readonly #known = new Set<string>();

  async report(api: KubernetesApi, warnings: readonly Warning[], now: number, run: Run): Promise<void> {
    const hour = Math.floor(now / HOUR_MS);
    if (hour !== this.#hour) this.#known.clear();
    this.#hour = hour;
    const events = warnings
      .flatMap(({ text, pods = [] }) => pods.map((pod) => eventOf(pod, text, hour, now)))
      .filter(({ name }) => !this.#known.has(`${api.cluster}/${name}`));
    await inParallel(events.slice(0, EVENTS_PER_RUN), AT_ONCE, async (event) => {
      if (!this.#known.has(api.cluster)) await this.#create(api, event, run);
    });
  }

  async #create(api: KubernetesApi, event: PodEvent, run: Run): Promise<void> {
    try {
      await createPodEvent(api, event, run.signal);
      this.#known.add(`${api.cluster}/${event.name}`);
    } catch (error) {
      if (hasStatus(error, 409)) this.#known.add(`${api.cluster}/${event.name}`);
      else if (error instanceof Blocked) {
        this.#known.add(api.cluster);
        run.log.info("no Events on pods that fit no node pool", { cluster: api.cluster, why: error.message });
      } else if (error instanceof RetryLater) {
        run.log.warn("no Event on a pod that fits no node pool", { pod: event.pod, why: error.message });
      } else throw error;
    }
  }
}

function eventOf({ id, uid }: PodRef, message: string, hour: number, at: number): PodEvent {
  const [namespace = "", name = ""] = id.split("/");
  const hash = createHash("sha256").update(`${uid} ${hour}`).digest("hex").slice(0, 16);
  const pod = { namespace, name, uid };
  return { pod, name: `${name.slice(0, 200)}.${hash}`, reason: "NotTriggerScaleUp", message, at };
}
