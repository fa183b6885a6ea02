import { useNavigate } from "react-router";

import { take, useServers } from "../../api/clients";
import { goingOnTo } from "../../session/next";
import { useSession } from "../../session/react";
import { useToast } from "../../ui/toast";

interface NewAccount {
  username: string;
  password: string;
  /** Empty for none. */
  email: string;
}

/** How to make an account and log in with it; the page goes on by itself as soon as somebody is logged in. */
export function useSignUp(next: string): (account: NewAccount) => Promise<void> {
  const { publicAuth } = useServers();
  const session = useSession();
  const navigate = useNavigate();
  const say = useToast();
  return async ({ username, password, email }) => {
    const body = { username, password, ...(email !== "" && { email }) };
    await take(publicAuth.POST("/auth/signup", { body }));
    try {
      await session.logIn(username, password);
    } catch {
      // To tell this as a failure would have him sign up again, and find his own name taken.
      say("Your account was made. Log in to go on.");
      await navigate(goingOnTo(next, "/login"));
    }
  };
}
