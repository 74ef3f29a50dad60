import { FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Site } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";

const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Makes a site with its first policy, or changes what one is called and where it lies. `etag`: the version that was read. */
export function SiteDialog({ site, etag, onClose }: { site?: Site; etag?: string | null; onClose(): void }) {
  const navigate = useNavigate();
  const [name, setName] = useState(site?.name ?? "");
  const [timeZone, setTimeZone] = useState(site?.timeZone ?? (zones.includes(ownZone) ? ownZone : "UTC"));
  const [offlineDays, setOfflineDays] = useState(String(site?.offlineWindowDays ?? 7));
  const [imageDays, setImageDays] = useState("30");
  const [eventDays, setEventDays] = useState("90");
  const act = useAct<Site>(["sites", "retention/"], ({ data }) => {
    onClose();
    if (!site) navigate(`/sites/${data.siteId}`);
  });
  const fields = { name: name.trim(), timeZone, offlineWindowDays: Number(offlineDays) };
  const policy = { imageDays: Number(imageDays), eventDays: Number(eventDays) };
  const isSound = fields.name !== "" && fields.offlineWindowDays >= 1 && fields.offlineWindowDays <= 60;
  const isPolicySound = policy.imageDays >= 1 && policy.imageDays <= policy.eventDays && policy.eventDays <= 3650;
  return (
    <FormDialog
      title={site ? `Change ${site.name}` : "Add a site"}
      act={site ? "Save" : "Add the site"}
      isReady={isSound && (site !== undefined || isPolicySound)}
      isBusy={act.isPending}
      error={act.error}
      onAct={() =>
        act.mutate(
          site
            ? { path: `sites/${site.siteId}`, method: "PATCH", body: fields, ifMatch: etag ?? undefined }
            : { path: "sites", method: "POST", body: { ...fields, ...policy } },
        )
      }
      onClose={onClose}
    >
      <Field label="Name" isRequired value={name} onChange={setName} help="As people call it, such as North gate." />
      <FormGroup label="Time zone" fieldId="site-zone" isRequired>
        <FormSelect id="site-zone" value={timeZone} onChange={(_event, zone) => setTimeZone(zone)}>
          {(zones.includes(timeZone) ? zones : [timeZone, ...zones]).map((zone) => (
            <FormSelectOption key={zone} value={zone} label={zone} />
          ))}
        </FormSelect>
      </FormGroup>
      <Field
        label="Offline window, days"
        type="number"
        isRequired
        value={offlineDays}
        onChange={setOfflineDays}
        isWrong={!isSound && fields.name !== ""}
        help="How long a device may have been offline for its events still to be taken: 1 to 60."
      />
      {!site && (
        <>
          <Field label="Days to keep images" type="number" isRequired value={imageDays} onChange={setImageDays} />
          <Field
            label="Days to keep events"
            type="number"
            isRequired
            value={eventDays}
            onChange={setEventDays}
            isWrong={!isPolicySound}
            help="At least as long as images."
          />
        </>
      )}
    </FormDialog>
  );
}
