import { LoginForm } from "../features/login/login-form";
import { useOptionalUser, useSession, useSessionState } from "../session/react";
import { Dialog } from "../ui/dialog";

/** Over any page whose session has ended: logs in again in place, and what was interrupted goes on. */
export function ReloginDialog() {
  const session = useSession();
  const state = useSessionState();
  // Not of the state that is `ended` alone: the dialog still shows the name while it closes.
  const username = useOptionalUser()?.username ?? "";
  return (
    <Dialog
      isOpen={state.kind === "ended"}
      // Its buttons alone close it: what waits behind it would be lost by a slip.
      onClose={() => undefined}
      keepsOpen
      title="Your session has ended"
      description="It was ended elsewhere, or was unused for too long. Log in again, and what you were doing goes on."
    >
      <LoginForm key={username} username={username} onCancel={() => session.giveUp()} />
    </Dialog>
  );
}
