import { useEffect, useState } from "react";
import { NavigationType, useNavigation, useNavigationType, useSearchParams } from "react-router";

const PAUSE = 300;

/**
 * A text that is looked for, kept in the address so that one comes back to what was found. What looks like an e-mail address is not
 * kept: addresses of pages end up in histories and logs.
 */
export function useSearchText() {
  const [parameters, setParameters] = useSearchParams();
  const isUnderWay = useNavigation().state !== "idle";
  const type = useNavigationType();
  const inAddress = parameters.get("q") ?? "";
  const [text, setText] = useState(inAddress);
  const [wanted, setWanted] = useState(inAddress);
  const [followed, setFollowed] = useState(inAddress);
  // We replace the address; a link or the way back, which do not, have the say over what is looked for.
  if (inAddress !== followed) {
    setFollowed(inAddress);
    if (type !== NavigationType.Replace) {
      setText(inAddress);
      setWanted(inAddress);
    }
  }
  useEffect(() => {
    const timer = setTimeout(() => setWanted(text.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  const kept = wanted.includes("@") ? "" : wanted;
  useEffect(() => {
    // It would call off a navigation to another page.
    if (isUnderWay || kept === inAddress) return;
    setParameters(kept === "" ? {} : { q: kept }, { replace: true, preventScrollReset: true });
  }, [kept, inAddress, isUnderWay, setParameters]);
  return { text, setText, wanted };
}
