import { Alert, Card, CardBody, CardTitle, DescriptionList, List, ListItem } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { DirectoryLink, User, WaysIn } from "../../api/types.ts";
import { Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";

const kinds = { totp: "Authenticator app", webauthn: "Security key or passkey", email: "Codes by e-mail" } as const;

/** Password, second factors, links and locks: nothing of it secret. */
export function PersonSignIn({ user }: { user: User }) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Signing in</CardTitle>
      <CardBody>
        <Load<WaysIn> path={`users/${user.userId}/sign-in`} label="Reading how the person signs in">
          {(ways) => (
            <>
              {ways.lockedUntil && (
                <Alert variant="warning" isInline title="Locked after too many tries">
                  It ends by itself on <Time at={ways.lockedUntil} />, or by Actions, Unlock.
                </Alert>
              )}
              <DescriptionList isHorizontal>
                <Term name="Last signed in">{ways.lastSignInAt ? <Time at={ways.lastSignInAt} /> : "never"}</Term>
                <Term name="Password">
                  {ways.passwordSetAt ? (
                    <>
                      set <Time at={ways.passwordSetAt} />
                    </>
                  ) : user.source === "local" ? (
                    "none yet"
                  ) : (
                    "the directory's"
                  )}
                </Term>
                {ways.linkUntil && (
                  <Term name="One-time link">
                    not used yet, good until <Time at={ways.linkUntil} />
                  </Term>
                )}
                <Term name="Second factors">
                  {ways.factors.length === 0 ? (
                    "none"
                  ) : (
                    <List isPlain>
                      {ways.factors.map(({ factorId, kind, name, lastUsedAt }) => (
                        <ListItem key={factorId}>
                          {name === kinds[kind] ? name : `${name} (${kinds[kind].toLowerCase()})`}
                          {lastUsedAt && (
                            <>
                              , last used <Time at={lastUsedAt} />
                            </>
                          )}
                        </ListItem>
                      ))}
                    </List>
                  )}
                </Term>
                {ways.factors.length > 0 && <Term name="Recovery codes">{ways.recoveryCodesLeft} of 10 left</Term>}
                <Outside user={user} />
              </DescriptionList>
            </>
          )}
        </Load>
      </CardBody>
    </Card>
  );
}

/** Whom a directory says the person to be; nothing of it until it is read, since it stands in a list of terms. */
function Outside({ user: { userId } }: { user: User }) {
  const path = `users/${userId}/links`;
  const { data } = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => get<{ links: DirectoryLink[] }>(path, { signal }),
  });
  if (!data || data.links.length === 0) return null;
  return (
    <Term name="Signs in as">
      <List isPlain>
        {data.links.map(({ linkId, kind, subject }) => (
          <ListItem key={linkId} className="ls-break">
            {subject} ({kind.toUpperCase()})
          </ListItem>
        ))}
      </List>
    </Term>
  );
}
