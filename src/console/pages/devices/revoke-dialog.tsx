import { useState } from "react";
import type { Device } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";

export function RevokeDialog({ device, onClose }: { device: Device; onClose(): void }) {
  const [reason, setReason] = useState("");
  const revoke = useAct(["devices"], onClose);
  return (
    <FormDialog
      title={`Revoke ${device.name}?`}
      about="Its live connection ends within seconds and its certificate is worth nothing from then on. What it sent stays."
      act="Revoke"
      isDangerous
      isReady={reason.trim() !== ""}
      isBusy={revoke.isPending}
      error={revoke.error}
      onAct={() =>
        revoke.mutate({ path: `devices/${device.deviceId}/revoke`, method: "POST", body: { reason: reason.trim() } })
      }
      onClose={onClose}
    >
      <Field label="Reason" isLong isRequired value={reason} onChange={setReason} help="Goes into the ledger." />
    </FormDialog>
  );
}
