import { Stack, StackItem, Tab, Tabs, TabTitleText } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { PageFrame } from "../../components/page-frame.tsx";
import { ChainState } from "./chain-state.tsx";
import { VerifyNow } from "./verify-now.tsx";

const tabs = [
  { key: "ledger", title: "Rows" },
  { key: "ledger/checkpoints", title: "Checkpoints" },
  { key: "ledger/checks", title: "Verifications" },
] as const;

/** What the three lists of the ledger have above them. */
export function LedgerFrame({ tab, children }: { tab: (typeof tabs)[number]["key"]; children: ReactNode }) {
  const navigate = useNavigate();
  return (
    <PageFrame
      title="Ledger"
      about="Every change here left a row that nobody can rewrite unseen: each names the one before it, and a signed checkpoint covers them every minute."
      actions={<VerifyNow />}
    >
      <Stack hasGutter>
        <StackItem>
          <ChainState />
        </StackItem>
        <StackItem>
          <Tabs
            component="nav"
            aria-label="The ledger's lists"
            activeKey={tab}
            onSelect={(event, key) => {
              event.preventDefault();
              navigate(`/${key}`);
            }}
          >
            {tabs.map(({ key, title }) => (
              <Tab key={key} eventKey={key} href={`/console/${key}`} title={<TabTitleText>{title}</TabTitleText>} />
            ))}
          </Tabs>
        </StackItem>
        <StackItem>{children}</StackItem>
      </Stack>
    </PageFrame>
  );
}
