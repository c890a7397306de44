import { expect, test } from "vitest";
import { withLinks } from "../../../functions/deliver-notifications/notify/links.ts";
import { runbookOf } from "../../../shared/notify/runbook.ts";
import { runbookHeadings } from "../../shared/notify/golden.ts";
import { actionEvent, incidentEvent } from "./events.ts";

const traceId = "1-65a1b2c3-0123456789abcdef01234567";
const links = { runbook: "https://wiki.example.com/docs/", dashboard: "https://dash.example.com" };
const hrefs = (automation: string, partition = "aws", given: object = { links }) =>
  (
    withLinks(actionEvent({ automation, traceId }).notification, given, { partition, region: "eu-central-1" })
      .links ?? []
  ).map(({ href }) => href);

test("a message links to its heading of the runbook, to the dashboard and to its trace", () => {
  const trace = `https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#xray:traces/${traceId}`;
  expect(hrefs("check-sites")).toEqual([
    "https://wiki.example.com/docs/runbook.md#undo-a-change",
    "https://dash.example.com",
    trace,
  ]);
  const begin = incidentEvent(1, "begin", { runbook: "runbook/reshard-streams.md#at-max", links: [] });
  const place = { partition: "aws", region: "eu-central-1" };
  expect(withLinks(begin.notification, { links }, place).links?.[0]).toEqual({
    text: "Runbook",
    href: "https://wiki.example.com/docs/runbook/reshard-streams.md#at-max",
  });
  expect(hrefs("check-sites", "aws", {})).toEqual([trace]);
  expect(hrefs("check-sites", "aws-cn", {})[0]).toContain("https://eu-central-1.console.amazonaws.cn/");
});

test.each(["check-sites", "deliver-notifications", "drain-nodes", "scale-node-pools", "reshard-streams"])(
  "the page that a message of %s without a code links to is there",
  (automation) => {
    expect(runbookHeadings()).toContain(runbookOf({ automation, state: "begin" }));
  },
);
