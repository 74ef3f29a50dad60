import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { useGivableRoles } from "../../components/use-roles.ts";
import { isWhole, noChoice, RoleFields, termsOf } from "./role-fields.tsx";

type Props = { to: { userId: string } | { groupId: string }; name: string; onClose(): void };

/** Gives a role to a person, or to a group for all who are in it. */
export function GrantDialog({ to, name, onClose }: Props) {
  const [choice, setChoice] = useState(noChoice);
  const roles = useGivableRoles();
  const role = roles.find(({ value }) => value === choice.role);
  const give = useAct(["users", "groups", "grants", "roles"], onClose);
  return (
    <FormDialog
      title={`Give ${name} a role`}
      about={
        "groupId" in to
          ? "Everybody in the group has it from their next request on."
          : "It adds to what they have, from their next request on."
      }
      act="Give the role"
      isReady={role !== undefined && isWhole(choice)}
      isBusy={give.isPending}
      error={give.error}
      onAct={() => give.mutate({ path: "grants", method: "POST", body: { to, role: role!.named, ...termsOf(choice) } })}
      onClose={onClose}
    >
      <RoleFields roles={roles} value={choice} onChange={setChoice} />
    </FormDialog>
  );
}
