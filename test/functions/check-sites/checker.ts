import "../../../functions/check-sites/evaluate/pattern-engine.ts";
import { randomUUID } from "node:crypto";
import { vi } from "vitest";
import { checkSites } from "../../../functions/check-sites/check-sites.ts";
import { sites as schema } from "../../../functions/check-sites/config/sites.ts";
import type { AskRegion } from "../../../functions/check-sites/confirm/ask-region.ts";
import { createAddressFilter } from "../../../functions/check-sites/probe/net/address-filter.ts";
import { createResolver } from "../../../functions/check-sites/probe/net/resolver.ts";
import type { AskCanary } from "../../../functions/check-sites/run/canary.ts";
import type { Dependencies } from "../../../functions/check-sites/run/dependencies.ts";
import type { Result } from "../../../functions/check-sites/run/result.ts";
import { createStore } from "../../../functions/check-sites/state/store.ts";
import type { PageFile } from "../../../functions/check-sites/status-page/upload.ts";
import { createFreshness } from "../../../shared/lambda/freshness.ts";
import { reflex } from "../../../shared/lambda/stack.ts";
import type { Pauses } from "../../../shared/ledger/pauses.ts";
import { asText } from "../../../shared/notify/as-text.ts";
import { asSubject, type Notification, notification } from "../../../shared/notify/notification.ts";
import { createCredentials, type SecretSource } from "../../../shared/secrets/credentials.ts";
import { context } from "../../shared/lambda/context.ts";
import { captureOutput, isMetricOf, type Line, metricsIn } from "../../shared/lambda/output.ts";
import type { SitesTable } from "./table.ts";

const MINUTE = 60_000;
export const START = Date.parse("2026-03-01T10:00:00Z");

export interface CheckerOptions {
  /** The section `sites` of a config; `allow` is loopback unless it says otherwise. */
  readonly config: Record<string, unknown>;
  readonly table: SitesTable;
  readonly resolver?: string;
  readonly secrets?: Partial<SecretSource>;
  /** What the canary comes to; it answers unless a test says otherwise. */
  readonly canary?: AskCanary;
  /** How other regions see the sites; asked without need, it is an error. */
  readonly askRegion?: AskRegion;
}

/** check-sites with everything real but SNS, S3 and the clock. */
export interface Checker {
  /** ms since the epoch. */
  now: number;
  /** Runs the scheduled event of the minute `now` is in; gives its result, or the error it ended with. */
  tick(options?: { event?: unknown; remainingMs?: number }): Promise<Result | Error>;
  /** One tick, a minute later. */
  nextMinute(options?: { remainingMs?: number }): Promise<Result | Error>;
  readonly notified: Notification[];
  /** While true, publishing fails. */
  snsIsDown: boolean;
  /** Notifications that SNS would refuse. */
  refuses: (notification: Notification) => boolean;
  readonly pages: PageFile[];
  /** For how long a run waited between its rounds, ms. */
  readonly pauses: number[];
  /** JSON lines written so far: logs and metrics. */
  readonly lines: Line[];
  metrics(name: string): { readonly dimensions: string; readonly value: unknown }[];
}

export function scheduled(at: number, rule = "reflex-test-check-sites"): unknown {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: "000000000000",
    time: new Date(at).toISOString().replace(".000Z", "Z"),
    region: "us-east-1",
    resources: [`arn:aws:events:us-east-1:000000000000:rule/${rule}`],
    detail: {},
  };
}

export function createChecker({
  config,
  table,
  resolver,
  secrets,
  askRegion = async (region) => {
    throw new Error(`${region} was asked`);
  },
  canary = async () => ({ heard: true, resolverAnswered: true }),
}: CheckerOptions): Checker {
  const sites = schema.parse({ allow: ["127.0.0.0/8", "::1/128"], ...config });
  const source: SecretSource = {
    parameters: async () => new Map(),
    secret: async () => {
      throw new Error("ResourceNotFoundException");
    },
    ...secrets,
  };
  const checker: Checker = {
    now: START,
    notified: [],
    snsIsDown: false,
    refuses: () => false,
    pages: [],
    lines: [],
    pauses: [],
    async tick({ event = scheduled(checker.now), remainingMs = 55_000 } = {}) {
      const output = captureOutput();
      try {
        return await handler(event, context(remainingMs));
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      } finally {
        checker.lines.push(...output.take());
        output.restore();
      }
    },
    nextMinute(options) {
      checker.now += MINUTE;
      return checker.tick(options);
    },
    metrics: (name) =>
      metricsIn(checker.lines).flatMap((line) =>
        isMetricOf(line, name)
          ? [
              {
                dimensions: [line.Site, line.Reason, line.Resource].filter(Boolean).join(" "),
                value: line[name],
              },
            ]
          : [],
      ),
  };
  const deps: Dependencies = {
    sites,
    freshness: createFreshness(),
    store: createStore(table.client, table.table),
    ledger: {
      history: vi.fn(async (resource: string) => ({ resource, version: 0, entries: [] })),
      pauses: vi.fn(async (): Promise<Pauses> => new Map()),
    },
    notify: async ([notified]) => {
      if (checker.snsIsDown)
        throw Object.assign(new Error("the topic is not there"), { code: "ECONNREFUSED" });
      const checked = notification.parse(notified);
      if (checker.refuses(checked)) throw new Error("InvalidParameter: Message too long");
      // Both renderings must be possible, as SNS gets them.
      asText(checked);
      asSubject(checked);
      checker.notified.push(checked);
    },
    askCanary: canary,
    askRegion,
    homeRegion: "us-east-1",
    credentials: createCredentials(source),
    resolver: createResolver(resolver === undefined ? [] : [resolver], 1000, 1),
    addressFilter: createAddressFilter(sites.allow),
    stopwatch: () => performance.now(),
    pause: async (_, ms) => {
      checker.pauses.push(ms);
      checker.now += ms;
      return true;
    },
    ...(sites.statusPage && {
      upload: async (files: readonly PageFile[]) => {
        checker.pages.push(...files);
      },
    }),
  };
  const handler = reflex("check-sites", (event, run) => checkSites(event, run, deps), {
    clock: { now: () => checker.now },
  });
  return checker;
}
