import * as z from "zod/mini";
import { alarmConfiguration, alarmState, compositeAlarm, metricsOf } from "./alarm-metrics.ts";
import type { Shape } from "./decode.ts";
import { parseAs, parseTime } from "./seen.ts";

const alarmAction = z.looseObject({
  alarmArn: z.string(),
  alarmData: z.looseObject({
    alarmName: z.string(),
    state: z.looseObject({ value: alarmState, timestamp: z.string() }),
    configuration: z.optional(alarmConfiguration),
    muteDetail: z.optional(z.unknown()),
  }),
});

/** An alarm whose action is the function itself. */
export const alarmDirect: Shape = (event) => {
  if (!("alarmArn" in event && "alarmData" in event)) return undefined;
  const { alarmArn, alarmData } = parseAs(alarmAction, event, "the alarm action");
  const { alarmName, state, configuration, muteDetail } = alarmData;
  if (configuration?.alarmRule !== undefined) return [{ kind: "nothing", why: compositeAlarm(alarmName) }];
  if (muteDetail !== undefined) {
    return [{ kind: "nothing", why: `alarm ${alarmName} is muted: a person asked that it starts no action` }];
  }
  return [
    {
      kind: "alarm",
      via: "direct",
      alarmName,
      alarmArn,
      state: state.value,
      at: parseTime(state.timestamp, `the action of alarm ${alarmName}`),
      metrics: configuration ? metricsOf(configuration) : [],
    },
  ];
};
