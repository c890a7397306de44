import { expect, test } from "vitest";
import { findAutomations } from "../../scripts/automations.ts";
import { configOf } from "../../scripts/checked-config.ts";
import { readDocument } from "../../shared/config/document.ts";
import { withSections } from "../../shared/config/file.ts";

/** Configs as somebody writes them on the first day, and all that `check-config` says of each. */
const WRONG: readonly (readonly [config: string, problems: readonly string[]])[] = [
  ["streams:\n  *: {max: 10}", ['config.yml:2:6: a name that begins with * must be in quotes: "*"']],
  ["streams:\n  orders:", ["config.yml:2:3: streams.orders: is empty, expected keys with values"]],
  [
    "nodePools:\n  w: { autoScalingGroups: [a], cluster: c, scaleInAfter: 10 }",
    [
      'config.yml:2:44: nodePools.w.scaleInAfter: found 10, expected a duration such as "90s", "10m" or "1h30m"',
    ],
  ],
  [
    'streams:\n  "arn:aws:kinesis:us-east-1:123456789012:stream/orders": {max: 4}',
    [
      "config.yml:2:3: streams.arn:aws:kinesis:us-east-1:123456789012:stream/orders: the name is not allowed, expected the name of a stream, not its ARN: letters, digits, _ . - and * for any characters",
    ],
  ],
  [
    'streams:\n  "orders-*": {max: 4, create: {shards: 2}}',
    [
      'config.yml:2:24: streams.orders-*.create: found {"shards":2}, expected no `create` on a pattern: only a stream that is named can be created',
    ],
  ],
  [
    "streams:\n  orders: {max: 4, create: {shards: 8}}",
    ["config.yml:2:29: streams.orders.create.shards: found 8, expected between min (1) and max (4)"],
  ],
  [
    'streams:\n  "*": {max: 4}\n  "clicks-*": {max: 9}',
    [
      'config.yml:3:3: streams.clicks-*: found {"max":9}, expected "clicks-*" before "*", whose streams it would take: the first pattern that matches counts',
    ],
  ],
  [
    'sites:\n  list:\n    shop: {url: "https://shop.example.com", related: [orders]}',
    [
      'config.yml:3:55: sites.list.shop.related.0: found "orders", expected a resource of the ledger: stream/<name> or node-pool/<name>',
    ],
  ],
  [
    'sites:\n  list:\n    shop: {url: "http://10.0.0.5/health"}',
    [
      'config.yml:3:12: sites.list.shop.url: found "http://10.0.0.5/health", expected a public address, or its network in `allow`: 10.0.0.5 is not a public address (private)',
    ],
  ],
  [
    'nodePools:\n  w: { autoScalingGroups: [a], cluster: c, min: 1, max: 5, windows: [{during: "Mon-Fri 08:00-18:00 UTC", min: 9}] }',
    ["config.yml:2:106: nodePools.w.windows.0.min: found 9, expected at most max (5)"],
  ],
  [
    "nodePools:\n  w: { autoScalingGroups: [a], cluster: c, joinWithin: 900d }",
    ['config.yml:2:44: nodePools.w.joinWithin: found "900d", expected a duration of at most 365d'],
  ],
  ["stream:\n  orders: {max: 4}", ["config.yml:1:1: stream: is no section, did you mean streams?"]],
  ['streams:\n  orders: {max: "4"}', ['config.yml:2:12: streams.orders.max: found "4", expected a number']],
  ["streams:\n\torders: {max: 4}", ["config.yml:2:1: a line is indented with a tab, expected spaces"]],
  [
    "streams:\n  orders: {max: 4, Min: 2}",
    ["config.yml:2:20: streams.orders.Min: is no key here, did you mean min?"],
  ],
  ["streams:\n  - orders", ['config.yml:1:1: streams: found ["orders"], expected keys with values']],
  ["mode: on", ['config.yml:1:1: mode: found "on", expected "act" or "ask" or "observe"']],
  ["mode: [act]", ['config.yml:1:1: mode: found ["act"], expected "act" or "ask" or "observe"']],
  ["notify: me@example.com", ['config.yml:1:1: notify: found "me@example.com", expected keys with values']],
  [
    "notify: {emails: me@example.com}",
    ['config.yml:1:10: notify.emails: found "me@example.com", expected a list'],
  ],
  ["notify: {emails: [me]}", ['config.yml:1:19: notify.emails.0: found "me", expected a mail address']],
  [
    "account: {kmsKeys: {tables: ['arn:aws:kms:us-east-1:111111111111:alias/a']}}",
    [
      'config.yml:1:30: account.kmsKeys.tables.0: found "arn:aws:kms:us-east-1:111111111111:alias/a", expected the ARN of a KMS key, arn:aws:kms:…:key/…: a role gets no permission by an alias',
    ],
  ],
  [
    "account: {permissionsBoundary: 'arn:aws:iam::111111111111:role/boundary'}",
    [
      'config.yml:1:11: account.permissionsBoundary: found "arn:aws:iam::111111111111:role/boundary", expected the name or the ARN of a policy',
    ],
  ],
  [
    "account: {tags: {'aws:owner': a}}",
    [
      'config.yml:1:18: account.tags.aws:owner: the name is not allowed, expected a tag of at most 128 letters, digits, spaces and _.:/=+-@ that does not begin with "aws:"',
    ],
  ],
  [
    "account: {ids: [123456789012]}",
    ["config.yml:1:17: account.ids.0: found 123456789012, expected ids of accounts, 12 digits in quotes"],
  ],
  [
    "sites:\n  - https://example.com",
    [
      'config.yml:1:1: sites: found ["https://example.com"], expected sites by their names, as in list: { shop: { url: "https://shop.example.com" } }',
    ],
  ],
  [
    "sites:\n  list:\n    - name: shop\n      url: https://example.com",
    [
      'config.yml:2:3: sites.list: found [{"name":"shop","url":"https://example.com"}], expected sites by their names, as in list: { shop: { url: "https://shop.example.com" } }',
    ],
  ],
  [
    "sites:\n  list:\n    shop: https://example.com",
    [
      'config.yml:3:5: sites.list.shop: found "https://example.com", expected keys with values: { url: "https://example.com" }',
    ],
  ],
  [
    "ingest:\n  streams:\n    orders: {table: orders, mode: latest}",
    [
      "config.yml:3:5: ingest.streams.orders.key: is missing, expected keys with values",
      "config.yml:3:5: ingest.streams.orders.version: is missing, expected keys with values",
    ],
  ],
  [
    "nodePools:\n  w: { autoScalingGroups: a, cluster: c }",
    ['config.yml:2:8: nodePools.w.autoScalingGroups: found "a", expected a list'],
  ],
  [
    "nodePools:\n  w: { cluster: c }",
    [
      'config.yml:2:3: nodePools.w: found {"cluster":"c"}, expected exactly one of autoScalingGroups, managedNodeGroup and spotFleet: what is scaled',
    ],
  ],
  [
    "nodePools:\n  w: { autoScalingGroups: [a], cluster: c, maxNotReady: 20 }\n  v: { autoScalingGroups: [a], cluster: c}",
    [
      'config.yml:3:3: nodePools.v: found {"autoScalingGroups":["a"],"cluster":"c"}, expected each in one pool only: Auto Scaling group a is in node pool "w" too',
    ],
  ],
  [
    "streams:\n  orders: &o {max: 4}\n  clicks: *p",
    ["config.yml:3:11: found *p, expected the name of an anchor above"],
  ],
  [
    "streams:\n  orders: {max: 1e9}",
    ["config.yml:2:12: streams.orders.max: found 1000000000, expected at most 10000"],
  ],
  [
    "streams:\n  orders: {max: 4.5}",
    ["config.yml:2:12: streams.orders.max: found 4.5, expected a whole number"],
  ],
  ["streams:\n  orders: {max: yes}", ['config.yml:2:12: streams.orders.max: found "yes", expected a number']],
  [
    "streams:\n  orders: {max: .inf}",
    ["config.yml:2:12: streams.orders.max: found Infinity, expected a number"],
  ],
  [
    "streams:\n  orders: {max: 10}\n  orders: {max: 12}",
    ["config.yml:3:3: found the key orders twice, expected it once"],
  ],
  [
    "streams:\n  orders: {max: 10, targetUtilisation: 75}",
    ["config.yml:2:21: streams.orders.targetUtilisation: found 75, expected at most 1"],
  ],
  [
    "streams:\n  orders: {max: 10, scaleOutAt: 80%}",
    ['config.yml:2:21: streams.orders.scaleOutAt: found "80%", expected a number'],
  ],
  [
    'monitoring: {dashboard: "yes"}',
    ['config.yml:1:14: monitoring.dashboard: found "yes", expected true or false'],
  ],
  [
    "streams: {}\nnodePools:\n  w: {managedNodeGroup: {cluster: c}}",
    ["config.yml:3:7: nodePools.w.managedNodeGroup.name: is missing, expected a text"],
  ],
  ["mode: act\n---\nstreams: {}", ["config.yml:2:1: found a second document (---), expected one"]],
  ['"just text"', ["config.yml: found a string, expected sections such as `mode` and `streams`"]],
  ["streams: null\nmode: null", ['config.yml:2:1: mode: found null, expected "act" or "ask" or "observe"']],
  [
    "streams:\n  orders: {max: 4, shardCapacity: {bytesPerSec: 5}}",
    [
      "config.yml:2:36: streams.orders.shardCapacity.bytesPerSec: is no key here, did you mean bytesPerSecond?",
    ],
  ],
  [
    "ingest:\n  tables:\n    orders: {partitionKey: id}\n  streams:\n    orders: {mode: append, table: order, id: $.id}",
    [
      'config.yml:5:42: ingest.streams.orders.id: found "$.id", expected a path in the event, such as sender.login',
      'config.yml:5:28: ingest.streams.orders.table: found "order", expected a table of ingest.tables: orders',
    ],
  ],
  [
    'sites:\n  list:\n    shop: {url: "https://shop.example.com", conditions: ["status = 200"]}',
    [
      'config.yml:3:58: sites.list.shop.conditions.0: found "status = 200", expected ==, !=, <=, >=, <, >, not in, in behind status',
    ],
  ],
  [
    'sites:\n  list:\n    shop: {url: "https://shop.example.com", timeout: 5}',
    ["config.yml:3:45: sites.list.shop.timeout: is no key here, here it is timeoutSeconds"],
  ],
  [
    'sites:\n  list:\n    shop: {url: "shop.example.com"}',
    [
      'config.yml:3:12: sites.list.shop.url: found "shop.example.com", expected an address that begins with https://, http://, tcp://, tls:// or dns:, such as https://shop.example.com/health',
    ],
  ],
  [
    "nodePools:\n  w: { autoScalingGroups: [a], cluster: c, targetUtilisation: 0.7 }",
    ["config.yml:2:44: nodePools.w.targetUtilisation: found 0.7, expected a whole number"],
  ],
  ["streams:\n  ? [a, b]\n  : {max: 4}", ["config.yml:2:5: found a list or a map as a key, expected a name"]],
  [
    "account: {logRetentionDays: 31}",
    [
      "config.yml:1:11: account.logRetentionDays: found 31, expected 1 or 3 or 5 or 7 or 14 or 30 or 60 or 90 or 120 or 150 or 180 or 365 or 400 or 545 or 731 or 1096 or 1827 or 2192 or 2557 or 2922 or 3288 or 3653",
    ],
  ],
  [
    "streams:\n  orders: {max: 4, prefer: cheap}",
    ['config.yml:2:20: streams.orders.prefer: found "cheap", expected "cost" or "balanced" or "headroom"'],
  ],
];

const AUTOMATIONS = await findAutomations(process.cwd());

/** What is wrong with a config, as `check-config` prints it. */
function problemsIn(text: string): readonly string[] {
  try {
    const { value, positionOf } = readDocument(text, "config.yml");
    const file = withSections(value, "config.yml", (path) => {
      const { line, column } = positionOf(path);
      return `config.yml:${line}:${column}`;
    });
    const checked = configOf(file, AUTOMATIONS);
    return "problems" in checked ? checked.problems : [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

test.each(WRONG)("%j", (config, problems) => {
  expect(problemsIn(config)).toEqual(problems);
});

test.each([
  ["# a file of comments", ""],
  ["a stream that a pattern would match, left alone", 'streams:\n  orders: {ignore: true}\n  "*": {max: 4}'],
  ["a stream whose name is a number", "streams:\n  007: {max: 4}"],
])("%s is no mistake", (_, config) => {
  expect(problemsIn(config)).toEqual([]);
});
