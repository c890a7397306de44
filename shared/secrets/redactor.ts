/** Shorter secrets are not looked for: they would be found everywhere. */
const SHORTEST = 4;
const SHORTEST_BASE64 = 8;

/** HTML's names of the characters it has to escape. */
const NAMED: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

/**
 * Takes the secrets out of a text, in whatever spelling a site may quote what it was sent: as it is, as JSON writes it
 * (Go escapes more than others), in percent of either case, as HTML, and in base64, also in the middle of something
 * else (`user:secret`).
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  let patterns: RegExp[] | undefined;
  return (text) => {
    // Most checks find nothing that is to be shown.
    patterns ??= secrets
      .filter(({ length }) => length >= SHORTEST)
      .toSorted((a, b) => b.length - a.length)
      .flatMap((secret) => [spellings(secret), ...base64Of(secret).map((one) => new RegExp(one, "g"))]);
    return patterns.reduce((clean, pattern) => clean.replace(pattern, "[secret]"), text);
  };
}

/** Each character by itself may be written in any way. */
function spellings(secret: string): RegExp {
  return new RegExp([...secret].map(characterSpellings).join(""), "g");
}

function characterSpellings(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const units = Array.from({ length: character.length }, (_, at) => hex(character.charCodeAt(at), 4));
  const bytes = [...Buffer.from(character)].map((byte) => hex(byte, 2));
  // The longest first: the beginning of `&#38;` is `&` itself.
  const ways = [
    ...(/^[\w]$/.test(character) ? [] : [`\\\\${literal(character)}`]),
    units.map((unit) => `\\\\u${unit}`).join(""),
    bytes.map((byte) => `%${byte}`).join(""),
    `&#0*${code};`,
    `&#[xX]0*${anyCase(code.toString(16))};`,
    ...(NAMED[character] ? [`&${NAMED[character]};`] : []),
    ...(character === " " ? ["\\+"] : []),
    ...(JSON_ESCAPES[character] ? [`\\\\${JSON_ESCAPES[character]}`] : []),
    literal(character),
  ];
  return `(?:${ways.join("|")})`;
}

const JSON_ESCAPES: Readonly<Record<string, string>> = { "\n": "n", "\r": "r", "\t": "t" };

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

function hex(value: number, digits: number): string {
  return anyCase(value.toString(16).padStart(digits, "0"));
}

function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** What base64 makes of the secret, whatever stands before and behind it: it begins at one of three places of a group. */
function base64Of(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const coded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const begin = Math.ceil((before * 8) / 6);
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    const core = coded.slice(begin, end);
    // Both alphabets: `+/` and `-_`.
    return core.length < SHORTEST_BASE64
      ? []
      : [
          literal(core)
            .replace(/\\?[+-]/g, "[+-]")
            .replace(/\\?[/_]/g, "[/_]"),
        ];
  });
}
