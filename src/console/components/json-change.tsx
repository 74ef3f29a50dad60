import { Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { formatCount } from "./format.tsx";

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Fields = ReadonlyMap<string, string>;

/** JSON as people read it: with `before` and `after` what differs between them, else each field with its value. Other text as it is. */
export function JsonChange({ text, label }: { text: string; label: string }) {
  const value = parse(text);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return <Plain text={text} />;
  const { before, after, ...rest } = value;
  const isChange = before !== undefined || after !== undefined;
  return (
    <>
      {isChange && <Change before={fields(before)} after={fields(after)} label={label} />}
      {Object.keys(rest).length > 0 && <Values fields={fields(rest)} label={isChange ? `${label}, besides` : label} />}
    </>
  );
}

function Change({ before, after, label }: { before: Fields; after: Fields; label: string }) {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = names.filter((name) => before.get(name) !== after.get(name));
  if (before.size === 0 || after.size === 0) {
    const only = before.size === 0 ? after : before;
    return <Values fields={only} label={label} column={before.size === 0 ? "Now" : "Was, until this"} />;
  }
  return (
    <>
      <Table aria-label={label} variant="compact">
        <Thead>
          <Tr>
            <Th width={30}>Field</Th>
            <Th width={35}>Before</Th>
            <Th width={35}>After</Th>
          </Tr>
        </Thead>
        <Tbody>
          {changed.map((name) => (
            <Tr key={name}>
              <Td dataLabel="Field">{name}</Td>
              <Td dataLabel="Before" modifier="breakWord">
                {before.has(name) ? <del className="ls-removed">{before.get(name)}</del> : "–"}
              </Td>
              <Td dataLabel="After" modifier="breakWord">
                {after.has(name) ? <ins className="ls-added">{after.get(name)}</ins> : "–"}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {names.length > changed.length && (
        <Content component="small">{formatCount(names.length - changed.length)} fields stayed as they were.</Content>
      )}
    </>
  );
}

function Values({ fields: values, label, column = "Value" }: { fields: Fields; label: string; column?: string }) {
  return (
    <Table aria-label={label} variant="compact">
      <Thead>
        <Tr>
          <Th width={30}>Field</Th>
          <Th>{column}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {[...values].map(([name, value]) => (
          <Tr key={name}>
            <Td dataLabel="Field">{name}</Td>
            <Td dataLabel={column} modifier="breakWord">
              {value}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function Plain({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className="ls-mono ls-body" tabIndex={0}>
      {text}
    </pre>
  );
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Leaves by their path; a list of plain values is one leaf. */
function fields(value: Json | undefined, path = ""): Fields {
  if (value === undefined || (value === null && path === "")) return new Map();
  const isLeaf = value === null || typeof value !== "object" || (Array.isArray(value) && value.every(isPlain));
  if (isLeaf) return new Map([[path || "value", said(value)]]);
  const entries = Array.isArray(value) ? value.map((each, n) => [String(n + 1), each] as const) : Object.entries(value);
  if (entries.length === 0) return new Map([[path || "value", "none"]]);
  return new Map(entries.flatMap(([name, each]) => [...fields(each, path ? `${path} › ${name}` : name)]));
}

const isPlain = (value: Json): boolean => value === null || typeof value !== "object";

function said(value: Json): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(said).join(", ");
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === "" ? "empty" : String(value);
}
