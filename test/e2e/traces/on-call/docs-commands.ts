import { asNode } from "../../../../sandbox/kubernetes/parsed.ts";
import { ledgerEntries } from "../ledger-entries.ts";
import type { Scenery } from "../scenery.ts";
import type { DocCommand } from "./commands-in-docs.ts";

/** Commands of the docs that this test does not run, and why; a test holds each of them to a command that is there. */
export const NOT_RUN: readonly (readonly [command: RegExp, because: string])[] = [
  [
    /^npm (ci|install|start|test)\b|^npm run (sandbox|bench|docs|lint|types|format)\b/,
    "of the working copy, not of an account",
  ],
  [/^npm update /, "changes the working copy"],
  [/^npm run new-automation /, "writes an automation: test/e2e/new-automation.test.ts runs it"],
  [
    /^(npx )?serverless |^npx serverless |^reflex (deploy|package|remove)\b/,
    "packages or deploys: test/e2e/deploy and invoke-local run these",
  ],
  [/^npm run (release|import) /, "deploys: test/scripts/release and test/e2e/deploy run it"],
  [/^npm run backtest /, "minutes of reading: test/scripts/backtest runs it"],
  [
    /^npm run notify -- test --stage <?[a-z]+>? --route /,
    "this config has no routes: test/e2e/deliver-notifications.test.ts runs it",
  ],
  [
    /^npx reflex (approve|reject) <id>/,
    "answers what is proposed: test/e2e/deliver-notifications.test.ts has a proposal",
  ],
  [/^npx reflex resume node-pool\/<pool> /, "no pool is paused here: test/scripts/ledger has one that is"],
  [/^kubectl drain <node> /, "waits until the pods have ended, and this account's clock stands still"],
  [
    /^npm run redrive -- --queue reflex-dev-quarantine$/,
    "what is quarantined here cannot be stored: it ends with 1, as test/scripts/redrive has it",
  ],
  [/^aws chatbot /, "the sandbox has no chat applications, and the command needs one of a person's"],
];

/** What the sandbox does not have; it has to refuse it by name, which also shows that the CLI takes the command. */
export const NOT_SIMULATED =
  /^aws (eks create-access-entry|sqs start-message-move-task|ec2 get-console-output)/;

/** A command's name alone is a mention: it is looked up, not run. */
const MENTION = /^(?:npm run|npx reflex|npx serverless|reflex|serverless|kubectl|npm) [\w-]+(?: …)?$/;

export const isMention = ({ text }: DocCommand): boolean =>
  MENTION.test(text) || text === "npm run …" || text === "npx …";

/** What a person puts in the place of what the docs leave open. */
export async function valuesIn(
  scenery: Scenery,
): Promise<readonly (readonly [written: string, meant: string])[]> {
  const { account, main, siteUrl } = scenery;
  const { store } = main.cluster.state;
  const [node] = store.list("nodes");
  const [pod] = store.list("pods");
  // A node that is being drained.
  const taint = { key: "reflex/draining", effect: "NoSchedule" };
  if (node) store.replace("nodes", { ...node, spec: { ...node.spec, taints: [taint] } });
  const mapping = account.resources.find(({ type }) => type === "AWS::Lambda::EventSourceMapping");
  const change = (await ledgerEntries(scenery)).find(({ intent }) => intent.action.startsWith("kinesis:"));
  return [
    ["http://127.0.0.1:4566", account.url],
    ["https://shop.example.com/health' ", `${siteUrl}/shop' --allow 127.0.0.0/8 `],
    ["https://shop.example.com/health", `${siteUrl}/shop --allow 127.0.0.0/8`],
    ["<address>", `${siteUrl}/shop --allow 127.0.0.0/8`],
    ["--stage prod", "--stage dev"],
    ["<stage>", "dev"],
    ["<function>", "reshard-streams"],
    ["<file>", "events/reshard-streams-schedule.json"],
    ["<stream>", "clicks"],
    ["<shards>", "2"],
    // The landed stream of this config.
    ["preview --stream orders", "preview --stream events"],
    ["<site>", "shop"],
    ["<pool>", "workers"],
    ["<group>", "workers-a"],
    ["<hook>", "drain"],
    ["<node>", node?.metadata.name ?? ""],
    ["<instance>", (node && asNode(node).machine?.instanceId) ?? ""],
    ["<pod>", pod?.metadata.name ?? ""],
    ["<UUID>", "14e0db71-5d35-4eb5-b481-8945cf9d10c2"],
    ["<namespace>", "default"],
    ["<uuid>", mapping?.ref ?? ""],
    ["<resource>", "stream/orders"],
    ["<incident or notification id>", "none"],
    ["<id>", change?.intent.id ?? ""],
    ["<region>", "us-east-1"],
    ["<account>", "000000000000"],
  ];
}
