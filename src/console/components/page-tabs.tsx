import { Tab, Tabs, TabTitleText } from "@patternfly/react-core";
import { useNavigate } from "react-router";

export type PageTab = { path: string; title: string };

/** Pages beside each other: each has an address of its own. */
export function PageTabs({ label, tabs, active }: { label: string; tabs: readonly PageTab[]; active: string }) {
  const navigate = useNavigate();
  return (
    <Tabs
      component="nav"
      aria-label={label}
      activeKey={active}
      onSelect={(event, path) => {
        event.preventDefault();
        navigate(`/${path}`);
      }}
    >
      {tabs.map(({ path, title }) => (
        <Tab key={path} eventKey={path} href={`/console/${path}`} title={<TabTitleText>{title}</TabTitleText>} />
      ))}
    </Tabs>
  );
}
