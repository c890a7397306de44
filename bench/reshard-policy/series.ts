/** Synthetic shapes of traffic, one value a minute, largest value 1. Made from a fixed seed: the same at every run. */

import { seeded } from "../seeded.ts";

const DAY = 24 * 60;

export interface Series {
  readonly name: string;
  /** Where it is from, for the report. */
  readonly source: string;
  readonly seasonal: boolean;
  /** One value a minute, 0 to 1. */
  readonly values: readonly number[];
}

export function synthetic(days = 7): Series[] {
  const minutes = days * DAY;
  const shape = (name: string, seasonal: boolean, valueAt: (minute: number) => number): Series => ({
    name,
    source: "synthetic",
    seasonal,
    values: normalised(Array.from({ length: minutes }, (_, minute) => valueAt(minute))),
  });
  const noise = seeded(7);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - noise())) * Math.cos(2 * Math.PI * noise());
  const day = (minute: number) => 0.55 - 0.45 * Math.cos((2 * Math.PI * (minute % DAY)) / DAY);
  let walk = 0.5;
  let ar = 0;
  let burst = 0;
  return [
    shape("constant", true, () => 1),
    shape("day and night", true, day),
    shape("day, night and weekend", true, (m) => day(m) * (Math.floor(m / DAY) % 7 >= 5 ? 0.5 : 1)),
    shape("day and night, noisy", false, (m) => {
      ar = 0.9 * ar + 0.06 * gauss();
      return day(m) * Math.exp(ar);
    }),
    shape("office hours", true, (m) => {
      const hour = (m % DAY) / 60;
      return 0.1 + 0.9 * Math.max(0, Math.min(1, hour - 7, 19 - hour));
    }),
    shape("saw-tooth of 3 hours", false, (m) => 0.06 + (0.94 * (m % 180)) / 180),
    shape("square wave of 6 hours", false, (m) => (Math.floor(m / 180) % 2 === 0 ? 0.15 : 1)),
    shape("5 minutes every hour", false, (m) => (m % 60 < 5 ? 1 : 0.2)),
    shape("nightly batch of 2 hours", true, (m) => (m % DAY < 120 ? 1 : 0.15)),
    shape("random walk", false, () => {
      walk = Math.min(1, Math.max(0.05, walk + 0.008 * gauss()));
      return walk;
    }),
    shape("flash crowds", false, (m) => {
      burst = m % 1931 === 900 ? 1 : burst * 0.985;
      return 0.1 * day(m) + burst;
    }),
    shape("growth over the week", false, (m) => (0.15 + (0.85 * m) / minutes) * day(m)),
    shape("one step up", false, (m) => (m < minutes / 2 ? 0.2 : 1)),
    shape("one step down", false, (m) => (m < minutes / 2 ? 1 : 0.2)),
  ];
}

/** Shapes that the policy's numbers were not chosen on: they are reported apart. */
export function heldOut(days = 7): Series[] {
  const noise = seeded(1234);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - noise())) * Math.cos(2 * Math.PI * noise());
  const shape = (name: string, seasonal: boolean, valueAt: (minute: number) => number): Series => ({
    ...{ name, source: "synthetic, held out", seasonal },
    values: normalised(Array.from({ length: days * DAY }, (_, minute) => valueAt(minute))),
  });
  const peakAt = (minute: number, hour: number, width: number) =>
    Math.exp(-(((((minute % DAY) / 60 - hour + 36) % 24) - 12) ** 2) / width);
  const shifts = Array.from({ length: days }, () => Math.round(25 * gauss()));
  let level = 0.3;
  let wave = 0;
  let decay = 0;
  return [
    shape("two peaks a day", true, (m) => 0.1 + 0.9 * peakAt(m, 9, 6) + 0.7 * peakAt(m, 20, 3)),
    shape("batch every six hours", true, (m) => (m % 360 < 40 ? 1 : 0.1)),
    shape("a batch whose begin moves", false, (m) =>
      Math.abs((m % DAY) - 600 - (shifts[Math.floor(m / DAY)] ?? 0)) < 45 ? 1 : 0.2,
    ),
    shape("half-hour saw-tooth", false, (m) => 0.2 + (0.8 * (m % 30)) / 30),
    shape("square wave of 5 hours", false, (m) => (m % 300 < 150 ? 0.25 : 1)),
    shape("levels that jump", false, (m) => {
      if (m % 197 === 0) level = 0.1 + 0.9 * noise();
      return level;
    }),
    shape("business days only", true, (m) => {
      const isFree = Math.floor(m / DAY) % 7 >= 5;
      return isFree ? 0.05 : 0.1 + 0.9 * peakAt(m, 14, 18);
    }),
    shape("launch and slow decay", false, (m) => {
      decay = m === 4000 ? 1 : decay * 0.9995;
      return 0.08 + decay;
    }),
    shape("noise around a mean", false, () => {
      wave = 0.7 * wave + 0.15 * gauss();
      return Math.max(0.05, 0.5 + wave);
    }),
    shape("minute bursts", false, () => (noise() < 0.02 ? 1 : 0.3)),
  ];
}

export function normalised(values: readonly number[]): number[] {
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  return values.map((value) => (largest === 0 ? 0 : Math.max(0, value) / largest));
}
