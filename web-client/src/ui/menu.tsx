import { Menu as Base } from "@base-ui/react/menu";
import { clsx } from "clsx";
import { Ellipsis, type LucideIcon } from "lucide-react";
import type { ReactElement } from "react";

import { IconButton } from "./button";
import styles from "./menu.module.css";

export interface MenuAction {
  label: string;
  icon: LucideIcon;
  onSelect: () => void;
  isDangerous?: boolean;
  isDisabled?: boolean;
}

interface MenuProps {
  /** What the menu is about: `Actions for alice`. */
  label: string;
  actions: readonly MenuAction[];
  /** The button that opens it; three dots without one. */
  trigger?: ReactElement;
}

/** A menu of what can be done with something. */
export function Menu({ label, actions, trigger }: MenuProps) {
  const button = trigger ?? (
    <IconButton label={label} small>
      <Ellipsis aria-hidden />
    </IconButton>
  );
  return (
    <Base.Root>
      <Base.Trigger render={button} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="end" className={styles.positioner}>
          <Base.Popup className={styles.popup} aria-label={label}>
            {actions.map(({ label: name, icon: Icon, onSelect, isDangerous = false, isDisabled = false }) => (
              <Base.Item
                key={name}
                disabled={isDisabled}
                className={clsx(styles.item, isDangerous && styles.dangerous)}
                onClick={onSelect}
              >
                <Icon aria-hidden />
                {name}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
