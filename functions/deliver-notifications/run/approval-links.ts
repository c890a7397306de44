import { approvalLink } from "../../../shared/approvals/link.ts";
import { messageOf } from "../../../shared/errors/message-of.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Credentials } from "../../../shared/secrets/credentials.ts";
import type { SingleNotification } from "../model.ts";
import type { Dependencies } from "./dependencies.ts";

/**
 * A notification that asks people for something, with the signed link to the page that takes their answer. Where that cannot
 * be made the notification goes without: it names the commands too.
 */
export async function withApprovalLink(
  one: SingleNotification,
  credentials: Credentials,
  run: Run,
  { config, approvalUrl }: Pick<Dependencies, "config" | "approvalUrl">,
): Promise<SingleNotification> {
  const { approval, resource } = one;
  if (!approval || !config.approvals) return one;
  try {
    const target = { id: approval.id, expiresAt: Date.parse(approval.until) };
    const secret = credentials.valueOf(config.approvals.secret);
    const href = approvalLink(await approvalUrl(run.signal), target, secret);
    return { ...one, links: [{ text: "Approve or reject", href }, ...(one.links ?? [])] };
  } catch (error) {
    run.log.warn(`no link to approve by: ${messageOf(error)}; the message names the commands`, { resource });
    return one;
  }
}
