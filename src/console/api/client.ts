import { isUnattended } from "./attended.ts";

/** RFC 9457, as the API answers (docs/api.md). */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail?: string;
  found?: string;
  expected?: string;
  remedy?: string;
  correlation?: string;
};

export class ApiProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;
export type Request = {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Query | undefined;
  body?: unknown;
  /** The ETag that was read: the change is refused when somebody was faster. */
  ifMatch?: string | undefined;
  signal?: AbortSignal | undefined;
};
/** What was answered, and the version of it for `ifMatch`. */
export type Answered<T> = { data: T; etag: string | null; status: number };

// In memory alone, given by GET /api/v1/session and by a step-up, which gives the session a new one.
let csrfToken = "";
export const setCsrfToken = (token: string): void => {
  csrfToken = token;
};

/** Asks for a second factor; whether one was shown. */
export type AskFactor = () => Promise<boolean>;
let askFactor: AskFactor | undefined;
let askingFactor: Promise<boolean> | undefined;
let steppingUp: Promise<void> | undefined;

/** Who asks the person for a second factor when an act needs a fresh one (app/step-up.tsx). Returns how that ends. */
export function onStepUp(asker: AskFactor): () => void {
  askFactor = asker;
  return () => {
    askFactor = undefined;
  };
}

/** A second factor as it is shown (the API's proof). The session goes on under a new cookie and token. @throws ApiProblem. */
export async function stepUp(proof: object): Promise<void> {
  steppingUp = ask<{ csrfToken: string }>(STEP_UP, { method: "POST", body: proof }).then(({ data }) =>
    setCsrfToken(data.csrfToken),
  );
  await steppingUp;
}
const STEP_UP = "session/step-up";

/**
 * `/api/v1/` and path; ids in it must be encoded by the caller. What needs a second factor asks for it and goes on by itself.
 * @throws ApiProblem. A session that ended leads to sign-in.
 */
export async function ask<T>(path: string, request: Request = {}, repeats = 0): Promise<Answered<T>> {
  const token = csrfToken;
  const response = await send(path, request);
  const text = await response.text();
  if (response.ok) {
    const data = (text === "" ? undefined : JSON.parse(text)) as T;
    return { data, etag: response.headers.get("etag"), status: response.status };
  }
  const problem = readProblem(response, text);
  if (repeats < 2 && (await isWorthRepeating(problem, { path, ...request }, token)))
    return ask(path, request, repeats + 1);
  // A second factor that is not right is answered with 401 too: that session goes on.
  if (problem.status === 401 && !isOf(problem, "sign-in-refused")) toSignIn();
  // Asked for above, and not shown.
  const remedy = isOf(problem, "step-up") ? "Do it again, and show your second factor when asked." : undefined;
  throw new ApiProblem({ ...problem, ...(remedy && { remedy }) });
}

/** The answer's body alone. */
export async function get<T>(path: string, request: Omit<Request, "method" | "body"> = {}): Promise<T> {
  return (await ask<T>(path, request)).data;
}

function send(path: string, { method = "GET", query, body, ifMatch, signal }: Request): Promise<Response> {
  return fetch(addressOf(path, query), {
    method,
    credentials: "same-origin",
    headers: {
      accept: "application/json",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(method !== "GET" && { "x-csrf-token": csrfToken }),
      ...(ifMatch && { "if-match": ifMatch }),
      ...(isUnattended() && { "x-unattended": "yes" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
}

export const isOf = ({ type }: Problem, code: string): boolean => type === `urn:ledgerstone:problem:${code}`;

/** Whether what was refused would be taken now: a second factor was shown, or the session went on under a new token meanwhile. */
async function isWorthRepeating(
  problem: Problem,
  { path, method = "GET" }: Request & { path: string },
  sentWith: string,
): Promise<boolean> {
  if (isOf(problem, "step-up") && askFactor) {
    askingFactor ??= askFactor().finally(() => {
      askingFactor = undefined;
    });
    return askingFactor;
  }
  // Sent with the cookie of before a step-up, and read after it.
  if (isOf(problem, "unauthorized")) {
    if (path !== STEP_UP) await steppingUp?.catch(() => {});
    return csrfToken !== sentWith;
  }
  // Another tab of this browser, such as /account, may have stepped up: the cookie is all tabs', the token is this one's.
  if (isOf(problem, "forbidden") && method !== "GET") {
    const response = await send("session", {});
    if (response.ok) setCsrfToken(((await response.json()) as { csrfToken: string }).csrfToken);
    return csrfToken !== sentWith;
  }
  return false;
}

/** Where something of the API is, for links and downloads. */
export const addressOf = (path: string, query?: Query): string => `/api/v1/${path}${search(query)}`;

function search(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

function readProblem(response: Response, text: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return {
      type: "about:blank",
      title: response.statusText || "The appliance did not answer",
      status: response.status,
    };
  }
}

/** Where one was is in the fragment, which no server sees. */
export function toSignIn(): never {
  window.location.assign(`/login#${window.location.pathname}${window.location.search}`);
  throw new ApiProblem({ type: "about:blank", title: "You are signed out", status: 401 });
}
