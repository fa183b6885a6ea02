/** Which program on which system, read off a `User-Agent`. It is only told to people, who know their own devices. */
export interface Device {
  /** `Firefox on Windows`. */
  name: string;
  kind: "computer" | "phone" | "program" | "unknown";
}

// The first that fits counts: nearly every browser calls itself by the others' names too.
const PROGRAMS: readonly [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bHeadlessChrome\//, "Headless Chrome"],
  [/\bChrome\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

const SYSTEMS: readonly [RegExp, string, Device["kind"]][] = [
  [/\biPhone\b/, "iPhone", "phone"],
  [/\biPad\b/, "iPad", "phone"],
  [/\bAndroid\b/, "Android", "phone"],
  [/\bWindows\b/, "Windows", "computer"],
  [/\bCrOS\b/, "ChromeOS", "computer"],
  [/\bMac OS X\b|\bMacintosh\b/, "Mac", "computer"],
  [/\bLinux\b|\bX11\b/, "Linux", "computer"],
];

/** The device of a `User-Agent`, in words. */
export function deviceOf(userAgent: string | null): Device {
  const text = userAgent?.trim() ?? "";
  if (text === "") return { name: "Unknown device", kind: "unknown" };
  const system = SYSTEMS.find(([pattern]) => pattern.test(text));
  const program = PROGRAMS.find(([pattern]) => pattern.test(text))?.[1];
  if (program === undefined) {
    // Programs call themselves `curl/8.5.0`.
    return { name: text.split(/[\s/]/)[0] ?? text, kind: "program" };
  }
  return system === undefined
    ? { name: program, kind: "unknown" }
    : { name: `${program} on ${system[1]}`, kind: system[2] };
}
