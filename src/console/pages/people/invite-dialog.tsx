import { useState } from "react";
import type { Invited } from "../../api/types.ts";
import { useAnnounce } from "../../components/announcements.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { SecretOnce } from "../../components/secret-once.tsx";
import { useAct } from "../../components/use-act.ts";
import { useGivableRoles } from "../../components/use-roles.ts";
import { isWhole, noChoice, RoleFields, termsOf } from "../grants/role-fields.tsx";

/** Makes a local account with a role and a one-time link, which is mailed or shown this once. */
export function InviteDialog({ onClose }: { onClose(): void }) {
  const [who, setWho] = useState({ displayName: "", userName: "", email: "" });
  const [choice, setChoice] = useState(noChoice);
  const [made, setMade] = useState<Invited | null>(null);
  const announce = useAnnounce();
  const roles = useGivableRoles().filter(({ roleId }) => roleId === null);
  const invite = useAct<Invited>(
    ["users", "grants"],
    ({ data }) => {
      if (data.link) return setMade(data);
      announce({ kind: "done", title: `The link is on its way to ${data.mailedTo}` });
      onClose();
    },
    onClose,
  );
  if (made?.link) return <LinkOnce name={who.displayName} url={made.link.url} onClose={onClose} />;
  const set = (name: keyof typeof who) => (value: string) => setWho((before) => ({ ...before, [name]: value }));
  const [displayName, userName, email] = [who.displayName.trim(), who.userName.trim(), who.email.trim()];
  return (
    <FormDialog
      title="Invite somebody"
      about="Makes an account that this appliance keeps, and a link by which the person sets a password. People of your directory come in by themselves."
      act="Invite"
      isReady={displayName !== "" && userName !== "" && isWhole(choice)}
      isBusy={invite.isPending}
      error={invite.error}
      onAct={() => {
        const body = { displayName, userName, email: email || null, role: choice.role, ...termsOf(choice) };
        invite.mutate({ path: "invitations", method: "POST", body });
      }}
      onClose={onClose}
    >
      <Field label="Name" isRequired value={who.displayName} onChange={set("displayName")} />
      <Field label="User name" isRequired value={who.userName} onChange={set("userName")} help="To sign in with." />
      <Field
        label="E-mail"
        value={who.email}
        onChange={set("email")}
        help="Where the appliance sends mail, the link goes there and nobody else sees it. Otherwise it is shown to you, once."
      />
      <RoleFields roles={roles} value={choice} onChange={setChoice} />
    </FormDialog>
  );
}

/** A way in, to be handed over in person. */
export function LinkOnce({ name, url, onClose }: { name: string; url: string; onClose(): void }) {
  return (
    <SecretOnce
      title={`The link for ${name}`}
      about="Hand it over yourself: whoever opens it sets the password. It works once, within 72 hours, and is shown this once."
      secret={url}
      onClose={onClose}
    />
  );
}
