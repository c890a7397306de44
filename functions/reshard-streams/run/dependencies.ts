import type { RequestStore } from "../../../shared/approvals/store.ts";
import type { Mode } from "../../../shared/config/load.ts";
import type { Outbox } from "../../../shared/ledger/outbox.ts";
import type { Notify } from "../../../shared/notify/notify.ts";
import type { pause } from "../../../shared/time/pause.ts";
import type { Clients } from "../observe/observe.ts";
import type { Watchlist } from "../triggers/watchlist.ts";
import type { WatchlistStore } from "../triggers/watchlist-store.ts";

/** What the automation works with; made once per process. */
export interface Dependencies extends Clients {
  readonly notify: Notify;
  /** The deployed stage: commands in notifications name it. */
  readonly deployStage: string;
  readonly outbox: Outbox;
  /** What people are asked, where the mode is `ask`. */
  readonly requests: RequestStore;
  readonly watchlist: Watchlist;
  readonly watchlistStore: WatchlistStore;
  /** The service's mode; a stream's own goes before it. */
  readonly mode: Mode;
  /** The beginning of the names of our alarms. */
  readonly alarmNamePrefix: string;
  readonly pause: typeof pause;
}
