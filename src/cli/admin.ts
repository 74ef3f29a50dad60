import { Command } from "commander";
import { type TenantTx, withTenant } from "../audit/index.ts";
import {
  BUILTIN_ROLE_NAMES,
  type BuiltinRole,
  findUserByName,
  invitationSchema,
  invite,
  resetFactorsOf,
  type SignInDeps,
  selectLocalAccounts,
  sendResetLink,
  tellAccount,
  type User,
  unlock,
} from "../identity/index.ts";
import { subjectHasher } from "../keys/index.ts";
import { AppError } from "../platform/errors.ts";
import { type CliContext, tenantPrincipal, withContext } from "./context.ts";
import { addTenant } from "./route-commands.ts";

type Common = { tenant: string; json?: boolean };
type Named = Common & { userName: string };
type Made = Named & { name: string; email?: string; role: string };

/** Ways in for people on the box itself: before the first of them, and for those who are locked out. */
export function adminCommand(configPath: () => string): Command {
  const admin = new Command("admin").description("people's ways into a tenant, for whoever is on the box");
  const command = (name: string, description: string) => {
    const made = admin.command(name).description(description);
    addTenant(made);
    return made.option("--json", "answer as JSON");
  };
  const named = (name: string, description: string) =>
    command(name, description).requiredOption("--user-name <name>", "what the person signs in with");

  named("create", "make a local account, and print the one-time link by which the person sets a password")
    .requiredOption("--name <name>", "what people call them")
    .option("--email <address>", "where codes and notices go")
    .option("--role <role>", `one of ${BUILTIN_ROLE_NAMES.join(", ")}`, "owner")
    .action((options: Made) => create(configPath(), options));
  command("list", "the accounts that the appliance itself keeps").action((options: Common) =>
    list(configPath(), options),
  );
  named("unlock", "end the lock after too many tries").action((options: Named) =>
    withTenantTx(configPath(), options, async (deps, tx) => {
      const { userId } = await requireNamed(tx, options.userName);
      await unlock(deps, tx, { giver: null, userId });
      return { json: { userId }, text: `${options.userName} may try again` };
    }),
  );
  named("recover", "print a one-time link to set a new password, for somebody who is locked out")
    .option("--reset-factors", "also remove their second factors and recovery codes")
    .action((options: Named & { resetFactors?: boolean }) => recover(configPath(), options));
  return admin;
}

async function create(configPath: string, options: Made): Promise<void> {
  const role = BUILTIN_ROLE_NAMES.find((name) => name === options.role);
  if (!role) {
    throw new AppError("invalid", "unknown role", { found: options.role, expected: BUILTIN_ROLE_NAMES.join(", ") });
  }
  await withTenantTx(configPath, options, async (deps, tx) => {
    const invitation = invitationSchema.parse(invitationOf(options, role));
    const { user, link } = await invite(deps, tx, { giver: null, invitation });
    return { json: { userId: user.userId, ...link }, text: `${link.url}\n(once, until ${link.expiresAt})` };
  });
}

const invitationOf = ({ userName, name, email }: Made, role: BuiltinRole) => ({
  userName,
  displayName: name,
  email: email ?? null,
  role,
});

async function list(configPath: string, options: Common): Promise<void> {
  await withTenantTx(configPath, options, async (_deps, tx) => {
    const accounts = await selectLocalAccounts(tx);
    const lines = accounts.map(({ userName, displayName, isOwner, active, hasPassword, factors }) => {
      const facts = [
        isOwner ? "owner" : "",
        active ? "" : "deactivated",
        hasPassword ? "" : "no password yet",
        `${factors} second factors`,
      ];
      return `${userName}\t${displayName}\t${facts.filter(Boolean).join(", ")}`;
    });
    return { json: { accounts }, text: lines.length > 0 ? lines.join("\n") : "no local accounts" };
  });
}

async function recover(configPath: string, options: Named & { resetFactors?: boolean }): Promise<void> {
  await withTenantTx(configPath, options, async (deps, tx) => {
    const { userId } = await requireNamed(tx, options.userName);
    if (options.resetFactors) await resetFactorsOf(deps, tx, { giver: null, userId });
    await unlock(deps, tx, { giver: null, userId });
    const { link } = await sendResetLink(deps, tx, { giver: null, userId });
    return { json: { userId, ...link }, text: `${link.url}\n(once, until ${link.expiresAt})` };
  });
}

type Told = { json: object; text: string };
type Deps = Pick<SignInDeps, "hashSubject" | "publicUrl" | "notify">;

/** One transaction in the named tenant, by the appliance's own hand; its answer is printed when it is committed. */
async function withTenantTx(
  configPath: string,
  { tenant, json }: Common,
  work: (deps: Deps, tx: TenantTx) => Promise<Told>,
): Promise<void> {
  await withContext(configPath, async (context) => {
    const principal = await tenantPrincipal(context.pool, tenant);
    const told = await withTenant(context.pool, principal, (tx) => work(depsOf(context), tx));
    process.stdout.write(`${json ? JSON.stringify(told.json) : told.text}\n`);
  });
}

function depsOf({ config, keyring, seal: { log } }: CliContext): Deps {
  const { publicUrl } = config.http;
  const hashSubject = subjectHasher(keyring);
  // In the console alone: mails go out through the app's own queue.
  const notices = { hashSubject, publicUrl: publicUrl ?? "", log };
  return { hashSubject, publicUrl, notify: (tx, userId, what) => tellAccount(notices, tx, userId, what) };
}

async function requireNamed(tx: TenantTx, userName: string): Promise<User> {
  const user = await findUserByName(tx, userName);
  if (user) return user;
  throw new AppError("not-found", `no account ${userName}`, { remedy: "see 'ledgerstone admin list'" });
}
