import { Command, Option } from "commander";
import { AppError } from "../platform/errors.ts";
import { readGiven } from "./field-values.ts";
import { addTenant, addVerbs, printAnswer, type RouteCommand, type Wiring } from "./route-commands.ts";

type Current = { configuration: { settings: object } | null };

export const samlCommand: RouteCommand = (configPath, api) => {
  const saml = new Command("saml").description("the identity provider that people sign in by");
  const wiring = { configPath, api, scope: "tenant" } as const;
  addVerbs(saml, { show: "get /api/v1/saml", metadata: "post /api/v1/saml/metadata" }, wiring);
  addConnect(saml, wiring);
  addVerbs(
    saml,
    {
      set: { route: "put /api/v1/saml", read: "get /api/v1/saml", settings: settingsOf },
      test: "post /api/v1/saml/tests",
      "test-result": "get /api/v1/saml/tests/:testId",
      "add-key": "post /api/v1/saml/keys",
      "rotate-key": "post /api/v1/saml/keys/rotate",
      "remove-key": "delete /api/v1/saml/keys/:samlKeyId",
    },
    wiring,
  );
  addEnforce(saml, wiring);
  return saml;
};

type Connecting = { tenant: string; url?: string; xmlFile?: string; json?: boolean };
type Metadata = { entityId: string; ssoUrl: string; certificates: { pem: string }[]; warnings: string[] };

function addConnect(saml: Command, wiring: Wiring): void {
  const connect = saml
    .command("connect")
    .description(
      "Puts the provider's entity id, address and certificates in force as its metadata says. The other settings stay; new ones begin switched off.",
    )
    .addOption(new Option("--url <url>", "where the provider publishes its metadata").conflicts("xmlFile"))
    .option("--xml-file <file>", "its metadata in a file; - for standard input");
  addTenant(connect);
  connect.option("--json", "answer as JSON").action(async ({ tenant, url, xmlFile, json }: Connecting) => {
    if ((url === undefined) === (xmlFile === undefined)) {
      throw new AppError("usage", "no metadata is named", { expected: "--url or --xml-file" });
    }
    const source = url === undefined ? { xml: await readGiven(xmlFile!) } : { url };
    const call = caller(wiring, tenant);
    const { entityId, ssoUrl, certificates, warnings } = (await call("post", "/api/v1/saml/metadata", source))
      .body as Metadata;
    const idp = { entityId, ssoUrl, certificates: certificates.map(({ pem }) => pem) };
    const answer = await call("put", "/api/v1/saml", { enabled: false, ...(await settingsNow(call)), idp });
    for (const warning of warnings) process.stderr.write(`the metadata: ${warning}\n`);
    printAnswer(answer, json ?? false);
  });
}

type Enforcing = { tenant: string; json?: boolean };

function addEnforce(saml: Command, wiring: Wiring): void {
  const add = (verb: string, enforce: boolean, description: string) => {
    const command = saml.command(verb).description(description);
    addTenant(command);
    command.option("--json", "answer as JSON").action(async ({ tenant, json }: Enforcing) => {
      const call = caller(wiring, tenant);
      const current = await settingsNow(call);
      if (!current) {
        throw new AppError("conflict", "no identity provider is configured", { remedy: "begin with 'saml connect'" });
      }
      printAnswer(await call("put", "/api/v1/saml", { ...current, enforce }), json ?? false);
    });
  };
  add("enforce", true, "Passwords are refused, but for local owners: they get in when the provider is away.");
  add("unenforce", false, "Passwords are taken beside the provider again.");
}

const settingsOf = ({ configuration }: Current): object | undefined => configuration?.settings;

async function settingsNow(call: ReturnType<typeof caller>): Promise<object | undefined> {
  const { body } = await call("get", "/api/v1/saml");
  return settingsOf(body as Current);
}

const caller = (wiring: Wiring, tenant: string) => (method: string, path: string, body?: unknown) =>
  wiring.api.call(wiring.configPath(), tenant, { method, path, params: {}, query: {}, body });
