import { useEffect } from "react";

import { useOptionalUser } from "../../session/react";
import { Hero } from "./hero";
import styles from "./home.module.css";
import { Places } from "./places";

/** What Latchkey is, how both servers are, and the ways on. */
export function HomePage() {
  const user = useOptionalUser();
  useEffect(() => {
    document.title = "Latchkey";
  }, []);
  return (
    <div className={styles.page}>
      <Hero />
      {user !== undefined && <Places user={user} />}
    </div>
  );
}
