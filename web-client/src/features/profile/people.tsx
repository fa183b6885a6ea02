import { UsersRound } from "lucide-react";

import { take, useServers } from "../../api/clients";
import { profileKeys } from "../../posts/profiles";
import { Paged, usePaged } from "../../ui/paged";
import { Avatar, Empty } from "../../ui/surface";
import { DELETED_USER, UserLink } from "../../ui/user-link";
import styles from "./profile.module.css";

interface PeopleProps {
  username: string;
  relation: "followers" | "following";
  isSelf: boolean;
}

/** Who follows a user, or whom he follows; the newest first. */
export function People({ username, relation, isSelf }: PeopleProps) {
  const { api } = useServers();
  const query = usePaged(profileKeys.people(username, relation), (start, signal) =>
    take(
      api.GET(`/api/users/{username}/${relation}`, { params: { path: { username }, query: start }, signal }),
    ),
  );
  return (
    <Paged query={query} empty={<Nobody username={username} relation={relation} isSelf={isSelf} />}>
      {(people) => (
        <ul>
          {people.map((person, place) => (
            // Names are unique, but for accounts that are no more.
            <li key={person.username === DELETED_USER ? place : person.username} className={styles.person}>
              <Avatar name={person.username === DELETED_USER ? "?" : person.username} />
              <UserLink name={person.username} />
            </li>
          ))}
        </ul>
      )}
    </Paged>
  );
}

function Nobody({ username, relation, isSelf }: PeopleProps) {
  const name = isSelf ? "you" : username;
  return relation === "followers" ? (
    <Empty icon={UsersRound} title="No followers yet">
      <p>Nobody follows {name} so far.</p>
    </Empty>
  ) : (
    <Empty icon={UsersRound} title="Nobody yet">
      <p>
        {isSelf
          ? "You follow nobody so far. Find somebody by name on the timeline."
          : `${username} follows nobody so far.`}
      </p>
    </Empty>
  );
}
