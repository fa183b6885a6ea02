import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { IconButton } from "./button";
import { useToast } from "./toast";

interface CopyButtonProps {
  text: string;
  /** What is copied: `client secret`. */
  what: string;
}

/** Copies a text to the clipboard, and says so for a moment. */
export function CopyButton({ text, what }: CopyButtonProps) {
  const say = useToast();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // Browsers lend the clipboard to secure contexts alone, and only if they like.
      say("The browser does not allow copying. Select the text and copy it by hand.");
    }
  };
  return (
    <>
      <IconButton small label={`Copy ${what}`} onClick={() => void copy()}>
        {isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
      </IconButton>
      <span role="status" className="visually-hidden">
        {isCopied && `Copied: ${what}.`}
      </span>
    </>
  );
}
