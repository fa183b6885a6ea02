import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog as Base } from "@base-ui/react/dialog";
import { type ReactNode, useState } from "react";

import { Button } from "./button";
import styles from "./dialog.module.css";
import { ErrorNotice } from "./trouble";

interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  /** A press outside does not close it: what was typed would be lost. */
  keepsOpen?: boolean;
  children: ReactNode;
}

/** A dialog over the page, which waits behind it. Escape and a press outside close it. */
export function Dialog({ isOpen, onClose, title, description, keepsOpen = false, children }: DialogProps) {
  return (
    <Base.Root
      open={isOpen}
      onOpenChange={(opens) => !opens && onClose()}
      disablePointerDismissal={keepsOpen}
    >
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup className={styles.popup}>
          <Base.Title>{title}</Base.Title>
          {description !== undefined && (
            <Base.Description className={styles.description}>{description}</Base.Description>
          )}
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** The buttons at the end of a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}

interface ConfirmDialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, and whether it can be undone. */
  description: ReactNode;
  /** The verb: `Delete`, `End session`. */
  action: string;
  isDangerous?: boolean;
  /** Closes the dialog when it went well; otherwise the error is told in it. */
  onConfirm: () => Promise<unknown>;
  /** Where the keyboard goes afterwards when what opened the dialog is no more; by itself it goes back there. */
  finalFocus?: () => HTMLElement | null;
}

/** Asks before something is done; only an answer closes it. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { isOpen, onClose, title, description, action, isDangerous = false, onConfirm, finalFocus } = props;
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const close = () => {
    setError(undefined);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(opens) => !opens && !isBusy && close()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles.backdrop} />
        <AlertDialog.Popup className={styles.popup} finalFocus={finalFocus}>
          <AlertDialog.Title>{title}</AlertDialog.Title>
          <AlertDialog.Description className={styles.description}>{description}</AlertDialog.Description>
          {error !== undefined && <ErrorNotice error={error} />}
          <DialogActions>
            <Button onClick={close} disabled={isBusy}>
              Cancel
            </Button>
            <Button variant={isDangerous ? "danger" : "primary"} busy={isBusy} onClick={() => void confirm()}>
              {action}
            </Button>
          </DialogActions>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
