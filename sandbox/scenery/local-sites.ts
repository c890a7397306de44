import { systemClock } from "../../shared/time/clock.ts";
import type { SiteSwitch } from "../page/state/site-view.ts";
import { answer, type Behaviour, hangUp, silence } from "../sites/behaviours.ts";
import { createAuthority } from "../sites/certificates.ts";
import { type Site, startSite } from "../sites/site.ts";

export interface LocalSites {
  readonly switches: readonly SiteSwitch[];
  /** For the config's section `sites`. */
  readonly section: { readonly allow: readonly string[]; readonly list: Readonly<Record<string, object>> };
  stop(): Promise<void>;
}

/** One way a site can be, and how it comes to that from being well. */
interface Way {
  readonly id: string;
  readonly label: string;
  make(site: Site): Promise<void> | void;
}

const JSON_TYPE = { "content-type": "application/json" };
const WELL = answer({ body: '{"status":"up"}\n', headers: JSON_TYPE });
const SLOW_MS = 1500;

const behaving = (behaviour: Behaviour) => (site: Site) => site.behave(behaviour);

const WAYS: readonly Way[] = [
  { id: "well", label: "well", make: () => {} },
  {
    id: "slow",
    label: "slow (1.5 s)",
    make: behaving(answer({ body: '{"status":"up"}\n', headers: JSON_TYPE }, SLOW_MS)),
  },
  { id: "failing", label: "answers 500", make: behaving(answer({ status: 500, body: "oh no\n" })) },
  { id: "wrong", label: "wrong body", make: behaving(answer({ body: '{"status":"starting"}\n' })) },
  { id: "hangs-up", label: "hangs up", make: behaving(hangUp) },
  { id: "silent", label: "never answers", make: behaving(silence) },
  { id: "refuses", label: "refuses connections", make: (site) => site.close() },
];

/** What is expected of each: a slow one is DEGRADED, any other fault is DOWN at the second check. */
const POLICY = {
  timeoutSeconds: 3,
  upAfter: 1,
  conditions: ["status in 200-299", 'json $.status == "up"', "time < 1 s else degraded"],
};

/** Web sites on this machine that behave as they are told. */
export async function startLocalSites(): Promise<LocalSites> {
  const authority = await createAuthority(systemClock.now());
  const names = ["127.0.0.1"];
  const valid = await authority.issue({ names });
  const expired = await authority.issue({ names, validDays: -1 });
  const [shop, search, login] = await Promise.all([
    startSite({ behaviour: WELL }),
    startSite({ behaviour: WELL }),
    startSite({ behaviour: WELL, certificate: valid }),
  ]);
  const mend = async (site: Site): Promise<void> => {
    // One that refuses connections has to be opened, and only one that is closed can be.
    await site.close();
    await site.open();
    site.behave(WELL);
  };
  const mendLogin = async (site: Site): Promise<void> => {
    await mend(site);
    site.present(valid);
  };
  const withExpiry: readonly Way[] = [
    ...WAYS,
    { id: "expired", label: "expired certificate", make: (site) => site.present(expired) },
  ];
  return {
    switches: [
      siteSwitch("shop", shop, WAYS, mend),
      siteSwitch("search", search, WAYS, mend),
      siteSwitch("login", login, withExpiry, mendLogin),
    ],
    section: {
      allow: ["127.0.0.0/8"],
      list: {
        shop: { url: shop.url, ...POLICY },
        search: { url: search.url, ...POLICY },
        login: { url: login.url, ca: authority.root, ...POLICY },
      },
    },
    stop: async () => {
      await Promise.all([shop, search, login].map((site) => site.stop()));
    },
  };
}

function siteSwitch(
  name: string,
  site: Site,
  ways: readonly Way[],
  mend: (site: Site) => Promise<void>,
): SiteSwitch {
  let current = "well";
  return {
    name,
    behaviours: ways.map(({ id, label }) => ({ id, label })),
    current: () => current,
    behave: async (id) => {
      const way = ways.find((one) => one.id === id);
      if (!way) throw new Error(`The site ${name} has no behaviour ${id}.`);
      await mend(site);
      await way.make(site);
      current = id;
    },
  };
}
