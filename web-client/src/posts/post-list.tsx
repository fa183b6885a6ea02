import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { clsx } from "clsx";
import { type ReactNode, useRef, useState } from "react";

import { useUser } from "../session/react";
import { ConfirmDialog } from "../ui/dialog";
import { type ListPage, Paged } from "../ui/paged";
import { Skeleton } from "../ui/surface";
import { useToast } from "../ui/toast";
import { type Post, postsOf } from "./lists";
import { PostItem, elementIdOf } from "./post-item";
import styles from "./posts.module.css";
import { useDeletePost } from "./use-delete-post";

interface PostListProps {
  query: UseInfiniteQueryResult<InfiniteData<ListPage<Post>>>;
  /** What the list is: `Timeline`. */
  label: string;
  /** In place of the posts when there are none. */
  empty: ReactNode;
}

/** Posts, read on as one scrolls. Authors may delete theirs, administrators all. */
export function PostList({ query, label, empty }: PostListProps) {
  const user = useUser();
  const say = useToast();
  const deletion = useDeletePost();
  const frame = useRef<HTMLElement>(null);
  const [doomed, setDoomed] = useState<Post>();
  const [isAsking, setAsking] = useState(false);
  /** The post at which the keyboard goes on. */
  const next = useRef<string>(undefined);

  const mayDelete = (post: Post) => post.author === user.username || user.roles.includes("admin");
  const ask = (post: Post) => {
    next.current = post.id;
    setDoomed(post);
    setAsking(true);
  };
  const remove = async () => {
    if (doomed === undefined) return;
    const neighbour = neighbourOf(doomed.id, postsOf(query.data));
    await deletion.mutateAsync(doomed);
    next.current = neighbour;
    say("The post is deleted.");
  };
  return (
    <section ref={frame} className={styles.frame} tabIndex={-1} aria-label={label}>
      <Paged query={query} pending={<PendingPosts />} empty={empty}>
        {(posts) => (
          <ol>
            {posts.map((post) => (
              <li key={post.id} className={styles.row}>
                <PostItem post={post} onDelete={mayDelete(post) ? () => ask(post) : undefined} />
              </li>
            ))}
          </ol>
        )}
      </Paged>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={
          doomed?.author === user.username
            ? "Delete your post?"
            : `Delete the post by ${doomed?.author ?? ""}?`
        }
        description="It disappears for everybody, and cannot be brought back."
        action="Delete"
        isDangerous
        onConfirm={remove}
        finalFocus={() => placeIn(next.current) ?? frame.current}
      />
    </section>
  );
}

/** The post that comes into the place of this one. */
function neighbourOf(id: string, posts: readonly Post[]): string | undefined {
  const place = posts.findIndex((post) => post.id === id);
  return (posts[place + 1] ?? posts[place - 1])?.id;
}

/** Where the keyboard goes on in a post: at its menu, if it has one. */
function placeIn(postId: string | undefined): HTMLElement | null {
  const post = postId === undefined ? null : document.getElementById(elementIdOf(postId));
  return post?.querySelector("button") ?? post;
}

function PendingPosts() {
  return ["58%", "82%", "40%"].map((width) => (
    <div key={width} className={clsx(styles.post, styles.row)}>
      <div className={styles.pendingAvatar} />
      <div className={styles.pendingText}>
        <Skeleton width="30%" />
        <Skeleton width={width} />
      </div>
    </div>
  ));
}
