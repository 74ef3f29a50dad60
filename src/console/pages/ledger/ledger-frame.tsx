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

/** What the three lists of the ledger have above them; each is an address of its own, since each has its place in it. */
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
            aria-label="The ledger's lists"
            activeKey={tab}
            onSelect={(_event, key) => navigate(`/${key}`)}
            mountOnEnter
            unmountOnExit
          >
            {tabs.map(({ key, title }) => (
              <Tab key={key} eventKey={key} title={<TabTitleText>{title}</TabTitleText>}>
                <div className="ls-tab">{key === tab && children}</div>
              </Tab>
            ))}
          </Tabs>
        </StackItem>
      </Stack>
    </PageFrame>
  );
}
