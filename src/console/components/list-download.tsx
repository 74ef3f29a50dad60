import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import { useState } from "react";
import { addressOf, type Query } from "../api/client.ts";

/** The whole list with its filters and in its order, as a file that the server makes under the person's own rights. */
export function ListDownload({ path, query }: { path: string; query: Query }) {
  const [isOpen, setOpen] = useState(false);
  const link = (kind: "csv" | "json") => ({
    component: "a" as const,
    to: addressOf(path, { ...query, as: kind }),
    // What went wrong is the browser's to tell: the page stays.
    download: "",
  });
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Download
        </MenuToggle>
      )}
    >
      <DropdownList>
        <DropdownItem {...link("csv")} description="For spreadsheets">
          CSV
        </DropdownItem>
        <DropdownItem {...link("json")} description="For programs">
          JSON
        </DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}
