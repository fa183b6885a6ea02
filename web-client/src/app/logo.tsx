/** The sign of the house; its name stands beside it. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#4f46e5" />
      <circle cx="13" cy="13" r="5" fill="none" stroke="#fff" strokeWidth="3" />
      <path
        d="M16.8 16.8 25 25m-3.4-3.4 2.6-2.6"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}
