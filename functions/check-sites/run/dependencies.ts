import type { Freshness } from "../../../shared/lambda/freshness.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { Notify } from "../../../shared/notify/notify.ts";
import type { CredentialCache } from "../../../shared/secrets/credentials.ts";
import type { Stopwatch } from "../../../shared/time/clock.ts";
import type { pause } from "../../../shared/time/pause.ts";
import type { Sites } from "../config/sites.ts";
import type { AskRegion } from "../confirm/ask-region.ts";
import type { AddressFilter } from "../probe/net/address-filter.ts";
import type { Resolver } from "../probe/net/resolver.ts";
import type { Store } from "../state/store.ts";
import type { Upload } from "../status-page/upload.ts";
import type { AskCanary } from "./canary.ts";

/** What a run works with; made once per process. */
export interface Dependencies {
  readonly sites: Sites;
  readonly store: Store;
  readonly ledger: Pick<Ledger, "history" | "pauses">;
  readonly notify: Notify;
  readonly freshness: Freshness;
  readonly credentials: CredentialCache;
  readonly askCanary: AskCanary;
  readonly askRegion: AskRegion;
  /** Where this run is: `us-east-1`. */
  readonly homeRegion: string;
  readonly resolver: Resolver;
  readonly addressFilter: AddressFilter;
  readonly stopwatch: Stopwatch;
  readonly pause: typeof pause;
  /** Absent: the config asks for no status page. */
  readonly upload?: Upload;
}
