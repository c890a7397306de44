import { type Notification, notification } from "../../shared/notify/notification.ts";
import type { Account } from "../account.ts";
import { answer } from "../sites/behaviours.ts";
import { type Authority, createAuthority } from "../sites/certificates.ts";
import { type Site, startSite } from "../sites/site.ts";
import { type Demo, until } from "./demo.ts";
import { writeTemporaryConfig } from "./temporary-config.ts";

/** The demonstration of check-sites, and what the account needs for it before it starts. */
export interface SitesDemo extends Demo {
  /** For `startAccount`: has check-sites check the local sites instead of those of config/dev.yml. */
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
export async function prepareSites(): Promise<SitesDemo> {
  const authority = await createAuthority(Date.now());
  const sites = await startBreakableSites(authority);
  const list = Object.fromEntries(
    sites.map(({ name, site, policy }) => [name, { url: site.url, upAfter: 1, ...policy }]),
  );
  const config = writeTemporaryConfig({
    mode: "act",
    sites: { allow: ["127.0.0.0/8"], statusPage: { title: "Local sites" }, list },
  });
  return {
    name: "check-sites",
    environment: { [FUNCTION]: { REFLEX_CONFIG: config.file } },
    play: (account, say) => play(account, say, sites),
    stop: async () => {
      await Promise.all(sites.map(({ site }) => site.stop()));
      config.remove();
    },
  };
}

async function startBreakableSites(authority: Authority): Promise<BreakableSite[]> {
  return [...(await startSitesThatAnswer()), ...(await startSitesThatDoNot(authority))];
}

const GOOD = answer({ body: '{"status":"up"}\n', headers: { "content-type": "application/json" } });

/** They break by what they answer. */
async function startSitesThatAnswer(): Promise<BreakableSite[]> {
  const start = () => startSite({ behaviour: GOOD });
  const [slow, failing, wrong] = await Promise.all([start(), start(), start()]);
  return [
    {
      name: "search",
      site: slow,
      fault: "becomes slow",
      policy: { conditions: ["time < 1 s"] },
      break: () => slow.behave(answer({}, 1200)),
      mend: () => slow.behave(GOOD),
    },
    {
      name: "shop",
      site: failing,
      fault: "answers 500",
      policy: {},
      break: () => failing.behave(answer({ status: 500, body: "oh no\n" })),
      mend: () => failing.behave(GOOD),
    },
    {
      name: "blog",
      site: wrong,
      fault: "answers 200 with a wrong body",
      policy: { conditions: ['json $.status == "up"'] },
      break: () => wrong.behave(answer({ body: '{"status":"starting"}\n' })),
      mend: () => wrong.behave(GOOD),
    },
  ];
}

/** They break before they answer. */
async function startSitesThatDoNot(authority: Authority): Promise<BreakableSite[]> {
  const names = ["127.0.0.1"];
  const valid = await authority.issue({ names });
  const expired = await authority.issue({ names, validDays: -1 });
  const [secure, refusing] = await Promise.all([
    startSite({ behaviour: GOOD, certificate: valid }),
    startSite({ behaviour: GOOD }),
  ]);
  return [
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

/** One site after the other fails, is notified, and recovers; the failures start a minute apart. */
async function play(
  account: Account,
  say: (line: string) => void,
  sites: readonly BreakableSite[],
): Promise<readonly string[]> {
  await until(account, "check-sites has checked every site once", 5, async () =>
    sites.every(({ site }) => site.requests.length > 0) ? true : undefined,
  );
  const lines = await Promise.all(
    sites.map(async (site, index) => {
      await after(account, index * MINUTE);
      return failAndRecover(account, say, site);
    }),
  );
  const page = await until(account, "the status page says that all sites are up", 5, async () => {
    const html = account.s3.buckets.get(STATUS_BUCKET).get("index.html")?.body.toString() ?? "";
    return html.includes(`All ${sites.length} sites are up`) ? html : undefined;
  });
  const kilobytes = Math.ceil(page.length / 1024);
  return [
    ...lines,
    `status page: s3://${STATUS_BUCKET}/index.html, ${kilobytes} KB, all ${sites.length} sites up`,
  ];
}

async function failAndRecover(
  account: Account,
  say: (line: string) => void,
  { name, fault, ...site }: BreakableSite,
): Promise<string> {
  say(`site ${name}: it ${fault}`);
  await site.break();
  const down = await until(account, `a notification says that ${name} is DOWN`, 10, async () =>
    notifiedOf(account, name, "DOWN"),
  );
  const why = `${down.reason}: ${down.found[0]}`;
  say(`site ${name}: notified that it is DOWN (${why})`);
  await site.mend();
  const up = await until(account, `a notification says that ${name} is UP again`, 10, async () =>
    notifiedOf(account, name, "UP"),
  );
  say(`site ${name}: notified that it is UP again after ${up.seconds} s`);
  return `site ${name}: DOWN (${why}), UP again after ${up.seconds} s; ${notificationCount(account, name)} notifications`;
}

type Change = NonNullable<Notification["changes"]>[number];

function notifiedOf(account: Account, name: string, to: string): Change | undefined {
  return changesOf(account, name).find((change) => change.to === to);
}

function notificationCount(account: Account, name: string): number {
  return changesOf(account, name).length;
}

function changesOf(account: Account, name: string): Change[] {
  return account.sns.published().flatMap(({ byProtocol }) => {
    const parsed = notification.safeParse(JSON.parse(byProtocol?.default ?? "null"));
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
