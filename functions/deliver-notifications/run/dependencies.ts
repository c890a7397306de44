import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Run } from "../../../shared/lambda/run.ts";
import type { NotifyConfig } from "../../../shared/routes/routes.ts";
import type { CredentialCache } from "../../../shared/secrets/credentials.ts";
import type { ApprovalUrl } from "../act/approval-url.ts";
import type { Send } from "../act/send.ts";
import type { StateStore } from "../act/state-store.ts";
import type { AlarmHistory, ThreadState } from "../model.ts";
import type { LinkPlace } from "../notify/links.ts";

/** What the automation works with; made once per process. */
export interface Dependencies {
  readonly config: NotifyConfig;
  readonly threads: StateStore<ThreadState>;
  /** By the alarm's name, and the resource of one that fires for each by itself. */
  readonly alarms: StateStore<AlarmHistory>;
  readonly send: Send;
  readonly credentials: CredentialCache;
  readonly sqs: SQSClient;
  readonly approvalUrl: ApprovalUrl;
  /** Where the function runs, for links to consoles. */
  readonly placeOf: (run: Run) => LinkPlace;
  /** From 0 to 1. */
  readonly random: () => number;
}
