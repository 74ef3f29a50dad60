import { useState } from "react";
import type { Invited, User } from "../../api/types.ts";
import { useCanEverywhere, useSession } from "../../app/session.tsx";
import { ActMenu } from "../../components/act-menu.tsx";
import { useAnnounce } from "../../components/announcements.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { LinkOnce } from "./invite-dialog.tsx";

type Open = "edit" | "link" | "factors" | "unlock" | "log-out" | "deactivate" | "reactivate";

/** What an administrator may do about somebody's account. What belongs to the directory is not offered. */
export function PersonActs({ user }: { user: User }) {
  const [open, setOpen] = useState<Open | null>(null);
  const self = useSession().user.userId === user.userId;
  // An account is the tenant's; ways into it are given by whoever may do as much.
  const isOurs = useCanEverywhere()("access:write");
  const { active, source, erasedAt } = user;
  const isLocal = source === "local";
  const act = (name: Open, title: string, isDanger = false) => ({ title, isDanger, onClick: () => setOpen(name) });
  const close = () => setOpen(null);
  if (erasedAt) return null;
  return (
    <>
      <ActMenu
        acts={[
          isOurs && isLocal && act("edit", "Edit…"),
          isLocal && active && act("link", "New sign-in link…"),
          active && act("unlock", "Unlock…"),
          active && !self && act("factors", "Remove second factors…", true),
          isOurs && active && !self && act("log-out", "Log out everywhere…", true),
          isOurs && active && !self && act("deactivate", "Deactivate…", true),
          isOurs && !active && isLocal && act("reactivate", "Reactivate…"),
        ]}
      />
      {open === "edit" && <EditDialog user={user} onClose={close} />}
      {open === "link" && <LinkDialog user={user} onClose={close} />}
      {open !== null && open in simple && <SimpleDialog user={user} what={simple[open as Simple]} onClose={close} />}
    </>
  );
}

type Simple = Exclude<Open, "edit" | "link">;
type Question = {
  title(name: string): string;
  about: string;
  act: string;
  isDangerous: boolean;
  request: { path: string; method: "POST" | "DELETE" };
  done(name: string): string;
};

const simple: Readonly<Record<Simple, Question>> = {
  factors: {
    title: (name) => `Remove all second factors of ${name}?`,
    about:
      "For somebody who lost theirs. All their sessions end and they are told. Where your organisation asks for a second factor, they add one at the next sign-in.",
    act: "Remove them",
    isDangerous: true,
    request: { path: "factors", method: "DELETE" },
    done: (name) => `${name} has no second factor now`,
  },
  unlock: {
    title: (name) => `Unlock ${name}?`,
    about: "Wrong passwords and codes are counted anew. The password and the second factors stay as they are.",
    act: "Unlock",
    isDangerous: false,
    request: { path: "unlock", method: "POST" },
    done: (name) => `${name} may try again`,
  },
  "log-out": {
    title: (name) => `Log ${name} out everywhere?`,
    about: "All their sessions end with the next request. They may sign in again.",
    act: "Log out",
    isDangerous: true,
    request: { path: "log-out-everywhere", method: "POST" },
    done: (name) => `${name} is signed in nowhere now`,
  },
  deactivate: {
    title: (name) => `Deactivate ${name}?`,
    about:
      "Their sessions and their API keys end at once, and nobody signs in by this account. Keys that were given to the organisation stay, as does what they did in the ledger.",
    act: "Deactivate",
    isDangerous: true,
    request: { path: "deactivate", method: "POST" },
    done: (name) => `${name} is out`,
  },
  reactivate: {
    title: (name) => `Reactivate ${name}?`,
    about: "They may sign in again, with the roles that they had. API keys that ended with the account stay ended.",
    act: "Reactivate",
    isDangerous: false,
    request: { path: "reactivate", method: "POST" },
    done: (name) => `${name} may sign in again`,
  },
};

type Dialog = { user: User; onClose(): void };

function SimpleDialog({ user, what, onClose }: Dialog & { what: Question }) {
  const { userId, displayName } = user;
  const announce = useAnnounce();
  const run = useAct(
    ["users", "tenant/sessions"],
    () => {
      announce({ kind: "done", title: what.done(displayName) });
      onClose();
    },
    onClose,
  );
  const { path, method } = what.request;
  return (
    <FormDialog
      title={what.title(displayName)}
      about={what.about}
      act={what.act}
      isDangerous={what.isDangerous}
      isReady
      isBusy={run.isPending}
      error={run.error}
      onAct={() => run.mutate({ path: `users/${userId}/${path}`, method })}
      onClose={onClose}
    />
  );
}

function LinkDialog({ user: { userId, displayName, email }, onClose }: Dialog) {
  const [made, setMade] = useState<Invited | null>(null);
  const announce = useAnnounce();
  const send = useAct<Invited>(
    ["users"],
    ({ data }) => {
      if (data.link) return setMade(data);
      announce({ kind: "done", title: `The link is on its way to ${data.mailedTo}` });
      onClose();
    },
    onClose,
  );
  if (made?.link) return <LinkOnce name={displayName} url={made.link.url} onClose={onClose} />;
  return (
    <FormDialog
      title={`Make a new sign-in link for ${displayName}?`}
      about={`For somebody who forgot the password. Earlier links end; the second factor is still asked for. ${
        email ? `Where the appliance sends mail, it goes to ${email}.` : "It is shown to you, once."
      }`}
      act="Make the link"
      isReady
      isBusy={send.isPending}
      error={send.error}
      onAct={() => send.mutate({ path: `users/${userId}/sign-in-link`, method: "POST" })}
      onClose={onClose}
    />
  );
}

function EditDialog({ user, onClose }: Dialog) {
  const [displayName, setDisplayName] = useState(user.displayName);
  const [userName, setUserName] = useState(user.userName);
  const [email, setEmail] = useState(user.email ?? "");
  const change = useAct(["users"], onClose);
  const wanted = { displayName: displayName.trim(), userName: userName.trim(), email: email.trim() || null };
  // What stays is not sent: another address of somebody who decides needs a second person.
  const body = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => user[name as keyof User] !== value));
  return (
    <FormDialog
      title={`Edit ${user.displayName}`}
      act="Save"
      isReady={wanted.displayName !== "" && wanted.userName !== "" && Object.keys(body).length > 0}
      isBusy={change.isPending}
      error={change.error}
      onAct={() => change.mutate({ path: `users/${user.userId}`, method: "PATCH", body })}
      onClose={onClose}
    >
      <Field label="Name" isRequired value={displayName} onChange={setDisplayName} />
      <Field label="User name" isRequired value={userName} onChange={setUserName} help="To sign in with." />
      <Field label="E-mail" value={email} onChange={setEmail} help="For one-time links and notices." />
    </FormDialog>
  );
}
