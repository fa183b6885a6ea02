import { useState } from "react";

import { Button } from "../../ui/button";
import { Card } from "../../ui/surface";
import styles from "./account.module.css";
import { DeletionDialog } from "./deletion-dialog";

/** The way out for good. */
export function DeletionCard() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Card title="Delete account">
      <div className={styles.deletion}>
        <p>
          Every session ends and your name is free for others. Your posts stay, without your name. This cannot
          be undone.
        </p>
        <Button variant="danger" onClick={() => setOpen(true)}>
          Delete account
        </Button>
      </div>
      <DeletionDialog isOpen={isOpen} onClose={() => setOpen(false)} />
    </Card>
  );
}
