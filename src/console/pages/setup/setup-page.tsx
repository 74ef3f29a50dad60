import {
  Accordion,
  AccordionContent,
  AccordionItem,
  AccordionToggle,
  Alert,
  Button,
  Card,
  CardBody,
  Flex,
  FlexItem,
  Label,
  Progress,
} from "@patternfly/react-core";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import type { Setup } from "../../api/types.ts";
import { useSetup } from "../../app/use-setup.ts";
import { PageFrame } from "../../components/page-frame.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";
import { Waiting } from "../../components/waiting.tsx";
import { CertificateStep } from "./certificate-step.tsx";
import { DeviceStep, SamlStep, SecondFactorStep, SecondOwnerStep } from "./link-steps.tsx";
import { SiteStep } from "./site-step.tsx";

type Step = Setup["steps"][number];

const steps: Record<Step["step"], { title: string; body(setup: Setup): ReactNode }> = {
  "second-factor": { title: "Protect an owner's account", body: () => <SecondFactorStep /> },
  "second-owner": { title: "Invite a second owner", body: () => <SecondOwnerStep /> },
  certificate: { title: "Use your own HTTPS certificate", body: () => <CertificateStep /> },
  saml: { title: "Sign in by your organisation", body: () => <SamlStep /> },
  site: { title: "Make the first site", body: ({ siteId }) => <SiteStep siteId={siteId} /> },
  device: { title: "Enrol the first device", body: ({ siteId }) => <DeviceStep siteId={siteId} /> },
};

/** The way to an appliance that takes events in. Each step knows by itself whether it is done, so that one may leave at any point. */
export function Page() {
  const setup = useSetup();
  return (
    <PageFrame
      title="Setup"
      about="The first steps. Leave at any time: what is done stays done, and this page knows it."
    >
      {setup ? <Steps setup={setup} /> : <Waiting label="Looking at what is done" />}
    </PageFrame>
  );
}

const isOpen = ({ done, skipped }: Step): boolean => !done && !skipped;

function Steps({ setup }: { setup: Setup }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const change = useAct<unknown>(["setup", "tenant"]);
  const set = (body: object) => change.mutate({ path: "tenant", method: "PATCH", body });
  const finished = setup.steps.filter((step) => !isOpen(step)).length;
  const shown = chosen ?? setup.steps.find(isOpen)?.step;
  const skipped = setup.steps.filter((step) => step.skipped).map(({ step }) => step);
  return (
    <Card>
      <CardBody>
        <Progress
          title={`${finished} of ${setup.steps.length} steps`}
          value={(finished / setup.steps.length) * 100}
          measureLocation="none"
        />
        {change.error && <ProblemAlert error={change.error} />}
        <Accordion className="ls-steps" asDefinitionList={false} headingLevel="h2" isBordered>
          {setup.steps.map((each) => (
            <AccordionItem key={each.step} isExpanded={shown === each.step}>
              <AccordionToggle id={`step-${each.step}`} onClick={() => setChosen(shown === each.step ? "" : each.step)}>
                <Flex columnGap={{ default: "columnGapMd" }}>
                  <FlexItem>{steps[each.step].title}</FlexItem>
                  <FlexItem>
                    <State step={each} />
                  </FlexItem>
                </Flex>
              </AccordionToggle>
              <AccordionContent>
                {steps[each.step].body(setup)}
                {!each.done && (
                  <Button
                    variant="link"
                    className="ls-skip"
                    isInline
                    onClick={() =>
                      set({
                        setupSkipped: each.skipped
                          ? skipped.filter((step) => step !== each.step)
                          : [...skipped, each.step],
                      })
                    }
                  >
                    {each.skipped ? "Take this step up again" : "Skip this step"}
                  </Button>
                )}
              </AccordionContent>
            </AccordionItem>
          ))}
        </Accordion>
        <End setup={setup} isDone={finished === setup.steps.length} onDismiss={(is) => set({ setupDismissed: is })} />
      </CardBody>
    </Card>
  );
}

function State({ step: { done, skipped } }: { step: Step }) {
  if (done) {
    return (
      <Label isCompact status="success">
        done
      </Label>
    );
  }
  return <Label isCompact>{skipped ? "skipped" : "to do"}</Label>;
}

function End({ setup, isDone, onDismiss }: { setup: Setup; isDone: boolean; onDismiss(is: boolean): void }) {
  if (isDone) {
    return (
      <Alert isInline variant="success" title="That is all">
        The appliance is set up. <Link to="/overview">Go to the overview</Link>; from now on this page is not in the
        navigation any more.
      </Alert>
    );
  }
  return setup.open ? (
    <Button variant="secondary" onClick={() => onDismiss(true)}>
      Put this guide away
    </Button>
  ) : (
    <Alert
      isInline
      variant="info"
      title="This guide was put away"
      actionLinks={
        <Button variant="link" isInline onClick={() => onDismiss(false)}>
          Show it in the navigation again
        </Button>
      }
    />
  );
}
