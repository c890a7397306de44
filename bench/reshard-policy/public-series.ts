/** Recorded series. Minutes between two values are interpolated in a straight line, so they have no noise below that. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { normalised, type Series } from "./series.ts";

const Recorded = z.record(z.string(), z.array(z.number()));

/**
 * Two weeks each, by the hour: the data sets github, flights-20k (Bureau of Transportation Statistics) and
 * seattle-weather-hourly-normals (NOAA; less 0.9 of the lowest value) of the package vega-datasets 3.2.1.
 */
export function recordedByTheHour(): Series[] {
  return read("recorded-hours.json", 60, "vega-datasets, by the hour");
}

/**
 * A week each, by five minutes (some were recorded by the half hour or hour), in ten thousandths of the largest: every third of the recorded
 * series of the Numenta Anomaly Benchmark, by name. https://github.com/numenta/NAB, under its licence in
 * recorded-five-minutes.LICENSE.txt.
 */
export function recordedByFiveMinutes(): Series[] {
  return read("recorded-five-minutes.json", 5, "Numenta Anomaly Benchmark");
}

function read(file: string, minutesApart: number, source: string): Series[] {
  const all = Recorded.parse(JSON.parse(readFileSync(join(import.meta.dirname, file), "utf8")));
  return Object.entries(all).map(([name, recorded]) => {
    const values = recorded.flatMap((value, index) => {
      const rise = (recorded[index + 1] ?? value) - value;
      return Array.from({ length: minutesApart }, (_, minute) => value + (rise * minute) / minutesApart);
    });
    return { name, source, seasonal: false, values: normalised(values) };
  });
}
