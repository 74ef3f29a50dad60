const bases: Readonly<Record<string, string>> = {
  retention: "its retention was over",
  request: "somebody asked for it",
  "hold-release": "a hold was released",
  offboarding: "the tenant was closed",
};
/** Why a tombstone erased. */
export const basisWords = (basis: string): string => bases[basis] ?? basis;
