import { Breadcrumb, BreadcrumbItem, Content, Flex, FlexItem, PageSection, Title } from "@patternfly/react-core";
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";

type Frame = {
  title: string;
  /** One sentence on what is here. */
  about?: ReactNode;
  /** Pages above this one. */
  above?: readonly { title: string; to: string }[];
  actions?: ReactNode;
  children: ReactNode;
};

/** What every page has: its name (also the window's), where it belongs, what it is for. */
export function PageFrame({ title, about, above = [], actions, children }: Frame) {
  useEffect(() => {
    document.title = `${title} · Ledgerstone`;
  }, [title]);
  return (
    <>
      <PageSection>
        {above.length > 0 && (
          <Breadcrumb>
            {above.map((each) => (
              <BreadcrumbItem
                key={each.to}
                render={({ className }) => (
                  <Link to={each.to} className={className}>
                    {each.title}
                  </Link>
                )}
              />
            ))}
            <BreadcrumbItem isActive>{title}</BreadcrumbItem>
          </Breadcrumb>
        )}
        <Flex justifyContent={{ default: "justifyContentSpaceBetween" }} alignItems={{ default: "alignItemsCenter" }}>
          <FlexItem>
            <Title headingLevel="h1" size="2xl" className="ls-break">
              {title}
            </Title>
          </FlexItem>
          {actions && <FlexItem>{actions}</FlexItem>}
        </Flex>
        {about && <Content component="p">{about}</Content>}
      </PageSection>
      <PageSection isFilled>{children}</PageSection>
    </>
  );
}
