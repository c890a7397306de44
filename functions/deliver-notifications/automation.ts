import { defineAutomation } from "../../shared/automation/automation.ts";
import { logAndTracePermissions } from "../../shared/automation/permission.ts";
import { notifySchema } from "../../shared/routes/routes.ts";
import { secretRefs } from "../../shared/routes/secret-refs.ts";
import { mailTopic } from "../../shared/routes/targets.ts";
import { uniqueTargets } from "../../shared/routes/unique-targets.ts";
import { secretPlaceholders } from "../../shared/secrets/secret-placeholders.ts";
import { configKeys } from "./deploy/config-keys.ts";
import { deliveryCost } from "./deploy/cost.ts";
import { monitoring } from "./deploy/monitoring.ts";
import { busesOf, resourcesFor, topicsOf } from "./deploy/resources.ts";

const NAME = "deliver-notifications";

const ownTopic = (name: string) => `arn:aws:sns:<region>:<account>:${name}`;

export const automation = defineAutomation({
  name: NAME,
  summary: "brings notifications to chats, pagers, webhooks and event buses, by routes",
  triggeredBy: "the queue behind the topic of notifications",
  functions: [NAME],
  config: {
    section: "notify",
    schema: notifySchema,
    describes: "who is notified: mail addresses, and routes to chats, pagers, webhooks, event buses",
    keys: configKeys,
    sample: {
      what: "routes, however many",
      section: (count) => ({
        routes: Array.from({ length: count - 1 }, (_, at) => ({ name: `r${at}`, to: [{ sns: "ops" }] })),
      }),
    },
  },
  permissions: [
    {
      actions: [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
      ],
      on: "arn:aws:sqs:<region>:<account>:reflex-<stage>-deliveries",
      why: "lets Lambda receive messages from the queue. A message that failed is hidden longer each time",
    },
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
      on: "arn:aws:dynamodb:<region>:<account>:table/reflex-<stage>-ledger",
      why: "stores what was delivered to whom",
    },
    {
      actions: ["sns:Publish"],
      on: "<topic of a route>",
      why: "publishes to topics, mail, and chats through Amazon Q Developer",
    },
    {
      actions: ["events:PutEvents"],
      on: "<event bus of a route>",
      why: "puts events on buses that routes name",
    },
    {
      actions: ["ssm:GetParameters"],
      on: "arn:aws:ssm:<region>:<account>:parameter/<parameter of a route>",
      why: "reads the secrets of routes: webhook addresses and keys",
    },
    {
      actions: ["secretsmanager:GetSecretValue"],
      on: "arn:aws:secretsmanager:<region>:<account>:secret:<secret of a route>-??????",
      why: "reads the secrets of routes. AWS appends six characters to each secret's name",
    },
    {
      actions: ["lambda:GetFunctionUrlConfig"],
      on: "arn:aws:lambda:<region>:<account>:function:<approver>",
      why: "reads the address of the approval page, to link to it",
    },
    ...logAndTracePermissions(NAME),
  ],
  runbook: "docs/runbook/deliver-notifications.md",
  diagram: {
    triggers: [{ from: "topic notify", to: NAME, how: "a queue" }],
    data: [
      { store: "ledger", kind: "table", direction: "both", what: "what was delivered" },
      { store: "chats, pagers, webhooks", direction: "writes", what: "messages" },
    ],
  },
  inUse: (config) => uniqueTargets(config.routes).length > 0,
  resources: (config, stage) => ({ Resources: resourcesFor(config, stage) }),
  placeholders: (config, stage) => {
    const targets = uniqueTargets(config.routes);
    const refs = secretRefs(config);
    return {
      "topic of a route": [
        ...topicsOf(targets).map((topic) => (topic.startsWith("arn:") ? topic : ownTopic(topic))),
        ...targets.flatMap((target) => (target.email ? [ownTopic(mailTopic(stage, target))] : [])),
      ],
      "event bus of a route": busesOf(targets).map((bus) =>
        bus.startsWith("arn:") ? bus : `arn:aws:events:<region>:<account>:event-bus/${bus}`,
      ),
      approver: config.approvals ? [`reflex-${stage}-approve-changes`] : [],
      ...secretPlaceholders("a route", refs),
    };
  },
  monitoring: (_, info) => monitoring(info),
  smokeEvents: ({ routes }) => ({
    [NAME]: routes[0] ? { route: routes[0].name, mode: "observe" } : { Records: [] },
  }),
  cost: () => [{ name: NAME, lines: deliveryCost() }],
});
