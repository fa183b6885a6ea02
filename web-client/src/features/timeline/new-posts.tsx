import { ArrowUp } from "lucide-react";

import styles from "./timeline.module.css";

interface NewPostsProps {
  count: number;
  /** There are more than that. */
  isMore: boolean;
  onShow: () => void;
}

/** Tells that there are new posts, also to screen readers, and shows them when it is pressed. */
export function NewPosts({ count, isMore, onShow }: NewPostsProps) {
  return (
    <div role="status" className={styles.newPosts}>
      {count > 0 && (
        <button type="button" className={styles.pill} onClick={onShow}>
          <ArrowUp aria-hidden />
          {`${count}${isMore ? "+" : ""} new ${count === 1 ? "post" : "posts"}`}
        </button>
      )}
    </div>
  );
}
