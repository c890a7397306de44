import type { SandboxClock } from "../../clock/clock.ts";
import type { Deliveries } from "../../deliveries.ts";
import type { Alarm, AlarmConfiguration, Contributor, StateValue } from "./alarm.ts";
import type { History } from "./history.ts";
import { busEvent, functionEvent, type StateChange, topicMessage } from "./messages.ts";

export interface AnnouncerDependencies {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  readonly history: History;
  /** Until when the actions of an alarm are muted; undefined when they are not. */
  readonly mutedUntil: (alarmName: string) => number | undefined;
  readonly stateOf: (alarmName: string) => StateValue | undefined;
}

/**
 * What follows a change of an alarm's state: its history, the event on the bus, also where the alarm has no action, and
 * its actions, once.
 */
export function createAnnouncer({ clock, deliveries, history, mutedUntil, stateOf }: AnnouncerDependencies) {
  return { announce, announceContributor };

  function announce(change: StateChange): void {
    const { configuration, state } = change.alarm;
    const { previous } = change;
    history.add(
      configuration.AlarmName,
      "StateUpdate",
      state.at,
      `Alarm updated from ${previous.value} to ${state.value}`,
      {
        version: "1.0",
        oldState: { stateValue: previous.value, stateReason: previous.reason },
        newState: { stateValue: state.value, stateReason: state.reason },
      },
    );
    clock.background(() => deliveries.toBus(busEvent(change)));
    actUnlessMuted(change, () => stateOf(configuration.AlarmName) === state.value);
  }

  /** A muted alarm's actions are taken when its window ends, where it is then still in that state. */
  function actUnlessMuted(change: StateChange, isStill: () => boolean): void {
    const { configuration, state } = change.alarm;
    if (!configuration.ActionsEnabled) return;
    const until = mutedUntil(configuration.AlarmName);
    if (until !== undefined) {
      clock.at(until, () => {
        if (isStill()) actUnlessMuted(change, isStill);
      });
      return;
    }
    for (const arn of actionsFor(configuration, state.value)) {
      clock.background(() => takeAction(arn, change));
    }
  }

  /** One series of an alarm on several: its own event on the bus, and the alarm's actions for it alone. */
  function announceContributor(
    alarm: Alarm,
    contributor: Contributor,
    value: "ALARM" | "OK",
    at: number,
    region: string,
  ): void {
    const { reason } = contributor;
    const change: StateChange = {
      alarm: { ...alarm, state: { value, reason, at } },
      previous: { value: value === "ALARM" ? "OK" : "ALARM", reason, at },
      region,
      contributor,
    };
    clock.background(() => deliveries.toBus(busEvent(change)));
    actUnlessMuted(change, () => true);
  }

  async function takeAction(actionArn: string, change: StateChange): Promise<void> {
    const name = change.alarm.configuration.AlarmName;
    let summary = `Failed to execute action ${actionArn}`;
    try {
      summary = await act(actionArn, change);
    } finally {
      history.add(name, "Action", clock.now(), summary, { version: "1.0", actionArn });
    }
  }

  async function act(arn: string, change: StateChange): Promise<string> {
    if (arn.startsWith("arn:aws:sns:")) await deliveries.toTopic(arn, topicMessage(change));
    else if (arn.startsWith("arn:aws:lambda:")) await deliveries.toFunction(arn, functionEvent(change));
    else
      return `Action ${arn} is not simulated: the sandbox takes actions on SNS topics and Lambda functions`;
    return `Successfully executed action ${arn}`;
  }
}

function actionsFor(configuration: AlarmConfiguration, state: StateValue): readonly string[] {
  if (state === "ALARM") return configuration.AlarmActions ?? [];
  if (state === "OK") return configuration.OKActions ?? [];
  return configuration.InsufficientDataActions ?? [];
}
