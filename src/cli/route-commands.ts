import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import type { z } from "zod";
import { AppError } from "../platform/errors.ts";
import { addOptions, type Field, fieldsOf, parseJson, valuesOf } from "./route-options.ts";
import { showAnswer } from "./show.ts";

/** What a command needs to know of a route. */
export type RouteShape = {
  method: string;
  path: string;
  summary: string;
  body?: z.ZodType | undefined;
  query?: z.ZodType | undefined;
};

export type RouteCall = {
  method: string;
  path: string;
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
};

/** The API's own table, and its handlers run here, by the appliance's own hand: the same schemas, the same rules. */
export type ApiOnTheBox = {
  shapes: readonly RouteShape[];
  /** `tenant`: an id, a name in addresses, or the operator's own. */
  call(
    configPath: string,
    tenant: string | typeof OPERATOR,
    call: RouteCall,
  ): Promise<{ status: number; body: unknown }>;
};

export const OPERATOR = Symbol("the operator's tenant");

/** `<name>: <method> <path>`: a command for each route. */
export type Verbs = Readonly<Record<string, `${string} /${string}`>>;
export type RouteCommand = (configPath: () => string, api: ApiOnTheBox) => Command;

/** A group of commands over routes; of a tenant, or of the whole appliance. */
export function routeCommands(
  name: string,
  description: string,
  verbs: Verbs,
  scope: "tenant" | "appliance" = "tenant",
): RouteCommand {
  return (configPath, api) => {
    const group = new Command(name).description(description);
    addVerbs(group, verbs, { configPath, api, scope });
    return group;
  };
}

type Wiring = { configPath: () => string; api: ApiOnTheBox; scope: "tenant" | "appliance" };

export function addVerbs(group: Command, verbs: Verbs, wiring: Wiring): void {
  for (const [verb, wanted] of Object.entries(verbs)) {
    const route = wiring.api.shapes.find(({ method, path }) => `${method} ${path}` === wanted);
    if (!route) throw new Error(`command ${group.name()} ${verb} names no route: ${wanted}`);
    addVerb(group, verb, route, wiring);
  }
}

type Given = Record<string, unknown> & { tenant?: string; json?: boolean; body?: string };

function addVerb(group: Command, verb: string, route: RouteShape, { configPath, api, scope }: Wiring): void {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  const command = group.command(verb).description(route.summary);
  for (const name of names) command.argument(`<${name}>`);
  const query = fieldsOf(route.query);
  const body = fieldsOf(route.body);
  addOptions(command, [...query, ...body]);
  if (route.body) command.option("--body <json>", "the whole body instead: JSON, @file, or - for standard input");
  if (scope === "tenant")
    command.requiredOption("--tenant <uuid|name>", "the tenant: its id, or its name in addresses");
  command.option("--json", "answer as JSON");
  command.action(async (...args: unknown[]) => {
    const options = args[names.length] as Given;
    const params = Object.fromEntries(names.map((name, at) => [name, String(args[at])]));
    const answer = await api.call(configPath(), scope === "tenant" ? options.tenant! : OPERATOR, {
      ...{ method: route.method, path: route.path, params },
      query: valuesOf(query, options) ?? {},
      body: route.body ? await bodyOf(body, options) : undefined,
    });
    print(answer, options.json ?? false);
  });
}

async function bodyOf(fields: readonly Field[], options: Given): Promise<unknown> {
  const values = valuesOf(
    fields.filter(({ flag }) => flag !== "body"),
    options,
  );
  if (options.body === undefined) return values ?? {};
  if (values) throw new AppError("invalid", "--body is the whole body", { remedy: "leave the other options away" });
  const given = options.body;
  const json =
    given === "-" ? await text(process.stdin) : given.startsWith("@") ? await readFile(given.slice(1), "utf8") : given;
  return parseJson(json, "--body");
}

function print({ status, body }: { status: number; body: unknown }, json: boolean): void {
  const asked =
    status === 202 ? (body as { approval?: { approvalId: string; expiresAt: string } }).approval : undefined;
  const told = asked && `this waits for a second person until ${asked.expiresAt}: request ${asked.approvalId}`;
  process.stdout.write(`${json ? JSON.stringify(body ?? null) : (told ?? showAnswer(body))}\n`);
}
