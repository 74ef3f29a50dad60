import {
  Alert,
  ExpandableSection,
  FormGroup,
  FormSelect,
  FormSelectOption,
  List,
  ListItem,
} from "@patternfly/react-core";
import { useId } from "react";
import { Field } from "../../components/field.tsx";
import { permissionWords } from "../../components/permissions.ts";
import { SiteChoice } from "../../components/site-choice.tsx";
import { type AnyRole, isDeciding, useGiving } from "../../components/use-roles.ts";

/** What is chosen: over which sites (null: all), until which day (empty: for good). */
export type RoleChoice = { role: string; siteIds: string[] | null; lastDay: string };
export const noChoice: RoleChoice = { role: "", siteIds: null, lastDay: "" };

type Fields = { roles: readonly AnyRole[]; value: RoleChoice; onChange(value: RoleChoice): void };

/** A role, where, and until when: of those that one may give. */
export function RoleFields({ roles, value, onChange }: Fields) {
  const id = useId();
  const giving = useGiving();
  const role = roles.find((each) => each.value === value.role);
  const may = giving(role?.permissions ?? []);
  const choose = (chosen: string): void => {
    const next = roles.find((each) => each.value === chosen);
    const siteIds = value.siteIds ?? (giving(next?.permissions ?? []).everywhere ? null : []);
    onChange({ ...value, role: chosen, siteIds });
  };
  return (
    <>
      <FormGroup label="Role" fieldId={id} isRequired>
        <FormSelect id={id} value={value.role} onChange={(_event, chosen) => choose(chosen)}>
          <FormSelectOption value="" label="Choose a role" isDisabled />
          {roles.map((each) => (
            <FormSelectOption key={each.value} value={each.value} label={each.name} />
          ))}
        </FormSelect>
      </FormGroup>
      {role && (
        <ExpandableSection toggleText={`What ${role.name} may do`}>
          <List isPlain>
            {role.permissions.map((permission) => (
              <ListItem key={permission}>{permissionWords(permission)}</ListItem>
            ))}
          </List>
        </ExpandableSection>
      )}
      {role && isDeciding(role) && (
        <Alert variant="info" isInline title="This role decides on requests of others">
          Where two people already can, one more needs the yes of a second person.
        </Alert>
      )}
      <SiteChoice
        label="Where"
        value={value.siteIds}
        onChange={(siteIds) => onChange({ ...value, siteIds })}
        mayAll={may.everywhere}
        isPossible={({ siteId }) => may.at(siteId)}
      />
      <Field
        label="Last day, UTC"
        type="date"
        value={value.lastDay}
        onChange={(lastDay) => onChange({ ...value, lastDay })}
        help="It ends by itself after that day. Empty: for good."
      />
    </>
  );
}

export const isWhole = ({ role, siteIds }: RoleChoice): boolean =>
  role !== "" && (siteIds === null || siteIds.length > 0);

/** As the API takes it. */
export const termsOf = ({ siteIds, lastDay }: RoleChoice): { siteIds: string[] | null; expiresAt: string | null } => ({
  siteIds,
  expiresAt: lastDay === "" ? null : `${lastDay}T23:59:59Z`,
});
