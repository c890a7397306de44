import type { Automation } from "../../shared/automation/automation.ts";
import type { Permission } from "../../shared/automation/permission.ts";

/** Endpoints that IAM calls otherwise: `com.amazonaws.<region>.monitoring` is CloudWatch's. */
const ENDPOINTS: Readonly<Record<string, string>> = { cloudwatch: "monitoring", kinesis: "kinesis-streams" };

/** Of these a VPC can have a gateway endpoint, which costs nothing. */
const BY_GATEWAY: readonly string[] = ["dynamodb", "s3"];

/** Who calls it with the function's role: the function's network does not matter. */
const BY_OTHERS: readonly string[] = ["kms", "logs", "xray"];

/** The endpoints that a function of this automation calls, as the last parts of their names. */
export function endpointsOf({
  permissions,
}: {
  readonly permissions: readonly Permission[];
}): readonly string[] {
  const services = permissions
    .filter(({ by }) => by !== "Lambda")
    .flatMap(({ actions }) => actions.map((action) => action.split(":")[0] ?? ""))
    .filter((service) => !BY_OTHERS.includes(service));
  return [...new Set(services.map((service) => ENDPOINTS[service] ?? service))].toSorted();
}

/** Which endpoints a VPC without a NAT gateway needs, by automation. */
export const endpointsTable = (automations: readonly Automation[]): string =>
  [
    "| automation | interface endpoints | gateway endpoints |",
    "|---|---|---|",
    ...automations.map((automation) => {
      const [gateways, interfaces] = partition(endpointsOf(automation));
      return `| \`${automation.name}\` | ${listOf(interfaces)} | ${listOf(gateways)} |`;
    }),
  ].join("\n");

function partition(endpoints: readonly string[]): readonly [readonly string[], readonly string[]] {
  const isGateway = (name: string) => BY_GATEWAY.includes(name);
  return [endpoints.filter(isGateway), endpoints.filter((name) => !isGateway(name))];
}

const listOf = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
