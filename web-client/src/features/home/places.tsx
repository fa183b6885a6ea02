import {
  CircleUserRound,
  KeyRound,
  type LucideIcon,
  MessagesSquare,
  ShieldCheck,
  UserRound,
} from "lucide-react";
import { Link } from "react-router";

import type { User } from "../../session/access-token";
import styles from "./home.module.css";

interface Place {
  to: string;
  title: string;
  text: string;
  icon: LucideIcon;
}

/** The ways on for whoever is logged in. */
export function Places({ user }: { user: User }) {
  return (
    <nav aria-label="Where to go" className={styles.places}>
      {placesOf(user).map(({ to, title, text, icon: Icon }) => (
        <Link key={to} to={to} className={styles.place}>
          <Icon aria-hidden />
          <strong>{title}</strong>
          <span>{text}</span>
        </Link>
      ))}
    </nav>
  );
}

function placesOf({ username, roles }: User): Place[] {
  return [
    {
      to: "/timeline",
      title: "Timeline",
      text: "What you and those you follow have posted.",
      icon: MessagesSquare,
    },
    { to: `/u/${username}`, title: "Profile", text: "Your posts, and who follows whom.", icon: UserRound },
    { to: "/protected", title: "Protected", text: "Your token, taken apart and checked.", icon: KeyRound },
    {
      to: "/account",
      title: "Account",
      text: "Password, e-mail, and where you are logged in.",
      icon: CircleUserRound,
    },
    ...(roles.includes("admin")
      ? [
          {
            to: "/admin",
            title: "Admin",
            text: "Users, clients, keys and the audit trail.",
            icon: ShieldCheck,
          },
        ]
      : []),
  ];
}
