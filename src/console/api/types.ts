import type { z } from "zod";
import type { sessionAnswer } from "../../identity/local/schema.ts";
import type { siteAnswer } from "../../sites/schema.ts";

// What the API answers with, from the very schemas that it checks with. Types alone: none of the server comes into the browser.

export type OwnSession = z.output<typeof sessionAnswer>;
export type Site = z.output<typeof siteAnswer>;
