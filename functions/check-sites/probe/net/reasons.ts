/**
 * Why a site is DOWN or DEGRADED. A closed list: it is the dimension `Reason` of a metric, so it must stay short.
 */
export const REASONS = [
  "dns",
  "connect",
  "tls",
  "certificate",
  "timeout",
  "status",
  "header",
  "body",
  "json",
  "redirect",
  "truncated",
  "too-large",
  "blocked",
] as const;

/** Why a check is inconclusive: the cause is ours, so the site is UNKNOWN and is not notified as DOWN. */
export const OWN_REASONS = ["deadline", "own-dns", "own-credentials", "own-network", "internal"] as const;

export type Reason = (typeof REASONS)[number];
export type OwnReason = (typeof OWN_REASONS)[number];

const OWN: ReadonlySet<string> = new Set(OWN_REASONS);

/** Whether the cause is the monitor's own. */
export function isOwn(reason: Reason | OwnReason): reason is OwnReason {
  return OWN.has(reason);
}

/**
 * Reasons that a broken network of ours would give for every site. When most sites get one at once, it is the
 * monitor that is suspected.
 */
export const TRANSPORT_REASONS: ReadonlySet<Reason | OwnReason> = new Set([
  "dns",
  "connect",
  "tls",
  "timeout",
]);
