import { paginateListStreams } from "@aws-sdk/client-kinesis";
import type { ConfigFile } from "../../../shared/config/file.ts";
import { messageOf } from "../../../shared/errors/message-of.ts";
import { tableLines } from "../../cli/table.ts";
import { type Alternative, asItIs, bounds, caseOf, runPolicy, simulated } from "../alternatives.ts";
import { type Clients, readCloudWatch } from "../history/cloudwatch.ts";
import type { StreamHistory } from "../history/history.ts";
import type { Window } from "../history/metric-minutes.ts";
import { policyOf } from "../policy.ts";
import { percent, usd } from "./text.ts";

/** What one stream of an account could save. */
export interface StreamSaving {
  readonly stream: string;
  readonly asItIs: Alternative;
  readonly policy: Alternative;
  /** Of all that refuse no more than the policy does. */
  readonly cheapest: Alternative;
  readonly savedUsdPerMonth: number;
}

/** What was found of an account: the most that could be saved first, and why a stream has no answer. */
export interface AccountReport {
  readonly streams: readonly StreamSaving[];
  readonly unread: readonly { readonly stream: string; readonly why: string }[];
}

/** Reads every stream of the account and region, one after the other: GetMetricData is limited for all who use it. */
export async function backtestAccount(
  config: ConfigFile,
  clients: Clients,
  window: Window,
): Promise<AccountReport> {
  const streams: StreamSaving[] = [];
  const unread: { stream: string; why: string }[] = [];
  for await (const page of paginateListStreams({ client: clients.kinesis }, {})) {
    for (const stream of page.StreamNames ?? []) {
      try {
        streams.push(savingOf(await readCloudWatch(stream, clients, window), config));
      } catch (error) {
        unread.push({ stream, why: messageOf(error) });
      }
    }
  }
  streams.sort((a, b) => b.savedUsdPerMonth - a.savedUsdPerMonth);
  return { streams, unread };
}

export function savingOf(history: StreamHistory, config: ConfigFile): StreamSaving {
  const { policy } = policyOf(config, history.stream);
  const one = caseOf(history, policy);
  const run = simulated("policy", "the deployed policy", one, runPolicy(one, policy));
  const others = bounds(one).filter(({ kind }) => kind !== "hindsight" && kind !== "on-demand-advantage");
  const now = asItIs(one) ?? others[0] ?? run;
  const cheapest = [run, ...others]
    .filter(({ refusedShare = 0 }) => refusedShare <= (run.refusedShare ?? 0))
    .reduce((least, each) => (each.usdPerMonth < least.usdPerMonth ? each : least), run);
  return {
    ...{ stream: history.stream, asItIs: now, policy: run, cheapest },
    savedUsdPerMonth: now.usdPerMonth - run.usdPerMonth,
  };
}

/** For a terminal. */
export function accountText({ streams, unread }: AccountReport): string {
  const saved = streams.reduce((sum, { savedUsdPerMonth }) => sum + Math.max(0, savedUsdPerMonth), 0);
  const rows = streams.map((one) => [
    one.stream,
    one.asItIs.name.replace("as it is: ", ""),
    one.asItIs.usdPerMonth.toFixed(2),
    one.policy.usdPerMonth.toFixed(2),
    one.savedUsdPerMonth.toFixed(2),
    percent(one.policy.refusedShare),
    one.cheapest.name.replace(/:.*/, ""),
  ]);
  return [
    `${streams.length} ${streams.length === 1 ? "stream" : "streams"}: the config's policies save ${usd(saved)} a month where they save`,
    "",
    ...tableLines(["", "is", "USD a month", "with the policy", "saved", "refused", "cheapest"], rows),
    ...(unread.length > 0 ? ["", ...unread.map(({ stream, why }) => `Note: ${stream}: ${why}`)] : []),
  ].join("\n");
}
