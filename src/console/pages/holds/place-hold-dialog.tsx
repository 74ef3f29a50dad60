import { FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useState } from "react";
import type { Hold } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { useSites } from "../../components/use-sites.ts";

const empty = {
  siteId: "",
  from: "",
  to: "",
  kind: "",
  subject: "",
  caseNumber: "",
  reason: "",
  owner: "",
  reviewOn: "",
};

export function PlaceHoldDialog({ onClose }: { onClose(): void }) {
  const { access } = useSession();
  const sites = useSites();
  const [hold, setHold] = useState(empty);
  const place = useAct<Hold>(["holds"], onClose);
  const set = (name: keyof typeof empty) => (value: string) => setHold((before) => ({ ...before, [name]: value }));
  const instant = (local: string): string => (local === "" ? "" : `${local}:00Z`);
  const body = Object.fromEntries(
    Object.entries({ ...hold, from: instant(hold.from), to: instant(hold.to) }).filter(
      ([, value]) => value.trim() !== "",
    ),
  );
  const mayEverywhere = access["holds:write"] === "all";
  const required = [hold.caseNumber, hold.reason, hold.owner, hold.reviewOn, ...(mayEverywhere ? [] : [hold.siteId])];
  return (
    <FormDialog
      title="Place a legal hold"
      about="It counts from the moment it is placed. An erasure that is under way ends first."
      act="Place the hold"
      isReady={required.every((value) => value.trim() !== "")}
      isBusy={place.isPending}
      error={place.error}
      onAct={() => place.mutate({ path: "holds", method: "POST", body })}
      onClose={onClose}
    >
      <FormGroup label="Site" fieldId="hold-site">
        <FormSelect id="hold-site" value={hold.siteId} onChange={(_event, value) => set("siteId")(value)}>
          <FormSelectOption value="" label={mayEverywhere ? "Every site" : "Choose a site"} />
          {[...sites.values()].map(({ siteId, name }) => (
            <FormSelectOption key={siteId} value={siteId} label={name} />
          ))}
        </FormSelect>
      </FormGroup>
      <Field label="From, UTC" type="datetime-local" value={hold.from} onChange={set("from")} />
      <Field
        label="To, UTC"
        type="datetime-local"
        value={hold.to}
        onChange={set("to")}
        help="Without it, all that comes in from now on too."
      />
      <Field label="Kind of event" value={hold.kind} onChange={set("kind")} />
      <Field
        label="Subject"
        value={hold.subject}
        onChange={set("subject")}
        help="Such as plate:AB12CDE. Kept as an HMAC alone."
      />
      <Field label="Case number" isRequired value={hold.caseNumber} onChange={set("caseNumber")} />
      <Field label="Reason" isLong isRequired value={hold.reason} onChange={set("reason")} />
      <Field label="Owner" isRequired value={hold.owner} onChange={set("owner")} help="Who says when it may go." />
      <Field label="Review on" type="date" isRequired value={hold.reviewOn} onChange={set("reviewOn")} />
    </FormDialog>
  );
}
