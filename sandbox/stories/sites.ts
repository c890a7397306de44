import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Notification, notification } from "../../shared/notify/notification.ts";
import type { Account } from "../account.ts";
import { answer } from "../sites/behaviours.ts";
import { type Authority, createAuthority } from "../sites/certificates.ts";
import { type Site, startSite } from "../sites/site.ts";
import { type Story, until } from "./story.ts";

/** The demonstration of check-sites, and what the account needs for it before it starts. */
export interface SitesStory extends Story {
  /** For `startAccount`: has check-sites look after the local sites instead of those of config/dev.yml. */
  readonly environment: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Ends the local sites. */
  stop(): Promise<void>;
}

/** One local site: how it breaks and how it is mended. */
interface BreakableSite {
  readonly name: string;
  readonly site: Site;
  /** What happens to it, for the log. */
  readonly fault: string;
  readonly policy: Readonly<Record<string, unknown>>;
  break(): Promise<void> | void;
  mend(): Promise<void> | void;
}

const FUNCTION = "reflex-dev-check-sites";
/** As functions/check-sites/deploy/resources.ts names it in this account. */
const STATUS_BUCKET = "reflex-dev-status-us-east-1-000000000000";
const MINUTE = 60_000;

/** Starts the local sites and writes the config that has them checked. */
export async function prepareSites(): Promise<SitesStory> {
  const authority = await createAuthority(Date.now());
  const patients = await startBreakableSites(authority);
  const folder = mkdtempSync(join(tmpdir(), "reflex-sites-"));
  const list = Object.fromEntries(
    patients.map(({ name, site, policy }) => [name, { url: site.url, upAfter: 1, ...policy }]),
  );
  const config = join(folder, "sites.yml");
  // JSON is YAML too.
  writeFileSync(
    config,
    JSON.stringify({ sites: { allow: ["127.0.0.0/8"], statusPage: { title: "Local sites" }, list } }),
  );
  return {
    name: "check-sites",
    environment: { [FUNCTION]: { REFLEX_CONFIG: config } },
    play: (account, say) => play(account, say, patients),
    stop: async () => {
      await Promise.all(patients.map(({ site }) => site.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startBreakableSites(authority: Authority): Promise<BreakableSite[]> {
  const names = ["127.0.0.1"];
  const good = answer({ body: '{"status":"up"}\n', headers: { "content-type": "application/json" } });
  const valid = await authority.issue({ names });
  const expired = await authority.issue({ names, validDays: -1 });
  const [slow, failing, wrong, secure, refusing] = await Promise.all([
    startSite({ behaviour: good }),
    startSite({ behaviour: good }),
    startSite({ behaviour: good }),
    startSite({ behaviour: good, certificate: valid }),
    startSite({ behaviour: good }),
  ]);
  return [
    {
      name: "search",
      site: slow,
      fault: "becomes slow",
      policy: { conditions: ["time < 1 s"] },
      break: () => slow.behave(answer({}, 1200)),
      mend: () => slow.behave(good),
    },
    {
      name: "shop",
      site: failing,
      fault: "answers 500",
      policy: {},
      break: () => failing.behave(answer({ status: 500, body: "oh no\n" })),
      mend: () => failing.behave(good),
    },
    {
      name: "blog",
      site: wrong,
      fault: "answers 200 with a wrong body",
      policy: { conditions: ['json $.status == "up"'] },
      break: () => wrong.behave(answer({ body: '{"status":"starting"}\n' })),
      mend: () => wrong.behave(good),
    },
    {
      name: "login",
      site: secure,
      fault: "shows an expired certificate",
      policy: { ca: authority.root },
      break: () => secure.present(expired),
      mend: () => secure.present(valid),
    },
    {
      name: "api",
      site: refusing,
      fault: "refuses connections",
      policy: {},
      break: () => refusing.close(),
      mend: () => refusing.open(),
    },
  ];
}

/** One site after the other fails, is told of, and recovers; a minute between two beginnings. */
async function play(
  account: Account,
  say: (line: string) => void,
  patients: readonly BreakableSite[],
): Promise<readonly string[]> {
  if (!account.s3.buckets.names().includes(STATUS_BUCKET)) account.s3.buckets.create(STATUS_BUCKET);
  await until(account, "check-sites has checked every site once", 5, async () =>
    patients.every(({ site }) => site.requests.length > 0) ? true : undefined,
  );
  const lines = await Promise.all(
    patients.map(async (patient, index) => {
      await after(account, index * MINUTE);
      return fallAndRise(account, say, patient);
    }),
  );
  const page = await until(account, "the status page says that all sites are up", 5, async () => {
    const html = account.s3.buckets.get(STATUS_BUCKET).get("index.html")?.body.toString() ?? "";
    return html.includes(`All ${patients.length} sites are up`) ? html : undefined;
  });
  const kilobytes = Math.ceil(page.length / 1024);
  return [
    ...lines,
    `status page: s3://${STATUS_BUCKET}/index.html, ${kilobytes} KB, all ${patients.length} sites up`,
  ];
}

async function fallAndRise(
  account: Account,
  say: (line: string) => void,
  { name, fault, ...patient }: BreakableSite,
): Promise<string> {
  say(`site ${name} ${fault}`);
  await patient.break();
  const down = await until(account, `it is told that ${name} is DOWN`, 10, async () =>
    toldOf(account, name, "DOWN"),
  );
  say(`told: ${name} is DOWN: ${down.reason}: ${down.found[0]}`);
  await patient.mend();
  const up = await until(account, `it is told that ${name} is UP again`, 10, async () =>
    toldOf(account, name, "UP"),
  );
  say(`told: ${name} is UP again after ${up.seconds} s`);
  return `${name}: DOWN (${down.reason}: ${down.found[0]}), UP again after ${up.seconds} s; told ${countOf(account, name)} times`;
}

type Change = NonNullable<Notification["changes"]>[number];

function toldOf(account: Account, name: string, to: string): Change | undefined {
  return changesOf(account, name).find((change) => change.to === to);
}

function countOf(account: Account, name: string): number {
  return changesOf(account, name).length;
}

function changesOf(account: Account, name: string): Change[] {
  return account.sns.published().flatMap(({ byProtocol }) => {
    const parsed = notification.safeParse(JSON.parse(byProtocol?.lambda ?? "null"));
    const changes = parsed.success ? (parsed.data.changes ?? []) : [];
    return changes.filter(({ resource }) => resource === `site/${name}`);
  });
}

/** Resolves `ms` later on the account's clock. */
function after({ clock }: Account, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.at(clock.now() + ms, resolve);
  });
}
