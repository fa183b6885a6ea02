import { Trash2 } from "lucide-react";

import { Menu } from "../ui/menu";
import { Avatar } from "../ui/surface";
import { RelativeTime } from "../ui/time";
import { DELETED_USER, UserLink } from "../ui/user-link";
import type { Post } from "./lists";
import styles from "./posts.module.css";

interface PostItemProps {
  post: Post;
  /** Deletes it, or asks whether to; without it there is no such offer. */
  onDelete?: (() => void) | undefined;
}

/** One post. Its text is shown as it was written: line breaks stay, and nothing in it becomes a link. */
export function PostItem({ post, onDelete }: PostItemProps) {
  const isOrphan = post.author === DELETED_USER;
  const author = isOrphan ? "a deleted account" : post.author;
  return (
    <article id={elementIdOf(post.id)} className={styles.post} tabIndex={-1} aria-label={`Post by ${author}`}>
      <Avatar name={isOrphan ? "?" : post.author} />
      <div className={styles.body}>
        <div className={styles.byline}>
          <UserLink name={post.author} />
          <span className={styles.time}>
            <RelativeTime at={post.created_at} />
          </span>
          {onDelete && (
            <div className={styles.menu}>
              <Menu
                label={`Actions for the post by ${author}`}
                actions={[{ label: "Delete", icon: Trash2, isDangerous: true, onSelect: onDelete }]}
              />
            </div>
          )}
        </div>
        <p className={styles.content}>{post.content}</p>
      </div>
    </article>
  );
}

/** The `id` of the element that shows a post, for the focus. */
export function elementIdOf(postId: string): string {
  return `post-${postId}`;
}
