import {
  Dropdown,
  DropdownGroup,
  DropdownItem,
  DropdownList,
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadLogo,
  MastheadMain,
  MastheadToggle,
  MenuToggle,
  Nav,
  NavGroup,
  NavItem,
  NavList,
  Page,
  PageSidebar,
  PageSidebarBody,
  PageToggleButton,
  SkipToContent,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from "@patternfly/react-core";
import { BarsIcon } from "@patternfly/react-icons/dist/esm/icons/bars-icon.js";
import { Suspense, useState } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { ask, toSignIn } from "../api/client.ts";
import { Waiting } from "../components/waiting.tsx";
import { ExpiryBanner } from "./expiry-banner.tsx";
import { NoticeBell } from "./notice-bell.tsx";
import { pages } from "./pages.tsx";
import { useMayOpen, useSession } from "./session.tsx";
import { type Theme, useTheme } from "./theme.ts";
import { useSetup } from "./use-setup.ts";

/** The frame around every page: where one is, who one is, and what one may reach. */
export function Shell() {
  const main = "main-content";
  return (
    <Page
      isManagedSidebar
      mainContainerId={main}
      skipToContent={<SkipToContent href={`#${main}`}>Skip to content</SkipToContent>}
      masthead={<Head />}
      sidebar={
        <PageSidebar>
          <PageSidebarBody>
            <Navigation />
          </PageSidebarBody>
        </PageSidebar>
      }
    >
      <ExpiryBanner />
      <Suspense fallback={<Waiting label="Opening the page" />}>
        <Outlet />
      </Suspense>
    </Page>
  );
}

function Head() {
  const { tenant } = useSession();
  return (
    <Masthead>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton variant="plain" aria-label="Navigation">
            <BarsIcon />
          </PageToggleButton>
        </MastheadToggle>
        <MastheadBrand>
          <MastheadLogo component="a" href="/console/">
            <img src="/assets/ledgerstone.svg" alt="Ledgerstone" width="28" height="28" />
          </MastheadLogo>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isFullHeight>
          <ToolbarContent alignItems="center">
            <ToolbarItem className="ls-tenant">{tenant.name}</ToolbarItem>
            <ToolbarItem align={{ default: "alignEnd" }}>
              <NoticeBell />
            </ToolbarItem>
            <ToolbarItem>
              <PersonMenu />
            </ToolbarItem>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );
}

const themes: readonly { theme: Theme; label: string }[] = [
  { theme: "system", label: "As the system" },
  { theme: "light", label: "Light" },
  { theme: "dark", label: "Dark" },
];

function PersonMenu() {
  const { user } = useSession();
  const [isOpen, setOpen] = useState(false);
  const [theme, setTheme] = useTheme();
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setOpen}
      popperProps={{ position: "right" }}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {user.displayName}
        </MenuToggle>
      )}
    >
      <DropdownGroup label={user.userName}>
        <DropdownList>
          <DropdownItem to="/account">Your account</DropdownItem>
          <DropdownItem onClick={() => ask("session", { method: "DELETE" }).then(toSignIn)}>Sign out</DropdownItem>
        </DropdownList>
      </DropdownGroup>
      <DropdownGroup label="Look">
        <DropdownList>
          {themes.map((each) => (
            <DropdownItem key={each.theme} isSelected={theme === each.theme} onClick={() => setTheme(each.theme)}>
              {each.label}
            </DropdownItem>
          ))}
        </DropdownList>
      </DropdownGroup>
    </Dropdown>
  );
}

function Navigation() {
  const mayOpen = useMayOpen();
  const { pathname } = useLocation();
  const setup = useSetup();
  const shown = pages.filter((page) => page.nav && mayOpen(page) && (!page.nav.whileSetup || setup?.open));
  const groups = [...new Set(shown.map(({ nav }) => nav!.group))];
  const itemsOf = (group: string | undefined) =>
    shown
      .filter(({ nav }) => nav!.group === group)
      .map(({ path, nav }) => (
        <NavItem key={path} isActive={pathname === `/${path}` || pathname.startsWith(`/${path}/`)}>
          <NavLink to={`/${path}`}>
            {nav!.title}
            {nav?.Count && <nav.Count />}
          </NavLink>
        </NavItem>
      ));
  return (
    <Nav aria-label="Pages">
      <NavList>{itemsOf(undefined)}</NavList>
      {groups.map(
        (group) =>
          group !== undefined && (
            <NavGroup key={group} title={group}>
              {itemsOf(group)}
            </NavGroup>
          ),
      )}
    </Nav>
  );
}
