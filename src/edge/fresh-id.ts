import { randomBytes } from "node:crypto";
import { makeUuidv7 } from "../record/uuidv7.ts";

export const freshId = (now: number): string => makeUuidv7(now, randomBytes(10));
