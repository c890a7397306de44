import "../../functions/check-sites/evaluate/pattern-engine.ts";
import { fork } from "node:child_process";
import { compileSite, type Site } from "../../functions/check-sites/config/site.ts";
import { evaluate } from "../../functions/check-sites/evaluate/evaluate.ts";
import { createAddressFilter } from "../../functions/check-sites/probe/net/address-filter.ts";
import { createResolver } from "../../functions/check-sites/probe/net/resolver.ts";
import type { Phase, ProbeResult } from "../../functions/check-sites/probe/net/result.ts";
import { probe } from "../../functions/check-sites/probe/probe.ts";
import type { ProbeContext } from "../../functions/check-sites/probe/types.ts";
import { readyToProbe } from "../../functions/check-sites/secrets/resolve-secrets.ts";
import { createAuthority } from "../../sandbox/sites/certificates.ts";
import { inParallel } from "../../shared/aws/in-parallel.ts";
import { median, printTable } from "../table.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import type { RunMeasured, RunOrder } from "./run-process.ts";
import type { TargetOrder, TargetPorts } from "./target.ts";

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
    const own = (url: string, policy = { http2: false }) =>
      ownProber(url, { ca: authority.root, ...policy }, context);
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

/** Probe and evaluation, as in a run, by the site's compiled policy. */
function ownProber(
  url: string,
  policy: { readonly ca: string; readonly http2: boolean },
  context: ProbeContext,
): Prober {
  const site = siteOf(url, policy);
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
  { http, https, http2 }: TargetPorts,
  own: (url: string, policy?: { http2: boolean }) => Prober,
  exporter: Exporter | undefined,
): Promise<void> {
  const rows: string[][] = [];
  const urls = [
    ["http", `http://127.0.0.1:${http}/`],
    ["https", `https://127.0.0.1:${https}/`],
    ["h2", `https://127.0.0.1:${http2}/`],
  ] as const;
  for (const [kind, url] of urls) {
    const prober = own(url, { http2: kind === "h2" });
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
      kind,
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

/**
 * One invocation with many sites, half of them over TLS, each in a process of its own: everything but AWS, which
 * answers at once.
 */
async function wholeRun({ http, https }: TargetPorts, ca: string): Promise<void> {
  const urls = [`http://127.0.0.1:${http}/`, `https://127.0.0.1:${https}/`];
  const rows: string[][] = [];
  for (const count of [1, MANY]) {
    const list = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`site-${index}`, { url: urls[index % 2], ca }]),
    );
    for (const concurrency of count === 1 ? [40] : [10, 40, 100]) {
      const order = { allow: ["127.0.0.0/8"], perInvocation: MANY, statusPage: {}, list, concurrency };
      const { up, seconds, cpuSeconds, mostMb } = await runAlone(order);
      const measured = [seconds.toFixed(1), cpuSeconds.toFixed(1), mostMb.toFixed(0)];
      rows.push([String(count), String(concurrency), String(up), ...measured]);
    }
  }
  printTable(
    "One invocation, half of its sites TLS, in a process of its own",
    ["sites", "at once", "UP", "seconds", "s CPU", "MB RSS"],
    rows,
  );
}

function runAlone(order: RunOrder): Promise<RunMeasured> {
  // X-Ray reads it when it is loaded: outside Lambda it would log an error for each probe.
  const env = { ...process.env, AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR" };
  const child = fork(new URL("./run-process.ts", import.meta.url), { env });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the run ended with ${code}`)));
    child.once("message", (measured: RunMeasured) => resolve(measured));
    child.send(order);
  });
}

function siteOf(url: string, policy: { readonly ca: string; readonly http2: boolean }): Site {
  const own = url.startsWith("https:") ? policy : {};
  const compiled = compileSite("bench", { url, ...own });
  if ("problems" in compiled) throw new Error(compiled.problems.map(({ expected }) => expected).join());
  return compiled.site;
}

function startTarget(order: TargetOrder): Promise<{ ports: TargetPorts; stop: () => void }> {
  const child = fork(new URL("./target.ts", import.meta.url));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the target ended with ${code}`)));
    child.once("message", (ports: TargetPorts) => resolve({ ports, stop: () => child.kill() }));
    child.send(order);
  });
}
