import { Alert, Content } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { ask } from "../../api/client.ts";
import type { PolicyPreview, Site, SiteRetention } from "../../api/types.ts";
import { DayChart } from "../../components/day-chart.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { formatBytes, formatCount } from "../../components/format.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";

type Named = Pick<Site, "siteId" | "name">;
type Props = { site: Named; now: Pick<SiteRetention["inForce"], "imageDays" | "eventDays">; onClose(): void };

/** A change is seen before it is made: by day, what it would erase and what holds keep of it. */
export function PolicyDialog({ site, now, onClose }: Props) {
  const [imageDays, setImageDays] = useState(String(now.imageDays));
  const [eventDays, setEventDays] = useState(String(now.eventDays));
  const [reason, setReason] = useState("");
  const path = `sites/${site.siteId}/retention`;
  const set = useAct([`sites/${site.siteId}`, "retention/"], onClose);
  const wanted = { imageDays: Number(imageDays), eventDays: Number(eventDays) };
  const asked = useDeferredValue(`${imageDays} ${eventDays}`);
  const isChange = wanted.imageDays !== now.imageDays || wanted.eventDays !== now.eventDays;
  const isSound = Number.isInteger(wanted.imageDays) && wanted.imageDays >= 1 && wanted.imageDays <= wanted.eventDays;
  const preview = useQuery({
    queryKey: [path, "preview", asked],
    queryFn: async ({ signal }) =>
      (await ask<PolicyPreview>(`${path}/preview`, { method: "POST", body: wanted, signal })).data,
    enabled: isChange && isSound,
  });
  return (
    <FormDialog
      title={`Change retention of ${site.name}`}
      act={preview.data?.shortens ? "Shorten retention" : "Change retention"}
      isDangerous={preview.data?.shortens ?? false}
      isReady={isChange && isSound && reason.trim() !== "" && preview.isSuccess}
      isBusy={set.isPending}
      error={set.error}
      onAct={() => set.mutate({ path, method: "PUT", body: { ...wanted, reason: reason.trim() } })}
      onClose={onClose}
    >
      <Field
        label="Days to keep images"
        type="number"
        isRequired
        value={imageDays}
        onChange={setImageDays}
        isWrong={!isSound}
        help="At most as long as events: an image cannot outlive its event."
      />
      <Field label="Days to keep events" type="number" isRequired value={eventDays} onChange={setEventDays} />
      <Field
        label="Reason"
        isLong
        isRequired
        value={reason}
        onChange={setReason}
        help="Goes into the ledger with the change."
      />
      {preview.error && <ProblemAlert error={preview.error} />}
      {preview.data && isChange && <Preview preview={preview.data} site={site} />}
    </FormDialog>
  );
}

function Preview({
  preview: { shortens, days, total, coolingOffHours },
  site,
}: {
  preview: PolicyPreview;
  site: Named;
}) {
  if (!shortens) {
    return (
      <Alert variant="info" isInline title="This lengthens retention: it takes effect at once and erases nothing." />
    );
  }
  return (
    <>
      <Alert
        variant="warning"
        isInline
        title={`It would erase ${formatCount(total.events)} events and ${formatCount(total.images)} images, ${formatBytes(total.bytes)}`}
      >
        <Content component="p">
          After a cooling-off of {coolingOffHours} hours, in which it can be cancelled.
          {total.heldDays > 0 && ` Legal holds keep ${total.heldDays} days of it.`}
        </Content>
      </Alert>
      <DayChart
        label={`What the change would erase of ${site.name}, by day`}
        days={days.map(({ day, events, bytes, eventsDue, imagesDue, heldBy }) => ({
          day,
          events,
          bytes,
          due: eventsDue || imagesDue,
          held: heldBy.length > 0,
        }))}
      />
    </>
  );
}
