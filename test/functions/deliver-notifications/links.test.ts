import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { withLinks } from "../../../functions/deliver-notifications/notify/links.ts";
import { actionEvent } from "./events.ts";

const traceId = "1-65a1b2c3-0123456789abcdef01234567";
const links = { runbook: "https://wiki.example.com/docs/", dashboard: "https://dash.example.com" };
const hrefs = (automation: string, partition = "aws", given: object = { links }) =>
  (
    withLinks(actionEvent({ automation, traceId }).notification, given, { partition, region: "eu-central-1" })
      .links ?? []
  ).map(({ href }) => href);

test("a message links to the runbook's page of its automation, to the dashboard and to its trace", () => {
  const trace = `https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#xray:traces/${traceId}`;
  expect(hrefs("check-sites")).toEqual([
    "https://wiki.example.com/docs/runbook/check-sites.md",
    "https://dash.example.com",
    trace,
  ]);
  expect(hrefs("reshard-streams")[0]).toBe("https://wiki.example.com/docs/runbook.md");
  expect(hrefs("check-sites", "aws", {})).toEqual([trace]);
  expect(hrefs("check-sites", "aws-cn", {})[0]).toContain("https://eu-central-1.console.amazonaws.cn/");
});

test.each(["check-sites", "drain-nodes", "scale-node-pools", "reshard-streams"])(
  "the page that a message of %s links to is there",
  (automation) => {
    const [page = ""] = hrefs(automation, "aws", { links: { runbook: "docs" } });
    expect(existsSync(page), page).toBe(true);
  },
);
