import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject, onTestFinished } from "vitest";
import { sites as schema } from "../../../functions/check-sites/config/sites.ts";
import { templateFor } from "../../../functions/check-sites/deploy/resources.ts";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import type { ClockOptions } from "../../../sandbox/clock/clock.ts";
import type { Invocation } from "../../../sandbox/lambda/function.ts";
import { TEMPLATE_FILE } from "../../../sandbox/template/template.ts";
import { type Notification, notification } from "../../../shared/notify/notification.ts";
import { withOthersAsleep, withoutStreams } from "./asleep.ts";

const MINUTE = 60_000;
export const FUNCTION = "reflex-dev-check-sites";

/** An account in which the packaged check-sites checks sites of the test's own. */
export interface SitesAccount extends Account {
  /** A minute goes by: the schedule ticks, and everything that follows is done. Gives that run. */
  minute(): Promise<Invocation>;
  /** Deploys a config with what the company's account demands. */
  demand(demands: object): Promise<void>;
  /** The headlines of the notifications, oldest first. */
  headlines(): string[];
  /** The same as machines get it. */
  documents(): Notification[];
  /** Everything the function wrote. */
  readonly lines: string[];
}

/**
 * Starts an account with the packaged service. The config is the test's own section `sites`, and the template
 * what the function's own resources make of it. Time stands still but for `minute`, unless it is given a speed.
 */
export async function startSitesAccount(
  section: Record<string, unknown>,
  { speed = 0, start = Math.floor(Date.now() / MINUTE) * MINUTE }: Partial<ClockOptions> = {},
): Promise<SitesAccount> {
  const folder = mkdtempSync(join(tmpdir(), "reflex-sites-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = { allow: ["127.0.0.0/8"], ...section };
  // JSON is YAML too.
  const write = (more: object) =>
    writeFileSync(join(folder, "config.yml"), JSON.stringify({ mode: "act", sites: config, ...more }));
  write({});
  cpSync(inject("packageDir"), folder, { recursive: true });
  const template = JSON.parse(
    withoutStreams(withOthersAsleep(readFileSync(join(folder, TEMPLATE_FILE), "utf8"), "CheckDashsites")),
  );
  Object.assign(template.Resources, templateFor(schema.parse(config), "dev").Resources);
  writeFileSync(join(folder, TEMPLATE_FILE), JSON.stringify(template));

  const lines: string[] = [];
  const account = await startAccount({
    packageDir: folder,
    speed,
    start,
    environment: { [FUNCTION]: { REFLEX_CONFIG: join(folder, "config.yml") } },
    log: (line) => lines.push(line),
    onLine: (functionName, line) => {
      if (functionName === FUNCTION) lines.push(line);
    },
  });
  onTestFinished(() => account.stop());
  const notified = () => account.sns.published().filter(({ topicArn }) => topicArn.endsWith("-notify"));
  return {
    ...account,
    lines,
    async minute() {
      await account.clock.advance(MINUTE);
      const last = account.lambda.invocations(FUNCTION).at(-1);
      if (!last) throw new Error("check-sites was not invoked");
      return last;
    },
    async demand(demands) {
      write({ account: demands });
      await account.applyConfigs();
    },
    headlines: () => notified().map(({ subject }) => subject ?? ""),
    documents: () =>
      notified().map(({ byProtocol }) => notification.parse(JSON.parse(byProtocol?.default ?? "null"))),
  };
}
