const MASK = "***";
/** The part of a URL before the host that says who asks: up to the last "@", since passwords may hold one. */
const URL_USER = /([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi;
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
  return masked.replace(URL_USER, `$1${MASK}@`).replace(NAMED_SECRET, `$1$2${MASK}`).replace(BEARER, `$1 ${MASK}`);
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
