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

One role a function, with the calls it makes on the resources the config names, and nothing else. This page is made
from the automations' descriptors (\`functions/*/automation.ts\`, \`npm run docs\`); a test compares them with the roles of the
packaged template, statement by statement, and another one runs every sample event and fails on a call that the
function's role would not allow.

What stands in \`<…>\` comes from the deploy (stage, region, account) or from the config; where the config names nothing
of the kind, the role does not have the permission. \`*\` is allowed only where AWS has no resource level.
\`termination-policy\` has the role of \`drain-nodes\`.
`;

function code(text: string): string {
  return `\`${text}\``;
}
