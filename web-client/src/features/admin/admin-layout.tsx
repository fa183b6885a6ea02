import { KeyRound, type LucideIcon, ScrollText, Server, UsersRound } from "lucide-react";
import { Link, Outlet, useLocation } from "react-router";

import styles from "./admin.module.css";

interface Section {
  to: string;
  label: string;
  icon: LucideIcon;
  /** The addresses that belong to it. */
  pattern: RegExp;
}

const SECTIONS: readonly Section[] = [
  { to: "/admin", label: "Users", icon: UsersRound, pattern: /^\/admin(\/users\/.*)?\/?$/ },
  { to: "/admin/clients", label: "Service clients", icon: Server, pattern: /^\/admin\/clients/ },
  { to: "/admin/keys", label: "Keys", icon: KeyRound, pattern: /^\/admin\/keys/ },
  { to: "/admin/audit", label: "Audit trail", icon: ScrollText, pattern: /^\/admin\/audit/ },
];

/** What stands around every page for administrators: the ways between them. */
export function AdminLayout() {
  const { pathname } = useLocation();
  return (
    <div className={styles.layout}>
      <nav aria-label="Administration" className={styles.sections}>
        {SECTIONS.map(({ to, label, icon: Icon, pattern }) => (
          <Link
            key={to}
            to={to}
            className={styles.section}
            aria-current={pattern.test(pathname) ? "page" : undefined}
          >
            <Icon aria-hidden />
            <span>{label}</span>
          </Link>
        ))}
      </nav>
      <Outlet />
    </div>
  );
}
