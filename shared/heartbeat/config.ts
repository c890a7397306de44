import * as z from "zod/mini";
import type { ConfigFile } from "../config/file.ts";
import { httpUrl } from "../net/http-url.ts";
import { secretPlaceholders } from "../secrets/secret-placeholders.ts";
import { isSecretRef, reference, type SecretRef } from "../secrets/secret-ref.ts";

/** A monitor outside AWS that raises the alarm when it is not called for a while. */
export const heartbeat = z.strictObject({
  url: z.union([httpUrl, reference]),
  everyMinutes: z._default(z.int().check(z.gte(1), z.lte(60)), 5),
});
export type HeartbeatConfig = z.output<typeof heartbeat>;

/** Sections whose sweep can call it, in this order, with the automation that sweeps and whether the section gives it something to do. */
const SWEEPS: readonly {
  readonly section: string;
  readonly automation: string;
  readonly manages: (section: unknown) => boolean;
}[] = [
  {
    section: "streams",
    automation: "reshard-streams",
    manages: (section) => entriesOf(section).some((entry) => entriesIn(entry).ignore !== true),
  },
  {
    section: "sites",
    automation: "check-sites",
    manages: (section) => entriesOf(entriesIn(section).list).length > 0,
  },
  {
    section: "nodePools",
    automation: "scale-node-pools",
    manages: (section) => entriesOf(section).length > 0,
  },
];

/** The automations that can call it, in the order in which they are chosen. */
export const HEARTBEAT_SECTIONS = SWEEPS.map(({ section }) => section);

/**
 * The one automation whose sweep calls the monitor: if several did, one that has died would be covered by the others.
 * Undefined where the config has none that sweeps.
 */
export const heartbeatSender = ({ sections }: Pick<ConfigFile, "sections">): string | undefined =>
  SWEEPS.find(({ section, manages }) => manages(sections[section]))?.automation;

/** The heartbeat of the config where `automation` sends it; undefined where it does not, or the section is wrong. */
export function heartbeatOf(file: ConfigFile, automation: string): HeartbeatConfig | undefined {
  if (heartbeatSender(file) !== automation) return undefined;
  const given = entriesIn(file.sections.monitoring).heartbeat;
  const parsed = heartbeat.safeParse(given);
  return parsed.success ? parsed.data : undefined;
}

/** The secret that the automation's role has to read for it. */
export function heartbeatSecrets(file: ConfigFile, automation: string): readonly SecretRef[] {
  const url = heartbeatOf(file, automation)?.url;
  return url !== undefined && isSecretRef(url) ? [url] : [];
}

/** What stands for the placeholders of `HEARTBEAT_PERMISSIONS`. */
export const heartbeatPlaceholders = (file: ConfigFile, automation: string) =>
  secretPlaceholders("the heartbeat", heartbeatSecrets(file, automation));

const entriesIn = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

const entriesOf = (value: unknown): readonly unknown[] => Object.values(entriesIn(value));
