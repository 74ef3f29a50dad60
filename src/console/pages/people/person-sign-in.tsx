import { Alert, Card, CardBody, CardTitle, DescriptionList, List, ListItem } from "@patternfly/react-core";
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

function Outside({ user: { userId } }: { user: User }) {
  return (
    <Load<{ links: DirectoryLink[] }> path={`users/${userId}/links`} label="Reading the links">
      {({ links }) =>
        links.length > 0 && (
          <Term name="Signs in as">
            <List isPlain>
              {links.map(({ linkId, kind, subject }) => (
                <ListItem key={linkId} className="ls-break">
                  {subject} ({kind.toUpperCase()})
                </ListItem>
              ))}
            </List>
          </Term>
        )
      }
    </Load>
  );
}
