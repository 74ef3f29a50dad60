import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import { useState } from "react";

export type MenuAct = { title: string; about?: string; isDanger?: boolean; onClick(): void };

/** What can be done with one thing, behind one button; nothing when there is nothing. */
export function ActMenu({
  acts,
  label = "Actions",
}: {
  acts: readonly (MenuAct | false | undefined)[];
  label?: string;
}) {
  const [isOpen, setOpen] = useState(false);
  const possible = acts.filter((act) => act !== false && act !== undefined);
  if (possible.length === 0) return null;
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: "right" }}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {label}
        </MenuToggle>
      )}
    >
      <DropdownList>
        {possible.map(({ title, about, isDanger, onClick }) => (
          <DropdownItem
            key={title}
            onClick={onClick}
            {...(about && { description: about })}
            {...(isDanger && { isDanger })}
          >
            {title}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
