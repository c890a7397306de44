import { defineAutomation } from "../../shared/automation/automation.ts";
import { logAndTracePermissions } from "../../shared/automation/permission.ts";
import { notifySchema } from "../../shared/routes/routes.ts";
import { secretPlaceholders } from "../../shared/secrets/secret-placeholders.ts";
import { configKeys } from "./deploy/config-keys.ts";
import { approvalsCost } from "./deploy/cost.ts";
import { monitoring } from "./deploy/monitoring.ts";
import { resourcesFor } from "./deploy/resources.ts";

const NAME = "approve-changes";

export const automation = defineAutomation({
  name: NAME,
  summary: "takes a person's answer before a change is made, where the mode is `ask`",
  triggeredBy: "a link of a notification; a button of a chat",
  functions: [NAME],
  config: {
    section: "notify",
    schema: notifySchema,
    describes: "who is notified: mail addresses, and routes to chats, pagers, webhooks, event buses",
    keys: configKeys,
    sample: {
      what: "changes that are asked for, however many",
      section: () => ({ approvals: { secret: { ssm: "/reflex/approvals" } } }),
    },
  },
  permissions: [
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
      on: "arn:aws:dynamodb:<region>:<account>:table/reflex-<stage>-ledger",
      why: "stores requests, their answers, and who gave them",
    },
    {
      actions: ["ssm:GetParameters"],
      on: "arn:aws:ssm:<region>:<account>:parameter/<parameter of approvals>",
      why: "reads the secret that signs the links",
    },
    {
      actions: ["secretsmanager:GetSecretValue"],
      on: "arn:aws:secretsmanager:<region>:<account>:secret:<secret of approvals>-??????",
      why: "reads the secret that signs the links. AWS appends six characters to each secret's name",
    },
    ...logAndTracePermissions(NAME),
  ],
  diagram: {
    triggers: [
      { from: "a person, by a link", to: NAME, how: "a function URL" },
      { from: "Amazon Q Developer in chat applications", to: NAME, how: "invokes it directly" },
    ],
    data: [{ store: "ledger", kind: "table", direction: "both", what: "requests, answers" }],
  },
  inUse: ({ approvals }) => approvals !== undefined,
  resources: (config, stage) => ({ Resources: resourcesFor(config, stage) }),
  placeholders: ({ approvals }) => secretPlaceholders("approvals", approvals ? [approvals.secret] : []),
  monitoring: (_, info) => monitoring(info),
  smokeEvents: () => ({ [NAME]: { approve: "stream/smoke/00000000", mode: "observe" } }),
  cost: () => [{ name: NAME, lines: approvalsCost() }],
});
