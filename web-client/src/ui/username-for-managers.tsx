/** Tells password managers whose password a form is about, where nobody has to type the name. */
export function UsernameForManagers({ username }: { username: string }) {
  return (
    <input
      className="visually-hidden"
      name="username"
      autoComplete="username"
      value={username}
      readOnly
      tabIndex={-1}
      aria-hidden
    />
  );
}
