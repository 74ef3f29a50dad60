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

/** Where each customer's owner goes now: to a new link while there is no password, to the sign-in after that. */
export async function waysIn(stack: Stack): Promise<[tenant: string, url: string][]> {
  const ways: [string, string][] = [];
  for (const tenant of stack.state.tenants) {
    const owner = await findOwner(stack, tenant);
    ways.push([tenant.name, owner?.hasPassword ? `${stack.consoleUrl}/login` : await newLink(stack, tenant)]);
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
