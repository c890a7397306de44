import { isPattern } from "../shared/config/patterns.ts";
import type { Sections } from "./checked-config.ts";

/** By automation: an event it answers without changing, writing or telling anything. */
export function smokeEvents(sections: Partial<Sections>): Readonly<Record<string, object>> {
  const { streams = {}, sites, nodePools = {} } = sections;
  const named = Object.keys(streams).filter((name) => !isPattern(name));
  const pools = Object.keys(nodePools);
  return {
    "reshard-streams": observing("stream", named),
    "check-sites": observing("site", sites?.list.map(({ name }) => name) ?? []),
    "scale-node-pools": observing("nodePool", pools),
    "drain-nodes": observing("nodePool", pools),
    // A batch without a record.
    "ingest-events": { Records: [] },
  };
}

/** Asks what would be done about the first one; where the config names none, says something that asks for nothing. */
function observing(of: string, [name]: readonly string[]): object {
  return name === undefined ? NEWS : { [of]: name, mode: "observe" };
}

/** Every automation knows such news, and does nothing about it. */
const NEWS = {
  source: "aws.cloudwatch",
  "detail-type": "CloudWatch Alarm Configuration Change",
  detail: { alarmName: "smoke" },
};
