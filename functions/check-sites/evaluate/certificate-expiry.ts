import type { Condition } from "./condition.ts";
import { certificateSays, DAY_MS } from "./subjects.ts";

/** A certificate is renewed with this many days left, or with a third of its life where that is less. */
const RENEWED_WITH_DAYS = 14;
const RENEWED_WITH_SHARE = 1 / 3;

/**
 * The condition every site with TLS has unless it says something of its own about `certificate.days`: there are
 * certificates of six days (Let's Encrypt's shortlived profile), of which 14 days are never left.
 */
export const CERTIFICATE_EXPIRY: Condition = {
  subject: "certificate.days",
  severity: "degraded",
  reason: "certificate",
  readsBody: false,
  check({ certificate }, now) {
    if (!certificate) return { holds: false, text: "certificate was not received" };
    const limit = Math.min(RENEWED_WITH_DAYS, Math.floor((certificate.lifeMs / DAY_MS) * RENEWED_WITH_SHARE));
    const days = Math.floor((certificate.validTo - now) / DAY_MS);
    return {
      holds: days > limit || (limit === 0 && days >= 0),
      text: `${certificateSays(days)}, expected more than ${limit}`,
    };
  },
};
