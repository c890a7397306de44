import { createHash } from "node:crypto";
import type { SandboxClock } from "../../clock/clock.ts";
import type { Deliveries } from "../../deliveries.ts";
import { AwsError } from "../../wire/error.ts";
import { dimensionsOf } from "../metrics/metric.ts";
import { MINUTE_MS } from "../metrics/minute.ts";
import type { MetricStore } from "../metrics/store.ts";
import { isInsightsQuery } from "../metrics-insights.ts";
import { evaluateQueries } from "../query.ts";
import {
  type Alarm,
  type AlarmConfiguration,
  type AlarmState,
  alarmArn,
  alarmPeriodMs,
  type Contributor,
  checkAlarm,
  isGrouped,
  queriesOf,
  type StateValue,
} from "./alarm.ts";
import { createAnnouncer } from "./announce.ts";
import { type Datapoint, evaluateAlarm, evaluationRange } from "./evaluate-alarm.ts";
import { createHistory, type History } from "./history.ts";
import { configurationEvent } from "./messages.ts";
import { createMuteRules, type MuteRules } from "./mute-rules.ts";
import { reasonDataFor, reasonFor } from "./reason.ts";

/** Alarms are evaluated this long after a minute has closed: services publish a minute's datapoints late. */
export const EVALUATION_DELAY_MS = 5_000;

export interface Alarms {
  /** Creates the alarm, or overwrites all of it but its state. */
  put(configuration: AlarmConfiguration): Alarm;
  /** @throws {AwsError} ResourceNotFound */
  get(name: string): Alarm;
  list(): Alarm[];
  delete(names: readonly string[]): void;
  /** Sets the state by hand; the next evaluation sets it back. */
  setState(name: string, value: StateValue, reason: string, reasonData?: string): void;
  setActions(names: readonly string[], state: "enabled" | "disabled"): void;
  readonly history: History;
  /** Called after the state of an alarm has changed. */
  onChange(listener: () => void): void;
  readonly muteRules: MuteRules;
  stop(): void;
}

export interface AlarmsDependencies {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  readonly store: MetricStore;
  readonly region: string;
}

/** Keeps alarms, evaluates them every minute of the clock, and acts when a state changes. */
export function createAlarms({ clock, deliveries, store, region }: AlarmsDependencies): Alarms {
  const alarms = new Map<string, Alarm>();
  const history = createHistory();
  /** Alarms that were evaluated once without any data, as they were then. */
  const silent = new Map<string, AlarmConfiguration>();
  const muteRules = createMuteRules(clock);
  const { announce, announceContributor } = createAnnouncer({
    ...{ clock, deliveries, history },
    mutedUntil: (name) => muteRules.mutedUntil(name),
    stateOf: (name) => alarms.get(name)?.state.value,
  });
  const listeners: (() => void)[] = [];
  const stop = onClosedMinutes(clock, (end) => {
    // Each on its own: an alarm that cannot be evaluated is reported and stops no other.
    for (const alarm of list()) clock.background(() => evaluate(alarm, end));
  });

  return {
    ...{ put, get, list, delete: remove, setState, setActions, history, muteRules },
    onChange: (listener) => void listeners.push(listener),
    stop,
  };

  function put(configuration: AlarmConfiguration): Alarm {
    checkAlarm(configuration);
    const now = clock.now();
    const name = configuration.AlarmName;
    const existing = alarms.get(name);
    const unchecked = {
      value: "INSUFFICIENT_DATA",
      reason: "Unchecked: Initial alarm creation",
      at: now,
    } as const;
    const alarm: Alarm = {
      arn: alarmArn(region, name),
      configuration,
      configuredAt: now,
      state: existing?.state ?? unchecked,
      contributors: existing?.contributors ?? new Map(),
      transitionedAt: existing?.transitionedAt ?? now,
    };
    alarms.set(name, alarm);
    const summary = `Alarm "${name}" ${existing ? "updated" : "created"}`;
    history.add(name, "ConfigurationUpdate", now, summary, { version: "1.0" });
    const event = configurationEvent(alarm, existing ? "update" : "create", region);
    clock.background(() => deliveries.toBus(event));
    return alarm;
  }

  function get(name: string): Alarm {
    const alarm = alarms.get(name);
    if (!alarm) throw new AwsError("ResourceNotFound", `There is no alarm ${name}.`, { status: 404 });
    return alarm;
  }

  function list(): Alarm[] {
    return [...alarms.values()].sort((a, b) =>
      a.configuration.AlarmName < b.configuration.AlarmName ? -1 : 1,
    );
  }

  function remove(names: readonly string[]): void {
    for (const alarm of names.map(get)) {
      alarms.delete(alarm.configuration.AlarmName);
      const event = configurationEvent({ ...alarm, configuredAt: clock.now() }, "delete", region);
      clock.background(() => deliveries.toBus(event));
    }
  }

  function setActions(names: readonly string[], state: "enabled" | "disabled"): void {
    for (const name of names) {
      const alarm = alarms.get(name);
      if (!alarm) continue;
      alarms.set(name, {
        ...alarm,
        configuration: { ...alarm.configuration, ActionsEnabled: state === "enabled" },
      });
    }
  }

  function setState(name: string, value: StateValue, reason: string, reasonData?: string): void {
    silent.delete(name);
    changeState(get(name), { value, reason, reasonData, at: clock.now() });
  }

  /** @param end the end of the last closed minute */
  function evaluate(alarm: Alarm, end: number): void {
    const { configuration, state } = alarm;
    const isSilent = hasNoData(store, configuration, end);
    // Nothing was there the last time either: the same state again, without the work.
    if (isSilent && silent.get(configuration.AlarmName) === alarm.configuration) return;
    if (isSilent) silent.set(configuration.AlarmName, configuration);
    else silent.delete(configuration.AlarmName);
    const ranges = rangesOf(store, configuration, end);
    if (isGrouped(configuration)) {
      evaluateContributors(alarm, ranges);
      return;
    }
    const [range, ...others] = ranges;
    if (others.length > 0) {
      throw new Error(
        `The alarm ${configuration.AlarmName} is not evaluated: its expression gives several series.`,
      );
    }
    const evaluation = evaluateAlarm(configuration, range?.points ?? []);
    const value = evaluation.state ?? state.value;
    if (value === state.value) return;
    const reason = reasonFor(configuration, evaluation, state.value, value);
    const reasonData = reasonDataFor(configuration, evaluation, clock.now());
    changeState(alarm, { value, reason, reasonData, at: clock.now() });
  }

  /** Each series is evaluated by itself and acts by itself; the alarm is in ALARM as long as one of them is. */
  function evaluateContributors(alarm: Alarm, ranges: readonly Range[]): void {
    const { configuration, contributors: before } = alarm;
    const after = contributorsAfter(alarm, ranges, clock.now());
    const value = after.size > 0 ? "ALARM" : "OK";
    const reason = `${after.size} out of ${ranges.length} time series evaluated to ${value}`;
    const current = { ...alarm, contributors: after };
    alarms.set(configuration.AlarmName, current);
    for (const contributor of after.values()) {
      if (!before.has(contributor.id))
        announceContributor(current, contributor, "ALARM", clock.now(), region);
    }
    for (const contributor of before.values()) {
      if (!after.has(contributor.id)) announceContributor(current, contributor, "OK", clock.now(), region);
    }
    if (value !== alarm.state.value) changeState(current, { value, reason, at: clock.now() });
  }

  function changeState(alarm: Alarm, state: AlarmState): void {
    const previous = alarm.state;
    const changed = state.value !== previous.value;
    const transitionedAt = changed ? state.at : alarm.transitionedAt;
    const after: Alarm = { ...alarm, state, transitionedAt };
    alarms.set(alarm.configuration.AlarmName, after);
    if (!changed) return;
    announce({ alarm: after, previous, region });
    for (const listener of listeners) listener();
  }
}

