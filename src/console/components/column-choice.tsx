import { MenuToggle, Select, SelectList, SelectOption } from "@patternfly/react-core";
import { useState } from "react";
import { useSearchParams } from "react-router";

type Named = { key: string; title: string; hidden?: boolean };
type Choice = { chosen: ReadonlySet<string>; toggle(key: string): void };

/** Which columns show: in the URL, as far as it is not what everyone sees at first. */
export function useColumns<C extends Named>(columns: readonly C[]): Choice & { shown: readonly C[] } {
  const [search, setSearch] = useSearchParams();
  const named = search.get("columns")?.split(",");
  const chosen = new Set(named ?? columns.filter(({ hidden }) => !hidden).map(({ key }) => key));
  return {
    chosen,
    shown: columns.filter(({ key }) => chosen.has(key)),
    toggle(key) {
      const next = new Set(chosen);
      if (!next.delete(key)) next.add(key);
      if (next.size === 0) return;
      setSearch((before) => {
        const after = new URLSearchParams(before);
        after.set("columns", [...next].join(","));
        return after;
      });
    },
  };
}

export function ColumnChoice({ columns, chosen, toggle }: Choice & { columns: readonly Named[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Select
      role="menu"
      isOpen={isOpen}
      onOpenChange={setOpen}
      selected={[...chosen]}
      onSelect={(_event, key) => toggle(String(key))}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={isOpen} onClick={() => setOpen(!isOpen)} aria-label="Columns">
          Columns
        </MenuToggle>
      )}
    >
      <SelectList>
        {columns.map(({ key, title }) => (
          <SelectOption key={key} value={key} hasCheckbox isSelected={chosen.has(key)}>
            {title}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
