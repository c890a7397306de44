/**
 * Every annotation a trace of Reflex may have: what traces are searched by. docs/tracing.md says how. X-Ray takes
 * letters, digits and underscores in a key, and indexes fifty annotations of a trace.
 */
export interface Annotations {
  /** The automation, for example `reshard-streams`. */
  readonly automation: string;
  /** The subsegment's own name, on each part of a run. */
  readonly stage: string;
  /** Lambda's request id, on `run`. */
  readonly requestId: string;
  /** What sort of event woke the run: `alarm`, `schedule`, `manual`, `kinesis`, `order`, `spot-interruption` … */
  readonly trigger: string;
  /** The name of the alarm that woke it. */
  readonly alarm: string;
  /** As the ledger names it: `stream/orders`; several are joined by a blank. */
  readonly resource: string;
  /** What was decided, in one word. */
  readonly decision: string;
  /** The resource that a part has changed, as the ledger names it: no other part has it. */
  readonly changed: string;
  /** The deciding reason: one word where there is one, otherwise a sentence. */
  readonly reason: string;
  /** Where a notification goes: `slack-0f3a…`, as the config has it, without secrets. */
  readonly target: string;
  /** The headline of a notification. */
  readonly notified: string;
  /** Of the most urgent notification: `critical`, `error`, `warning`, `info`. */
  readonly severity: string;
  /** The class of the error: `RetryLater`, `Blocked`, `Misconfigured`, `Unexpected`. */
  readonly class: string;
  /** A call's expected answer that is no success, and no fault either: a failed condition. */
  readonly answer: string;
  /** It had not ended when the run did. */
  readonly abandoned: true;
  /** Its metadata was cut to fit X-Ray's 64 KB; `cut` in the metadata says where. */
  readonly cut: true;
  /** The cluster a call to Kubernetes goes to. */
  readonly cluster: string;
  /** RBAC's verb and resource of a call to Kubernetes: `list pods`. */
  readonly call: string;
  readonly site: string;
  /** What a probe comes to: `UP`, `DEGRADED`, `DOWN`, `UNKNOWN`. */
  readonly verdict: string;
  /** The site, where its probe came to DOWN. */
  readonly down: string;
  /** Milliseconds a probe took, as its site's conditions see it. */
  readonly timeMs: number;
  /** How many sites are probed. */
  readonly sites: number;
  /** How many changes people are notified of. */
  readonly changes: number;
  /** How many streams a sweep found due. */
  readonly streams: number;
  /** How many node pools were decided on together. */
  readonly pools: number;
  readonly shard: string;
  /** How many records a batch has. */
  readonly records: number;
  /** How many events they hold. */
  readonly events: number;
  /** The traces in which producers made them, joined by blanks: those that X-Ray has, at most twenty. */
  readonly producers: string;
  /** How many of them can never succeed. */
  readonly poison: number;
  /** How many keys are written to. */
  readonly keys: number;
  readonly table: string;
  readonly stored: number;
  readonly duplicates: number;
  readonly superseded: number;
  readonly conflicts: number;
  readonly unfinished: number;
  readonly retries: number;
  readonly quarantined: number;
  readonly notQuarantined: number;
  /** The sequence number from which Lambda delivers the batch again; empty when it is done. */
  readonly from: string;
}

/** Sets one annotation. */
export type Annotate = <K extends keyof Annotations>(key: K, value: Annotations[K]) => void;
