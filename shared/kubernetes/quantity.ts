import { Misconfigured } from "../lambda/errors.ts";

/** `value = mantissa x multiplier / divisor`, exactly. */
interface Suffix {
  readonly multiplier: bigint;
  readonly divisor: bigint;
}

const whole = (multiplier: bigint): Suffix => ({ multiplier, divisor: 1n });
const part = (divisor: bigint): Suffix => ({ multiplier: 1n, divisor });

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const SUFFIXES: Readonly<Record<string, Suffix>> = {
  n: part(10n ** 9n),
  u: part(10n ** 6n),
  m: part(10n ** 3n),
  "": whole(1n),
  k: whole(10n ** 3n),
  M: whole(10n ** 6n),
  G: whole(10n ** 9n),
  T: whole(10n ** 12n),
  P: whole(10n ** 15n),
  E: whole(10n ** 18n),
  Ki: whole(2n ** 10n),
  Mi: whole(2n ** 20n),
  Gi: whole(2n ** 30n),
  Ti: whole(2n ** 40n),
  Pi: whole(2n ** 50n),
  Ei: whole(2n ** 60n),
};

const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2})|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/;

/** `"1.5Gi"` in units of 1/`perUnit`, rounded up as Kubernetes does; exact, whatever the notation. */
function scaled(quantity: string, perUnit: bigint, of: string): number {
  const match = QUANTITY.exec(quantity);
  const [, sign = "", integer = "", fraction = "", exponent = "0", suffix = ""] = match ?? [];
  if (!match || integer + fraction === "" || sign === "-") {
    throw new Misconfigured(
      `${of}: found "${quantity}", expected a Kubernetes quantity such as "250m" or "1.5Gi"`,
    );
  }
  const { multiplier, divisor } = SUFFIXES[suffix] ?? whole(1n);
  const tens = BigInt(exponent) - BigInt(fraction.length);
  const numerator = BigInt(integer + fraction) * multiplier * perUnit * (tens > 0n ? 10n ** tens : 1n);
  const denominator = divisor * (tens < 0n ? 10n ** -tens : 1n);
  return Number((numerator + denominator - 1n) / denominator);
}

/** A cluster of many pods has few different quantities; more than these are calculated each time. */
const KEPT_QUANTITIES = 1_000;

function remembered(perUnit: bigint): (quantity: string, of: string) => number {
  const known = new Map<string, number>();
  return (quantity, of) => {
    const before = known.get(quantity);
    if (before !== undefined) return before;
    const amount = scaled(quantity, perUnit, of);
    if (known.size < KEPT_QUANTITIES) known.set(quantity, amount);
    return amount;
  };
}

const thousandths = remembered(1000n);
const wholes = remembered(1n);

/** CPU in thousandths of a core: `"0.5"` and `"500m"` are 500. Throws Misconfigured, naming `of`. */
export const milliCpu = (quantity: string, of = "cpu"): number => thousandths(quantity, of);

/** Bytes, or a plain count: `"1Ki"` is 1024. Throws Misconfigured, naming `of`. */
export const wholeUnits = (quantity: string, of = "quantity"): number => wholes(quantity, of);
