import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import * as z from "zod/mini";
import { alarmUnitsOf, unitsUsedIn } from "../../bench/bill/count.ts";
import { oneOfEach, startOneOfEach } from "../../bench/bill/one-of-each.ts";
import { type Account, type AccountOptions, startAccount } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import type { Template } from "../../sandbox/template/template.ts";
import { bill } from "../../scripts/cost/bill.ts";
import { stackTemplate } from "../../scripts/stack/stack-template.ts";
import { type Units, unitsOf } from "../../shared/cost/cost-line.ts";
import { MINUTES_A_MONTH } from "../../shared/cost/prices.ts";
import { anchorOf } from "../docs/anchor.ts";
import { configWith, INFO } from "../scripts/watched.ts";
import { wholeTemplate } from "./setup/whole-template.ts";

const MINUTE = 60_000;
/** As often as the rarest of what a quiet service does. */
const COUNTED_MINUTES = 10;
const CHECKER = "reflex-dev-check-sites";
const LANDER = "reflex-dev-ingest-events";
const TOPICS = ["watch", "tickets"].map((name) => `arn:aws:sns:us-east-1:000000000000:reflex-dev-${name}`);

function started(options: Partial<AccountOptions> = {}): Promise<Account> {
  return startAccount({
    packageDir: inject("packageDir"),
    speed: 0,
    start: Date.parse("2026-11-21T12:00:30Z"),
    log: (line) => console.error(line),
    ...options,
  });
}

const message = z.looseObject({
  AlarmName: z.string(),
  NewStateValue: z.string(),
  AlarmDescription: z.string(),
});

/** What the alarms on Reflex said, as `name: STATE`, in order of name. */
const calls = ({ sns }: Account): string[] =>
  sns
    .published()
    .filter(({ topicArn }) => TOPICS.includes(topicArn))
    .map((one) => z.parse(z.union([z.string(), message]), JSON.parse(one.message)))
    .map((said) =>
      typeof said === "string"
        ? said.replace(/^OK: reflex-dev-watch-(\S+) is over.*$/, "$1: OK")
        : `${said.AlarmName.replace("reflex-dev-watch-", "")}: ${said.NewStateValue}`,
    )
    .toSorted();

const beyondOk = (account: Account) => calls(account).filter((call) => !call.endsWith(": OK"));

