import { clsx } from "clsx";
import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import { type CSSProperties, type ReactNode, useEffect, useId, useRef } from "react";

import { announce } from "./announcer";
import styles from "./surface.module.css";

export type Tone = "neutral" | "accent" | "success" | "warning" | "danger";

interface PageProps {
  /** Also the document's title. */
  title: string;
  lead?: ReactNode;
  /** Stands before the title: a picture. */
  picture?: ReactNode;
  /** Stands at the end of the title's line. */
  actions?: ReactNode;
  width?: "narrow" | "normal" | "wide";
  children: ReactNode;
}

/** A page: its one `h1`, and what stands below. */
export function Page({ title, lead, picture, actions, width = "normal", children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Latchkey`;
  }, [title]);
  return (
    <div className={clsx(styles.page, styles[width])}>
      <header className={styles.header}>
        <div className={styles.heading}>
          {picture}
          <div>
            <h1 tabIndex={-1}>{title}</h1>
            {lead !== undefined && <p className={styles.lead}>{lead}</p>}
          </div>
        </div>
        {actions}
      </header>
      {children}
    </div>
  );
}

interface CardProps {
  title?: ReactNode;
  actions?: ReactNode;
  /** What is inside comes up to the edge, as rows of a list do. */
  flush?: boolean;
  children: ReactNode;
}

/** A surface for what belongs together. */
export function Card({ title, actions, flush = false, children }: CardProps) {
  const id = useId();
  const isHeaded = title !== undefined || actions !== undefined;
  return (
    <section
      className={clsx(styles.card, !flush && styles.padded)}
      aria-labelledby={title === undefined ? undefined : id}
    >
      {isHeaded && (
        <div className={styles.cardHeader}>
          {title !== undefined && <h2 id={id}>{title}</h2>}
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}

/** A word or two about the state of something. */
export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={clsx(styles.badge, styles[tone])}>{children}</span>;
}

const NOTICE_ICONS: Record<Tone, LucideIcon> = {
  neutral: Info,
  accent: Info,
  success: CircleCheck,
  warning: TriangleAlert,
  danger: CircleAlert,
};

interface NoticeProps {
  tone?: Tone;
  title?: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** Something that the user should know, said to screen readers when it appears: at once if it is `danger`, otherwise in its turn. */
export function Notice({ tone = "accent", title, children, actions }: NoticeProps) {
  const Icon = NOTICE_ICONS[tone];
  const isUrgent = tone === "danger";
  const words = useRef<HTMLDivElement>(null);
  useEffect(() => {
    return isUrgent || words.current === null ? undefined : announce(words.current.innerText);
  }, [isUrgent, title]);
  return (
    <div className={clsx(styles.notice, styles[tone])} role={isUrgent ? "alert" : undefined}>
      <Icon aria-hidden />
      <div className={styles.noticeBody}>
        <div ref={words} className={styles.noticeWords}>
          {title !== undefined && <p className={styles.noticeTitle}>{title}</p>}
          {children}
        </div>
        {actions !== undefined && <div className={styles.noticeActions}>{actions}</div>}
      </div>
    </div>
  );
}

/** A picture of a user, who has none: his initial on a colour of his name. */
export function Avatar({ name, large = false }: { name: string; large?: boolean }) {
  const hue = Array.from(name.toLowerCase()).reduce(
    (sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360,
    7,
  );
  return (
    <span
      className={clsx(styles.avatar, large && styles.large)}
      style={{ "--hue": hue } as CSSProperties}
      aria-hidden
    >
      {Array.from(name)[0]}
    </span>
  );
}

/** Where text will be. */
export function Skeleton({ width = "100%" }: { width?: string }) {
  return <div className={styles.skeleton} style={{ width }} aria-hidden />;
}

/** A list without anything in it, and what to do about that. */
export function Empty({
  icon: Icon,
  title,
  children,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <Icon aria-hidden />
      <p className={styles.emptyTitle}>{title}</p>
      {children}
    </div>
  );
}
