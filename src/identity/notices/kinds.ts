/** What a notice's text is made from: ids, counts, tokens, addresses. Never a sentence. */
export type NoticeData = Readonly<Record<string, string | number | boolean | null>>;

type Text = (data: NoticeData) => { title: string; text: string };

const of = (data: NoticeData, name: string, otherwise = "unknown"): string => String(data[name] ?? otherwise);

/** After something that only a person can judge. */
const check = "If you know nothing of it, look at the ledger for this time and end what should not be.";

/** Every kind of notice there is, and what people read. Whoever adds one needs nothing else. */
const TEXTS = {
  "anomaly.new-network": (data) => ({
    title: "Sign-in from a new network",
    text: `An account signed in from ${of(data, "network")}, where it had not signed in before (${of(data, "device")}). ${check}`,
  }),
  "anomaly.new-device": (data) => ({
    title: "Sign-in from a new device",
    text: `An account signed in with a browser that it had not used before: ${of(data, "device")}, from ${of(data, "address")}. ${check}`,
  }),
  "anomaly.many-failures": (data) => ({
    title: "Many failed sign-ins",
    text: `${of(data, "failures")} sign-ins failed within ${of(data, "minutes")} minutes for one ${of(data, "source")} (last from ${of(data, "address")}). ${check}`,
  }),
  "anomaly.sign-in-changed": (data) => ({
    title: "The way people sign in was changed",
    text: `The configuration of ${of(data, "what")} was changed. Whoever controls it can sign in as anybody it speaks for. ${check}`,
  }),
  "anomaly.forwarding-changed": (data) => ({
    title: "Forwarding was changed",
    text: `The forwarding to ${of(data, "what")} was changed. ${check}`,
  }),
  "anomaly.large-export": (data) => ({
    title: "An unusually large export",
    text: `An export holds ${of(data, "events")} events and ${of(data, "images")} images (${of(data, "bytes")} bytes): more than is usual here. ${check}`,
  }),
  "anomaly.wide-key": (data) => ({
    title: "An API key with wide rights was made",
    text: `The key ${of(data, "prefix")} may, over all sites: ${of(data, "permissions")}. ${check}`,
  }),
  "account.password-changed": () => ({
    title: "Your password was changed",
    text: "If it was not you, ask an administrator at once to lock your account.",
  }),
  "account.password-reset": () => ({
    title: "Your password was set by a link",
    text: "Somebody set a new password for your account by a one-time link. If it was not you, ask an administrator at once.",
  }),
  "account.factors-reset": () => ({
    title: "Your second factors were removed",
    text: "An administrator removed the second factors of your account. If you did not ask for it, find out who did.",
  }),
  "account.break-glass": () => ({
    title: "A local owner signed in beside the identity provider",
    text: `Sign-in is by the identity provider alone, but for local owners in an emergency. ${check}`,
  }),
  "approval.requested": (data) => ({
    title: "A request waits for you",
    text: `Somebody wants to do what needs a second person (${of(data, "act")}). Look at what it would do, then approve or refuse it in time.`,
  }),
  "approval.decided": (data) => ({
    title: `Your request was ${of(data, "outcome")}`,
    text: `What you asked for (${of(data, "act")}) was ${of(data, "outcome")}.`,
  }),
  "access.expired": (data) => ({
    title: "Access has ended",
    text: `The role ${of(data, "role")} was given until a time that has come.`,
  }),
  "erasure.received": () => ({
    title: "Somebody asks for an erasure",
    text: "A request came in by the public page. Check who asks, then accept or refuse it in time.",
  }),
  "erasure.due-soon": (data) => ({
    title: "An erasure request is due soon",
    text: `It must be answered by ${of(data, "dueOn")}. Answer it, or extend it with a reason while it is not overdue.`,
  }),
  "erasure.overdue": (data) => ({
    title: "An erasure request is overdue",
    text: `It had to be answered by ${of(data, "dueOn")}. Answer it now; the delay stands in the ledger.`,
  }),
} as const satisfies Record<string, Text>;

export type NoticeKind = keyof typeof TEXTS;

export const NOTICE_KINDS = Object.keys(TEXTS) as NoticeKind[];

/** A kind that a later release made, or an earlier one had, still shows. */
export function noticeText(kind: string, data: NoticeData): { title: string; text: string } {
  const text: Text | undefined = (TEXTS as Record<string, Text>)[kind];
  return text ? text(data) : { title: kind, text: JSON.stringify(data) };
}
