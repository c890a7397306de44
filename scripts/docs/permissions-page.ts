import type { Automation } from "../../shared/automation/automation.ts";
import type { Permission } from "../../shared/automation/permission.ts";

/** docs/permissions.md. */
export function permissionsPage(automations: readonly Automation[]): string {
  const roles = automations.flatMap(({ name, permissions, otherRegions }) => [
    roleTable(name, permissions),
    ...(otherRegions
      ? [
          roleTable(
            `${otherRegions.functions.join(", ")} of ${name}, in other regions`,
            otherRegions.permissions,
          ),
        ]
      : []),
  ]);
  return `${HEAD}\n${roles.join("\n")}`;
}

function roleTable(title: string, permissions: readonly Permission[]): string {
  return [
    `## ${title}`,
    "",
    "| may call | on | why |",
    "|---|---|---|",
    ...permissions.map(({ actions, on, only, why }) => {
      const calls = actions.map(code).join("<br>");
      const condition = only ? `<br>if ${code(JSON.stringify(only))}` : "";
      return `| ${calls} | ${code(on)}${condition} | ${why} |`;
    }),
    "",
  ].join("\n");
}

const HEAD = `# What each function may do

Each function has a role of its own. The role allows the calls that the function makes, on the resources that the config
names, and nothing else. \`npm run docs\` makes this page from the automations' descriptors (\`functions/*/automation.ts\`).
One test compares it with the roles of the packaged template, statement by statement. Another test runs every sample event and
fails on a call that the function's role does not allow. A third compares each statement, and those of
[delivery/deploy-policy.yml](../delivery/deploy-policy.yml), with AWS's
[Service Authorization Reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html).

The deploy (stage, region, account) or the config fills in what stands in \`<…>\`. If the config names no such resource, the
role does not have the permission. \`*\` appears only where AWS has no resource-level permission. \`termination-policy\` has
the role of \`drain-nodes\`.

The reference lists no resource type for \`kinesis:UpdateShardCount\` and \`kinesis:UpdateStreamMode\`. Reflex still limits them to
its streams, as the role of [AWS's own sample](https://github.com/aws-samples/kinesis-auto-scaling) does: by \`*\`, a function could
reshard every stream of the account. If AWS should refuse such a call, the notification names the action, and nothing else changes.
`;

function code(text: string): string {
  return `\`${text}\``;
}
