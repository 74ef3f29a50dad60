import { FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useState } from "react";
import type { ApiKey, CreatedApiKey } from "../../api/types.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { SecretOnce } from "../../components/secret-once.tsx";
import { useAct } from "../../components/use-act.ts";

type Act = { apiKey: ApiKey; onClose(): void };

export function RevokeKeyDialog({ apiKey, onClose }: Act) {
  const revoke = useAct(["api-keys", "provisioning"], onClose);
  return (
    <FormDialog
      title={`Revoke ${apiKey.name}?`}
      about={`Whatever uses ${apiKey.prefix} is refused from its next request on, for good. To give it a new key without a gap, rotate it instead.`}
      act="Revoke"
      isDangerous
      isReady
      isBusy={revoke.isPending}
      error={revoke.error}
      onAct={() => revoke.mutate({ path: `api-keys/${apiKey.keyId}`, method: "DELETE" })}
      onClose={onClose}
    />
  );
}

const overlaps = [
  { hours: 0, label: "At once" },
  { hours: 1, label: "In an hour" },
  { hours: 24, label: "In a day" },
  { hours: 168, label: "In a week" },
  { hours: 720, label: "In 30 days" },
];

/** A new key in place of one: both work until the overlap ends. */
export function RotateKeyDialog({ apiKey, onClose }: Act) {
  const [overlapHours, setOverlap] = useState(24);
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  const rotate = useAct<CreatedApiKey>(["api-keys", "provisioning"], ({ data }) => setMade(data));
  if (made) return <ShownKey made={made} onClose={onClose} />;
  return (
    <FormDialog
      title={`Rotate ${apiKey.name}`}
      about="Makes a new key with the same name, permissions, sites, networks and end. The present one goes on working until the moment that you choose."
      act="Make the new key"
      isReady
      isBusy={rotate.isPending}
      error={rotate.error}
      onAct={() => rotate.mutate({ path: `api-keys/${apiKey.keyId}/rotate`, method: "POST", body: { overlapHours } })}
      onClose={onClose}
    >
      <FormGroup label="The present key ends" fieldId="rotate-overlap">
        <FormSelect id="rotate-overlap" value={overlapHours} onChange={(_event, hours) => setOverlap(Number(hours))}>
          {overlaps.map(({ hours, label }) => (
            <FormSelectOption key={hours} value={hours} label={label} />
          ))}
        </FormSelect>
      </FormGroup>
    </FormDialog>
  );
}

/** The whole key, this once. */
export function ShownKey({ made, onClose }: { made: CreatedApiKey; onClose(): void }) {
  return (
    <SecretOnce
      title={`The key of ${made.apiKey.name}`}
      about="Put it where it is used now: only a hash of it is kept here, and nobody can show it again."
      secret={made.key}
      onClose={onClose}
    />
  );
}
