import { Tab, Tabs, TabTitleText } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";

export type PageTab = { path: string; title: string };
type Props = { label: string; tabs: readonly PageTab[]; active: string; children: ReactNode };

/** Pages beside each other, each with an address and a place in its list of its own. `children`: the active one. */
export function PageTabs({ label, tabs, active, children }: Props) {
  const navigate = useNavigate();
  return (
    <Tabs
      aria-label={label}
      activeKey={active}
      onSelect={(_event, path) => navigate(`/${path}`)}
      mountOnEnter
      unmountOnExit
    >
      {tabs.map(({ path, title }) => (
        <Tab key={path} eventKey={path} title={<TabTitleText>{title}</TabTitleText>}>
          <div className="ls-tab">{path === active && children}</div>
        </Tab>
      ))}
    </Tabs>
  );
}
