import { ShieldX } from "lucide-react";
import { Navigate, Outlet, useLocation } from "react-router";

import { goingOnTo } from "../session/next";
import { useOptionalUser, useSessionState } from "../session/react";
import { LinkButton } from "../ui/button";
import { Card, Empty, Page, Skeleton } from "../ui/surface";

/** Pages that are for users alone. While it is not known who is there, nothing is decided. */
export function UsersOnly() {
  const { kind } = useSessionState();
  const { pathname, search } = useLocation();
  if (kind === "starting" || kind === "unreachable") return <Undecided />;
  if (kind === "anonymous") {
    return <Navigate replace to={goingOnTo(pathname + search, "/login")} />;
  }
  return <Outlet />;
}

/** Pages that are for administrators alone. This spares others a refusal; what is refused is for auth-server to say. */
export function AdminsOnly() {
  const user = useOptionalUser();
  if (user === undefined) return <UsersOnly />;
  if (!user.roles.includes("admin")) {
    return (
      <Page title="Administrators only" width="narrow">
        <Card>
          <Empty icon={ShieldX} title="You are not an administrator">
            <p>Ask one of them for the role. This page opens as soon as you have it.</p>
            <LinkButton to="/">Home</LinkButton>
          </Empty>
        </Card>
      </Page>
    );
  }
  return <Outlet />;
}

function Undecided() {
  return (
    <Page title="One moment" lead="Finding out who you are…">
      <Card>
        <Skeleton width="60%" />
        <Skeleton />
        <Skeleton width="80%" />
      </Card>
    </Page>
  );
}
