import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of `notify.approvals` means. The README's table and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "approvals",
    at: "approvals",
    keys: {
      secret: {
        default: "required",
        meaning:
          "The secret that signs the links, at least 16 characters: `{ ssm: <parameter> }` or `{ secret: <name>, key: <key> }`.",
      },
      chatActions: {
        meaning:
          "Also deploys the buttons _Approve_ and _Reject_ for Amazon Q Developer in chat applications. Associate them with the channel.",
      },
    },
  },
];
