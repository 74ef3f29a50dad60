import { Alert } from "@patternfly/react-core";
import { useState } from "react";
import type { Role } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { PermissionChoice } from "../../components/permission-choice.tsx";
import { useAct } from "../../components/use-act.ts";
import { isDeciding } from "../../components/use-roles.ts";

/** Makes a role of the tenant's own, or changes one for everybody who has it. Of permissions that one has over all sites. */
export function RoleDialog({ role, onClose }: { role?: Role; onClose(): void }) {
  const [name, setName] = useState(role?.name ?? "");
  const [permissions, setPermissions] = useState<readonly string[]>(role?.permissions ?? []);
  const save = useAct(["roles", "users", "grants"], onClose);
  const decides = isDeciding({ permissions });
  const isOtherDecision = role !== undefined && isDeciding(role) !== decides;
  const request = role ? ({ path: `roles/${role.roleId}`, method: "PATCH" } as const) : undefined;
  return (
    <FormDialog
      title={role ? `Change the role ${role.name}` : "Make a role"}
      about={
        role
          ? `It changes for everybody who has it (given ${role.grants} times), from their next request on.`
          : "Give it to people and groups afterwards, over all sites or some."
      }
      act={role ? "Change" : "Make it"}
      isReady={name.trim() !== "" && permissions.length > 0}
      isBusy={save.isPending}
      error={save.error}
      onAct={() => save.mutate({ path: "roles", method: "POST", ...request, body: { name: name.trim(), permissions } })}
      onClose={onClose}
    >
      <Field label="Name" isRequired value={name} onChange={setName} help="What people with it are called here." />
      <PermissionChoice value={permissions} onChange={setPermissions} isPossible={(sites) => sites === "all"} />
      {(decides || isOtherDecision) && (
        <Alert
          variant="info"
          isInline
          title={decides ? "This role decides on requests of others" : "It no longer decides"}
        >
          {role
            ? "Where two people can decide, this change waits for the yes of a second person."
            : "Where two people can decide, to give it needs the yes of a second person."}
        </Alert>
      )}
    </FormDialog>
  );
}
