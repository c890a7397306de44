import type { SandboxClock } from "../../clock/clock.ts";
import type { Deliveries } from "../../deliveries.ts";
import { AwsError } from "../../wire/error.ts";
import { MINUTE_MS } from "../metrics/minute.ts";
import type { MetricStore } from "../metrics/store.ts";
import { evaluateQueries } from "../query.ts";
import {
  type Alarm,
  type AlarmConfiguration,
  type AlarmState,
  alarmArn,
  alarmPeriodMs,
  checkAlarm,
  queriesOf,
  type StateValue,
} from "./alarm.ts";
import { createAnnouncer } from "./announce.ts";
import { type Datapoint, evaluateAlarm, evaluationRange } from "./evaluate-alarm.ts";
import { createHistory, type History } from "./history.ts";
import { configurationEvent } from "./messages.ts";
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
  const announce = createAnnouncer({ clock, deliveries, history });
  let takeBack = () => {};
  scheduleNext();

  return { put, get, list, delete: remove, setState, setActions, history, stop: () => takeBack() };

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
    changeState(get(name), { value, reason, reasonData, at: clock.now() });
  }

  function scheduleNext(): void {
    const minute = Math.floor((clock.now() - EVALUATION_DELAY_MS) / MINUTE_MS + 1) * MINUTE_MS;
    takeBack = clock.at(minute + EVALUATION_DELAY_MS, () => {
      scheduleNext();
      // Each on its own: an alarm that cannot be evaluated is reported and stops no other.
      for (const alarm of list()) clock.background(() => evaluate(alarm, minute));
    });
  }

  /** @param end the end of the last closed minute */
  function evaluate(alarm: Alarm, end: number): void {
    const { configuration, state } = alarm;
    const evaluation = evaluateAlarm(configuration, rangeOf(store, configuration, end));
    const value = evaluation.state ?? state.value;
    if (value === state.value) return;
    const reason = reasonFor(configuration, evaluation, state.value, value);
    const reasonData = reasonDataFor(configuration, evaluation, clock.now());
    changeState(alarm, { value, reason, reasonData, at: clock.now() });
  }

  function changeState(alarm: Alarm, state: AlarmState): void {
    const previous = alarm.state;
    const changed = state.value !== previous.value;
    const transitionedAt = changed ? state.at : alarm.transitionedAt;
    const after: Alarm = { ...alarm, state, transitionedAt };
    alarms.set(alarm.configuration.AlarmName, after);
    if (changed) announce({ alarm: after, previous, region });
  }
}

/** The datapoints the alarm is evaluated on, oldest first. @param end of the last closed minute */
function rangeOf(store: MetricStore, configuration: AlarmConfiguration, end: number): Datapoint[] {
  const periodMs = alarmPeriodMs(configuration);
  const length = evaluationRange(configuration);
  const from = end - length * periodMs;
  const queries = queriesOf(configuration);
  const returned = queries.find((query) => query.ReturnData !== false)?.Id ?? "";
  const [series, ...others] = evaluateQueries(store, queries, { from, to: end }).seriesOf(returned);
  if (others.length > 0) {
    throw new Error(
      `The alarm ${configuration.AlarmName} is not evaluated: its expression gives several series.`,
    );
  }
  return Array.from({ length }, (_, i) => {
    const at = from + i * periodMs;
    return { at, value: series?.points.get(at) };
  });
}
