import { fork } from "node:child_process";
import { compileSite, type Site } from "../functions/check-sites/config/site.ts";
import { sites as schema } from "../functions/check-sites/config/sites.ts";
import { evaluate } from "../functions/check-sites/evaluate/evaluate.ts";
import { createAddressFilter } from "../functions/check-sites/probe/net/address-filter.ts";
import { createResolver } from "../functions/check-sites/probe/net/resolver.ts";
import type { Phase, ProbeResult } from "../functions/check-sites/probe/net/result.ts";
import { probe } from "../functions/check-sites/probe/probe.ts";
import type { ProbeContext } from "../functions/check-sites/probe/types.ts";
import { readyToProbe } from "../functions/check-sites/secrets/resolve-secrets.ts";
import { createAuthority } from "../sandbox/sites/certificates.ts";
import { inParallel } from "../shared/aws/in-parallel.ts";
import { type Exporter, startExporter } from "./sites/exporter.ts";
import type { TargetOrder, TargetPorts } from "./sites/target.ts";
import { median, printTable } from "./table.ts";

const DELAYS: TargetOrder["delays"] = { resolve: 60, tls: 80, processing: 120, transfer: 100 };
type DelayedPhase = keyof typeof DELAYS;
const PHASES: readonly DelayedPhase[] = ["resolve", "tls", "processing", "transfer"];
const WARM_UP = 300;
const PROBES = 2000;
const AT_ONCE = 20;
/** Few at once: here the prober's measuring is looked at, not how long a core takes for many handshakes. */
const DELAYED_AT_ONCE = 2;
const DELAYED_PROBES = 40;

/** The probe beside Debian's prometheus-blackbox-exporter: the same sites, the same run. */
export async function sites(): Promise<void> {
  const authority = await createAuthority(Date.now());
  const certificate = await authority.issue({ names: ["127.0.0.1", "plain.test", "delayed.test"] });
  const target = await startTarget({ certificate, delays: DELAYS });
  const exporter = await startExporter(authority.root);
  try {
    const context: ProbeContext = {
      resolver: createResolver([`127.0.0.1:${target.ports.dns}`]),
      addressFilter: createAddressFilter(["127.0.0.0/8"]),
      stopwatch: () => performance.now(),
      run: new AbortController().signal,
    };
    const own = (url: string) => ownProber(url, authority.root, context);
    await compareCpu(target.ports, own, exporter);
    await compareAccuracy(target.ports, own, exporter);
    await wholeRun(target.ports, authority.root);
    if (!exporter) {
      console.log(
        "\nprometheus-blackbox-exporter is not installed: nothing to compare with (apt-get install prometheus-blackbox-exporter)",
      );
    }
  } finally {
    await exporter?.stop();
    target.stop();
  }
}

type Prober = () => Promise<ProbeResult>;

/** Probe and judgement, as in a run, by the site's compiled policy. */
function ownProber(url: string, ca: string, context: ProbeContext): Prober {
  const site = siteOf(url, ca);
  const { target } = readyToProbe(site, { valueOf: () => "" });
  return async () => {
    const [facts] = await probe(target, context);
    if (!facts || evaluate(facts, site.conditions, Date.now()).verdict !== "UP") {
      throw new Error(`${url} should be UP: ${JSON.stringify(facts?.failure)}`);
    }
    return facts;
  };
}

async function compareCpu(
  { http, https }: TargetPorts,
  own: (url: string) => Prober,
  exporter: Exporter | undefined,
): Promise<void> {
  const rows: string[][] = [];
  for (const url of [`http://127.0.0.1:${http}/`, `https://127.0.0.1:${https}/`]) {
    const prober = own(url);
    const ours = await measure(prober, () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    });
    const theirs =
      exporter &&
      (await measure(async () => {
        const metrics = await exporter.probe(url);
        if (metrics.get("probe_success") !== 1) throw new Error(`the exporter says ${url} failed`);
      }, exporter.cpuMs));
    rows.push([
      url.replace(/:\/\/.*/, ""),
      ours.cpuMs.toFixed(3),
      theirs ? theirs.cpuMs.toFixed(3) : "-",
      theirs ? (ours.cpuMs / theirs.cpuMs).toFixed(2) : "-",
      Math.round(1000 / ours.cpuMs).toString(),
      ours.perSecond.toFixed(0),
      theirs ? theirs.perSecond.toFixed(0) : "-",
    ]);
  }
  printTable(
    `CPU of a probe, ${PROBES} probes, ${AT_ONCE} at once${exporter ? `; exporter ${exporter.version}, GOMAXPROCS=1` : ""}`,
    ["", "ms CPU", "exporter", "ratio", "a core's sites/s", "sites/s seen", "exporter"],
    rows,
  );
}