/**
 * Hands on the end of each minute that closes from now on, when its datapoints are published.
 *
 * @returns what ends it
 */
function onClosedMinutes(clock: SandboxClock, evaluate: (end: number) => void): () => void {
  let takeBack = () => {};
  const scheduleNext = () => {
    const end = Math.floor((clock.now() - EVALUATION_DELAY_MS) / MINUTE_MS + 1) * MINUTE_MS;
    takeBack = clock.at(end + EVALUATION_DELAY_MS, () => {
      scheduleNext();
      evaluate(end);
    });
  };
  scheduleNext();
  return () => takeBack();
}

/** The datapoints of one series, oldest first, and what the series is grouped by. */
interface Range {
  readonly attributes: Readonly<Record<string, string>>;
  readonly points: readonly Datapoint[];
}

/** Whether none of the metrics has a datapoint in the range. What a query finds is not known before it has run. */
function hasNoData(store: MetricStore, configuration: AlarmConfiguration, end: number): boolean {
  const from = end - evaluationRange(configuration) * alarmPeriodMs(configuration);
  return queriesOf(configuration).every(({ MetricStat, Expression = "" }) => {
    if (!MetricStat) return !isInsightsQuery(Expression);
    const { Namespace: namespace, MetricName: name, Dimensions = [] } = MetricStat.Metric;
    return store.isSilentSince({ namespace, name, dimensions: dimensionsOf(Dimensions) }, from);
  });
}

/** What the alarm is evaluated on: one series, or several of a query that groups. @param end of the last closed minute */
function rangesOf(store: MetricStore, configuration: AlarmConfiguration, end: number): Range[] {
  const periodMs = alarmPeriodMs(configuration);
  const length = evaluationRange(configuration);
  const from = end - length * periodMs;
  const queries = queriesOf(configuration);
  const returned = queries.find((query) => query.ReturnData !== false)?.Id ?? "";
  return evaluateQueries(store, queries, { from, to: end })
    .seriesOf(returned)
    .map(({ points, source }) => ({
      attributes: source?.metric.dimensions ?? {},
      points: Array.from({ length }, (_, i) => {
        const at = from + i * periodMs;
        return { at, value: points.get(at) };
      }),
    }));
}

/** One that was in ALARM stays so while it lacks the data to say otherwise; one without a series is over. */
function contributorsAfter(
  { configuration, contributors: before }: Alarm,
  ranges: readonly Range[],
  now: number,
): ReadonlyMap<string, Contributor> {
  const inAlarm = ranges.flatMap(({ attributes, points }): Contributor[] => {
    const id = createHash("sha256").update(JSON.stringify(attributes)).digest("hex").slice(0, 16);
    const known = before.get(id);
    const evaluation = evaluateAlarm(configuration, points);
    if ((evaluation.state ?? (known ? "ALARM" : "OK")) !== "ALARM") return [];
    const reason = reasonFor(configuration, evaluation, "OK", "ALARM");
    return [known ?? { id, attributes, reason, at: now }];
  });
  return new Map(inAlarm.map((contributor) => [contributor.id, contributor]));
}
