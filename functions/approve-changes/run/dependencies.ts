import type { RequestStore } from "../../../shared/approvals/store.ts";
import type { CredentialCache } from "../../../shared/secrets/credentials.ts";
import type { SecretRef } from "../../../shared/secrets/secret-ref.ts";

/** What the automation works with; made once per process. */
export interface Dependencies {
  readonly requests: RequestStore;
  readonly credentials: CredentialCache;
  /** What links are signed with; undefined where the config has no `notify.approvals`. */
  readonly secret: SecretRef | undefined;
}
