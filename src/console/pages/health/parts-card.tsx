import { Card, CardBody, CardTitle, Content, DescriptionList, Label } from "@patternfly/react-core";
import type { ApplianceHealth } from "../../api/types.ts";
import { Term } from "../../components/format.tsx";

type State = Omit<ApplianceHealth["parts"][number], "version"> & { version?: string | null };

/** What each part is for, and what it means that it is away. */
const words: Record<State["part"], { name: string; away: string }> = {
  database: { name: "Database (PostgreSQL)", away: "nothing works without it" },
  redis: { name: "Redis", away: "work waits in the database until it is back; nothing is lost" },
  broker: { name: "Message broker (Mosquitto)", away: "devices keep what they have until it is back" },
  worker: { name: "Worker", away: "nothing is taken in or erased until one runs" },
};

export function PartsCard({ version, parts }: { version: string; parts: readonly State[] }) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Parts</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="Appliance">release {version}</Term>
          {parts.map((state) => (
            <Term key={state.part} name={words[state.part].name}>
              <Label isCompact status={state.up ? "success" : "danger"}>
                {state.up ? "answers" : "is away"}
              </Label>{" "}
              {state.version && `release ${state.version}`}
              {!state.up && <Content component="small">{words[state.part].away}</Content>}
            </Term>
          ))}
        </DescriptionList>
      </CardBody>
    </Card>
  );
}
