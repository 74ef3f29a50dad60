import {
  ActionList,
  ActionListItem,
  Alert,
  Button,
  Card,
  CardBody,
  CardTitle,
  ProgressStep,
  ProgressStepper,
  Stack,
  StackItem,
} from "@patternfly/react-core";
import { useState } from "react";
import { useCan } from "../../app/session.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";
import { ImportDialog } from "./saml-import-dialog.tsx";
import { EnforceDialog, SwitchDialog } from "./saml-switch-dialogs.tsx";
import { TestDialog } from "./saml-test-dialog.tsx";
import { useMapping } from "./use-mapping.ts";
import type { SamlProps } from "./use-saml-save.ts";

/** How far it is set up, and what comes next. */
export function StateCard({ saml, etag }: SamlProps) {
  const mapping = useMapping();
  const { keys, configuration } = saml;
  const isMapped = mapping.data?.data.rules.some(({ kind }) => kind === "saml") === true;
  const settings = configuration?.settings;
  const steps = [
    { title: "Our key", about: "is in our metadata", isDone: keys.length > 0 },
    { title: "The provider", about: "its metadata is imported", isDone: configuration !== null },
    { title: "Groups give roles", about: "or nobody may do anything", isDone: isMapped },
    { title: "In use", about: "people can sign in", isDone: settings?.enabled === true },
    { title: "Enforced", about: "passwords are refused", isDone: settings?.enforce === true },
  ];
  const next = steps.findIndex(({ isDone }) => !isDone);
  return (
    <Card>
      <CardTitle component="h2">{headline(saml)}</CardTitle>
      <CardBody>
        <Stack hasGutter>
          <StackItem>
            <ProgressStepper aria-label="How far it is set up" isCenterAligned>
              {steps.map(({ title, about, isDone }, index) => (
                <ProgressStep
                  key={title}
                  id={`saml-step-${index}`}
                  titleId={`saml-step-${index}-title`}
                  variant={isDone ? "success" : "pending"}
                  isCurrent={index === next}
                  description={about}
                  aria-label={`${title}: ${isDone ? "done" : "not yet"}`}
                >
                  {title}
                </ProgressStep>
              ))}
            </ProgressStepper>
          </StackItem>
          <StackItem>
            <Acts saml={saml} etag={etag} />
          </StackItem>
        </Stack>
      </CardBody>
    </Card>
  );
}

function headline({ configuration }: SamlProps["saml"]): string {
  if (!configuration) return "SAML is not set up";
  const { enabled, enforce } = configuration.settings;
  if (!enabled) return "SAML is set up and switched off";
  return enforce
    ? "SAML is the way in: passwords are for break-glass owners alone"
    : "SAML is in use, beside passwords";
}

type Open = "import" | "test" | "switch" | "enforce" | null;

function Acts({ saml, etag }: SamlProps) {
  const can = useCan();
  const [open, setOpen] = useState<Open>(null);
  const addKey = useAct(["saml"]);
  const close = () => setOpen(null);
  if (!can("sign-in:write")) return <Alert variant="info" isInline isPlain title="Owners change how people sign in." />;
  const { keys, configuration } = saml;
  const act = (label: string, onClick: () => void, isFirst = false) => (
    <ActionListItem key={label}>
      <Button variant={isFirst ? "primary" : "secondary"} onClick={onClick} isDisabled={addKey.isPending}>
        {label}
      </Button>
    </ActionListItem>
  );
  const { enabled, enforce } = configuration?.settings ?? { enabled: false, enforce: false };
  return (
    <>
      {addKey.error && <ProblemAlert error={addKey.error} />}
      <ActionList>
        {keys.length === 0 && act("Make our key", () => addKey.mutate({ path: "saml/keys", method: "POST" }), true)}
        {keys.length > 0 && !configuration && act("Import the provider's metadata…", () => setOpen("import"), true)}
        {configuration && act("Try it…", () => setOpen("test"), !enabled)}
        {configuration && act(enabled ? "Switch it off…" : "Switch it on…", () => setOpen("switch"))}
        {enabled && act(enforce ? "Stop enforcing…" : "Enforce it…", () => setOpen("enforce"))}
      </ActionList>
      {open === "import" && <ImportDialog saml={saml} etag={etag} onClose={close} />}
      {open === "test" && <TestDialog saml={saml} onClose={close} />}
      {open === "switch" && <SwitchDialog saml={saml} etag={etag} onClose={close} />}
      {open === "enforce" && <EnforceDialog saml={saml} etag={etag} onClose={close} />}
    </>
  );
}
