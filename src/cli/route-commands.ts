import type { ServerResponse } from "node:http";
import { Command, Option } from "commander";
import type { z } from "zod";
import { AppError } from "../platform/errors.ts";
import { EXIT } from "./exit-codes.ts";
import { checkGiven, merged, readJson, valuesOf } from "./field-values.ts";
import { addOptions, type Field, fieldsOf, kebab } from "./fields.ts";
import { ReceivedFile } from "./received-file.ts";
import { showAnswer } from "./show.ts";

/** What a command needs to know of a route. */
export type RouteShape = {
  method: string;
  path: string;
  summary: string;
  body?: z.ZodType | undefined;
  query?: z.ZodType | undefined;
  sends?: readonly string[] | undefined;
};

export type RouteCall = {
  method: string;
  path: string;
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  /** What takes the bytes of a route that sends some. */
  response?: ServerResponse | undefined;
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

type RouteName = `${string} /${string}`;
/** What is not given stays as it is: `read` answers with what there is, and `settings` makes a body of it. */
export type Change = { route: RouteName; read: RouteName; settings: (current: never) => unknown };
/** A command for each route, by its verb. */
export type Verbs = Readonly<Record<string, RouteName | Change>>;
export type RouteCommand = (configPath: () => string, api: ApiOnTheBox) => Command;
export type Wiring = { configPath: () => string; api: ApiOnTheBox; scope: "tenant" | "appliance" };

/** A command that does what a route does. */
export class RouteVerb extends Command {
  readonly route: RouteShape;

  constructor(verb: string, route: RouteShape) {
    super(verb);
    this.route = route;
  }
}

/** A group of commands over routes of a tenant. */
export function routeCommands(name: string, description: string, verbs: Verbs): RouteCommand {
  return (configPath, api) => {
    const group = new Command(name).description(description);
    addVerbs(group, verbs, { configPath, api, scope: "tenant" });
    return group;
  };
}

export function addVerbs(group: Command, verbs: Verbs, wiring: Wiring): void {
  for (const [verb, wanted] of Object.entries(verbs)) {
    const change = typeof wanted === "string" ? undefined : wanted;
    const route = findRoute(wiring.api, change?.route ?? (wanted as RouteName));
    const command = new RouteVerb(verb, route).description(
      change ? `${route.summary} What is not given stays as it is.` : route.summary,
    );
    group.addCommand(command);
    addTenant(command, wiring.scope);
    addRun(command, route, change, wiring);
  }
}

function findRoute(api: ApiOnTheBox, name: RouteName): RouteShape {
  const route = api.shapes.find(({ method, path }) => `${method} ${path}` === name);
  if (!route) throw new Error(`a command names no route: ${name}`);
  return route;
}

export function addTenant(command: Command, scope: Wiring["scope"] = "tenant"): void {
  if (scope === "appliance") return;
  command.requiredOption("--tenant <uuid|name>", "the tenant: its id, or its name in the addresses of its pages");
}

type Given = Record<string, unknown> & { tenant?: string; json?: boolean; body?: string; out?: string };

function addRun(command: Command, route: RouteShape, change: Change | undefined, wiring: Wiring): void {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  for (const name of names) command.argument(`<${kebab(name)}>`);
  const query = fieldsOf(route.query);
  const body = fieldsOf(route.body).map((field) => (change ? { ...field, hint: "" } : field));
  addOptions(command, [...query, ...body]);
  if (route.body && body.length > 0) {
    command.option("--body <json>", "the whole body instead: JSON, @file, or - for standard input");
  }
  if (route.sends) command.requiredOption("--out <file>", "where the file goes; - for standard output");
  command.addOption(new Option("--json", "answer as JSON"));
  command.action(async (...args: unknown[]) => {
    const options = args[names.length] as Given;
    const params = Object.fromEntries(names.map((name, at) => [name, String(args[at])]));
    const call = (shape: RouteShape, more: Pick<RouteCall, "query" | "body" | "response">) =>
      wiring.api.call(wiring.configPath(), wiring.scope === "tenant" ? options.tenant! : OPERATOR, {
        ...{ method: shape.method, path: shape.path, params },
        ...more,
      });
    const asked = (await valuesOf(query, options)) ?? {};
    if (route.query) checkGiven(route.query, asked, query);
    const given = await bodyOf(body, options);
    const under = change && given.isWhole === false ? await readCurrent(change, wiring.api, call) : undefined;
    const sent = route.body && (merged(under, given.values) ?? {});
    if (route.body) checkGiven(route.body, sent, body);
    const file = options.out === undefined ? undefined : new ReceivedFile(options.out);
    const answer = await call(route, { query: asked, body: sent, response: file?.response });
    if (file) await printFile(file, options);
    else printAnswer(answer, options.json ?? false);
  });
}

async function readCurrent(
  { read, settings }: Change,
  api: ApiOnTheBox,
  call: (shape: RouteShape, more: Pick<RouteCall, "query" | "body">) => Promise<{ body: unknown }>,
): Promise<unknown> {
  const { body } = await call(findRoute(api, read), { query: {}, body: undefined });
  return settings(body as never);
}

async function bodyOf(fields: readonly Field[], options: Given): Promise<{ values: unknown; isWhole: boolean }> {
  const values = await valuesOf(fields, options);
  const given = options.body;
  if (given === undefined || fields.length === 0) return { values, isWhole: false };
  if (values) throw new AppError("usage", "--body is the whole body", { remedy: "leave the other options away" });
  return { values: await readJson(given, "--body"), isWhole: true };
}

/** Prints an answer of the API. One that waits for a second person has an exit code of its own: nothing is done yet. */
export function printAnswer({ status, body }: { status: number; body: unknown }, json: boolean): void {
  const asked =
    status === 202 ? (body as { approval?: { approvalId: string; expiresAt: string } }).approval : undefined;
  const told = asked && `this waits for a second person until ${asked.expiresAt}: request ${asked.approvalId}`;
  process.stdout.write(`${json ? JSON.stringify(body ?? null) : (told ?? showAnswer(body))}\n`);
  if (asked) process.exitCode = EXIT.waits;
}

async function printFile(file: ReceivedFile, { out, json }: Given): Promise<void> {
  const received = await file.received();
  if (out === "-") return;
  const text = json ? JSON.stringify(received) : `${received.path}  ${received.bytes} bytes, ${received.mediaType}`;
  process.stdout.write(`${text}\n`);
}
