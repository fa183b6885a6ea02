import { Feather } from "lucide-react";
import { useRef } from "react";

import { PostList } from "../../posts/post-list";
import { Card, Empty, Page } from "../../ui/surface";
import { Composer } from "./composer";
import { FindUser } from "./find-user";
import { NewPosts } from "./new-posts";
import { OwnSummary } from "./own-summary";
import styles from "./timeline.module.css";
import { useTimeline } from "./use-timeline";

/** What there is to read: one's own posts and those of whom one follows. */
export function TimelinePage() {
  const { timeline, waiting, hasMoreWaiting, showNew } = useTimeline();
  const posts = useRef<HTMLDivElement>(null);
  const showAndGoThere = () => {
    showNew();
    scrollTo({ top: 0 });
    posts.current?.focus({ preventScroll: true });
  };
  return (
    <Page title="Timeline" width="wide">
      <div className={styles.columns}>
        <div className={styles.compose}>
          <Composer />
        </div>
        <aside className={styles.aside} aria-label="People">
          <Card>
            <div className={styles.onlyBeside}>
              <OwnSummary />
            </div>
            <FindUser />
          </Card>
        </aside>
        <div ref={posts} className={styles.posts} tabIndex={-1}>
          <NewPosts count={waiting.length} isMore={hasMoreWaiting} onShow={showAndGoThere} />
          <Card flush>
            <PostList query={timeline} label="Posts" empty={<NothingYet />} />
          </Card>
        </div>
      </div>
    </Page>
  );
}

function NothingYet() {
  return (
    <Empty icon={Feather} title="Nothing here yet">
      <p>Write the first post, or find somebody by name and follow them.</p>
    </Empty>
  );
}
