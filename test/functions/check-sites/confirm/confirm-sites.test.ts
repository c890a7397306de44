import { describe, expect, test } from "vitest";
import { sites as schema } from "../../../../functions/check-sites/config/sites.ts";
import { confirmSites } from "../../../../functions/check-sites/confirm/confirm-sites.ts";
import { createAddressFilter } from "../../../../functions/check-sites/probe/net/address-filter.ts";
import { createResolver } from "../../../../functions/check-sites/probe/net/resolver.ts";
import { answer } from "../../../../sandbox/sites/behaviours.ts";
import { reflex } from "../../../../shared/lambda/stack.ts";
import { createCredentials } from "../../../../shared/secrets/credentials.ts";
import { context } from "../../../shared/lambda/context.ts";
import { captureOutput } from "../../../shared/lambda/output.ts";
import { site } from "../probe/local.ts";

const TOKEN = "t0ken-of-the-shop";

/** confirm-sites with this list, asked about these sites. */
async function confirm(list: object, event: unknown) {
  const sites = schema.parse({ allow: ["127.0.0.0/8"], confirmFrom: ["eu-west-1"], list });
  const names: string[] = [];
  const source = {
    parameters: async (asked: readonly string[]) => {
      names.push(...asked);
      return new Map(asked.map((name) => [name, TOKEN]));
    },
    secret: async () => TOKEN,
  };
  const deps = {
    sites,
    credentials: createCredentials(source),
    resolver: createResolver([]),
    addressFilter: createAddressFilter(sites.allow),
    stopwatch: () => performance.now(),
  };
  const output = captureOutput();
  try {
    const handler = reflex("confirm-sites", (given, run) => confirmSites(given, run, deps));
    return { ...(await handler(event, context(45_000))), names };
  } finally {
    output.restore();
  }
}

describe("confirm-sites", () => {
  test("says how it sees each site, in the order of the request", async () => {
    const [good, bad] = [await site(answer()), await site(answer({ status: 503 }))];
    const list = { good: { url: good.url }, bad: { url: bad.url, retries: 2 } };
    const asked = [
      { name: "bad", address: `${bad.url}/` },
      { name: "good", address: `${good.url}/` },
    ];
    const { seen } = await confirm(list, { confirm: asked });
    expect(seen).toMatchObject([
      { name: "bad", verdict: "DOWN", answered: true, findings: [{ reason: "status" }] },
      { name: "good", verdict: "UP", answered: true, credentials: "none-needed", findings: [] },
    ]);
    // Home has tried again already.
    expect(bad.requests).toHaveLength(1);
  });

  test("sends no credential of any kind, and reads none, unless the config lets it", async () => {
    const shop = await site(answer());
    const policy = {
      url: shop.url,
      method: "POST",
      auth: { bearer: { ssm: "/shop/token" } },
      headers: { "x-api-key": { ssm: "/shop/key" }, accept: "text/plain" },
      body: { ssm: "/shop/body" },
      conditions: ['body contains "nothing of it"'],
    };
    const asked = { confirm: [{ name: "shop", address: `${shop.url}/` }] };
    const { seen, names } = await confirm({ shop: policy }, asked);
    expect(seen).toMatchObject([{ verdict: "UP", credentials: "withheld" }]);
    expect(names).toEqual([]);
    expect(JSON.stringify(shop.requests)).not.toMatch(/authorization|x-api-key|t0ken/);
    expect(shop.requests[0]?.headers.accept).toBe("text/plain");

    const { seen: sent } = await confirm({ shop: { ...policy, confirm: "with-credentials" } }, asked);
    expect(sent).toMatchObject([{ verdict: "DOWN", credentials: "sent" }]);
    expect(shop.requests[1]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test("probes nothing that its own config does not have by this name and address", async () => {
    const shop = await site(answer());
    const asked = [
      { name: "shop", address: "https://elsewhere.example.com/" },
      { name: "other", address: `${shop.url}/` },
    ];
    const { seen } = await confirm({ shop: { url: shop.url } }, { confirm: asked });
    expect(seen.map(({ verdict, findings }) => [verdict, findings[0]?.text])).toEqual([
      ["UNKNOWN", `its config has ${shop.url}/: it was deployed from another config`],
      ["UNKNOWN", "its config has no such site: it was deployed from another config"],
    ]);
    expect(shop.requests).toEqual([]);
  });

  test.each([
    {},
    { confirm: [] },
    { confirm: [{ name: "shop" }] },
    { "detail-type": "Scheduled Event" },
    null,
  ])("refuses %j by name", async (event) => {
    await expect(confirm({}, event)).rejects.toThrow(/expected \{ confirm: \[\{ name, address \}\] \}/);
  });
});
