import { useEffect, useRef, useState } from "react";

import { type AccessToken, decode } from "../../session/access-token";
import { Badge } from "../../ui/surface";
import { useNow } from "../../ui/time";
import styles from "./protected.module.css";

/** How long a renewal is pointed out. */
const NEWS = 8_000;

/** How much of the token's time is left. It is renewed by itself before that is over, and this is shown. */
export function Lifetime({ token }: { token: AccessToken }) {
  const now = useNow(1000);
  const isRenewed = useIsNew(token.value);
  const left = Math.max(0, Math.round((token.expiresAt - now) / 1000));
  const share = Math.min(1, left / lifeOf(token));
  return (
    <div className={styles.lifetime}>
      <p>
        <span>
          {left > 0 ? "Good for another " : "Over; it is renewed with the next request"}
          {left > 0 && <strong>{clock(left)}</strong>}
        </span>
        <span role="status">{isRenewed && <Badge tone="success">Renewed just now</Badge>}</span>
      </p>
      <div className={styles.track} aria-hidden>
        <div style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

/** Whether this value has taken another's place a moment ago. */
function useIsNew(value: string): boolean {
  const [isNew, setNew] = useState(false);
  const last = useRef(value);
  useEffect(() => {
    if (last.current === value) return;
    last.current = value;
    const shown = setTimeout(() => setNew(true), 0);
    const over = setTimeout(() => setNew(false), NEWS);
    return () => {
      clearTimeout(shown);
      clearTimeout(over);
    };
  }, [value]);
  return isNew;
}

/** All the seconds that the token was given. */
function lifeOf(token: AccessToken): number {
  const { iat, exp } = decode(token.value).claims;
  return typeof iat === "number" && typeof exp === "number" ? Math.max(1, exp - iat) : 1;
}

/** `4:07`. */
function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
