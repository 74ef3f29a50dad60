import {
  Button,
  FormSelect,
  FormSelectOption,
  InputGroup,
  InputGroupItem,
  InputGroupText,
  SearchInput,
  TextInput,
  ToolbarGroup,
  ToolbarItem,
} from "@patternfly/react-core";
import { useEffect, useState } from "react";
import { fromLocal, toLocal } from "./zone-time.ts";

/** `more`: shown when asked for, or in use. */
export type Filter = { more?: true } & (
  | { name: string; label: string; kind: "text" }
  /** An instant as the API takes it, typed in this zone; in UTC when none is given. Typing one takes `clears` away. */
  | { name: string; label: string; kind: "time"; zone?: string; clears?: readonly string[] }
  /** The last so many minutes: `from` is what the API is asked with. Choosing one takes `clears` away. */
  | {
      name: string;
      label: string;
      kind: "last";
      from: string;
      options: readonly { value: string; label: string; minutes: number }[];
      clears: readonly string[];
    }
  | { name: string; label: string; kind: "choice"; options: readonly { value: string; label: string }[] }
);

type Fields = {
  filters: readonly Filter[];
  values: Readonly<Record<string, string>>;
  onChange(name: string, value: string): void;
};

export function FilterFields({ filters, values, onChange }: Fields) {
  const [isWide, setWide] = useState(false);
  if (filters.length === 0) return null;
  const shown = filters.filter(({ name, more }) => isWide || !more || values[name] !== undefined);
  return (
    <ToolbarGroup variant="filter-group" rowWrap={{ default: "wrap" }}>
      {shown.map((filter) => (
        <ToolbarItem key={filter.name} className="ls-filter">
          <Field filter={filter} value={values[filter.name] ?? ""} onChange={(value) => onChange(filter.name, value)} />
        </ToolbarItem>
      ))}
      {(isWide || shown.length < filters.length) && (
        <ToolbarItem>
          <Button variant="link" aria-expanded={isWide} onClick={() => setWide(!isWide)}>
            {isWide ? "Fewer filters" : "More filters"}
          </Button>
        </ToolbarItem>
      )}
    </ToolbarGroup>
  );
}

function Field({ filter, value, onChange }: { filter: Filter; value: string; onChange(value: string): void }) {
  const { label } = filter;
  if (filter.kind === "text") return <TextField label={label} value={value} onChange={onChange} />;
  if (filter.kind === "time") {
    const { zone = "UTC" } = filter;
    return (
      <InputGroup>
        <InputGroupText isPlain>{label}</InputGroupText>
        <InputGroupItem isFill>
          <TextInput
            type="datetime-local"
            aria-label={`${label}, ${zone}`}
            title={`${label}, ${zone}`}
            value={toLocal(value, zone)}
            onChange={(_event, local) => onChange(local === "" ? "" : fromLocal(local, zone))}
          />
        </InputGroupItem>
      </InputGroup>
    );
  }
  return (
    <FormSelect aria-label={label} value={value} onChange={(_event, chosen) => onChange(chosen)}>
      <FormSelectOption value="" label={`${label}: any`} />
      {filter.options.map((option) => (
        <FormSelectOption key={option.value} value={option.value} label={option.label} />
      ))}
    </FormSelect>
  );
}

// Asked on Enter or the arrow: each question costs the server a search.
function TextField({ label, value, onChange }: { label: string; value: string; onChange(value: string): void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <SearchInput
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(_event, text) => setTyped(text)}
      onSearch={(_event, text) => onChange(text.trim())}
      onClear={() => onChange("")}
    />
  );
}