/** Milliseconds of CPU a probe, and probes a second. */
async function measure(
  run: () => Promise<unknown>,
  cpuMs: () => number,
): Promise<{ cpuMs: number; perSecond: number }> {
  await inParallel(Array.from({ length: WARM_UP }), AT_ONCE, run);
  const before = cpuMs();
  const started = performance.now();
  await inParallel(Array.from({ length: PROBES }), AT_ONCE, run);
  const seconds = (performance.now() - started) / 1000;
  return { cpuMs: (cpuMs() - before) / PROBES, perSecond: PROBES / seconds };
}

/**
 * What each prober says of delays that are known: a phase with the delay, less its median without one, less the
 * delay. (A handshake takes some milliseconds by itself; that is no error of whoever measures it.)
 */
async function compareAccuracy(
  { delayed, undelayed }: TargetPorts,
  own: (url: string) => Prober,
  exporter: Exporter | undefined,
): Promise<void> {
  const ourPhases = (url: string) => {
    const prober = own(url);
    return several(async () => (await prober()).phases);
  };
  const ours = {
    plain: await ourPhases(`https://plain.test:${undelayed}/`),
    delayed: await ourPhases(`https://delayed.test:${delayed}/`),
  };
  // The exporter asks the machine's own resolver, so it gets the address, and no delay in `resolve`.
  const theirPhases = ({ probe }: Exporter, port: number) =>
    several(async () => {
      const metrics = await probe(`https://127.0.0.1:${port}/`);
      const seconds = (phase: Phase) =>
        metrics.get(`probe_http_duration_seconds{phase="${phase}"}`) ?? Number.NaN;
      return Object.fromEntries(PHASES.map((phase) => [phase, seconds(phase) * 1000]));
    });
  const theirs = exporter && {
    plain: await theirPhases(exporter, undelayed),
    delayed: await theirPhases(exporter, delayed),
  };
  printTable(
    `Phases against injected delays, ms too much; ${DELAYED_PROBES} probes, ${DELAYED_AT_ONCE} at once`,
    ["phase", "injected", "median", "worst", "exporter median", "exporter worst"],
    PHASES.map((phase) => [
      phase,
      String(DELAYS[phase]),
      ...errorsOf(phase, ours),
      ...(theirs && phase !== "resolve" ? errorsOf(phase, theirs) : ["-", "-"]),
    ]),
  );
}

type Times = Readonly<Partial<Record<Phase, number>>>;

function several(run: () => Promise<Times>): Promise<Times[]> {
  return inParallel(Array.from({ length: DELAYED_PROBES }), DELAYED_AT_ONCE, run);
}

function errorsOf(
  phase: DelayedPhase,
  { plain, delayed }: { plain: Times[]; delayed: Times[] },
): [string, string] {
  const without = median(plain.map((times) => times[phase] ?? Number.NaN));
  const errors = delayed.map((times) => (times[phase] ?? Number.NaN) - without - DELAYS[phase]);
  const worst = errors.reduce((found, error) => (Math.abs(error) > Math.abs(found) ? error : found));
  return [median(errors).toFixed(1), worst.toFixed(1)];
}

const MANY = 1000;

/** One invocation with many sites, half of them over TLS: everything but AWS, which answers at once. */
async function wholeRun({ http, https }: TargetPorts, ca: string): Promise<void> {
  // X-Ray reads it when it is loaded: outside Lambda it would log an error for each probe.
  process.env.AWS_XRAY_CONTEXT_MISSING = "IGNORE_ERROR";
  const { runOnce, watchMemory } = await import("./sites/whole-run.ts");
  const urls = [`http://127.0.0.1:${http}/`, `https://127.0.0.1:${https}/`];
  const list = Object.fromEntries(
    Array.from({ length: MANY }, (_, index) => [`site-${index}`, { url: urls[index % 2], ca }]),
  );
  const sites = schema.parse({ allow: ["127.0.0.0/8"], perInvocation: MANY, statusPage: {}, list });
  const rows: string[][] = [];
  for (const concurrency of [10, 40, 100]) {
    const memory = watchMemory();
    const before = process.cpuUsage();
    const started = performance.now();
    const { checked } = await runOnce({ ...sites, concurrency });
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(before);
    rows.push([
      String(concurrency),
      String(checked.UP),
      seconds.toFixed(1),
      ((user + system) / 1e6).toFixed(1),
      memory.mostMb().toFixed(0),
    ]);
  }
  printTable(
    `One invocation with ${MANY} sites, half of them TLS`,
    ["at once", "UP", "seconds", "s CPU", "MB RSS"],
    rows,
  );
}

function siteOf(url: string, ca: string): Site {
  const compiled = compileSite("bench", { url, ca });
  if ("problems" in compiled) throw new Error(compiled.problems.map(({ expected }) => expected).join());
  return compiled.site;
}

function startTarget(order: TargetOrder): Promise<{ ports: TargetPorts; stop: () => void }> {
  const child = fork(new URL("./sites/target.ts", import.meta.url));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the target ended with ${code}`)));
    child.once("message", (ports: TargetPorts) => resolve({ ports, stop: () => child.kill() }));
    child.send(order);
  });
}
