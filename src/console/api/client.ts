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

// In memory alone, given by GET /api/v1/session.
let csrfToken = "";
export const setCsrfToken = (token: string): void => {
  csrfToken = token;
};

/** `/api/v1/` and path; ids in it must be encoded by the caller. @throws ApiProblem. A session that ended leads to sign-in. */
export async function ask<T>(
  path: string,
  { method = "GET", query, body, ifMatch, signal }: Request = {},
): Promise<Answered<T>> {
  const response = await fetch(`/api/v1/${path}${search(query)}`, {
    method,
    credentials: "same-origin",
    headers: {
      accept: "application/json",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(method !== "GET" && { "x-csrf-token": csrfToken }),
      ...(ifMatch && { "if-match": ifMatch }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  if (response.status === 401) toSignIn();
  const text = await response.text();
  if (!response.ok) throw new ApiProblem(readProblem(response, text));
  return {
    data: (text === "" ? undefined : JSON.parse(text)) as T,
    etag: response.headers.get("etag"),
    status: response.status,
  };
}

/** The answer's body alone. */
export async function get<T>(path: string, request: Omit<Request, "method" | "body"> = {}): Promise<T> {
  return (await ask<T>(path, request)).data;
}

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
