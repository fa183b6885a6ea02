import { Search } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { useNavigate } from "react-router";

import { IconButton } from "../../ui/button";
import { TextField } from "../../ui/field";

/** Opens the profile of whoever has this name. */
export function FindUser() {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const find = (event: SyntheticEvent) => {
    event.preventDefault();
    const wanted = name.trim().replace(/^@/, "");
    if (wanted !== "") void navigate(`/u/${encodeURIComponent(wanted)}`);
  };
  return (
    <form role="search" onSubmit={find}>
      <TextField
        label="Find somebody by name"
        placeholder="mira.stone"
        value={name}
        onChange={({ target }) => setName(target.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        enterKeyHint="search"
        maxLength={33}
        trailing={
          <IconButton type="submit" label="Open profile">
            <Search aria-hidden />
          </IconButton>
        }
      />
    </form>
  );
}
