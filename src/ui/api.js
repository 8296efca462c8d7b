const STORAGE_KEY = "stormcell-token";
const API = "/api/v1";

/**
 * The token that came with the link. It stands behind the "#", which no request holds; it is kept for this tab alone,
 * and taken out of the address bar.
 */
function takeToken() {
  const match = /^#token=([A-Za-z0-9_-]{16,256})$/.exec(location.hash);
  if (match !== null) {
    sessionStorage.setItem(STORAGE_KEY, match[1]);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(STORAGE_KEY);
}

const token = takeToken();

/** Without a token the page can look, and change nothing. */
export const mayChange = token !== null;

/** A link with another token is opened in a tab that shows the page already. */
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#token=")) {
    takeToken();
    location.reload();
  }
});

export class ApiError extends Error {
  constructor(status, code, text) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

function headers() {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

async function request(method, path, signal) {
  const response = await fetch(path, { method, headers: headers(), cache: "no-store", signal });
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw new ApiError(response.status, body.error ?? "", body.errorMessage ?? `status ${response.status}`);
}

export function topologyPath(id, ...rest) {
  return [API, "topology", ...[id, ...rest].map(encodeURIComponent)].join("/");
}

export async function getJson(path, signal) {
  return (await request("GET", path, signal)).json();
}

export async function post(path) {
  return (await request("POST", path)).json();
}

export function listTopologies() {
  return getJson(`${API}/topology/summary`);
}

/** The body of an event stream; by fetch, since an EventSource cannot show a token. */
export async function openStream(path, signal) {
  return (await request("GET", path, signal)).body;
}
