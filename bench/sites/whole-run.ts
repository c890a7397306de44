import type { Context } from "aws-lambda";
import { checkSites } from "../../functions/check-sites/check-sites.ts";
import type { Sites } from "../../functions/check-sites/config/sites.ts";
import { createAddressFilter } from "../../functions/check-sites/probe/net/address-filter.ts";
import { createResolver } from "../../functions/check-sites/probe/net/resolver.ts";
import type { Dependencies } from "../../functions/check-sites/run/dependencies.ts";
import type { Result } from "../../functions/check-sites/run/result.ts";
import type { SiteState } from "../../functions/check-sites/state/state.ts";
import type { OutboxEntry, StoredItem } from "../../functions/check-sites/state/store.ts";
import { createFreshness } from "../../shared/lambda/freshness.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { createCredentials } from "../../shared/secrets/credentials.ts";

/** One invocation of check-sites with everything real but AWS, whose part is in memory and answers at once. */
export async function runOnce(sites: Sites): Promise<Result> {
  const deps = inMemory(sites);
  const handler = reflex("check-sites", (event, run) => checkSites(event, run, deps));
  return quietly(() => handler(scheduledNow(), context()));
}

/** The process's memory while something runs. */
export function watchMemory(): { mostMb(): number } {
  let most = process.memoryUsage().rss;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  return {
    mostMb: () => {
      clearInterval(timer);
      return most / 1_048_576;
    },
  };
}

function inMemory(sites: Sites): Dependencies {
  const kept = new Map<string, StoredItem<SiteState, OutboxEntry>>();
  return {
    sites,
    freshness: createFreshness(),
    store: {
      read: async (names) =>
        new Map(
          names.flatMap((name) => {
            const found = kept.get(name);
            return found ? [[name, found] as const] : [];
          }),
        ),
      readMonitor: async () => undefined,
      write: async (name, { version, state, outbox }) => {
        kept.set(name, { version: version + 1, state, outbox });
        return true;
      },
      writeMonitor: async () => true,
      readIncidents: async () => undefined,
      writeIncidents: async () => true,
      sent: async () => {},
    },
    ledger: {
      history: async (resource) => ({ resource, version: 0, entries: [] }),
      pauses: async () => new Map(),
    },
    notify: async () => {},
    credentials: createCredentials({ parameters: async () => new Map(), secret: async () => "" }),
    homeRegion: "us-east-1",
    askRegion: async () => [],
    askCanary: async () => ({ heard: true }),
    resolver: createResolver(),
    addressFilter: createAddressFilter(sites.allow),
    stopwatch: () => performance.now(),
    pause: async () => false,
    upload: async () => {},
  };
}

/** The run's own log and metrics are written, and not shown. */
async function quietly<T>(run: () => Promise<T>): Promise<T> {
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    return await run();
  } finally {
    process.stdout.write = write;
  }
}

function scheduledNow(): unknown {
  return {
    source: "aws.events",
    "detail-type": "Scheduled Event",
    time: new Date().toISOString(),
    resources: ["arn:aws:events:us-east-1:000000000000:rule/reflex-bench-check-sites"],
    detail: {},
  };
}

function context(): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: "reflex-bench-check-sites",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:reflex-bench-check-sites",
    memoryLimitInMB: "1024",
    awsRequestId: "bench",
    logGroupName: "bench",
    logStreamName: "bench",
    getRemainingTimeInMillis: () => 300_000,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
