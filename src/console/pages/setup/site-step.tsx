import { ActionGroup, Button, Content, Form } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import type { Site } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";
import { useSites } from "../../components/use-sites.ts";

const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
const isDays = (text: string): boolean => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 3650;

export function SiteStep({ siteId }: { siteId: string | null }) {
  const sites = useSites();
  if (siteId !== null) {
    return (
      <Content component="p">
        You have <Link to={`/sites/${siteId}`}>{sites.get(siteId)?.name ?? "a site"}</Link>
        {sites.size > 1 && ` and ${sites.size - 1} more`}.
      </Content>
    );
  }
  return <NewSite />;
}

function NewSite() {
  const [name, setName] = useState("");
  const [timeZone, setTimeZone] = useState(ownZone);
  const [imageDays, setImageDays] = useState("30");
  const [eventDays, setEventDays] = useState("90");
  const make = useAct<Site>(["sites", "setup", "overview"]);
  const isSound = isDays(imageDays) && isDays(eventDays) && Number(imageDays) <= Number(eventDays);
  const isReady = name.trim() !== "" && timeZone !== "" && isSound;
  const body = { name: name.trim(), timeZone, imageDays: Number(imageDays), eventDays: Number(eventDays) };
  return (
    <Form
      isWidthLimited
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !make.isPending) make.mutate({ path: "sites", method: "POST", body });
      }}
    >
      {make.error && <ProblemAlert error={make.error} />}
      <Field label="Name of the site" isRequired value={name} onChange={setName} help="Such as North gate." />
      <Field
        label="Time zone"
        isRequired
        value={timeZone}
        onChange={setTimeZone}
        help="Its IANA name, such as Europe/Berlin. Times of the site are shown in it."
      />
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
      <ActionGroup>
        <Button type="submit" isDisabled={!isReady || make.isPending} isLoading={make.isPending}>
          Make the site
        </Button>
      </ActionGroup>
    </Form>
  );
}
