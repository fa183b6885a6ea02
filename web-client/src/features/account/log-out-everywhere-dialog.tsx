import { useNavigate } from "react-router";

import { take, useServers } from "../../api/clients";
import { useSession } from "../../session/react";
import { ConfirmDialog } from "../../ui/dialog";
import { useToast } from "../../ui/toast";

/** Ends every session of the user, this one too. */
export function LogOutEverywhereDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { auth } = useServers();
  const session = useSession();
  const navigate = useNavigate();
  const say = useToast();
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title="Log out everywhere?"
      description="Every device is logged out within seconds, this one too. Your account stays as it is."
      action="Log out everywhere"
      isDangerous
      onConfirm={async () => {
        await take(auth.POST("/auth/logout-all"));
        await session.forgetEnded();
        await navigate("/");
        say("You are logged out everywhere.");
      }}
    />
  );
}
