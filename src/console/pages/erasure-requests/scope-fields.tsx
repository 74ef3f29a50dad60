import { Checkbox, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { User } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Field } from "../../components/field.tsx";

/** What is to be erased, as it is typed: one subject and one event id a line. */
export type Scope = { subjects: string; eventIds: string; imagesOnly: boolean };
export const emptyScope: Scope = { subjects: "", eventIds: "", imagesOnly: false };

const lines = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,]/)
      .map((line) => line.trim())
      .filter(Boolean),
  ),
];
export const subjectsOf = ({ subjects }: Scope): string[] => lines(subjects);
export const eventIdsOf = ({ eventIds }: Scope): string[] => lines(eventIds);

export function ScopeFields({ scope, onChange }: { scope: Scope; onChange(scope: Scope): void }) {
  const add = (subject: string) => onChange({ ...scope, subjects: [...subjectsOf(scope), subject].join("\n") });
  return (
    <>
      <Field
        label="Subjects"
        isLong
        value={scope.subjects}
        onChange={(subjects) => onChange({ ...scope, subjects })}
        help="One a line, such as plate:AB12CDE or badge:77: all events, images, messages and ledger contents about it."
      />
      <Account onChoose={(userId) => add(`user:${userId}`)} />
      <Field
        label="Single events"
        isLong
        value={scope.eventIds}
        onChange={(eventIds) => onChange({ ...scope, eventIds })}
        help="Ids of events, one a line."
      />
      {eventIdsOf(scope).length > 0 && (
        <Checkbox
          id="images-only"
          label="Of the single events, erase the images alone"
          isChecked={scope.imagesOnly}
          onChange={(_event, imagesOnly) => onChange({ ...scope, imagesOnly })}
        />
      )}
    </>
  );
}

function Account({ onChoose }: { onChoose(userId: string): void }) {
  const can = useCan();
  const { data } = useQuery({
    queryKey: ["users", "names"],
    queryFn: ({ signal }) => get<{ users: User[] }>("users", { query: { limit: 500 }, signal }),
    enabled: can("access:read"),
  });
  if (!data) return null;
  return (
    <FormGroup label="Account of a person here" fieldId="erase-account">
      <FormSelect id="erase-account" value="" onChange={(_event, userId) => userId && onChoose(userId)}>
        <FormSelectOption value="" label="Add an account to the subjects" />
        {data.users.map(({ userId, displayName, userName }) => (
          <FormSelectOption key={userId} value={userId} label={`${displayName} (${userName})`} />
        ))}
      </FormSelect>
    </FormGroup>
  );
}
