import { useEffect, useState } from "react";

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** The present time, anew every so many milliseconds. */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** A time (RFC 3339) as one says it, with the exact one at hand: `3 minutes ago`. */
export function RelativeTime({ at }: { at: string }) {
  // Another time is seen from the present, not from when the last one was looked at.
  return <Ticking key={at} at={at} />;
}

function Ticking({ at }: { at: string }) {
  const now = useNow(30_000);
  return (
    <time dateTime={at} title={exactly(at)}>
      {relative(Date.parse(at), now)}
    </time>
  );
}

/** `21 Nov 2026, 14:03:11` in the reader's own manner. */
export function exactly(at: string | number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** How long ago, or how long until. */
export function relative(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return seconds < -5 || seconds > 0 ? format.format(seconds, "second") : "just now";
}
