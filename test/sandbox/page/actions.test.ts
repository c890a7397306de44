import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refused } from "../../../sandbox/page/actions/action.ts";
import { breakSite } from "../../../sandbox/page/actions/break-site.ts";
import { onCall } from "../../../sandbox/page/actions/on-call.ts";
import { addPendingPods, type PodCluster, removePods } from "../../../sandbox/page/actions/pods.ts";
import { evenly } from "../../../sandbox/page/actions/send-burst.ts";
import type { SiteSwitch } from "../../../sandbox/page/state/site-view.ts";

describe("a burst", () => {
  it("is dealt out whole, in parts that differ by one at most", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: 180 }), (total, count) => {
        const parts = evenly(total, count);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("a site", () => {
  function shop(): SiteSwitch {
    let behaves = "well";
    return {
      name: "shop",
      behaviours: [
        { id: "well", label: "well" },
        { id: "failing", label: "answers 500" },
      ],
      current: () => behaves,
      behave: async (id) => {
        behaves = id;
      },
    };
  }

  it("behaves as was chosen", async () => {
    const site = shop();
    expect(await breakSite([site]).run({ site: "shop", behaviour: "failing" })).toBe(
      "shop: answers 500. The next check sees it.",
    );
    expect(site.current()).toBe("failing");
  });

  it("cannot behave in a way it does not have", async () => {
    const pressed = breakSite([shop()]).run({ site: "shop", behaviour: "burning" });
    await expect(pressed).rejects.toThrow(
      new Refused("The site shop cannot be burning, only well, failing."),
    );
  });
});

describe("pods", () => {
  function cluster(): PodCluster & { readonly deployments: Map<string, number> } {
    const deployments = new Map<string, number>();
    return {
      name: "main",
      deployments,
      addPods: (name, pods) => void deployments.set(name, pods),
      removePods: () => {
        const count = [...deployments.values()].reduce((sum, pods) => sum + pods, 0);
        deployments.clear();
        return count;
      },
    };
  }

  it("are added in a Deployment of their own each time", async () => {
    const main = cluster();
    const add = addPendingPods([main]);
    await add.run({ cluster: "main", pods: 10 });
    await add.run({ cluster: "main", pods: 30 });
    expect([...main.deployments]).toEqual([
      ["burst-1", 10],
      ["burst-2", 30],
    ]);
  });

  it("are taken away again, all of them", async () => {
    const main = cluster();
    main.addPods("burst-1", 10);
    expect(await removePods([main]).run({ cluster: "main" })).toBe("main: the 10 added pods are removed.");
  });

  it("need a cluster that is there", async () => {
    const pressed = addPendingPods([cluster()]).run({ cluster: "other", pods: 1 });
    await expect(pressed).rejects.toThrow(new Refused("There is no cluster other."));
  });
});

describe("the commands of a person on call", () => {
  const ledger = {
    ...{ logicalId: "LedgerTable", type: "AWS::DynamoDB::Table", ref: "reflex-dev-ledger" },
    ...{ properties: {}, deletionPolicy: "Delete" as const },
  };
  const url = "http://127.0.0.1:1";

  it("are there where there is a ledger", () => {
    expect(onCall({ url, resources: [ledger] }).available()).toBe(true);
    expect(onCall({ url, resources: [] }).available()).toBe(false);
  });

  it.each([
    [{ command: "redrive" }],
    [{ command: "why", resource: "--config=/etc/passwd" }],
    [{ command: "why", resource: "stream/orders --json" }],
    [{ command: "why" }],
    [{ command: "undo", id: "--why" }],
    [{ command: "pause", resource: "all" }],
  ])("take nothing but their own arguments: not %j", async (body) => {
    const run = async () => onCall({ url, resources: [ledger] }).run(body);
    await expect(run()).rejects.toThrow(Refused);
  });
});
