import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

const PAUSE = 300;

/**
 * A text that is looked for, kept in the address so that one comes back to what was found. What looks like an e-mail address is not
 * kept: addresses of pages end up in histories and logs.
 */
export function useSearchText() {
  const [parameters, setParameters] = useSearchParams();
  const [text, setText] = useState(parameters.get("q") ?? "");
  const [wanted, setWanted] = useState(text.trim());
  useEffect(() => {
    const timer = setTimeout(() => setWanted(text.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    const kept = wanted === "" || wanted.includes("@") ? {} : { q: wanted };
    setParameters(kept, { replace: true, preventScrollReset: true });
  }, [wanted, setParameters]);
  return { text, setText, wanted };
}
