import { seen } from "./print.ts";
import type { Stack } from "./stack.ts";
import type { StoryTenant } from "./state.ts";

const USER_NAME = "owner";

interface Account {
  userName: string;
  hasPassword: boolean;
}

/** A customer's first person: made on the box, without a password. There is no default one. */
export async function chapterPeople(stack: Stack): Promise<void> {
  for (const tenant of stack.state.tenants) {
    if (!(await findOwner(stack, tenant))) {
      const named = ["--tenant", tenant.tenantId, "--user-name", USER_NAME, "--name", `First owner of ${tenant.name}`];
      await stack.cli(["admin", "create", ...named, "--json"]);
    }
    seen(`${tenant.name}: an account "${USER_NAME}", whose password is set by a one-time link`);
  }
}

/** Where a customer's owner goes now. */
export type Way = { customer: string; url: string; setsPassword: boolean };

/** To a new link while there is no password, to the sign-in after that. */
export async function waysIn(stack: Stack): Promise<Way[]> {
  const ways: Way[] = [];
  for (const tenant of stack.state.tenants) {
    const setsPassword = !(await findOwner(stack, tenant))?.hasPassword;
    const url = setsPassword ? await newLink(stack, tenant) : `${stack.consoleUrl}/login`;
    ways.push({ customer: tenant.name, url, setsPassword });
  }
  return ways;
}

async function findOwner(stack: Stack, { tenantId }: StoryTenant): Promise<Account | undefined> {
  const { accounts } = await stack.cli<{ accounts: Account[] }>(["admin", "list", "--tenant", tenantId, "--json"]);
  return accounts.find(({ userName }) => userName === USER_NAME);
}

async function newLink(stack: Stack, { tenantId }: StoryTenant): Promise<string> {
  const named = ["--tenant", tenantId, "--user-name", USER_NAME, "--json"];
  return (await stack.cli<{ url: string }>(["admin", "recover", ...named])).url;
}
