import { absenceCases } from "./absence.ts";
import type { BrokenCase } from "./case.ts";
import { grammarCases, linkCases } from "./chain.ts";
import { checkpointCases, previousCases } from "./checkpoints.ts";
import { cmsCases } from "./cms.ts";
import { containerCases } from "./container.ts";
import { imageCases, openingCases, tableCases } from "./contents.ts";
import { eventCases } from "./events.ts";

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
