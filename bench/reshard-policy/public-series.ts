/**
 * Recorded series, two weeks each by the hour; minutes between two hours are interpolated in a straight line, so they
 * have no noise below the hour. Made from the data sets github, flights-20k (Bureau of Transportation Statistics) and
 * seattle-weather-hourly-normals (NOAA; less 0.9 of the lowest value) of the package vega-datasets 3.2.1.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { normalised, type Series } from "./series.ts";

const Hours = z.record(z.string(), z.array(z.number()));

/** At least eight series of two weeks. */
export function recorded(): Series[] {
  const file = join(import.meta.dirname, "recorded-hours.json");
  const hours = Hours.parse(JSON.parse(readFileSync(file, "utf8")));
  return Object.entries(hours).map(([name, values]) => series(name, values));
}

function series(name: string, hours: readonly number[]): Series {
  const values = hours.flatMap((value, index) => {
    const next = hours[index + 1] ?? value;
    return Array.from({ length: 60 }, (_, minute) => value + ((next - value) * minute) / 60);
  });
  return { name, source: "vega-datasets, by the hour", seasonal: false, values: normalised(values) };
}
