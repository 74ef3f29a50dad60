import type { ExternalPerson } from "./contract.ts";

const mostGroups = 10_000;

/** A person in the form that is stored; null when something that identifies him is not usable. */
export function checkPerson(person: ExternalPerson): ExternalPerson | null {
  const userName = person.userName.normalize("NFC").trim();
  if (!isPlain(person.issuer, 1024) || !isPlain(person.subject, 1024) || !isPlain(userName, 256)) return null;
  if (person.groups.length > mostGroups) return null;
  const displayName = person.displayName.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, " ").trim();
  return {
    ...person,
    userName,
    displayName: [...(displayName || userName)].slice(0, 100).join(""),
    email: person.email && isAddress(person.email.trim()) ? person.email.trim() : null,
  };
}

// What is compared must be what is seen: no control, no invisible or half character.
function isPlain(text: string, most: number): boolean {
  return text.length > 0 && text.length <= most && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(text);
}

const isAddress = (text: string): boolean =>
  text.length <= 320 && /^[^\s@\p{Cc}\p{Cf}\p{Cs}]+@[^\s@\p{Cc}\p{Cf}\p{Cs}]+$/u.test(text);
