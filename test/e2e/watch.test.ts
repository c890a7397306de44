import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import * as z from "zod/mini";
import { type Account, type AccountOptions, startAccount } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/stories/client.ts";
import { readTemplate, TEMPLATE_FILE, type Template } from "../../sandbox/template/template.ts";
import { packageEverything } from "./everything.ts";

const MINUTE = 60_000;
const CHECKER = "reflex-dev-check-sites";
const TOPIC = "arn:aws:sns:us-east-1:000000000000:reflex-dev-watch";

async function started(options: Partial<AccountOptions> = {}): Promise<Account> {
  const account = await startAccount({
    packageDir: inject("packageDir"),
    speed: 0,
    start: Date.parse("2026-11-21T12:00:30Z"),
    log: (line) => console.error(line),
    ...options,
  });
  onTestFinished(() => account.stop());
  return account;
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
    .filter(({ topicArn }) => topicArn === TOPIC)
    .map((one) => z.parse(message, JSON.parse(one.message)))
    .map(({ AlarmName, NewStateValue }) => `${AlarmName.replace("reflex-dev-watch-", "")}: ${NewStateValue}`)
    .toSorted();

const beyondOk = (account: Account) => calls(account).filter((call) => !call.endsWith(": OK"));

describe("the packaged alarms on Reflex", () => {
  test("are quiet from the first deploy on: ten minutes of nothing to do", async () => {
    const account = await started();
    await account.clock.advance(10 * MINUTE);
    expect(beyondOk(account)).toEqual([]);
    expect(calls(account)).toContain("check-sites-silent: OK");
  });

  test("call when a function keeps failing, of it and of the events it leaves behind", async () => {
    const account = await started({
      environment: { [CHECKER]: { REFLEX_CONFIG: "/there/is/no/config.yml" } },
    });
    await account.clock.advance(12 * MINUTE);
    expect(beyondOk(account)).toEqual(["check-sites-errors: ALARM", "failed-events-not-empty: ALARM"]);
  });

  test("call when a sweep has stopped", async () => {
    const account = await started();
    await account.clock.advance(5 * MINUTE);
    account.events.rules.setState(CHECKER, "DISABLED");
    await account.clock.advance(7 * MINUTE);
    expect(beyondOk(account)).toEqual(["check-sites-silent: INSUFFICIENT_DATA"]);
  });

  test("call when events wait in their stream because nobody lands them", async () => {
    const account = await started({
      environment: { "reflex-dev-ingest-events": { REFLEX_CONFIG: "/there/is/no/config.yml" } },
    });
    const kinesis = new KinesisClient(clientFor(account));
    onTestFinished(() => kinesis.destroy());
    const event = Buffer.from('{"id":"1"}');
    await kinesis.send(new PutRecordCommand({ StreamName: "events", PartitionKey: "1", Data: event }));
    await account.clock.advance(20 * MINUTE);
    expect(beyondOk(account)).toEqual(["ingest-events-errors: ALARM", "ingest-events-iterator-age: ALARM"]);
  });

  test("call when what Reflex does reaches nobody", async () => {
    const folder = mkdtempSync(join(tmpdir(), "reflex-watch-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const config = join(folder, "config.yml");
    // JSON is YAML too; nothing listens there.
    const shop = { url: "http://127.0.0.1:1/", downAfter: 1 };
    writeFileSync(config, JSON.stringify({ sites: { allow: ["127.0.0.0/8"], list: { shop } } }));
    const account = await started({ environment: { [CHECKER]: { REFLEX_CONFIG: config } } });
    const outage = { kind: "server-error", service: "sns", functionName: CHECKER, times: 1000 } as const;
    const injected = account.faults.inject(outage);
    await account.clock.advance(4 * MINUTE);
    expect(injected.hits()).toBeGreaterThan(0);
    expect(beyondOk(account)).toContain("notification-failures: ALARM");
  });
});

const alarmProperties = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()),
});

function alarmsOf({ Resources }: Template) {
  return Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === "AWS::CloudWatch::Alarm" ? [z.parse(alarmProperties, Properties)] : [],
  );
}

/** The headings under which alarms that wake an automation stand. */
const WAKING: readonly { readonly prefix: string; readonly heading: string }[] = [
  { prefix: "reflex-dev-stream-", heading: "A stream's alarm" },
  { prefix: "reflex-dev-node-pool-", heading: "A node pool's alarm" },
];

const headingOf = ({ AlarmName, AlarmDescription }: z.output<typeof alarmProperties>): string =>
  WAKING.find(({ prefix }) => AlarmName.startsWith(prefix))?.heading ??
  /docs\/runbook\.md, "([^"]+)"/.exec(AlarmDescription)?.[1] ??
  `${AlarmName} names no heading`;

test("every alarm that is packaged has its heading in the runbook, and every heading there its alarm", async () => {
  const everything = await packageEverything();
  onTestFinished(everything.remove);
  const named = alarmsOf(readTemplate(join(everything.dir, TEMPLATE_FILE))).map(headingOf);
  const runbook = readFileSync(join(import.meta.dirname, "..", "..", "docs", "runbook.md"), "utf8");
  const headings = [...runbook.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
  expect([...new Set(named)].toSorted()).toEqual(headings.toSorted());
});

test("no alarm that calls a person wakes a function, nor the other way round", () => {
  const alarms = alarmsOf(readTemplate(join(inject("packageDir"), TEMPLATE_FILE)));
  const mixed = alarms.filter(({ AlarmName, AlarmActions }) => {
    const isWatch = AlarmName.startsWith("reflex-dev-watch-");
    return isWatch !== (JSON.stringify(AlarmActions) === '[{"Ref":"WatchTopic"}]');
  });
  expect(mixed).toEqual([]);
});
