import { mode } from "../../shared/config/load.ts";
import { accountSchema } from "../account/account-config.ts";
import { monitoringSchema } from "../checked-config.ts";
import type { ServiceSection } from "./config-schema.ts";

/** The sections that belong to no automation, in the order of the README's table. */
export const SERVICE_SECTIONS: readonly ServiceSection[] = [
  {
    section: "mode",
    schema: mode,
    describes:
      "`act`, or `observe` (also when it is left out): decide and notify, change nothing. A stream's or node pool's own `mode` replaces it",
    page: "",
    keys: [],
  },
  {
    section: "account",
    schema: accountSchema,
    describes: "what the account demands: ids, VPC, boundary, path, tags, customer keys, retention, memory",
    page: "[every key](docs/accounts.md), [example](examples/company/README.md)",
    keys: [
      {
        marker: "account",
        at: "",
        keys: {
          ids: {
            meaning: "A deploy to another account is refused before anything is changed.",
            default: "any",
          },
          vpc: {
            meaning:
              "By region: `{ subnets, securityGroups }` of every function; `functions.<name>.vpc: none` leaves one outside.",
          },
          permissionsBoundary: { meaning: "A policy by its name or ARN, on every role." },
          rolePath: { meaning: "The path of every role.", default: "`/`" },
          tags: { meaning: "On every resource that can carry tags." },
          logRetentionDays: { meaning: "Of every function's log." },
          kmsKeys: {
            meaning:
              "Customer keys by what they encrypt (`streams`, `parameters`, `secrets`, `logs`, `tables`, `topics`, `queues`), one a region. Roles get `kms:Decrypt`, and `kms:GenerateDataKey` where they write.",
            default: "none",
          },
          functions: { meaning: "By a function's name: `{ memorySize, reservedConcurrency, vpc: none }`." },
        },
      },
    ],
  },
  {
    section: "monitoring",
    schema: monitoringSchema,
    describes: "`dashboard: true` for a CloudWatch dashboard; `heartbeat` to a monitor outside AWS",
    page: "[heartbeat](docs/notifications/README.md#when-reflex-itself-is-silent)",
    keys: [
      {
        marker: "monitoring",
        at: "",
        keys: {
          dashboard: {
            meaning: "A CloudWatch dashboard; $3 a month from the fourth of an account on.",
          },
          heartbeat: {
            meaning:
              "A monitor outside AWS that alerts you when it is no longer called ([how](docs/notifications/README.md#when-reflex-itself-is-silent)).",
            default: "none",
          },
          "heartbeat.url": {
            meaning:
              "Where it is called: an address, or `{ ssm: name }` or `{ secret: name, key? }` that holds it. A network of its own has to stand in `notify.allow`.",
            default: "required",
          },
          "heartbeat.everyMinutes": { meaning: "It is called at most once in so many minutes, 1 to 60." },
        },
      },
    ],
  },
];
