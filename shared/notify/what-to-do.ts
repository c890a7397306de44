import type { ConfigFile } from "../config/file.ts";
import { notifySchema } from "../routes/routes.ts";

/**
 * The end of an alarm's description: where it stands what to do.
 *
 * @param heading of docs/runbook.md
 * @param docs where docs/ can be read, where the config says so
 */
export const whatToDo = (heading: string, docs = "docs"): string =>
  ` What to do: ${docs.replace(/\/$/, "")}/runbook.md#${heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-")}`;

/** `notify.links.runbook` of a config that is right. */
export const docsOf = ({ sections }: Pick<ConfigFile, "sections">): string | undefined =>
  notifySchema.parse(sections.notify ?? {}).links?.runbook;
