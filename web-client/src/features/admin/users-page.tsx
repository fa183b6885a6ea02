import { Search, UserPlus, UserRoundX, UsersRound } from "lucide-react";
import { useState } from "react";

import { take, useServers } from "../../api/clients";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Paged, usePaged } from "../../ui/paged";
import { Card, Empty, Page } from "../../ui/surface";
import { adminKeys } from "./admin-keys";
import { AddUserDialog } from "./users/add-user-dialog";
import { useSearchText } from "./users/use-search-text";
import { UsersTable } from "./users/users-table";

/** Everybody who has an account. */
export function UsersPage() {
  const { auth } = useServers();
  const { text, setText, wanted } = useSearchText();
  const [isAdding, setAdding] = useState(false);
  const query = usePaged(
    adminKeys.usersFound(wanted),
    (start, signal) =>
      take(
        auth.GET("/admin/users", {
          params: { query: { ...start, ...(wanted !== "" && { q: wanted }) } },
          signal,
        }),
      ),
    { keepsPrevious: true },
  );
  return (
    <Page
      title="Users"
      width="wide"
      actions={
        <Button variant="primary" onClick={() => setAdding(true)}>
          <UserPlus aria-hidden />
          Add user
        </Button>
      }
    >
      <search>
        <TextField
          label="Search by name or e-mail"
          type="search"
          value={text}
          onChange={({ target }) => setText(target.value)}
          maxLength={254}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          trailing={<Search aria-hidden />}
        />
      </search>
      <Card flush>
        <Paged query={query} empty={wanted === "" ? <NoUsers /> : <NothingFound text={wanted} />}>
          {(users) => (
            <>
              <p role="status" className="visually-hidden">
                {wanted !== "" && `${users.length} found${query.hasNextPage ? " so far" : ""}.`}
              </p>
              {users.length > 0 && <UsersTable users={users} />}
            </>
          )}
        </Paged>
      </Card>
      <AddUserDialog isOpen={isAdding} onClose={() => setAdding(false)} />
    </Page>
  );
}

function NoUsers() {
  return <Empty icon={UsersRound} title="Nobody yet" />;
}

function NothingFound({ text }: { text: string }) {
  return (
    <Empty icon={UserRoundX} title="Nobody found">
      <p role="status">No name and no e-mail address contains “{text}”.</p>
    </Empty>
  );
}
