/** What a check found: data, for people, for `--json`, and for whoever must act on it. */
export type Finding = {
  /** Stable, such as `key-mismatch`. */
  id: string;
  /** With an error nothing may go on; a warning is for a person to know. */
  severity: "error" | "warning";
  found: string;
  required: string;
  fix: string;
};

export const isSound = (findings: readonly Finding[]): boolean =>
  findings.every(({ severity }) => severity !== "error");
