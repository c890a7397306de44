import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as z from "zod/mini";

/** An event in the envelope its producers have agreed on (https://cloudevents.io). */
export interface RealEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly data: unknown;
}

const require = createRequire(import.meta.url);

const Webhooks = z.array(z.looseObject({ name: z.string(), examples: z.array(z.unknown()) }));
const Earthquakes = z.looseObject({
  features: z.array(z.looseObject({ id: z.string(), properties: z.looseObject({ updated: z.number() }) })),
});

/**
 * Real events, for demonstrations and tests: the payloads GitHub documents for its webhooks
 * (`@octokit/webhooks-examples`, 329 of 1 to 27 KB), and a week of earthquakes as the USGS published them
 * (its feed "all earthquakes, past week" of 2018-02-07, public domain: 1,707 of 0.7 KB). In one order, the two mixed.
 *
 * @param sentAt the time of the webhooks, which say none themselves; ms since the epoch
 */
export function realEvents(sentAt: number): RealEvent[] {
  const mixed: RealEvent[] = [];
  const quakes = earthquakes();
  const hooks = webhooks(sentAt);
  const each = Math.floor(quakes.length / hooks.length);
  for (const [index, hook] of hooks.entries()) {
    const next = index === hooks.length - 1 ? quakes.length : (index + 1) * each;
    mixed.push(hook, ...quakes.slice(index * each, next));
  }
  return mixed;
}

function webhooks(sentAt: number): RealEvent[] {
  const examples = Webhooks.parse(require("@octokit/webhooks-examples"));
  return examples.flatMap(({ name, examples: payloads }) =>
    payloads.map(
      (data, index): RealEvent => ({
        specversion: "1.0",
        id: `${name}/${index}`,
        source: "https://github.com",
        type: `com.github.${name}`,
        time: new Date(sentAt).toISOString(),
        data,
      }),
    ),
  );
}

function earthquakes(): RealEvent[] {
  const packed = readFileSync(join(import.meta.dirname, "earthquakes.json.gz"));
  const { features } = Earthquakes.parse(JSON.parse(gunzipSync(packed).toString("utf8")));
  return features.map(
    (data): RealEvent => ({
      specversion: "1.0",
      id: `${data.id}/${data.properties.updated}`,
      source: "https://earthquake.usgs.gov",
      type: "gov.usgs.earthquake",
      time: new Date(data.properties.updated).toISOString(),
      data,
    }),
  );
}
