import { useState } from "react";
import { useNavigate } from "react-router";
import type { Group } from "../../api/types.ts";
import { ActMenu } from "../../components/act-menu.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";

/** Makes a group, or renames one. */
export function NameGroupDialog({ group, onClose }: { group?: Group; onClose(): void }) {
  const [name, setName] = useState(group?.name ?? "");
  const navigate = useNavigate();
  const save = useAct<Group>(["groups"], ({ data }) => {
    onClose();
    if (!group) navigate(`/access/groups/${data.groupId}`);
  });
  const request = group ? ({ path: `groups/${group.groupId}`, method: "PATCH" } as const) : undefined;
  return (
    <FormDialog
      title={group ? `Rename ${group.name}` : "Make a group"}
      act={group ? "Rename" : "Make it"}
      isReady={name.trim() !== ""}
      isBusy={save.isPending}
      error={save.error}
      onAct={() => save.mutate({ path: "groups", method: "POST", ...request, body: { name: name.trim() } })}
      onClose={onClose}
    >
      <Field label="Name" isRequired value={name} onChange={setName} help="As people here call it." />
    </FormDialog>
  );
}

function DeleteGroupDialog({ group, onClose }: { group: Group; onClose(): void }) {
  const navigate = useNavigate();
  const remove = useAct(["groups", "users", "grants"], () => navigate("/access/groups"), onClose);
  return (
    <FormDialog
      title={`Delete ${group.name}?`}
      about={`Its ${group.members} members lose the roles that they have through it, with their next request. Their accounts stay.`}
      act="Delete"
      isDangerous
      isReady
      isBusy={remove.isPending}
      error={remove.error}
      onAct={() => remove.mutate({ path: `groups/${group.groupId}`, method: "DELETE" })}
      onClose={onClose}
    />
  );
}

export function GroupActs({ group }: { group: Group }) {
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <ActMenu
        acts={[
          { title: "Rename…", onClick: () => setOpen("rename") },
          { title: "Delete…", isDanger: true, onClick: () => setOpen("delete") },
        ]}
      />
      {open === "rename" && <NameGroupDialog group={group} onClose={close} />}
      {open === "delete" && <DeleteGroupDialog group={group} onClose={close} />}
    </>
  );
}
