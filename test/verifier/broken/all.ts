import { absenceCases } from "./absence.ts";
import type { BrokenCase } from "./case.ts";
import { checkpointCases, grammarCases, linkCases, previousCases } from "./chain.ts";
import { cmsCases, containerCases } from "./container.ts";
import { eventCases, imageCases, openingCases, tableCases } from "./contents.ts";

export const brokenCases: BrokenCase[] = [
  ...containerCases,
  ...cmsCases,
  ...grammarCases,
  ...linkCases,
  ...checkpointCases,
  ...previousCases,
  ...openingCases,
  ...eventCases,
  ...imageCases,
  ...absenceCases,
  ...tableCases,
];
