import type { Request, RequestHandler, Response } from "express";
import express from "express";
import type { z } from "zod";
import { AppError, invalid } from "../platform/errors.ts";
import { isUuid } from "../record/text.ts";

const MAX_BODY = "1mb";
const MAX_FORM = "256kb";
const FORM = "application/x-www-form-urlencoded";

const parseJson = express.json({ limit: MAX_BODY, strict: true, type: ["application/json", "application/*+json"] });
const parseForm = express.urlencoded({ limit: MAX_FORM, extended: false, type: FORM, parameterLimit: 100 });

/** A malformed id cannot exist: the same answer as for one that does not, and no word about why. */
export function checkParams(
  params: Record<string, string>,
  others: Readonly<Record<string, RegExp>> | undefined,
): Record<string, string> {
  for (const [name, value] of Object.entries(params)) {
    const other = others?.[name];
    if (!(other ? other.test(value) : isUuid(value))) throw new AppError("not-found", "not found");
  }
  return params;
}

export async function readJson(req: Request, res: Response): Promise<unknown> {
  if (!req.is(["application/json", "application/*+json"])) throw wrongType(req, "application/json");
  return read(parseJson, req, res);
}

/** Strings alone: a name that stands twice would be an array, and is refused by the schema. */
export async function readForm(req: Request, res: Response): Promise<unknown> {
  if (!req.is(FORM)) throw wrongType(req, FORM);
  return read(parseForm, req, res);
}

async function read(parser: RequestHandler, req: Request, res: Response): Promise<unknown> {
  await new Promise<void>((resolve, reject) =>
    parser(req, res, (error?: unknown) => (error ? reject(error) : resolve())),
  );
  return req.body;
}

/** @throws AppError `invalid` that names what is wrong and where, never the value. */
export function parse(schema: z.ZodType, value: unknown, where: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const first = result.error.issues.slice(0, 5).map((issue) => `${[where, ...issue.path].join(".")}: ${issue.message}`);
  throw invalid(first.join("; "));
}

const wrongType = (req: Request, expected: string): AppError =>
  new AppError("unsupported-type", `the body is not ${expected}`, {
    found: req.get("content-type") ?? "no content type",
    expected,
  });
