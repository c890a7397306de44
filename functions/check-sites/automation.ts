import { secretPlaceholders } from "../../shared/secrets/secret-placeholders.ts";
import "./evaluate/pattern-engine.ts";
import { defineAutomation } from "../../shared/automation/automation.ts";
import {
  FAILED_EVENTS,
  HEARTBEAT,
  LOOK_UP_LEDGER,
  logAndTracePermissions,
  NOTIFY,
} from "../../shared/automation/permission.ts";
import { smokeEvent } from "../../shared/automation/smoke-event.ts";
import { heartbeatPlaceholders, heartbeatSecrets } from "../../shared/heartbeat/config.ts";
import { shownEndpoint } from "./config/endpoint.ts";
import { sites as schema } from "./config/sites.ts";
import { configKeys } from "./deploy/config-keys.ts";
import { sitesCost } from "./deploy/cost.ts";
import { monitoring } from "./deploy/monitoring.ts";
import { templateFor } from "./deploy/resources.ts";
import { templateElsewhere } from "./deploy/resources-elsewhere.ts";
import { schedulesFor } from "./deploy/schedules.ts";
import { secretRefs } from "./secrets/resolve-secrets.ts";

const NAME = "check-sites";
/** In the regions of `confirmFrom`. */
const CONFIRM = "confirm-sites";

export const automation = defineAutomation({
  name: NAME,
  summary: "probes web sites, publishes metrics, reports each change once; a status page",
  triggeredBy: "every minute",
  whenPaused:
    "notifications of its sites wait until the pause ends; probing, metrics and the status page go on",
  functions: [NAME],
  config: {
    section: "sites",
    schema,
    describes: "web sites, TCP ports, DNS names; the status page",
    keys: configKeys,
    sample: {
      what: "a site with TLS",
      section: (count) => ({
        list: Object.fromEntries(
          Array.from({ length: count }, (_, at) => [`s${at}`, { url: "https://example.com" }]),
        ),
      }),
    },
  },
  permissions: [
    {
      actions: ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
      on: "arn:aws:dynamodb:<region>:<account>:table/reflex-<stage>-sites",
      why: "stores the state and history of each site",
    },
    LOOK_UP_LEDGER,
    {
      actions: ["ssm:GetParameters"],
      on: "arn:aws:ssm:<region>:<account>:parameter/<parameter of a site>",
      why: "reads the credentials that sites refer to",
    },
    {
      actions: ["secretsmanager:GetSecretValue"],
      on: "arn:aws:secretsmanager:<region>:<account>:secret:<secret of a site>-??????",
      why: "reads the credentials that sites refer to. AWS appends six characters to each secret's name",
    },
    {
      actions: ["s3:PutObject"],
      on: "arn:aws:s3:::<bucket of the status page>/*",
      why: "publishes the status page, if the config has one",
    },
    {
      actions: ["lambda:InvokeFunction"],
      on: "arn:aws:lambda:<region of confirmFrom>:<account>:function:reflex-<stage>-confirm-sites-for-<region>",
      why: "has other regions check a new failure, if the config names any",
    },
    NOTIFY,
    FAILED_EVENTS,
    ...HEARTBEAT,
    ...logAndTracePermissions(NAME),
  ],
  otherRegions: {
    functions: [CONFIRM],
    permissions: [
      {
        actions: ["ssm:GetParameters"],
        on: "arn:aws:ssm:<region>:<account>:parameter/<parameter of a site that confirms with credentials>",
        why: "reads the credentials of sites with `confirm: with-credentials` from the region they are kept in",
      },
      {
        actions: ["secretsmanager:GetSecretValue"],
        on: "arn:aws:secretsmanager:<region>:<account>:secret:<secret of a site that confirms with credentials>-??????",
        why: "reads the same credentials from Secrets Manager",
      },
      {
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        on: "arn:aws:logs:<region of confirmFrom>:<account>:log-group:/aws/lambda/reflex-<stage>-confirm-sites-for-<region>:*",
        why: "writes its log",
      },
      { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], on: "*", why: "sends its traces" },
    ],
  },
  runbook: "docs/runbook/check-sites.md",
  diagram: {
    triggers: [{ from: "EventBridge rule, every minute", to: NAME }],
    data: [
      { store: "web sites", direction: "reads", what: "probes" },
      { store: "sites", kind: "table", direction: "both", what: "state, history, outbox" },
      { store: "ledger", kind: "table", direction: "reads", what: "recent changes" },
      { store: "status page: S3, CloudFront", direction: "writes" },
      { store: "topic notify", kind: "topic", direction: "writes" },
    ],
  },
  inUse: ({ list, statusPage }) => list.length > 0 || statusPage !== undefined,
  resources: (sites, stage, file) => templateFor(sites, stage, heartbeatSecrets(file, NAME)),
  events: (sites, stage) => ({ [NAME]: schedulesFor(sites, stage) }),
  regionsElsewhere: ({ list, confirmFrom }) => (list.length > 0 ? confirmFrom : []),
  resourcesElsewhere: templateElsewhere,
  placeholders: ({ list, statusPage, confirmFrom }, stage, file) => {
    return {
      ...heartbeatPlaceholders(file, NAME),
      "region of confirmFrom": confirmFrom,
      ...secretPlaceholders("a site", list.flatMap(secretRefs)),
      "bucket of the status page": statusPage ? [`reflex-${stage}-status-<region>-<account>`] : [],
    };
  },
  monitoring,
  smokeEvents: ({ list }) => ({ [NAME]: smokeEvent("site", list[0]?.name) }),
  smokeEventsElsewhere: ({ list }) => {
    const asked = list.filter(({ confirm }) => confirm !== "never").slice(0, 1);
    const confirm = asked.map(({ name, endpoint }) => ({ name, address: shownEndpoint(endpoint) }));
    return Object.fromEntries(asked.map(() => [CONFIRM, { confirm }]));
  },
  cost: (sites, info) => [{ name: NAME, lines: sitesCost(sites, info) }],
});
