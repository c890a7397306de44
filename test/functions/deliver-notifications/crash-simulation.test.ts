import { afterAll, expect, it } from "vitest";
import { seeded } from "../../../bench/seeded.ts";
import { deliveryFaults, simulateDelivery } from "./crash-simulation.ts";

/** `npm run bench -- outbox` makes many more of them. */
const SIMULATIONS = Number(process.env.REFLEX_OUTBOX_SIMULATIONS ?? 20);
const ROUNDS = 40;

let runs = 0;
let published = 0;
let alarms = 0;
let taken = 0;
afterAll(() => {
  const due = published * 3;
  console.log(
    `${SIMULATIONS} simulations, ${runs} runs: ${published} notifications to 3 targets each, ${taken} delivered (${taken - due} again after a crash, each said so); an alarm on Reflex went bad ${alarms} times, and each target got beginning and end`,
  );
});

it("whatever a run dies after, each target gets every event of an incident, in order, and again only with a word", async () => {
  for (let seed = 1; seed <= SIMULATIONS; seed++) {
    const outcome = await simulateDelivery(ROUNDS, seeded(seed));
    runs += outcome.runs;
    published += outcome.published.length;
    alarms += outcome.alarms;
    taken += outcome.taken.filter(({ thread }) => !thread.startsWith("alarm/")).length;
    expect(deliveryFaults(outcome), `seed ${seed}`).toEqual([]);
  }
  expect(published).toBeGreaterThan(10 * SIMULATIONS);
  expect(alarms).toBeGreaterThan(SIMULATIONS);
});
