import { Card, CardBody, CardTitle, Content, DescriptionList, Label } from "@patternfly/react-core";
import { Link } from "react-router";
import type { ChainState } from "../../api/types.ts";
import { formatCount, Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";

const states = {
  agrees: { word: "agrees", status: "success" },
  behind: { word: "is behind: it gets the newest with the next seal", status: "info" },
  empty: { word: "has nothing of this chain yet", status: "info" },
  differs: { word: "differs: call whoever runs the appliance", status: "danger" },
  unreadable: { word: "cannot be read", status: "danger" },
} as const;

/** The ledger's end, its seal, and what each witness says of it. */
export function WitnessesCard() {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Ledger and witnesses</CardTitle>
      <CardBody>
        <Load<ChainState> path="overview/chain" label="Asking the witnesses">
          {({ last, sealed, witnesses }) => (
            <DescriptionList isHorizontal>
              <Term name="Newest row">
                <Link to={`/ledger/${last.seq}`}>{formatCount(last.seq)}</Link>, <Time at={last.at} />
              </Term>
              <Term name="Last seal">
                {sealed ? (
                  <>
                    {formatCount(sealed.size)} rows, <Time at={sealed.at} />
                  </>
                ) : (
                  "none yet"
                )}
              </Term>
              {numbered(witnesses).map(({ number, state, sealedAt }) => (
                <Term key={number} name={`Witness ${number}`}>
                  <Label isCompact status={states[state].status}>
                    {states[state].word}
                  </Label>
                  {sealedAt && state === "behind" && (
                    <Content component="small">
                      Its newest is of <Time at={sealedAt} />
                    </Content>
                  )}
                </Term>
              ))}
            </DescriptionList>
          )}
        </Load>
      </CardBody>
    </Card>
  );
}

/** Witnesses have no names: their places are the operator's. */
const numbered = (witnesses: ChainState["witnesses"]) =>
  witnesses.map((each, index) => ({ number: index + 1, ...each }));
