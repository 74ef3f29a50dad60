import { type Principal, withTenant } from "../../audit/index.ts";
import { conflict, invalid } from "../../platform/errors.ts";
import { requireUser } from "../people/users.ts";
import type { SignInDeps } from "./deps.ts";
import { knownBrowser } from "./known-browser.ts";
import { putPassword, wordsAbout } from "./links.ts";
import { checkPassword } from "./password-rules.ts";
import { selectPasswordHash } from "./store.ts";
import { takeTry } from "./tries.ts";

type Asked = { userId: string; sessionId: string; current: string; password: string; device?: string };

/** A person's own. The present password must be known; all other sessions end. */
export async function changePassword(deps: SignInDeps, principal: Principal, asked: Asked): Promise<void> {
  const { pool, passwords } = deps;
  const { user, hash, about } = await withTenant(pool, principal, async (tx) => {
    const user = await requireUser(tx, asked.userId);
    const hash = await selectPasswordHash(tx, asked.userId);
    const from = await knownBrowser(deps, tx, user, asked.device);
    if (user.source === "local") await takeTry(deps, tx, { userName: user.userName, from });
    return { user, hash, about: await wordsAbout(tx, user) };
  });
  if (!hash) throw conflict("this account has no password here", { remedy: "it signs in through a directory" });
  if (!(await passwords.verify(hash, asked.current))) {
    throw invalid("the present password is not right", { remedy: "type the password that you signed in with" });
  }
  checkPassword(asked.password, about);
  const next = await passwords.hash(asked.password);
  await withTenant(pool, principal, async (tx) => {
    if ((await selectPasswordHash(tx, asked.userId)) !== hash) throw conflict("the password was changed meanwhile");
    await putPassword(deps, tx, { user, hash: next, purpose: "change", keepSession: asked.sessionId });
  });
}
