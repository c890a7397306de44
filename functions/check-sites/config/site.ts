import { parseWindow, type Window } from "../../../shared/time/windows.ts";
import { CERTIFICATE_EXPIRY } from "../evaluate/certificate-expiry.ts";
import { type Condition, compileCondition } from "../evaluate/condition.ts";
import { Expected } from "../evaluate/literals.ts";
import type { AddressPolicy } from "../probe/net/resolver.ts";
import { type Endpoint, hasCertificate, readEndpoint } from "./endpoint.ts";
import {
  type CompiledCondition,
  DEFAULT_TIMEOUT_SECONDS,
  misleadingConditions,
} from "./misleading-conditions.ts";
import type { CONFIRM, SiteOptions, SitePolicy } from "./policy.ts";
import type { SiteProblem } from "./site-problem.ts";
import type { Threshold } from "./threshold.ts";

/** One site as the config describes it, compiled: nothing of it can be wrong any more but its secrets. */
export interface Site {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly addresses: AddressPolicy;
  readonly conditions: readonly Condition[];
  /** Further attempts within the run after one that was not UP. */
  readonly retries: number;
  readonly downAfter: Threshold;
  readonly upAfter: Threshold;
  /** Milliseconds between reminders of a site that is still DOWN; 0 for none. */
  readonly remindAfterMs: number;
  readonly maintenance: readonly Window[];
  /** Resources of the ledger whose latest acts a notification shows: `stream/orders`. */
  readonly related: readonly string[];
  /** Networks that are not public and may be probed for this site. */
  readonly allow: readonly string[];
  /** It is checked and shown, and nothing is notified. */
  readonly isObserved: boolean;
  readonly intervalMs: number;
  readonly severity: "critical" | "error" | "warning" | "info";
  readonly group?: string;
  readonly runbook?: string;
  readonly dependsOn: readonly string[];
  readonly confirm: (typeof CONFIRM)[number];
}

/** All attempts of a site must fit in what a run has for its probes (probe-all.ts keeps ten seconds of 55 back). */
const PROBE_WINDOW_SECONDS = 45;

/** Compiles one site by its own keys and the defaults; or says everything that is wrong with it. */
export function compileSite(
  name: string,
  own: SitePolicy,
  defaults: SiteOptions = {},
): { site: Site } | { problems: SiteProblem[] } {
  const policy = { ...defaults, ...own };
  const endpoint = attempt(["url"], () => readEndpoint(policy));
  if ("problems" in endpoint) {
    // What its conditions are wrong in whatever the address is, is said with it.
    return { problems: [...endpoint.problems, ...compileAll(policy, "http").problems] };
  }
  const { conditions, problems } = compileAll(policy, endpoint.value.kind);
  const all = [
    ...problems,
    ...misplacedKeys(own, endpoint.value),
    ...misleadingConditions(own, policy, endpoint.value, conditions),
    ...contradictions(policy),
    ...unreadableCertificates(policy),
    ...tooLongAttempts(policy),
  ];
  if (all.length > 0) return { problems: all };
  return {
    site: siteOf(
      name,
      policy,
      endpoint.value,
      conditions.map(({ condition }) => condition),
    ),
  };
}

