/** Requests to the server: JSON and pixels in, refusals as errors with their code. */

import type * as answers from "./answers";

/** A refusal of the server, or `offline` where no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** Whether an error says that the session has ended. */
export function hasEnded(error: unknown): boolean {
  return error instanceof ApiError && (error.code === "unauthenticated" || error.code === "csrf");
}

let csrf = "";
let answeredAt = Date.now();

/** When the server last answered a request of the session, which keeps it from ending. */
export function lastAnswerAt(): number {
  return answeredAt;
}

async function send(method: string, path: string, body: unknown, keepalive: boolean): Promise<Response> {
  const headers: Record<string, string> = {};
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const content = body === undefined ? null : JSON.stringify(body);
  let answer: Response;
  try {
    answer = await fetch(`/api${path}`, { method, headers, body: content, credentials: "same-origin", keepalive });
  } catch {
    throw new ApiError(0, "offline", "no answer from the server");
  }
  if (answer.status !== 401) answeredAt = Date.now();
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  throw new ApiError(answer.status, String(told["error"] ?? "fault"), String(told["message"] ?? ""), told);
}

async function ask<T>(method: string, path: string, body?: unknown, keepalive = false): Promise<T> {
  const answer = await send(method, path, body, keepalive);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function begin(session: Promise<answers.SessionAnswer>): Promise<answers.SessionAnswer> {
  const begun = await session;
  csrf = begun.csrf;
  return begun;
}

/** The content of a read as it is sent. */
export interface SentContent {
  version: number;
  evaluable: boolean;
  comment: string | null;
  seconds: number | null;
  marks: answers.MarkAnswer[];
  grades: answers.GradeAnswer[];
  cleared: answers.ClearedAnswer[];
}

export interface ToSign {
  case: string;
  version: number;
  reasons: Record<string, string>;
}

/** Which site a mark is, and which earlier mark it continues. */
export interface IdentityLink {
  case: string;
  mark: string;
  site: string | null;
  from_case: string | null;
  from_mark: string | null;
}

const part = encodeURIComponent;

export const api = {
  signIn: (account: string, password: string) =>
    begin(ask<answers.SessionAnswer>("POST", "/session", { account, password })),
  session: () => begin(ask<answers.SessionAnswer>("GET", "/session")),
  signOut: () => ask<void>("DELETE", "/session"),
  study: () => ask<answers.StudyAnswer>("GET", "/study"),
  worklist: () => ask<answers.WorklistAnswer>("GET", "/worklist"),
  read: (number: string) => ask<answers.ReadAnswer>("GET", `/reads/${part(number)}?scores=true`),
  save: (number: string, content: SentContent, keepalive = false) =>
    ask<answers.SavedAnswer>("PUT", `/reads/${part(number)}?scores=true`, content, keepalive),
  sign: (password: string, reads: ToSign[]) => ask<answers.SignatureAnswer>("POST", "/signatures", { password, reads }),
  unlock: (number: string, version: number, reason: string) =>
    ask<answers.StateAnswer>("POST", `/reads/${part(number)}/unlock`, { version, reason }),
  differences: (number: string) => ask<answers.DifferencesAnswer>("GET", `/reads/${part(number)}/differences`),
  images: (number: string) => ask<answers.ImagesAnswer>("GET", `/cases/${part(number)}/images`),
  regions: (number: string) => ask<answers.RegionsAnswer>("GET", `/cases/${part(number)}/regions`),
  proposals: (number: string, on: "planar" | "spect" = "planar") =>
    ask<answers.ProposalsAnswer>("GET", `/cases/${part(number)}/proposals?on=${on}`),
  identities: () => ask<answers.IdentitiesAnswer>("GET", "/identity"),
  identity: (patient: string) => ask<answers.IdentityAnswer>("GET", `/identity/${part(patient)}`),
  saveIdentity: (patient: string, version: number, links: IdentityLink[]) =>
    ask<answers.IdentitySaved>("PUT", `/identity/${part(patient)}`, { version, links }),
  progress: () => ask<answers.ProgressAnswer>("GET", "/progress"),
  analyses: () => ask<{ analyses: answers.AnalysisAnswer[] }>("GET", "/analyses"),
  analyse: () => ask<answers.AnalysisAnswer>("POST", "/analyses"),
  analysis: (id: string) => ask<answers.AnalysisAnswer>("GET", `/analyses/${part(id)}`),
  numbers: (id: string, name: string) =>
    ask<{ rows: answers.NumberRow[] }>("GET", `/analyses/${part(id)}/numbers?name=${part(name)}`),
  cancel: (id: string) => ask<void>("DELETE", `/analyses/${part(id)}`),

  /** Return the pixels of an image as the server stores them. */
  async pixels(number: string, image: string): Promise<Uint16Array> {
    const answer = await send("GET", `/cases/${part(number)}/images/${part(image)}/pixels`, undefined, false);
    const bytes = await answer.arrayBuffer();
    if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) return new Uint16Array(bytes);
    const view = new DataView(bytes);
    return Uint16Array.from({ length: bytes.byteLength / 2 }, (_, place) => view.getUint16(2 * place, true));
  },
};
