import type { ReactNode } from "react";
import { PageFrame } from "../../components/page-frame.tsx";
import { PageTabs } from "../../components/page-tabs.tsx";

const tabs = [
  { path: "erasure-requests", title: "Requests of people" },
  { path: "erasure-requests/direct", title: "What is erased for them" },
] as const;

export function ErasureFrame(props: { tab: (typeof tabs)[number]["path"]; actions?: ReactNode; children: ReactNode }) {
  const { tab, actions, children } = props;
  return (
    <PageFrame
      title="Erasure requests"
      about="Somebody asks to be forgotten: who they are is checked, what is kept about them is erased, and a certificate says so. The law gives a time to answer."
      actions={actions}
    >
      <PageTabs label="Lists of erasure requests" tabs={tabs} active={tab}>
        {children}
      </PageTabs>
    </PageFrame>
  );
}
