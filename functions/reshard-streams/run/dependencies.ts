import type { Mode } from "../../../shared/config/load.ts";
import type { Notify } from "../../../shared/notify/notify.ts";
import type { Lookouts } from "../triggers/watchlist.ts";
import type { Clients } from "../observe/observe.ts";

/** What the automation works with; made once per process. */
export interface House extends Clients {
  readonly notify: Notify;
  readonly lookouts: Lookouts;
  /** The service's mode; a stream's own goes before it. */
  readonly mode: Mode;
  /** The beginning of the names of our alarms. */
  readonly alarmNamePrefix: string;
}
