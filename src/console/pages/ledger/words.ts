import type { LedgerRow } from "../../api/types.ts";

const initials: Readonly<Record<string, string>> = {
  api: "API",
  saml: "SAML",
  ldap: "LDAP",
  scim: "SCIM",
  ops: "Database",
};

/** An action in words: `api-key.created` is `API key created`. One that a later release has shows so too. */
export function actionWords(action: string): string {
  const own = actions[action];
  if (own) return own;
  const words = action.replace(/^ledger\./, "").split(/[.-]/);
  const [first = "", ...rest] = words.map((word) => initials[word] ?? word);
  return [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(" ");
}

const actions: Readonly<Record<string, string>> = {
  "events.recorded": "Events recorded",
  "ledger.opened": "Ledger opened",
  "ledger.closed": "Ledger closed",
  "ledger.epoch": "New epoch after a restore",
  "ledger.erased": "Content erased (tombstone)",
  "ledger.policy": "Retention decided",
  "ledger.hold.placed": "Legal hold placed",
  "ledger.hold.released": "Legal hold released",
  "ledger.key.rotated": "Signing key changed",
  "access.granted": "Role given",
  "access.revoked": "Role taken away",
  "access.expired": "Role ended by its time",
  "appliance.tenant-created": "Tenant made by the operator",
  "factors.reset": "Second factors removed by an administrator",
  "images.seen": "Images looked at",
  "notices.read": "Notices read",
  "objects.orphans-removed": "Files without an owner removed",
  "ops.insert": "Inserted by hand in the database",
  "ops.update": "Changed by hand in the database",
  "ops.delete": "Deleted by hand in the database",
  "session.break-glass": "Signed in beside the identity provider",
  "session.started": "Signed in",
  "session.ended": "Signed out",
  "session.stepped-up": "Second factor shown",
  "step-up.refused": "Second factor refused",
  "verification.requested": "Verification asked for",
  "verification.passed": "Ledger verified",
  "verification.failed": "Ledger does not verify",
};

export const channelWords: Readonly<Record<LedgerRow["via"], string>> = {
  web: "Browser",
  api: "API",
  mqtt: "Device (MQTT)",
  edge: "Device (HTTPS)",
  cli: "Command line",
  cron: "The appliance by itself",
  saml: "SAML",
  scim: "SCIM",
  ldap: "LDAP",
  webhook: "Webhook",
  mcp: "MCP",
  assist: "Assistant",
  agent: "Agent",
  sql: "By hand in the database",
};

export const actorTypeWords: Readonly<Record<string, string>> = {
  user: "A person",
  "api-key": "An API key",
  device: "A device",
  scim: "A directory (SCIM)",
  system: "The appliance",
  ops: "Somebody at the database",
  agent: "An agent",
};

const parts: Readonly<Record<string, string>> = {
  ledger: "The ledger itself",
  events: "Events",
  saml: "SAML",
  ldap: "LDAP",
  ops: "By hand in the database",
};

/** Choices of an action: for each part of the product all of it, then one by one. */
export function actionOptions(known: readonly string[]): { value: string; label: string }[] {
  const groups = Map.groupBy(known, (action) => action.split(".", 1)[0]!);
  return [...groups].flatMap(([part, members]) => {
    const single = members.map((action) => ({ value: action, label: actionWords(action) }));
    if (members.length < 2) return single;
    return [{ value: `${part}.*`, label: `${parts[part] ?? actionWords(part)}: all of it` }, ...single];
  });
}

const units: Readonly<Record<string, string>> = {
  change: "What changed",
  detail: "Details",
  context: "Where it came from",
  batch: "Events by site",
  list: "What was erased",
  reason: "Why it was erased",
  policy: "The policy",
  hold: "The hold",
  key: "The keys",
  epoch: "The epoch",
};
export const unitWords = (name: string): string => units[name] ?? name;

/** Who, or what: its name, or what is known of something that has none. */
export function actorWords({ type, id, name }: LedgerRow["actor"]): string {
  if (name !== null) return type === "user" ? name : `${actionWords(type)} ${name}`;
  if (type === "system") return `The appliance (${id})`;
  return `${actorTypeWords[type] ?? type} (${id.length > 12 ? `…${id.slice(-8)}` : id})`;
}

export function entityWords({ type, id, name }: LedgerRow["entity"]): string {
  const noun = actionWords(type);
  return name === null ? `${noun} ${id.length > 24 ? `…${id.slice(-8)}` : id}` : `${noun} ${name}`;
}
