import { clsx } from "clsx";
import {
  CircleUserRound,
  House,
  KeyRound,
  LogIn,
  MessagesSquare,
  ShieldCheck,
  UserRound,
  UserPlus,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { Suspense, useEffect, useRef } from "react";
import { NavLink, Outlet, ScrollRestoration, useLocation } from "react-router";

import { useOptionalUser, useSessionState } from "../session/react";
import { Connection } from "./connection";
import styles from "./layout.module.css";
import { Logo } from "./logo";
import { loadPages } from "./pages";
import { ReloginDialog } from "./relogin-dialog";
import { ThemeButton } from "./theme-button";
import { UserMenu } from "./user-menu";

interface Place {
  to: string;
  label: string;
  icon: LucideIcon;
}

/** What stands around every page. */
export function Layout() {
  return (
    <div className={styles.layout}>
      <a className={styles.skip} href="#content">
        Skip to content
      </a>
      <header className={styles.bar}>
        <NavLink to="/" className={clsx(styles.brand)} aria-label="Latchkey, home">
          <Logo />
          <span>Latchkey</span>
        </NavLink>
        <Navigation />
        <div className={styles.tools}>
          <ThemeButton />
          <UserMenu />
        </div>
      </header>
      <main id="content" className={styles.content} tabIndex={-1}>
        <div className={styles.connection}>
          <Connection />
        </div>
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
      <ReloginDialog />
      <FocusesNewPage />
      <LoadsPagesAhead />
      <ScrollRestoration />
    </div>
  );
}

function Navigation() {
  const { kind } = useSessionState();
  const user = useOptionalUser();
  // Until it is known who is there, nothing is offered that would have to be taken back.
  const places =
    user === undefined ? (kind === "anonymous" ? VISITOR : []) : placesOf(user.username, user.roles);
  return (
    <nav aria-label="Main" className={styles.nav}>
      {places.map(({ to, label, icon: Icon }) => (
        <NavLink key={to} to={to} end={to === "/"} className={clsx(styles.link)}>
          <Icon aria-hidden />
          <span>{label}</span>
        </NavLink>
      ))}
    </nav>
  );
}

const HOME: Place = { to: "/", label: "Home", icon: House };
const VISITOR: readonly Place[] = [
  HOME,
  { to: "/login", label: "Log in", icon: LogIn },
  { to: "/signup", label: "Sign up", icon: UserPlus },
];

function placesOf(username: string, roles: readonly string[]): Place[] {
  return [
    HOME,
    { to: "/timeline", label: "Timeline", icon: MessagesSquare },
    { to: `/u/${username}`, label: "Profile", icon: UserRound },
    { to: "/protected", label: "Protected", icon: KeyRound },
    { to: "/account", label: "Account", icon: CircleUserRound },
    ...(roles.includes("admin") ? [{ to: "/admin", label: "Admin", icon: ShieldCheck }] : []),
  ];
}

/** Whoever is logged in will open more than one page, perhaps offline. */
function LoadsPagesAhead() {
  const isUser = useOptionalUser() !== undefined;
  useEffect(() => {
    if (!isUser) return;
    const timer = setTimeout(() => void loadPages(), 2_000);
    return () => clearTimeout(timer);
  }, [isUser]);
  return null;
}

/** A new page is told to screen readers, and the keyboard starts at its title. */
function FocusesNewPage() {
  const { pathname } = useLocation();
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    const frame = requestAnimationFrame(() => {
      const active = document.activeElement;
      // A field that asked for the focus keeps it, and so does a link that is still there, as those of tabs are.
      if (active === null || active === document.body || active.closest("main") === null) {
        document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [pathname]);
  return null;
}
