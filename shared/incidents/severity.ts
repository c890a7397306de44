/**
 * By the effect on work, most urgent first: `critical`: work is refused, late or down now; `error`: Reflex cannot do its
 * part; `warning`: nobody is hurt yet, a person has to see to it; `info`: nothing has to be done.
 */
export const SEVERITIES = ["critical", "error", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** 0 for the most urgent. */
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity);
