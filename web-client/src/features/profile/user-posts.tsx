import { Feather } from "lucide-react";

import { take, useServers } from "../../api/clients";
import { type Post, postKeys } from "../../posts/lists";
import { PostList } from "../../posts/post-list";
import { LinkButton } from "../../ui/button";
import { usePaged } from "../../ui/paged";
import { Empty } from "../../ui/surface";

/** What a user has written, newest first. */
export function UserPosts({ username, isSelf }: { username: string; isSelf: boolean }) {
  const { api } = useServers();
  const query = usePaged<Post>(postKeys.by(username), (start, signal) =>
    take(api.GET("/api/users/{username}/posts", { params: { path: { username }, query: start }, signal })),
  );
  return (
    <PostList
      query={query}
      label="Posts"
      empty={
        <Empty icon={Feather} title="No posts yet">
          {isSelf ? (
            <LinkButton to="/timeline">Write the first one</LinkButton>
          ) : (
            <p>{username} has not written anything.</p>
          )}
        </Empty>
      }
    />
  );
}
