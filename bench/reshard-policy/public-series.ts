/**
 * Recorded series from the package vega-datasets. All are by the hour; minutes between two hours are interpolated in a
 * straight line, so they have no noise below the hour.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { normalised, type Series } from "./series.ts";

const HOUR_MS = 3_600_000;
const HOURS = 14 * 24;

const data = join(import.meta.dirname, "..", "..", "node_modules", "vega-datasets", "data");

/** At least eight series of two weeks. */
export function recorded(): Series[] {
  const weather = csv("seattle-weather-hourly-normals.csv");
  const june = weather.findIndex(({ date }) => date?.startsWith("2010-06-01"));
  const weatherOf = (column: string) => {
    const values = weather.slice(june, june + HOURS).map((row) => Number(row[column]));
    const lowest = Math.min(...values);
    return values.map((value) => value - 0.9 * lowest);
  };
  const flights = JSON.parse(readFileSync(join(data, "flights-20k.json"), "utf8")) as Flight[];
  const timed = flights.map((flight) => ({
    ...flight,
    at: Date.parse(`${flight.date.replace(" ", "T")}Z`.replaceAll("/", "-")),
  }));
  const perHour = (weight: (flight: Flight) => number) => byHour(timed, (one) => one.at, weight);
  const commits = csv("github.csv").map(({ time = "", count }) => ({
    at: Date.parse(`${time.replace(" ", "T").replaceAll("/", "-")}Z`),
    count: Number(count),
  }));
  return [
    series(
      "commits on GitHub",
      byHour(
        commits,
        ({ at }) => at,
        ({ count }) => count,
      ),
    ),
    series("temperature in Seattle", weatherOf("temperature")),
    series("wind in Seattle", weatherOf("wind")),
    series("air pressure in Seattle", weatherOf("pressure")),
    series(
      "departures of flights",
      perHour(() => 1),
    ),
    series(
      "miles flown",
      perHour(({ distance }) => distance),
    ),
    series(
      "minutes of delay",
      perHour(({ delay }) => Math.max(0, delay)),
    ),
    series(
      "departures of long flights",
      perHour(({ distance }) => (distance > 1000 ? 1 : 0)),
    ),
    series(
      "departures from the ten largest",
      perHour(({ origin }) => (LARGE.has(origin) ? 1 : 0)),
    ),
  ];
}

const LARGE = new Set(["ATL", "ORD", "DFW", "LAX", "PHX", "STL", "DTW", "MSP", "LAS", "DEN"]);

interface Flight {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
}

function series(name: string, hours: readonly number[]): Series {
  const kept = hours.slice(0, HOURS);
  const values = kept.flatMap((value, index) => {
    const next = kept[index + 1] ?? value;
    return Array.from({ length: 60 }, (_, minute) => value + ((next - value) * minute) / 60);
  });
  return { name, source: "vega-datasets, by the hour", seasonal: false, values: normalised(values) };
}

function byHour<T>(rows: readonly T[], atOf: (row: T) => number, weightOf: (row: T) => number): number[] {
  const first = Math.floor(Math.min(...rows.map(atOf)) / HOUR_MS);
  const hours = Array.from({ length: HOURS }, () => 0);
  for (const row of rows) {
    const hour = Math.floor(atOf(row) / HOUR_MS) - first;
    if (hour < HOURS) hours[hour] = (hours[hour] ?? 0) + weightOf(row);
  }
  return hours;
}

function csv(file: string): Record<string, string>[] {
  const [header = "", ...lines] = readFileSync(join(data, file), "utf8").trim().split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line) =>
    Object.fromEntries(line.split(",").map((cell, index) => [names[index] ?? "", cell])),
  );
}