function siteOf(name: string, policy: SitePolicy, endpoint: Endpoint, own: readonly Condition[]): Site {
  return {
    name,
    endpoint,
    timeoutMs: Math.round((policy.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000),
    addresses: policy.addresses ?? "first",
    conditions: withDefaults(own, endpoint),
    retries: policy.retries ?? 0,
    downAfter: asThreshold(policy.downAfter ?? 2),
    upAfter: asThreshold(policy.upAfter ?? 2),
    remindAfterMs: (policy.remindAfterMinutes ?? 240) * 60_000,
    maintenance: (policy.maintenance ?? []).map(parseWindow),
    related: policy.related ?? [],
    allow: policy.allow ?? [],
    isObserved: policy.mode === "observe",
    intervalMs: (policy.intervalSeconds ?? 60) * 1000,
    severity: policy.severity ?? "critical",
    dependsOn: policy.dependsOn ?? [],
    confirm: policy.confirm ?? "without-credentials",
    ...(policy.runbook !== undefined && { runbook: policy.runbook }),
    ...(policy.group !== undefined && { group: policy.group }),
  };
}

function compileAll(
  { conditions = [] }: SitePolicy,
  kind: Endpoint["kind"],
): { readonly conditions: CompiledCondition[]; readonly problems: SiteProblem[] } {
  const compiled = conditions.map((text, index) =>
    attempt(["conditions", index], () => ({ index, condition: compileCondition(text, kind) })),
  );
  return {
    conditions: compiled.flatMap((one) => ("value" in one ? [one.value] : [])),
    problems: compiled.flatMap((one) => ("problems" in one ? one.problems : [])),
  };
}

const HTTP_KEYS = [
  "method",
  "headers",
  "body",
  "auth",
  "redirects",
  "maxBodyBytes",
  "http2",
  "strict",
] as const;
const TLS_KEYS = ["ca", "clientCertificate", "serverName", "insecure"] as const;

/** Keys of its own that do nothing for an address of this kind. (Defaults are for every kind.) */
function misplacedKeys(own: SitePolicy, endpoint: Endpoint): SiteProblem[] {
  const isTls = endpoint.kind === "http" || (endpoint.kind === "tcp" && endpoint.tls !== undefined);
  const nowhere: readonly (readonly [readonly (keyof SitePolicy)[], string, boolean])[] = [
    [HTTP_KEYS, "an http:// or https:// address", endpoint.kind !== "http"],
    [TLS_KEYS, "an https:// or tls:// address", !isTls],
    [["alpn"], "a tls:// address", !(endpoint.kind === "tcp" && endpoint.tls)],
    [["addresses"], "an address with a host", endpoint.kind === "dns"],
  ];
  return nowhere.flatMap(([keys, where, isMisplaced]) =>
    isMisplaced
      ? keys
          .filter((key) => own[key] !== undefined)
          .map((key) => ({ path: [key], expected: `this key only with ${where}: it does nothing here` }))
      : [],
  );
}

/** Two keys of which one would do nothing. */
function contradictions({ auth, headers = {}, insecure, ca }: SitePolicy): SiteProblem[] {
  const hasAuthorization = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  return [
    ...(auth && hasAuthorization
      ? [{ path: ["auth"], expected: "either auth or the header authorization" }]
      : []),
    ...(insecure && ca !== undefined
      ? [{ path: ["ca"], expected: "either ca or insecure: with insecure nothing is compared with it" }]
      : []),
  ];
}

/** Certificates that are no text of one: a path, most often, which nobody could read where the function runs. */
function unreadableCertificates({ ca, clientCertificate }: SitePolicy): SiteProblem[] {
  const texts = [
    { path: ["ca"], text: ca },
    { path: ["clientCertificate", "certificate"], text: clientCertificate?.certificate },
  ];
  return texts.flatMap(({ path, text }) =>
    typeof text === "string" && !text.includes("-----BEGIN ")
      ? [
          {
            path,
            expected: "a certificate's text in PEM (-----BEGIN CERTIFICATE-----), or a reference to it",
          },
        ]
      : [],
  );
}

function tooLongAttempts({
  timeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
  retries = 0,
}: SitePolicy): SiteProblem[] {
  const attempts = 1 + retries;
  if (timeoutSeconds * attempts <= PROBE_WINDOW_SECONDS) return [];
  const expected = `at most ${PROBE_WINDOW_SECONDS} s for all attempts of a run: ${attempts} of ${timeoutSeconds} s are more`;
  return [{ path: ["timeoutSeconds"], expected }];
}

/** What `read` gives, or what it expected instead. */
function attempt<T>(
  path: SiteProblem["path"],
  read: () => T,
): { readonly value: T } | { readonly problems: SiteProblem[] } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof Expected) return { problems: [{ path, expected: error.message }] };
    throw error;
  }
}

/**
 * Conditions that every site has unless it says something of its own about the same subject: an HTTP answer
 * must have a good status, and a certificate must not be about to expire.
 */
const DEFAULT_CONDITIONS: readonly { condition: Condition; applies: (endpoint: Endpoint) => boolean }[] = [
  { condition: compileCondition("status in 200-299", "http"), applies: ({ kind }) => kind === "http" },
  { condition: CERTIFICATE_EXPIRY, applies: hasCertificate },
];

function withDefaults(own: readonly Condition[], endpoint: Endpoint): Condition[] {
  const defaults = DEFAULT_CONDITIONS.filter(({ applies }) => applies(endpoint)).map(
    ({ condition }) => condition,
  );
  return [
    ...defaults.filter(({ subject }) => !own.some((condition) => condition.subject === subject)),
    ...own,
  ];
}

function asThreshold(threshold: NonNullable<SitePolicy["downAfter"]>): Threshold {
  return typeof threshold === "number" ? { count: threshold, of: threshold } : threshold;
}
