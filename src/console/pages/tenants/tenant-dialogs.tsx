import { useState } from "react";
import type { TenantOverview } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";

const touched = ["appliance"];

export function MakeTenantDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState("");
  const make = useAct(touched, onClose);
  return (
    <FormDialog
      title="Make a tenant"
      about="It gets a ledger and keys of its own. Its first owner is made on the appliance: ledgerstone admin create --tenant <name in addresses>."
      act="Make it"
      isReady={name.trim() !== ""}
      isBusy={make.isPending}
      error={make.error}
      onAct={() => make.mutate({ path: "appliance/tenants", method: "POST", body: { name: name.trim() } })}
      onClose={onClose}
    >
      <Field label="Name" isRequired value={name} onChange={setName} help="Of the organisation." />
    </FormDialog>
  );
}

type Props = { tenant: TenantOverview; onClose(): void };

export function RenameTenantDialog({ tenant, onClose }: Props) {
  const [name, setName] = useState(tenant.name);
  const [slug, setSlug] = useState(tenant.slug);
  const change = useAct(touched, onClose);
  return (
    <FormDialog
      title={`Rename ${tenant.name}`}
      about="Another name in addresses changes where its people sign in, and what its identity provider was told about us."
      act="Rename"
      isReady={name.trim() !== "" && slug.trim() !== ""}
      isBusy={change.isPending}
      error={change.error}
      onAct={() =>
        change.mutate({
          path: `appliance/tenants/${tenant.tenantId}`,
          method: "PATCH",
          body: { name: name.trim(), slug: slug.trim() },
        })
      }
      onClose={onClose}
    >
      <Field label="Name" isRequired value={name} onChange={setName} />
      <Field
        label="Name in addresses"
        isRequired
        value={slug}
        onChange={setSlug}
        help="a to z, 0 to 9 and hyphens between."
      />
    </FormDialog>
  );
}

export function CloseTenantDialog({ tenant: { tenantId, name, closedAt }, onClose }: Props) {
  const act = useAct(touched, onClose);
  const isClosed = closedAt !== null;
  return (
    <FormDialog
      title={isClosed ? `Open ${name} again?` : `Close ${name}?`}
      about={
        isClosed
          ? "Its people and keys get in again."
          : "Its people and keys are out with their next request. What is due is still erased, and nothing else goes."
      }
      act={isClosed ? "Open it" : "Close it"}
      isDangerous={!isClosed}
      isReady
      isBusy={act.isPending}
      error={act.error}
      onAct={() => act.mutate({ path: `appliance/tenants/${tenantId}/${isClosed ? "open" : "close"}`, method: "POST" })}
      onClose={onClose}
    />
  );
}
