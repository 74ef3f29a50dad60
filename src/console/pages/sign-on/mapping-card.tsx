import { Button, Card, CardBody, CardHeader, CardTitle, Content } from "@patternfly/react-core";
import { ActionsColumn, Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import type { DirectoryMapping, MappingRule } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { Waiting } from "../../components/waiting.tsx";
import { useGiven } from "./gives.tsx";
import { RemoveRuleDialog, RuleDialog } from "./mapping-dialogs.tsx";
import { TryGroupsDialog } from "./try-groups-dialog.tsx";
import { useMapping } from "./use-mapping.ts";

/** Whose groups they are: a provider or a directory. */
export type Source = { issuer: string; name: string };
type Props = { kind: MappingRule["kind"]; sources: readonly Source[] };
type Open = { act: "add" | "try" } | { act: "change" | "remove"; rule: MappingRule };

/** Which groups outside give which roles here: one list for SAML and LDAP, of which each shows its own. */
export function MappingCard({ kind, sources }: Props) {
  const can = useCan();
  const { data: read, error, refetch } = useMapping();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  if (!can("access:read")) return null;
  return (
    <Card>
      <CardHeader
        actions={{
          actions: (
            <>
              <Button variant="link" onClick={() => setOpen({ act: "try" })} isDisabled={sources.length === 0}>
                Try groups…
              </Button>
              {can("access:write") && (
                <Button variant="secondary" onClick={() => setOpen({ act: "add" })} isDisabled={!read}>
                  Add a rule…
                </Button>
              )}
            </>
          ),
        }}
      >
        <CardTitle component="h2">Groups to roles</CardTitle>
      </CardHeader>
      <CardBody>
        {error && <ProblemAlert error={error} onRetry={refetch} />}
        {read ? (
          <Rules
            rules={read.data.rules.filter((rule) => rule.kind === kind)}
            sources={sources}
            {...(can("access:write") && { onOpen: setOpen })}
          />
        ) : (
          !error && <Waiting label="Reading the rules" />
        )}
      </CardBody>
      {open && read && <Opened open={open} mapping={read.data} kind={kind} sources={sources} onClose={close} />}
    </Card>
  );
}

type OpenedProps = Props & { open: Open; mapping: DirectoryMapping; onClose(): void };

function Opened({ open, mapping, kind, sources, onClose }: OpenedProps) {
  if (open.act === "try") return <TryGroupsDialog kind={kind} sources={sources} onClose={onClose} />;
  if (open.act === "remove") return <RemoveRuleDialog mapping={mapping} rule={open.rule} onClose={onClose} />;
  return (
    <RuleDialog
      mapping={mapping}
      kind={kind}
      sources={sources}
      {...(open.act === "change" && { rule: open.rule })}
      onClose={onClose}
    />
  );
}

type RulesProps = { rules: readonly MappingRule[]; sources: readonly Source[]; onOpen?: (open: Open) => void };

function Rules({ rules, sources, onOpen }: RulesProps) {
  const given = useGiven();
  if (rules.length === 0) {
    return (
      <Content component="p">
        No group gives anything yet. Somebody without a role is refused, whatever the provider or directory says.
      </Content>
    );
  }
  const nameOf = (issuer: string | null): string =>
    issuer === null ? "any" : (sources.find((source) => source.issuer === issuer)?.name ?? "one that is gone");
  return (
    <Table aria-label="Groups to roles" variant="compact">
      <Thead>
        <Tr>
          <Th>Group there</Th>
          <Th>Gives here</Th>
          <Th>Said by</Th>
          {onOpen && <Th screenReaderText="Actions" />}
        </Tr>
      </Thead>
      <Tbody>
        {rules.map((rule) => (
          <Tr key={JSON.stringify(rule)}>
            <Td dataLabel="Group there" modifier="breakWord">
              {rule.value}
            </Td>
            <Td dataLabel="Gives here" modifier="breakWord">
              {given(rule)}
            </Td>
            <Td dataLabel="Said by" modifier="breakWord">
              {nameOf(rule.issuer)}
            </Td>
            {onOpen && (
              <Td isActionCell>
                <ActionsColumn
                  items={[
                    { title: "Change…", onClick: () => onOpen({ act: "change", rule }) },
                    { title: "Remove…", isDanger: true, onClick: () => onOpen({ act: "remove", rule }) },
                  ]}
                />
              </Td>
            )}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
