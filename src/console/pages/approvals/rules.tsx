import { Alert, Button, Content, FormGroup, FormSelect, FormSelectOption, Radio } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import type { ApprovalRules } from "../../api/types.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Load } from "../../components/load.tsx";
import { useAct } from "../../components/use-act.ts";
import { builtinTitle, useRoles } from "../../components/use-roles.ts";

type Rule = ApprovalRules["rules"][number];

const whens: Readonly<Record<Rule["secondPerson"], { title: string; about: string }>> = {
  on: { title: "Always", about: "Who is alone asks, waits, and may then confirm it." },
  "when-two": {
    title: "When two can decide",
    about: "As soon as a second person could decide, one must. Who is alone needs nobody.",
  },
  off: { title: "Never", about: "A fresh second factor is enough." },
};

/** Which acts need a second person, a named role, and how long requests wait. */
export function Rules() {
  const { access } = useSession();
  const mayChange = access["approvals:decide"] === "all";
  const [changing, setChanging] = useState<Rule | "waits" | null>(null);
  const close = () => setChanging(null);
  return (
    <Load<ApprovalRules> path="approval-rules" label="Reading the rules">
      {(rules) => (
        <>
          <Deciders rules={rules} onChange={mayChange ? () => setChanging("waits") : undefined} />
          <RuleTable rules={rules.rules} onChange={mayChange ? setChanging : undefined} />
          {changing === "waits" && <WaitsDialog rules={rules} onClose={close} />}
          {changing !== null && changing !== "waits" && <RuleDialog rule={changing} onClose={close} />}
        </>
      )}
    </Load>
  );
}

function Deciders({ rules, onChange }: { rules: ApprovalRules; onChange: (() => void) | undefined }) {
  const { deciders, approvalHours, soloCoolingOffHours } = rules;
  return (
    <Content component="p" className="ls-above">
      {deciders === 1 ? "One person" : `${deciders} people`} can decide now. A request waits {approvalHours} hours for a
      decision; who is alone waits {soloCoolingOffHours} hours in place of asking.{" "}
      {onChange && (
        <Button variant="link" isInline onClick={onChange}>
          Change how long…
        </Button>
      )}
    </Content>
  );
}

type TableProps = { rules: readonly Rule[]; onChange: ((rule: Rule) => void) | undefined };

function RuleTable({ rules, onChange }: TableProps) {
  const nameOf = useNamedRole();
  return (
    <Table aria-label="What needs a second person" variant="compact">
      <Thead>
        <Tr>
          <Th>Act</Th>
          <Th>Second person</Th>
          <Th>Only by</Th>
          {onChange && <Th screenReaderText="Actions" />}
        </Tr>
      </Thead>
      <Tbody>
        {rules.map((rule) => (
          <Tr key={rule.act}>
            <Td dataLabel="Act">{rule.title}</Td>
            <Td dataLabel="Second person">{whens[rule.secondPerson].title}</Td>
            <Td dataLabel="Only by">{nameOf(rule.role)}</Td>
            {onChange && (
              <Td>
                <Button variant="link" isInline aria-label={`Change… ${rule.title}`} onClick={() => onChange(rule)}>
                  Change…
                </Button>
              </Td>
            )}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function useNamedRole(): (role: Rule["role"]) => string {
  const roles = useRoles();
  return (role) => {
    if (!role) return "whoever may";
    if ("builtin" in role) return builtinTitle(role.builtin);
    return roles.find(({ roleId }) => roleId === role.roleId)?.name ?? "a role of your own";
  };
}

const touched = ["approval-rules", "approvals"];

function RuleDialog({ rule, onClose }: { rule: Rule; onClose(): void }) {
  const can = useCan();
  const roles = useRoles();
  const [secondPerson, setSecondPerson] = useState(rule.secondPerson);
  const [role, setRole] = useState(rule.role ? ("builtin" in rule.role ? rule.role.builtin : rule.role.roleId) : "");
  const change = useAct(touched, onClose);
  const named = roles.find(({ value }) => value === role)?.named ?? null;
  const order = ["off", "when-two", "on"] as const;
  const isLess =
    order.indexOf(secondPerson) < order.indexOf(rule.secondPerson) ||
    (rule.role !== null && JSON.stringify(named) !== JSON.stringify(rule.role));
  return (
    <FormDialog
      title={rule.title}
      act="Change"
      isReady
      isBusy={change.isPending}
      error={change.error}
      onAct={() =>
        change.mutate({
          path: "approval-rules",
          method: "PATCH",
          body: { rules: [{ act: rule.act, secondPerson, role: named }] },
        })
      }
      onClose={onClose}
    >
      <FormGroup role="radiogroup" label="A second person must agree" isStack>
        {(["on", "when-two", "off"] as const).map((each) => (
          <Radio
            key={each}
            id={`second-person-${each}`}
            name="second-person"
            label={whens[each].title}
            description={whens[each].about}
            isChecked={secondPerson === each}
            onChange={() => setSecondPerson(each)}
          />
        ))}
      </FormGroup>
      {can("access:read") && (
        <FormGroup label="Only by somebody with the role" fieldId="rule-role">
          <FormSelect id="rule-role" value={role} onChange={(_event, value) => setRole(value)}>
            <FormSelectOption value="" label="Any: the permission is enough" />
            {roles.map(({ value, name }) => (
              <FormSelectOption key={value} value={value} label={name} />
            ))}
          </FormSelect>
        </FormGroup>
      )}
      {isLess && (
        <Alert variant="warning" isInline title="This asks for less than before">
          Where two people can decide, it waits for the yes of a second person itself.
        </Alert>
      )}
    </FormDialog>
  );
}

function WaitsDialog({ rules, onClose }: { rules: ApprovalRules; onClose(): void }) {
  const [approvalHours, setApprovalHours] = useState(String(rules.approvalHours));
  const [soloHours, setSoloHours] = useState(String(rules.soloCoolingOffHours));
  const change = useAct(touched, onClose);
  const body = { approvalHours: Number(approvalHours), soloCoolingOffHours: Number(soloHours) };
  const isSound = isHours(body.approvalHours, 1) && isHours(body.soloCoolingOffHours, 0);
  return (
    <FormDialog
      title="How long requests wait"
      act="Change"
      isReady={isSound}
      isBusy={change.isPending}
      error={change.error}
      onAct={() => change.mutate({ path: "approval-rules", method: "PATCH", body })}
      onClose={onClose}
    >
      <Field
        label="Hours for a decision"
        type="number"
        isRequired
        value={approvalHours}
        onChange={setApprovalHours}
        isWrong={!isHours(body.approvalHours, 1)}
        help="1 to 720. Then the request runs out, and has to be asked again."
      />
      <Field
        label="Hours that who is alone waits"
        type="number"
        isRequired
        value={soloHours}
        onChange={setSoloHours}
        isWrong={!isHours(body.soloCoolingOffHours, 0)}
        help="0 to 720. In place of a second person, where there is none."
      />
    </FormDialog>
  );
}

const isHours = (hours: number, least: number): boolean => Number.isInteger(hours) && hours >= least && hours <= 720;
