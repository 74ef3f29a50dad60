import { Card, CardBody, CardTitle, Content, List, ListItem } from "@patternfly/react-core";
import { Link } from "react-router";
import type { Group, User } from "../../api/types.ts";
import { Load } from "../../components/load.tsx";

export function PersonGroups({ user: { userId } }: { user: User }) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Groups</CardTitle>
      <CardBody>
        <Load<{ groups: Group[] }> path={`groups?member=${userId}&limit=500`} label="Reading the groups">
          {({ groups }) =>
            groups.length === 0 ? (
              <Content component="p">In no group.</Content>
            ) : (
              <List isPlain>
                {groups.map(({ groupId, name, source }) => (
                  <ListItem key={groupId} className="ls-break">
                    <Link to={`/access/groups/${groupId}`}>{name}</Link>
                    {source === "scim" && ", kept by SCIM"}
                  </ListItem>
                ))}
              </List>
            )
          }
        </Load>
      </CardBody>
    </Card>
  );
}
