import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished } from "vitest";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import type { Group } from "../../../sandbox/autoscaling/group.ts";
import type { EksCluster } from "../../../sandbox/eks/clusters.ts";
import { createWorkers } from "../../../sandbox/fixtures/workers.ts";
import { asNode, asPod } from "../../../sandbox/kubernetes/parsed.ts";
import { TEMPLATE_FILE } from "../../../sandbox/template/template.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import type { Pod } from "../../../shared/kubernetes/pod.ts";
import { separate } from "../../../shared/notify/message.ts";
import { type Notification, notification } from "../../../shared/notify/notification.ts";
import { withOthersAsleep, withoutStreams } from "./asleep.ts";
import { writeConfig } from "./config-file.ts";

/** Within a minute, so that the first tick of the schedule is half a minute away. */
const START = Date.parse("2030-01-01T00:00:30Z");
const MINUTE = 60_000;

export const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];

/** What the logical ids of an automation's own resources begin with. */
const OWN = {
  "scale-node-pools": ["ScaleDashnodeDashpools"],
  "drain-nodes": ["DrainDashnodes", "Reflexdevdrainnodes"],
} as const;

export type Automation = keyof typeof OWN;

export const functionOf = (automation: Automation): string => `reflex-dev-${automation}`;

/** An account with a cluster whose nodes are in groups of one zone each: workers-a, workers-b and workers-c. */
export interface NodePoolsAccount {
  readonly account: Account;
  readonly main: EksCluster;
  groups(): Group[];
  /** Their desired capacities. */
  sizes(): number[];
  nodes(): Node[];
  pods(): Pod[];
  /** Pods without a node. */
  waiting(): Pod[];
  minutes(count: number): Promise<void>;
  /** Deploys another config, from YAML. */
  configure(yaml: string): Promise<void>;
  /** Gives the automation an event as AWS does, and waits until it is dealt with. */
  wake(automation: Automation, event: unknown): Promise<void>;
  /** What its runs answered, oldest first: the result, or the error. */
  results(automation: Automation): unknown[];
  /** What the automations published, in order. */
  notifications(): Notification[];
}

export interface NodePoolsOptions {
  /** The automations that are woken by their own rules. */
  readonly awake: readonly Automation[];
  /** The text of the config file. */
  readonly config: string | ((account: Account) => string);
  /** Of each group. */
  readonly min?: number;
  readonly max?: number;
  readonly desired: number;
  /** The cluster has no endpoint on the internet. */
  readonly privateCluster?: true;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the packaged service, until the test ends. Its clock stands at the moment the groups' nodes are ready. */
export async function startNodePools(options: NodePoolsOptions): Promise<NodePoolsAccount> {
  const folder = mkdtempSync(join(tmpdir(), "reflex-node-pools-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(inject("packageDir"), folder, { recursive: true });
  const template = join(folder, TEMPLATE_FILE);
  const awake = options.awake.flatMap((automation) => OWN[automation]);
  writeFileSync(template, withoutStreams(withOthersAsleep(readFileSync(template, "utf8"), ...awake)));

  const REFLEX_CONFIG = join(folder, "config.yml");
  const { config } = options;
  if (typeof config === "string") writeConfig(REFLEX_CONFIG, config);
  const account = await startAccount({
    packageDir: folder,
    environment: Object.fromEntries(
      options.awake.map((each) => [functionOf(each), { REFLEX_CONFIG, ...options.environment }]),
    ),
    speed: 0,
    start: START,
    log: (line) => expect.unreachable(line),
  });
  onTestFinished(() => account.stop());
  if (typeof config !== "string") {
    // Read by the functions' first runs, which no minute has brought yet.
    writeConfig(REFLEX_CONFIG, config(account));
    await account.applyConfigs();
  }

  const main = await account.eks.clusters.create("main");
  if (options.privateCluster) main.publicEndpoint = false;
  const { min = 0, max = 6, desired } = options;
  createWorkers(account, ZONES, { min, max, desired });
  await account.clock.advance(MINUTE);

  const { store } = main.cluster.state;
  const groups = () => account.autoScaling.groups.all();
  const pods = () => store.list("pods").map(asPod);
  return {
    account,
    main,
    groups,
    sizes: () => groups().map((group) => group.desired),
    nodes: () => store.list("nodes").map(asNode),
    pods,
    waiting: () => pods().filter(({ nodeName }) => nodeName === undefined),
    async configure(yaml) {
      writeConfig(REFLEX_CONFIG, yaml);
      await account.applyConfigs();
    },
    minutes: (count) => account.clock.advance(count * MINUTE),
    async wake(automation, event) {
      await account.lambda.send(functionOf(automation), event);
      await account.clock.advance(0);
    },
    results: (automation) =>
      account.lambda
        .invocations(functionOf(automation))
        .map(({ result }) => (result.ok ? JSON.parse(result.payload) : result.error)),
    notifications: () =>
      account.sns
        .published()
        .flatMap(({ byProtocol }) =>
          byProtocol?.default ? separate(notification.parse(JSON.parse(byProtocol.default))) : [],
        ),
  };
}
