import {
  Alert,
  Content,
  DescriptionList,
  ExpandableSection,
  ProgressStep,
  ProgressStepper,
  Stack,
  StackItem,
  Title,
} from "@patternfly/react-core";
import type { SamlTest } from "../../api/types.ts";
import { Term } from "../../components/format.tsx";
import { Gives } from "./gives.tsx";
import { checksOf } from "./saml-checks.ts";

type Result = NonNullable<SamlTest["result"]>;

/** What came of it, check by check, and what the person would be and get here. */
export function TestResult({ result, issuer }: { result: Result; issuer: string }) {
  return (
    <Stack hasGutter>
      <StackItem>
        {result.ok ? (
          <Alert variant="success" isInline title={`${result.person.displayName} would be signed in`} />
        ) : (
          <Alert variant="danger" isInline title={`Refused: ${result.meaning}`}>
            {result.detail && <Content component="p">{result.detail}</Content>}
            <Content component="p">
              Reason <span className="ls-mono">{result.reason}</span>; docs/saml.md says what each asks for.
            </Content>
          </Alert>
        )}
      </StackItem>
      <StackItem>
        <Title headingLevel="h2" size="md">
          What was checked
        </Title>
        <ProgressStepper isVertical isCompact aria-label="Checks">
          {checksOf(result).map(({ title, state }, index) => (
            <ProgressStep
              key={title}
              id={`check-${index}`}
              titleId={`check-${index}-title`}
              variant={({ passed: "success", failed: "danger", "not reached": "pending" } as const)[state]}
              aria-label={`${title}: ${state}`}
            >
              {title}
            </ProgressStep>
          ))}
        </ProgressStepper>
      </StackItem>
      {result.ok && (
        <StackItem>
          <Who result={result} issuer={issuer} />
        </StackItem>
      )}
    </Stack>
  );
}

function Who({ result, issuer }: { result: Extract<Result, { ok: true }>; issuer: string }) {
  const { person, nameId, nameIdFormat, authnContext, attributes } = result;
  return (
    <Stack hasGutter>
      <StackItem>
        <DescriptionList isHorizontal>
          <Term name="Account">
            {person.displayName}, {person.userName}
          </Term>
          <Term name="E-mail">{person.email ?? "none came"}</Term>
          <Term name="Groups">{person.groups.length > 0 ? person.groups.join(", ") : "none came"}</Term>
          <Term name="Would give">
            <Gives kind="saml" issuer={issuer} groups={person.groups} />
          </Term>
          <Term name="Known for good as">
            <span className="ls-mono">{nameId}</span>
          </Term>
        </DescriptionList>
      </StackItem>
      <StackItem>
        <ExpandableSection toggleText="All that the provider said">
          <DescriptionList isHorizontal isCompact>
            <Term name="Format of the name">{nameIdFormat ?? "none"}</Term>
            <Term name="How they signed in">{authnContext ?? "not said"}</Term>
            {attributes.map(({ name, values }) => (
              <Term key={name} name={name}>
                <span className="ls-break">{values.join(", ")}</span>
              </Term>
            ))}
          </DescriptionList>
        </ExpandableSection>
      </StackItem>
    </Stack>
  );
}
