import { type KinesisClient, paginateListStreams } from "@aws-sdk/client-kinesis";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { streamsInAlarm } from "../observe/streams-in-alarm.ts";
import type { House } from "../run/dependencies.ts";
import type { Waker } from "./requests.ts";

/** On a schedule's tick: what stands in ALARM, what is in the middle of a plan, what is due. */
export async function due(run: Run, house: House, now: number): Promise<Map<string, Waker>> {
  const { lookouts, cloudwatch, kinesis, alarmNamePrefix } = house;
  return run.stage("sweep", async (stage) => {
    const [inAlarm] = await Promise.all([
      streamsInAlarm(cloudwatch, alarmNamePrefix, run.signal),
      lookouts.wantsDiscovery(now)
        ? namesOfStreams(kinesis, run.signal).then((names) => lookouts.discovered(names, now))
        : undefined,
    ]);
    const ours = new Set([...inAlarm.keys()].filter((stream) => lookouts.policyOf(stream)));
    const streams = lookouts.due(ours, now);
    stage.annotate("streams", streams.length);
    return new Map(
      streams.map((stream) => {
        const alarm = ours.has(stream) ? inAlarm.get(stream) : undefined;
        return [stream, alarm === undefined ? ticked(now) : standing(alarm, now)] as const;
      }),
    );
  });
}

export function ticked(at: number): Waker {
  return { kind: "schedule", text: "schedule", at };
}

/** The alarm's own news came earlier: this is the tick that drives it on. */
function standing(alarm: string, at: number): Waker {
  return { kind: "schedule", text: `alarm ${alarm} (still ALARM)`, alarm, at };
}

async function namesOfStreams(kinesis: KinesisClient, abortSignal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const page of paginateListStreams({ client: kinesis }, { Limit: 1000 }, { abortSignal })) {
      names.push(...(page.StreamNames ?? []));
    }
  } catch (error) {
    throw asFailure(error, "kinesis:ListStreams", "the account's streams");
  }
  return names;
}
