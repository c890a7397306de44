/** What stands in a message where a secret stood. */
const HIDDEN = "[hidden]";
/** Shorter ones are not looked for in sentences: they would be found everywhere. */
const SHORTEST = 4;
/** A longer text is not looked into: no message has room for it. */
const LONGEST = 1_000;

/** A value as a message may quote it. */
export interface Quotable {
  readonly value: unknown;
  /** Takes what was hidden in the value out of a sentence about it. */
  readonly hideIn: (sentence: string) => string;
}

/** Keys whose own value is a credential, by the words in them. */
const SECRET_KEY =
  /token|secret|passw|passphrase|pwd|credential|auth|cookie|session|signature|bearer|(api|access|private|routing|integration|signing|shared|account)[-_ ]?key|^body$/i;
/** Keys of which nothing below is quoted. Elsewhere a name on the way, such as the stream `user-sessions`, hides nothing. */
const SECRET_SECTION =
  /^(headers?|cookies?|(basic|bearer|http)?[-_]?auth(orization|entication)?|credentials?|secrets?|tokens?|passwords?|webhooks?)$/i;

/**
 * A value of a config without whatever looks like a credential: people write tokens in clear, and the messages about
 * their config stand in terminals, in CI's logs and in tickets.
 *
 * @param path where it stands: a key named `password` or a section named `headers` hides the whole value
 */
export function withoutSecrets(value: unknown, path: readonly PropertyKey[]): Quotable {
  const hidden: string[] = [];
  const hide = (text: string): string => {
    if (text !== HIDDEN) hidden.push(text);
    return HIDDEN;
  };
  const shown = quotable(value, path.map(String), hide);
  const sought = hidden.filter(({ length }) => length >= SHORTEST);
  return {
    value: shown,
    hideIn: (sentence) => sought.reduce((text, secret) => text.replaceAll(secret, HIDDEN), sentence),
  };
}

/** A key without a credential: `{bearer:abc}`, the blank forgotten, is a key and no value. */
export const keyWithoutSecrets = (key: string): string => withoutKinds(key, () => HIDDEN);

type Hide = (text: string) => string;

function quotable(value: unknown, path: readonly string[], hide: Hide): unknown {
  if (Array.isArray(value)) return value.map((each, index) => quotable(each, [...path, String(index)], hide));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        withoutKinds(key, hide),
        quotable(each, [...path, key], hide),
      ]),
    );
  }
  if (value === null || value === undefined || typeof value === "boolean") return value;
  if (isSecretPlace(path)) return hide(String(value));
  return typeof value === "string" ? quotableText(value, hide) : value;
}

function isSecretPlace(path: readonly string[]): boolean {
  const named = path.filter((key) => !/^\d+$/.test(key));
  return SECRET_KEY.test(named.at(-1) ?? "") || named.some((key) => SECRET_SECTION.test(key));
}

/** Each kind of credential that may stand within a text: what is kept before it, the credential, what is kept behind. */
const KINDS: readonly RegExp[] = [
  /()(-----BEGIN[\s\S]*)()/g,
  // user:password@ of an address, also of one without a scheme. An @ in the password counts as well.
  /(\/\/)([^\s"]*)(@)/g,
  /()([^\s:@/"]+:(?!\/\/)[^\s"]+)(@)/g,
  // Authorization: Bearer …
  /(\b(?:bearer|basic|digest|negotiate|apikey|token)\s+)([^\s"]+)()/gi,
  /([\w-]*(?:token|secret|passw(?:or)?d|auth|bearer|basic|api-?key|cookie|credential|signature)[\w-]*["']?\s*:\s*)([^\r\n]+)()/gi,
  // The query and the fragment of an address, and what is put to a name.
  /(\b[\w-]*(?:token|secret|passw(?:or)?d|auth|api-?key|session|credential|signature)[\w-]*\s*=\s*)([^\s&;]+)()/gi,
  /([?&;][^\s=&#?]*=)([^\s&#]+)()/g,
  /(https?:\/\/[^\s?#]*[?#])([^\s=&]+(?=$|\s))()/gi,
  /(#)([^\s#]+)()/g,
  // The address of an incoming webhook is its credential.
  /(https?:\/\/(?:[\w.-]*\b(?:hooks?|webhooks?)\b|discord(?:app)?\.com|api\.telegram\.org)[^\s/]*\/)([^\s"]+)()/gi,
  /(\/(?:web)?hooks?(?:\/|_))([^\s"]+)()/gi,
  // Credentials that say what they are.
  /()(\b(?:AKIA|ASIA)[A-Z0-9]{8,}|\b(?:gh[pousr]_|github_pat_|glpat-|npm_|sk-|sk_|pk_|rk_|xox[a-z]-|eyJ)[\w.=-]{6,})()/g,
];

function quotableText(text: string, hide: Hide): string {
  if (text.length > LONGEST) return hide(text);
  return withoutKinds(text, hide).replace(/[A-Za-z0-9+/=_~-]{14,}/g, (run) =>
    isRandom(run) ? hide(run) : run,
  );
}

function withoutKinds(text: string, hide: Hide): string {
  // `dns:example.com?type=MX` has a query that is no credential.
  if (/^dns:[^@]*$/i.test(text)) return text;
  const replaced = (_: string, before: string, secret: string, behind: string) =>
    `${before}${hide(secret)}${behind}`;
  return KINDS.reduce((rest, kind) => rest.replace(kind, replaced), text);
}

/** Ids that AWS gives, which look random and open nothing. */
const AWS_ID = /^[a-z]{1,8}-[0-9a-f]{8}([0-9a-f]{9})?$/;
/** A word, a number, or the likes of `az1` and `v2`. */
const READABLE =
  /^(\d{1,12}|[A-Z]+|[A-Z]?[a-z]{2,}([A-Z][a-z]{2,})*|[A-Za-z]|[a-z]{1,8}\d{1,4}|\d{1,4}[a-z]{1,4})?$/;

/** Whether a run of letters and digits is no name that a person gave: a piece of it is neither a word nor a number. */
function isRandom(run: string): boolean {
  return (
    !AWS_ID.test(run) && run.split(/[-_/+=~]/).some((piece) => piece.length > 4 && !READABLE.test(piece))
  );
}
