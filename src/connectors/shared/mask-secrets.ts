const MASK = "***";
/** The length has a bound, so that a long text without a URL is not gone through again from each of its letters. */
const URL_START = /([a-z][a-z0-9+.-]{0,30}):\/\//gi;
const URL_REST = /[^\s"'<>]*/y;
const NAMED_SECRET = /\b(password|passwd|secret|token)("?\s*[=:]\s*"?)[^\s,;&"'}]+/gi;
const BEARER = /\b(bearer|basic)\s+[a-z0-9+/=._~-]{8,}/gi;

/**
 * The text without passwords: the user part of URLs, what stands behind names such as "password=", and the secrets
 * that the caller knows of.
 */
export function maskSecrets(text: string, secrets: readonly string[] = []): string {
  let masked = text;
  // Longer ones first: a secret may be a part of another.
  for (const secret of secrets.toSorted((a, b) => b.length - a.length)) {
    if (secret !== "") masked = masked.replaceAll(secret, MASK);
  }
  return maskUrlUsers(masked).replace(NAMED_SECRET, `$1$2${MASK}`).replace(BEARER, `$1 ${MASK}`);
}

/**
 * Masks what stands before the host of URLs: up to the last "@", since passwords may hold one, and slashes besides.
 * URLs of files have no such part: their paths may hold any "@", as those of packages do.
 */
function maskUrlUsers(text: string): string {
  let masked = "";
  let shownTo = 0;
  let lookedAtTo = 0;
  for (const { 0: start, 1: scheme, index } of text.matchAll(URL_START)) {
    if (index < lookedAtTo || scheme!.toLowerCase() === "file") continue;
    const userAt = index + start.length;
    URL_REST.lastIndex = userAt;
    const rest = URL_REST.exec(text)![0];
    lookedAtTo = userAt + rest.length;
    const user = rest.slice(0, Math.max(0, rest.lastIndexOf("@")));
    if (user === "" || isHostAndPath(user)) continue;
    masked += text.slice(shownTo, userAt) + MASK;
    shownTo = userAt + user.length;
  }
  return masked + text.slice(shownTo);
}

/** True for "host/path" of "http://host/path@2x.png"; a colon before the slash may part a user and a password. */
function isHostAndPath(user: string): boolean {
  return /^[^/:@]+\//.test(user);
}

/**
 * What a client library threw, as an error that can be shown: its name, code, message and stack without secrets, and
 * nothing else of it. Libraries hang commands with their arguments onto errors.
 */
export function withoutSecrets(thrown: unknown, secrets: readonly string[] = []): Error {
  if (!(thrown instanceof Error)) return new Error(maskSecrets(String(thrown), secrets));
  const shown: Error & { code?: unknown } = new Error(maskSecrets(thrown.message, secrets));
  const { code } = thrown as { code?: unknown };
  if (typeof code === "string" || typeof code === "number") shown.code = code;
  const stack = thrown.stack === undefined ? undefined : maskSecrets(thrown.stack, secrets);
  Object.defineProperty(shown, "name", { value: thrown.name, configurable: true });
  Object.defineProperty(shown, "stack", { value: stack, configurable: true, writable: true });
  return shown;
}
