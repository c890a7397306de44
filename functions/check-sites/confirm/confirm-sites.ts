import * as z from "zod/mini";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { shownEndpoint } from "../config/endpoint.ts";
import type { CheckedSite } from "../run/check-site.ts";
import type { Dependencies } from "../run/dependencies.ts";
import { probeAll } from "../run/probe-all.ts";
import { TraceBudget } from "../run/trace-budget.ts";
import { secretRefs } from "../secrets/resolve-secrets.ts";
import { type AskedSite, type ConfirmAnswer, confirmRequest, type SeenSite } from "./request.ts";
import { type SiteElsewhere, seenFromElsewhere } from "./seen-from-elsewhere.ts";

export type ConfirmDependencies = Pick<
  Dependencies,
  "sites" | "credentials" | "resolver" | "addressFilter" | "stopwatch"
>;

/** Findings of a site that home gets. */
const FINDINGS = 5;

/**
 * Looks at the sites that home names, once each, and says what it sees. It keeps nothing, notifies nobody, and probes
 * only what stands in its own config.
 */
export async function confirmSites(
  event: unknown,
  run: Run,
  deps: ConfirmDependencies,
): Promise<ConfirmAnswer> {
  const parsed = confirmRequest.safeParse(event);
  if (!parsed.success) {
    throw new Misconfigured(
      `found ${Object.keys(Object(event)).join(", ") || "nothing"}, expected { confirm: [{ name, address }] }: ${z.prettifyError(parsed.error)}. Nothing was probed`,
    );
  }
  const asked = parsed.data.confirm.map((one) => ({ one, known: knownSite(one, deps) }));
  const elsewhere = asked.flatMap(({ known }) => ("site" in known ? [known] : []));
  const credentials = await deps.credentials.read(
    elsewhere.flatMap(({ site }) => secretRefs(site)),
    run.clock.now(),
    run.signal,
  );
  const traceBudget = new TraceBudget();
  const sites = elsewhere.map(({ site }) => site);
  const checked = await probeAll(sites, new Map(), credentials, run, { ...deps, traceBudget });
  const byName = new Map(checked.map((found) => [found.site.name, found]));
  return {
    seen: asked.map(({ one, known }) => {
      const found = byName.get(one.name);
      if ("problem" in known || !found)
        return unseen(one, "problem" in known ? known.problem : "it was not probed");
      return seenSite(found, known.credentials);
    }),
  };
}

function knownSite({ name, address }: AskedSite, { sites }: ConfirmDependencies) {
  const site = sites.list.find((one) => one.name === name);
  const here = site && shownEndpoint(site.endpoint);
  if (site && here === address) return seenFromElsewhere(site);
  const problem = `its config has ${here ?? "no such site"}: it was deployed from another config`;
  return { problem };
}

function seenSite(
  { site, evaluation, result }: CheckedSite,
  credentials: SiteElsewhere["credentials"],
): SeenSite {
  return {
    name: site.name,
    verdict: evaluation.verdict,
    answered: !result.failure && evaluation.verdict !== "UNKNOWN",
    credentials,
    hops: result.hops.length,
    findings: evaluation.findings.slice(0, FINDINGS),
  };
}

function unseen({ name }: AskedSite, text: string): SeenSite {
  const findings = [{ severity: "unknown", reason: "internal", text }];
  return { name, verdict: "UNKNOWN", answered: false, credentials: "none-needed", hops: 0, findings };
}
