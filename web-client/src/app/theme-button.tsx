import { Monitor, Moon, Sun } from "lucide-react";

import { IconButton } from "../ui/button";
import { Menu } from "../ui/menu";
import { useTheme } from "../ui/theme";

/** Chooses between light, dark, and what the system says. */
export function ThemeButton() {
  const [theme, choose] = useTheme();
  const Icon = { system: Monitor, light: Sun, dark: Moon }[theme];
  return (
    <Menu
      label="Colour theme"
      trigger={
        <IconButton label="Colour theme">
          <Icon aria-hidden size={18} />
        </IconButton>
      }
      actions={[
        { label: "As the system", icon: Monitor, onSelect: () => choose("system") },
        { label: "Light", icon: Sun, onSelect: () => choose("light") },
        { label: "Dark", icon: Moon, onSelect: () => choose("dark") },
      ]}
    />
  );
}
