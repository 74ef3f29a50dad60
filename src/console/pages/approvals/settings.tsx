import { Load } from "../../components/load.tsx";
import { type Asked, Facts, factsOf } from "./facts.tsx";

/** A change of something that can be read where it is changed. */
export function Settings({ path, body, isOpen }: { path: string; body: Asked["body"]; isOpen: boolean }) {
  if (!isOpen) return <Facts facts={factsOf(body)} />;
  return (
    <Load<Record<string, unknown>> path={path} label="Reading what it is now">
      {(now) => <Facts facts={factsOf(body, now)} />}
    </Load>
  );
}
