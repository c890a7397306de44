import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import { notPermitted } from "../../sandbox/iam/permissions.ts";
import type { Region } from "../../sandbox/region.ts";
import { answer, type Behaviour } from "../../sandbox/sites/behaviours.ts";
import { type Site, startSite } from "../../sandbox/sites/site.ts";
import { deployedTimestamp } from "../../scripts/release/deployed.ts";
import { notification } from "../../shared/notify/notification.ts";
import { copyService, type Ended, type ServiceCopy } from "./setup/service-copy.ts";
import { EXPECTED_ELSEWHERE } from "./traces/expected.ts";
import { lostIn, treeOf } from "./traces/tree.ts";
import { isWhole } from "./traces/whole.ts";

const MINUTE = 60_000;
const REGIONS = ["eu-west-1", "ap-southeast-2"] as const;
const TOKEN = "t0ken-of-the-shop";

let account: Account;
let others: readonly Region[];
let service: ServiceCopy;
let deployed: Ended;
/** One site for each scene, by the name it has in the config. */
const sites: Record<string, Site> = {};

const NAMES = ["everywhere", "home-only", "guarded", "trusted", "unreachable"] as const;
const POLICIES: Record<(typeof NAMES)[number], object> = {
  everywhere: {},
  "home-only": {},
  guarded: { auth: { bearer: { ssm: "/shop/token" } } },
  trusted: { auth: { bearer: { ssm: "/shop/token" } }, confirm: "with-credentials" },
  unreachable: {},
};

/** What a real deploy makes of a config that names two other regions. */
beforeAll(async () => {
  for (const name of NAMES) sites[name] = await startSite({ behaviour: answer() });
  account = await startAccount({
    speed: 0,
    start: Math.floor(Date.now() / MINUTE) * MINUTE,
    log: (line) => console.error(line),
  });
  account.ssm.put("/shop/token", TOKEN);
  service = copyService(account.url);
  const list = Object.fromEntries(
    NAMES.map((name) => [name, { url: sites[name]?.url, downAfter: 1, upAfter: 1, ...POLICIES[name] }]),
  );
  const config = { mode: "act", sites: { allow: ["127.0.0.0/8"], confirmFrom: REGIONS, list } };
  writeFileSync(join(service.dir, "config", "dev.yml"), JSON.stringify(config));
  deployed = await service.serverless("deploy");
  others = await Promise.all(REGIONS.map((name) => account.region(name)));
}, 300_000);

afterAll(async () => {
  service.remove();
  await account.stop();
  await Promise.all(Object.values(sites).map((site) => site.stop()));
});

/** A minute in which everything is well. */
beforeEach(async () => {
  for (const site of Object.values(sites)) site.behave(answer());
  await minute();
});

/** Requests that the site of the scene had before it. */
let seenBefore = 0;

const minute = () => account.clock.advance(MINUTE);

async function minuteWith(name: (typeof NAMES)[number], behaviour: Behaviour): Promise<string[]> {
  const published = () => account.sns.published().filter(({ topicArn }) => topicArn.endsWith("-notify"));
  const before = published().length;
  seenBefore = site(name).requests.length;
  site(name).behave(behaviour);
  await minute();
  return published()
    .slice(before)
    .map(({ byProtocol }) => notification.parse(JSON.parse(byProtocol?.default ?? "null")).headline);
}

function site(name: (typeof NAMES)[number]): Site {
  return sites[name] ?? expect.unreachable(name);
}

/** Home asks first: what it gets, and what the other regions get after it. */
function firstThen(atHome: Behaviour, elsewhere: Behaviour): Behaviour {
  let asked = 0;
  return (...request) => (asked++ === 0 ? atHome : elsewhere)(...request);
}

const invocations = () => others.map(({ lambda }) => lambda.invocations().length);

test("the deploy makes a stack of one function in each region, and none of it is at home", async () => {
  expect(deployed.output).toContain("Service deployed to stack reflex-dev-for-us-east-1");
  expect(deployed.code).toBe(0);
  const functions = others.map(({ lambda }) => lambda.configurations().map(({ name }) => name));
  expect(functions).toEqual(REGIONS.map(() => ["reflex-dev-confirm-sites-for-us-east-1"]));
  expect(account.lambda.configurations().map(({ name }) => name)).toEqual(["reflex-dev-check-sites"]);
});

test("while all is well nobody is asked", async () => {
  const before = invocations();
  await minute();
  expect(invocations()).toEqual(before);
});

