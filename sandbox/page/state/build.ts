import { standingPauses } from "../../../shared/ledger/pauses.ts";
import type { Facts } from "../facts.ts";
import { alarmView, streamOfAlarm } from "./alarm-view.ts";
import { latestDecisions } from "./decisions.ts";
import { lastMinutes } from "./minutes.ts";
import { clusterViews } from "./node-pool-view.ts";
import { serviceMap } from "./service-map.ts";
import { siteViews } from "./site-view.ts";
import type { DecisionView, State } from "./state.ts";
import { streamView } from "./stream-view.ts";
import { timeline } from "./timeline.ts";
import { traceSummary, traceView } from "./trace-view.ts";

/** Traces in the list. */
const TRACES_LISTED = 60;

/**
 * The account as the page shows it.
 *
 * @param actions the names of the buttons that have something to act on
 * @param traceId the trace to show in full
 */
export function buildState(facts: Facts, actions: readonly string[], traceId?: string): State {
  const { now, speed, metrics, alarmHistory, siteItems, siteSwitches, nodePools, tables, queues } = facts;
  const minutes = lastMinutes(now);
  const decisions = latestDecisions(facts.invocations);
  const decisionOf = (resource: string): DecisionView | undefined => {
    const found = decisions.get(resource);
    if (!found) return undefined;
    const { at, verdict, did, reasons, traceId } = found;
    return { at, verdict, did, reasons, ...(traceId !== undefined && { traceId }) };
  };
  const alarmsByStream = Map.groupBy(facts.alarms, streamOfAlarm);
  const alarmsOf = (stream: string | undefined) =>
    (alarmsByStream.get(stream) ?? []).map((alarm) => alarmView(alarm, metrics, alarmHistory, minutes));
  const streams = facts.streams.map((stream) =>
    streamView(stream, {
      metrics: facts.liveMetrics,
      minutes,
      alarms: alarmsOf(stream.name),
      decision: decisionOf(`stream/${stream.name}`),
    }),
  );
  const sites = siteViews(siteItems ?? [], siteSwitches, metrics, minutes);
  const clusters = nodePools ? clusterViews(nodePools, decisionOf) : [];
  const alarms = alarmsOf(undefined);
  const trace = facts.traces.find(({ id }) => id === traceId);
  return {
    clock: { now, speed },
    minutes,
    ...(streams.length > 0 && { streams }),
    ...(sites.length > 0 && { sites }),
    ...(clusters.length > 0 && { clusters }),
    ...(tables.length > 0 && { tables }),
    ...(queues.length > 0 && { queues }),
    ...(alarms.length > 0 && { alarms }),
    pauses: standingPauses(facts.pauses, now).map(({ scope, until, why }) => ({ scope, until, why })),
    timeline: timeline(facts),
    serviceMap: serviceMap(facts.traces),
    traces: facts.traces.slice(-TRACES_LISTED).reverse().map(traceSummary),
    ...(trace && { trace: traceView(trace) }),
    actions,
  };
}
