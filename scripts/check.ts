/**
 * `npm run check -- <address> [condition …] [--allow <network>] [--every]`: probes one address as check-sites
 * would, and says what it found. Ends with 0 when it is UP, 1 when it is DEGRADED or DOWN, and 2 when that
 * is not known (a fault of this machine, or a wrong argument).
 */
import "../functions/check-sites/evaluate/pattern-engine.ts";
import { parseArgs } from "node:util";
import { compileSite, type Site } from "../functions/check-sites/config/site.ts";
import type { CheckResult } from "../functions/check-sites/evaluate/evaluate.ts";
import { createAddressFilter } from "../functions/check-sites/probe/net/address-filter.ts";
import { createResolver } from "../functions/check-sites/probe/net/resolver.ts";
import { PHASES, type ProbeResult } from "../functions/check-sites/probe/net/result.ts";
import { checkSite } from "../functions/check-sites/run/check-site.ts";
import { Misconfigured } from "../shared/lambda/errors.ts";

const EXIT: Readonly<Record<CheckResult["evaluation"]["verdict"], number>> = {
  UP: 0,
  DEGRADED: 1,
  DOWN: 1,
  UNKNOWN: 2,
};
const DAY = 86_400_000;

const USAGE = `npm run check -- <address> [condition …] [--allow <network>] [--every]

  npm run check -- https://shop.example.com/health
  npm run check -- https://shop.example.com/health 'json $.status == "up"' 'time < 800 ms else degraded'
  npm run check -- tls://mail.example.com:993
  npm run check -- 'dns:example.com?type=MX'
  npm run check -- http://10.0.0.5/ --allow 10.0.0.0/8

  --allow   a network that is not public and may be probed all the same; may be repeated
  --every   probe every address of the name, not the first only`;

async function check(args: readonly string[]): Promise<number> {
  const { site, allow } = readArguments(args);
  const now = Date.now();
  const checked = await checkSite(site, {
    resolver: createResolver(),
    addressFilter: createAddressFilter(allow),
    stopwatch: () => performance.now(),
    run: new AbortController().signal,
    credentials: {
      valueOf: () => {
        throw new Error("no secret can be named here");
      },
    },
    now,
    traceProbe: async (_site, _target, body) => {
      const found = await body();
      for (const { result: facts } of found) console.log(describe(facts, now));
      return found;
    },
  });
  const { verdict, findings } = checked.evaluation;
  console.log(`${verdict}${findings.map(({ reason, text }) => `\n  ${reason}: ${text}`).join("")}`);
  return EXIT[verdict];
}

function readArguments(args: readonly string[]): { site: Site; allow: readonly string[] } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      allow: { type: "string", multiple: true, default: [] },
      every: { type: "boolean", default: false },
    },
  });
  const [url, ...conditions] = positionals;
  if (url === undefined) throw new Misconfigured(`an address is missing\n\n${USAGE}`);
  const compiled = compileSite("check", { url, conditions, addresses: values.every ? "every" : "first" });
  if ("site" in compiled) return { site: compiled.site, allow: values.allow };
  const problems = compiled.problems.map(({ path: [key, index], expected }) => {
    const found = key === "url" ? url : conditions[Number(index)];
    return `found "${found}", expected ${expected}`;
  });
  throw new Misconfigured(`${problems.join("\n")}\n\n${USAGE}`);
}

/** One probe: the hops, the phases, the certificate. */
function describe(facts: ProbeResult, now: number): string {
  const { hops, phases, time, certificate, answers, protocol, bytesRead } = facts;
  const size = bytesRead === undefined ? "" : `, ${bytesRead} bytes of body`;
  const lines = [
    ...hops.map(({ url, address, status }) =>
      [url, address && `at ${address}`, status].filter(Boolean).join("  "),
    ),
    ...(protocol ? [`${protocol}${size}`] : []),
    `${PHASES.map((phase) => `${phase} ${phases[phase].toFixed(1)}`).join("  ")}  total ${time.toFixed(1)} ms`,
    ...(answers ?? []).map((answer) => `answer  ${answer}`),
  ];
  if (certificate) {
    const days = Math.floor((certificate.validTo - now) / DAY);
    lines.push(
      `certificate  ${certificate.subject}, by ${certificate.issuer}, ${certificate.tlsVersion}`,
      `  for ${certificate.alternativeNames.join(", ") || "no name"}`,
      `  expires ${new Date(certificate.validTo).toISOString()} (${days < 0 ? "it has expired" : `in ${days} days`})`,
      ...certificate.chain.map(({ subject, issuer }) => `  ${subject} < ${issuer}`),
    );
  }
  return `${lines.join("\n")}\n`;
}

try {
  process.exitCode = await check(process.argv.slice(2));
} catch (error) {
  const isOurs = error instanceof Misconfigured || (error instanceof TypeError && "code" in error);
  console.error(isOurs ? error.message : error);
  process.exitCode = 2;
}
