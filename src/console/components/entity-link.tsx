import { Link } from "react-router";

type Entity = { type: string; id: string };

/** Where the things that the ledger and notices name have a page; `of` makes its address. */
const places: Readonly<Record<string, { word: string; of?: (id: string) => string }>> = {
  user: { word: "the person", of: (id) => `/access/people/${id}` },
  group: { word: "the group", of: (id) => `/access/groups/${id}` },
  "api-key": { word: "the key", of: (id) => `/access/api-keys/${id}` },
  approval: { word: "the request", of: (id) => `/access/approvals/${id}` },
  saml: { word: "single sign-on", of: () => "/access/sign-on" },
  "ldap-directory": { word: "the directory", of: () => "/access/sign-on/ldap" },
  mapping: { word: "groups to roles", of: () => "/access/sign-on" },
  export: { word: "the export", of: () => "/evidence" },
  "erasure-case": { word: "the request", of: () => "/erasure-requests" },
  network: { word: "a network" },
};

/** What something is about, with the way to it. */
export function EntityLink({ entity: { type, id } }: { entity: Entity }) {
  const place = places[type];
  if (!place?.of) return <>{place?.word ?? type.replaceAll("-", " ")}</>;
  return <Link to={place.of(encodeURIComponent(id))}>{place.word}</Link>;
}