describe("the packaged alarms on Reflex", () => {
  /** What fired in the first ten minutes of nothing to do, what had said OK by then, and what fires when a sweep stops. */
  let calm: {
    readonly calls: readonly string[];
    readonly ok: readonly string[];
    readonly stopped: readonly string[];
  };
  /** What calls where two functions cannot read their config, one of them with an event in its stream. */
  let failing: readonly string[];
  /** What an account with one of each used in ten minutes, as AWS bills it. */
  let used: Units;
  beforeAll(async () => {
    const quiet = await startOneOfEach(inject("packageDir"));
    await quiet.clock.advance(5 * MINUTE);
    used = await unitsUsedIn(quiet, COUNTED_MINUTES);
    const [beyond, ok] = [beyondOk(quiet), calls(quiet)];
    quiet.events.rules.setState(CHECKER, "DISABLED");
    await quiet.clock.advance(7 * MINUTE);
    calm = { calls: beyond, ok, stopped: beyondOk(quiet) };
    await quiet.stop();

    const REFLEX_CONFIG = "/there/is/no/config.yml";
    const broken = await started({
      environment: { [CHECKER]: { REFLEX_CONFIG }, [LANDER]: { REFLEX_CONFIG } },
    });
    const kinesis = new KinesisClient(clientFor(broken));
    const event = Buffer.from('{"id":"1"}');
    await kinesis.send(new PutRecordCommand({ StreamName: "events", PartitionKey: "1", Data: event }));
    kinesis.destroy();
    await broken.clock.advance(20 * MINUTE);
    failing = beyondOk(broken);
    await broken.stop();
  });

  test("what is used while there is nothing to do is what the bill says: no more, and half of it at least", () => {
    const config = configWith(oneOfEach("http://127.0.0.1:1/"));
    const billed = unitsOf(bill(config, INFO).flatMap(({ lines }) => lines));
    const month = MINUTES_A_MONTH / COUNTED_MINUTES;
    expect(used.cloudwatchCustomMetric).toBe(billed.cloudwatchCustomMetric);
    expect(billed).toMatchObject(alarmUnitsOf(stackTemplate(config, INFO)));
    const BY_TIME = [
      "lambdaRequest",
      "xrayTrace",
      "cloudwatchApiRequest",
      "cloudwatchMetricRequested",
      "cloudwatchLogGb",
      "dynamodbRead",
      "dynamodbWrite",
    ] as const;
    const shares = BY_TIME.map((unit) => [unit, ((used[unit] ?? 0) * month) / (billed[unit] ?? 0)] as const);
    expect(shares.filter(([, share]) => !(share >= 0.5 && share <= 1))).toEqual([]);
    // Of a run's time only the rounds of calls are counted: the bill has to be enough for them.
    const seconds = ((used.lambdaArmGbSecond ?? 0) * month) / (billed.lambdaArmGbSecond ?? 0);
    expect(seconds).toBeGreaterThan(0.2);
    expect(seconds).toBeLessThanOrEqual(1);
  });

  test("are quiet from the first deploy on: fifteen minutes of nothing to do", () => {
    expect(calm.calls).toEqual([]);
    expect(calm.ok).toEqual([]);
  });

  test("call when a sweep has stopped", () => {
    expect(calm.stopped).toEqual(["slo-runs-check-sites: INSUFFICIENT_DATA"]);
  });

  test("call when functions keep failing, of them, of the events they leave behind and of what waits to be landed", () => {
    expect(failing).toEqual([
      "failed-events-not-empty: ALARM",
      "slo-landing-events: ALARM",
      "slo-runs-check-sites: ALARM",
    ]);
  });

  test("call when what Reflex does reaches nobody", async () => {
    const folder = mkdtempSync(join(tmpdir(), "reflex-watch-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const config = join(folder, "config.yml");
    // JSON is YAML too; nothing listens there.
    const shop = { url: "http://127.0.0.1:1/", downAfter: 1 };
    writeFileSync(config, JSON.stringify({ mode: "act", sites: { allow: ["127.0.0.0/8"], list: { shop } } }));
    const account = await started({ environment: { [CHECKER]: { REFLEX_CONFIG: config } } });
    onTestFinished(() => account.stop());
    const outage = { kind: "server-error", service: "sns", functionName: CHECKER, times: 1000 } as const;
    const injected = account.faults.inject(outage);
    await account.clock.advance(4 * MINUTE);
    expect(injected.hits()).toBeGreaterThan(0);
    expect(beyondOk(account)).toContain("slo-notifications: ALARM");
  });
});

const alarmProperties = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z._default(z.array(z.unknown()), []),
});

const METRIC_ALARM = "AWS::CloudWatch::Alarm";
const COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm";

function alarmsOf({ Resources }: Template, types: readonly string[] = [METRIC_ALARM]) {
  return Object.values(Resources).flatMap(({ Type, Properties }) =>
    types.includes(Type) ? [z.parse(alarmProperties, Properties)] : [],
  );
}

/** Headings of what this config does not package: an alarm with `sites.confirmFrom` only, and one of a monitor that is not AWS's. */
const NOT_PACKAGED = ["sites-not-confirmed", "the-monitor-outside-says-that-reflex-is-silent"];

const headingOf = ({ AlarmName, AlarmDescription }: z.output<typeof alarmProperties>): string =>
  /docs\/runbook\.md#(\S+)$/.exec(AlarmDescription)?.[1] ?? `${AlarmName} names no heading`;

test("every alarm that is packaged has its heading in the runbook, and every heading there its alarm", () => {
  const named = alarmsOf(wholeTemplate(inject("everythingDir")), [METRIC_ALARM, COMPOSITE_ALARM]).map(
    headingOf,
  );
  const runbook = readFileSync(join(import.meta.dirname, "..", "..", "docs", "runbook.md"), "utf8");
  const headings = [...runbook.matchAll(/^### (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  expect([...new Set([...named, ...NOT_PACKAGED])].toSorted()).toEqual(headings.toSorted());
});

test("no alarm that calls a person wakes a function, nor the other way round", () => {
  const alarms = alarmsOf(wholeTemplate(inject("packageDir")));
  const mixed = alarms.filter(({ AlarmName, AlarmActions }) => {
    const isWatch = AlarmName.startsWith("reflex-dev-watch-");
    return isWatch !== /^\[\{"Ref":"(Watch|Ticket)Topic"\}\]$/.test(JSON.stringify(AlarmActions));
  });
  expect(mixed).toEqual([]);
});
