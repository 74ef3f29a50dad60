import { Checkbox, FormGroup, Grid, GridItem } from "@patternfly/react-core";
import { useSession } from "../../app/session.tsx";
import { permissionGroups } from "../../components/permissions.ts";

type Choice = { value: readonly string[]; onChange(value: readonly string[]): void };

/** Those that one has oneself. A directory's token is made under Provisioning: it may do nothing else. */
export function PermissionChoice({ value, onChange }: Choice) {
  const { access } = useSession();
  const toggle = (permission: string, isChosen: boolean): void =>
    onChange(isChosen ? [...value, permission] : value.filter((each) => each !== permission));
  return (
    <Grid hasGutter>
      {permissionGroups.map(({ title, permissions }) => {
        const held = Object.entries(permissions).filter(([permission]) => access[permission] !== undefined);
        if (held.length === 0) return null;
        return (
          <GridItem key={title} md={6}>
            <FormGroup role="group" label={title} isStack>
              {held.map(([permission, words]) => (
                <Checkbox
                  key={permission}
                  id={`permission-${permission}`}
                  label={words}
                  isChecked={value.includes(permission)}
                  onChange={(_event, isChosen) => toggle(permission, isChosen)}
                />
              ))}
            </FormGroup>
          </GridItem>
        );
      })}
    </Grid>
  );
}
