import { useSyncExternalStore } from "react";

interface Announcement {
  id: number;
  words: string;
}

/** It is read out by then, and should not be come across later. */
const KEPT_FOR = 5_000;

let announcements: readonly Announcement[] = [];
let count = 0;
const listeners = new Set<() => void>();

/**
 * Says something to screen readers when they have finished what they are reading; returns how to take it back. What appears on the
 * page with words in it already is not read out everywhere, though it be a live region (WCAG 4.1.3).
 */
export function announce(words: string): () => void {
  const id = (count += 1);
  const takeBack = () => become(announcements.filter((other) => other.id !== id));
  const timer = setTimeout(takeBack, KEPT_FOR);
  become([...announcements, { id, words }]);
  return () => {
    clearTimeout(timer);
    takeBack();
  };
}

/** Where {@link announce} says it: a live region that is always there. */
export function Announcer() {
  const current = useSyncExternalStore(subscribe, () => announcements);
  return (
    <div aria-live="polite" className="visually-hidden">
      {current.map(({ id, words }) => (
        <p key={id}>{words}</p>
      ))}
    </div>
  );
}

function become(next: readonly Announcement[]): void {
  announcements = next;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
