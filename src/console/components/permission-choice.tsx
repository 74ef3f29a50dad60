import { Checkbox, FormGroup, Grid, GridItem } from "@patternfly/react-core";
import { useSession } from "../app/session.tsx";
import { permissionGroups } from "./permissions.ts";

type Choice = {
  value: readonly string[];
  onChange(value: readonly string[]): void;
  /** Of those that one has: which may be chosen. Others that are chosen already stay so. */
  isPossible?: (sites: "all" | readonly string[]) => boolean;
};

/** Those that one has oneself. A directory's token is made under Provisioning: it may do nothing else. */
export function PermissionChoice({ value, onChange, isPossible = () => true }: Choice) {
  const { access } = useSession();
  const toggle = (permission: string, isChosen: boolean): void =>
    onChange(isChosen ? [...value, permission] : value.filter((each) => each !== permission));
  return (
    <Grid hasGutter>
      {permissionGroups.map(({ title, permissions }) => {
        const mayChoose = (permission: string): boolean => {
          const sites = access[permission];
          return sites !== undefined && isPossible(sites);
        };
        const held = Object.entries(permissions).filter(([each]) => mayChoose(each) || value.includes(each));
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
                  isDisabled={!mayChoose(permission)}
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
