/** Requests to the server. */

/** The server rejected the request with a message; `field` names the parameter that the message is about. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {string | null} field
   */
  constructor(status, message, field = null) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** Event of `session`: the session has ended, so a login is needed. */
export const SESSION_ENDED = "session-ended";
export const session = new EventTarget();

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export function get(path, signal) {
  return request(path, { signal });
}

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export function post(path, body) {
  return request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** @param {unknown} error */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(0, "The server does not answer.");
  }
  if (response.ok) return response.status === 204 ? null : response.json();
  if (response.status === 401 && path !== "/api/login") session.dispatchEvent(new Event(SESSION_ENDED));
  const body = await response.json().catch(() => ({}));
  throw new ApiError(response.status, body.error ?? `The server answered ${response.status}.`, body.field ?? null);
}
