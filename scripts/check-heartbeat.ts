import type { ConfiguredAutomation } from "../shared/automation/automation.ts";
import type { ConfigFile } from "../shared/config/file.ts";
import type { Problem } from "../shared/config/load.ts";
import { HEARTBEAT_SECTIONS, heartbeatSender } from "../shared/heartbeat/config.ts";

/** A heartbeat that nothing would ever send: the monitor would raise the alarm for good. */
export function heartbeatProblems(
  isConfigured: boolean,
  automations: readonly Pick<ConfiguredAutomation, "name" | "inUse">[],
  file: Pick<ConfigFile, "placeOf" | "sections">,
): readonly Problem[] {
  if (!isConfigured) return [];
  const sender = heartbeatSender(file);
  if (automations.some(({ name, inUse }) => inUse && name === sender)) return [];
  const path = ["monitoring", "heartbeat"];
  return [
    `${file.placeOf(path)}: ${path.join(".")}: found nothing that sweeps, expected one of the sections ${HEARTBEAT_SECTIONS.join(", ")}: their sweep sends it`,
  ];
}