describe("a new failure", () => {
  test("that is everywhere is DOWN, and once it is known nobody is asked any more", async () => {
    const headlines = await minuteWith("everywhere", answer({ status: 500 }));
    expect(headlines).toEqual([
      "everywhere is DOWN: status is 500, expected 200-299; also from eu-west-1 and ap-southeast-2",
    ]);
    const asked = invocations();
    await minute();
    expect(invocations()).toEqual(asked);
  });

  test("that only home sees is DEGRADED", async () => {
    const headlines = await minuteWith("home-only", firstThen(answer({ status: 500 }), answer()));
    expect(headlines).toEqual([
      "home-only is DEGRADED: only from us-east-1: status is 500, expected 200-299; eu-west-1 and ap-southeast-2 find it well",
    ]);
  });

  test("of home and one of two others is DOWN", async () => {
    let asked = 0;
    const headlines = await minuteWith("home-only", (...request) =>
      answer({ status: asked++ < 2 ? 500 : 200 })(...request),
    );
    expect(headlines).toEqual([
      expect.stringMatching(
        /^home-only is DOWN: status is 500.*; also from [a-z0-9-]+; [a-z0-9-]+ finds it well$/,
      ),
    ]);
  });
});

describe("credentials", () => {
  const authorizations = (name: (typeof NAMES)[number]) =>
    site(name)
      .requests.slice(seenBefore)
      .map(({ headers }) => headers.authorization);

  test("stay at home, and without them a body or a status proves nothing", async () => {
    const headlines = await minuteWith("guarded", (request, ...rest) =>
      answer({ status: request.headers.authorization ? 500 : 401 })(request, ...rest),
    );
    expect(authorizations("guarded")).toEqual([`Bearer ${TOKEN}`, undefined, undefined]);
    expect(headlines).toEqual([expect.stringMatching(/^guarded is DOWN: status is 500/)]);
  });

  test("go where the config lets them go, read at home", async () => {
    const headlines = await minuteWith("trusted", firstThen(answer({ status: 500 }), answer()));
    expect(authorizations("trusted")).toEqual(Array(3).fill(`Bearer ${TOKEN}`));
    expect(headlines).toEqual([
      expect.stringMatching(/^trusted is DEGRADED: only from us-east-1: status is 500/),
    ]);
  });
});

test("the trace shows who was asked, as it is written down", async () => {
  const headlines = await minuteWith("home-only", answer({ status: 500 }));
  expect(headlines).toEqual([expect.stringContaining("also from eu-west-1 and ap-southeast-2")]);
  const { traceHeader } = account.lambda.invocations().at(-1) ?? expect.unreachable();
  const id = /Root=([^;]+)/.exec(traceHeader)?.[1] ?? expect.unreachable();
  const runs = () => [account, ...others].flatMap(({ lambda }) => lambda.invocations());
  const trace = await account.xray.waitFor(id, (found) => isWhole(found, runs()));
  expect(lostIn(trace)).toEqual([]);
  // Credentials are read every five minutes: whether in this one, is up to the scenes before.
  expect(treeOf(trace).replace("        SSM GetParameters\n", "")).toBe(
    EXPECTED_ELSEWHERE["a failure is confirmed from other regions"].trim(),
  );
});

test("a region that cannot be asked hides nothing", async () => {
  const fault = account.faults.inject({
    kind: "server-error",
    service: "lambda",
    operation: "Invoke",
    times: 100,
  });
  const headlines = await minuteWith("unreachable", firstThen(answer({ status: 500 }), answer()));
  fault.remove();
  expect(headlines).toEqual([
    expect.stringMatching(/^unreachable is DOWN: .*cannot tell: it could not be asked/),
  ]);
});

test("a smoke test asks the function in each region as well", async () => {
  const { output, code } = await service.script("release/smoke.ts", "--stage", "dev");
  for (const region of REGIONS) {
    expect(output).toContain(`ok  reflex-dev-confirm-sites-for-us-east-1 in ${region}`);
  }
  expect(output).toContain("3 of 3 functions of stage dev answered.");
  expect(code).toBe(0);
});

test("a rollback says what it leaves in the other regions", async () => {
  const client = new CloudFormationClient(clientFor(account));
  const deployedAt = await deployedTimestamp(client, "dev");
  const { output, code } = await service.serverless("rollback", "--timestamp", deployedAt ?? "");
  expect(output).toContain("reflex-dev-for-us-east-1 in eu-west-1 and ap-southeast-2 was not rolled back");
  expect(code).toBe(0);
}, 120_000);

test("no call was made that a role does not allow", () => {
  const functions = [account, ...others].flatMap(({ lambda }) => lambda.configurations());
  expect(
    account.calls.all().some(({ service, operation }) => service === "lambda" && operation === "Invoke"),
  ).toBe(true);
  expect(notPermitted(account.calls.all(), functions, account.iam)).toEqual([]);
});

test("what removes the service removes it in every region", async () => {
  const removed = await service.serverless("remove");
  expect(removed.output).toContain("Stack reflex-dev-for-us-east-1 in eu-west-1 was removed");
  expect(removed.code).toBe(0);
  for (const { cloudformation, lambda } of [account, ...others]) {
    expect(cloudformation.stacks.list()).toEqual([]);
    expect(lambda.configurations()).toEqual([]);
  }
  expect(account.s3.buckets.names()).toEqual([]);
}, 120_000);
