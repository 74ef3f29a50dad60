import { Button } from "@patternfly/react-core";
import type { ChainCheck } from "../../api/types.ts";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";
import { isUnderWay, useNewestCheck } from "./use-newest.ts";

/** Verifies the whole chain; one verification at a time. */
export function VerifyNow() {
  const { data } = useNewestCheck();
  const verify = useAct<ChainCheck>(["ledger/checks"]);
  if (verify.error) return <ProblemAlert error={verify.error} onRetry={() => verify.reset()} />;
  const isBusy = verify.isPending || (data != null && isUnderWay(data));
  return (
    <Button
      isDisabled={isBusy}
      isLoading={isBusy}
      onClick={() => verify.mutate({ path: "ledger/checks", method: "POST" })}
    >
      {isBusy ? "Verifying" : "Verify now"}
    </Button>
  );
}
