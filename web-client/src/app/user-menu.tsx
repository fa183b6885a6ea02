import { CircleUserRound, LogOut, UserRound } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { useOptionalUser, useSession, useSessionState } from "../session/react";
import { Button, LinkButton } from "../ui/button";
import { Dialog, DialogActions } from "../ui/dialog";
import { Menu } from "../ui/menu";
import { Avatar } from "../ui/surface";
import { useToast } from "../ui/toast";
import { ErrorNotice } from "../ui/trouble";
import styles from "./user-menu.module.css";

/** Who is logged in, and the way out; for others the way in. */
export function UserMenu() {
  const { kind } = useSessionState();
  const user = useOptionalUser();
  const logOut = useLogOut();
  const navigate = useNavigate();
  if (user === undefined) {
    return kind === "anonymous" ? (
      <LinkButton to="/login" variant="primary" small>
        Log in
      </LinkButton>
    ) : null;
  }
  return (
    <>
      <Menu
        label={`Account menu of ${user.username}`}
        trigger={
          <button type="button" className={styles.trigger} aria-label={`Account menu of ${user.username}`}>
            <Avatar name={user.username} />
          </button>
        }
        actions={[
          { label: "Profile", icon: UserRound, onSelect: () => void navigate(`/u/${user.username}`) },
          { label: "Account", icon: CircleUserRound, onSelect: () => void navigate("/account") },
          { label: "Log out", icon: LogOut, onSelect: () => void logOut.run() },
        ]}
      />
      <Dialog
        isOpen={logOut.error !== undefined}
        onClose={logOut.dismiss}
        title="You are still logged in"
        description="auth-server could not end your session. Nobody else gets in by that; but on a shared computer, try again before you leave."
      >
        <ErrorNotice error={logOut.error} />
        <DialogActions>
          <Button onClick={logOut.dismiss}>Stay logged in</Button>
          <Button variant="primary" busy={logOut.isBusy} onClick={() => void logOut.run()}>
            Try again
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}

function useLogOut() {
  const session = useSession();
  const navigate = useNavigate();
  const say = useToast();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await session.logOut();
      setError(undefined);
      await navigate("/");
      say("You are logged out.");
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return { run, error, isBusy, dismiss: () => setError(undefined) };
}
